import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

const SKIPPED = new Set(["node_modules", "dist", "coverage", ".git"]);

/** Every Markdown file of the project, by its path below {@link ROOT}. */
export function markdownFiles(folder = ""): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdownFiles(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

export function readDoc(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** A fenced code block. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

export interface Page {
  readonly blocks: readonly Block[];
  /** Marker and text: `## Install`. */
  readonly headings: readonly string[];
  /** What is outside code blocks. */
  readonly prose: string;
}

/** @throws Error when a code block is not closed */
export function parsePage(markdown: string): Page {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { language: string; lines: string[] } | null = null;
  for (const line of markdown.split("\n")) {
    const [, language] = /^```(.*)$/.exec(line) ?? [];
    if (open && language === "") {
      blocks.push({ language: open.language, text: open.lines.join("\n") });
      open = null;
    } else if (open) open.lines.push(line);
    else if (language === undefined) prose.push(line);
    else open = { language, lines: [] };
  }
  if (open) throw new Error(`a code block is not closed: ${open.lines[0] ?? ""}`);
  return { blocks, headings: prose.filter((line) => /^#{1,6} /.test(line)), prose: prose.join("\n") };
}

/** Code within a line. */
export function inlineCode(prose: string): readonly string[] {
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
}
