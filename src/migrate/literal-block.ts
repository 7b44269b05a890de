import type { Edit } from "./edit.ts";
import type { ShellCommand } from "./shell-commands.ts";

/**
 * Takes commands out of a literal block (`|`), where each line of the source is one of the value, and puts a line in
 * the first one's place.
 *
 * @param source the block as written, with its header
 * @returns edits within the source, and the value that they make; null when a command shares its lines with another
 */
export function withoutLines(
  source: string,
  value: string,
  commands: readonly ShellCommand[],
  gone: readonly ShellCommand[],
  line: string | null,
): { readonly value: string; readonly edits: readonly Edit[] } | null {
  const header = /^\|[-+\d]*[ \t]*(?:#[^\r\n]*)?\r?\n/.exec(source)?.[0];
  if (header === undefined) return null;
  const lines = value.replace(/\n$/, "").split("\n");
  const starts = lineStarts(lines);
  const lineAt = (offset: number): number => starts.findLastIndex((start) => start <= offset);
  const spans = gone.map(({ start, end, tie }) => ({
    first: lineAt(start),
    last: lineAt(Math.max(start, end - 1)),
    tie,
  }));
  const others = commands.filter((command) => !gone.includes(command));
  const isShared = spans.some(
    ({ first, last, tie }) =>
      tie !== "" || others.some(({ start, end }) => lineAt(start) <= last && lineAt(Math.max(start, end - 1)) >= first),
  );
  if (isShared || hasBlock(others)) return null;
  const dropped = new Set(spans.flatMap(({ first, last }) => range(first, last)));
  const at = Math.min(...dropped);
  const kept = lines.flatMap((text, index) => {
    const put = index === at && line !== null ? [line] : [];
    return dropped.has(index) ? put : [text];
  });
  const body = source.slice(header.length).match(/[^\n]*\n|[^\n]+$/g) ?? [];
  if (body.length < lines.length) return null;
  return { value: kept.join("\n"), edits: editsOf(body, header.length, dropped, at, line) };
}

/** A command within `if` or a loop may be the only one there. */
function hasBlock(commands: readonly ShellCommand[]): boolean {
  return commands.some(({ text }) => /^(?:if|then|else|elif|for|while|until|do|case|\{|\w+ ?\(\))(?:\s|$)/.test(text));
}

function lineStarts(lines: readonly string[]): readonly number[] {
  const starts: number[] = [];
  let at = 0;
  for (const text of lines) {
    starts.push(at);
    at += text.length + 1;
  }
  return starts;
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function editsOf(
  body: readonly string[],
  offset: number,
  dropped: ReadonlySet<number>,
  at: number,
  line: string | null,
): readonly Edit[] {
  const edits: Edit[] = [];
  let start = offset;
  for (const [index, text] of body.entries()) {
    const indent = /^\s*/.exec(text)?.[0].replace(/\r?\n$/, "") ?? "";
    const eol = /\r?\n$/.exec(text)?.[0] ?? "";
    if (dropped.has(index)) {
      const put = index === at && line !== null ? `${indent}${line}${eol}` : "";
      edits.push({ start, end: start + text.length, text: put });
    }
    start += text.length;
  }
  return edits;
}
