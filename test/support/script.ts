import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DIRECTIVES, SkipScript } from "./directives.ts";
import { splitWords } from "./words.ts";
import { parseTxtar, type Txtar } from "./txtar.ts";

/** What the lines of a script read and change. */
export interface Script {
  /** The folder that holds the script's files; home, and where commands run. */
  readonly folder: string;
  readonly env: Map<string, string>;
  /** Of the last `exec`. */
  stdout: string;
  stderr: string;
  status: number | null;
  /** For the next `exec`. */
  stdin: string;
  /** What to close at the end, last opened first. */
  readonly closers: (() => Promise<void>)[];
}

const MAIN = fileURLToPath(new URL("../../dist/cli/main.cjs", import.meta.url));

/**
 * Runs a script; docs are in CONTRIBUTING.md under "A test of the command line".
 *
 * @param name of the script's file, for messages
 * @param folder an empty one, which the caller removes
 * @returns why the script was skipped, or null when it ran
 * @throws Error that names the line which was not as expected, with the last command's output
 */
export async function runScript(name: string, text: string, folder: string): Promise<string | null> {
  const archive = parseTxtar(text);
  const script = prepare(archive, folder);
  try {
    for (const [index, line] of archive.comment.split("\n").entries()) {
      await runLine(script, line).catch((error: unknown) => fail(script, `${name}:${index + 1}: ${line}`, error));
    }
    return null;
  } catch (error) {
    if (error instanceof SkipScript) return error.message;
    throw error;
  } finally {
    for (const close of script.closers.toReversed()) await close();
  }
}

/** The wish that a script stems from: its first comment. */
export function wishOf(text: string): string {
  const lines = parseTxtar(text).comment.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("#"));
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^#\s*/, ""))
    .join(" ")
    .trim();
}

async function runLine(script: Script, line: string): Promise<void> {
  const [first, ...rest] = splitWords(line, script.env);
  if (first === undefined) return;
  const negated = first === "!";
  const [name = "", ...args] = negated ? rest : [first, ...rest];
  const directive = DIRECTIVES[name];
  if (!directive) throw new Error(`unknown directive; known are ${Object.keys(DIRECTIVES).join(", ")}`);
  await directive({ script, args, negated });
}

function prepare({ files }: Txtar, root: string): Script {
  const folder = join(root, "work");
  for (const part of ["work", "bin", "tmp"]) mkdirSync(join(root, part));
  for (const [name, text] of files) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return { folder, env: cleanEnvironment(root), stdout: "", stderr: "", status: null, stdin: "", closers: [] };
}

/** Nothing of ours but the PATH: no profile, key or CI variable of whoever runs the tests gets in. */
function cleanEnvironment(root: string): Map<string, string> {
  const bin = join(root, "bin");
  symlinkSync(MAIN, join(bin, "rolecall"));
  const path = [bin, dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);
  return new Map([
    ["PATH", path],
    ["HOME", join(root, "work")],
    ["TMPDIR", join(root, "tmp")],
  ]);
}

function fail({ status, stdout, stderr }: Script, place: string, error: unknown): never {
  if (error instanceof SkipScript) throw error;
  const reason = error instanceof Error ? error.message : String(error);
  const output = `status ${status ?? "none"}\n-- stdout --\n${stdout}\n-- stderr --\n${stderr}`;
  throw new Error(`${place}\n${reason}\n${output}`, { cause: error });
}
