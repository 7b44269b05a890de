import { type DiffLine, diffLines } from "../../core/diff-lines.ts";

// As diff and git give it.
const AROUND = 3;

/**
 * How a file changes, for `git apply` and `patch -p1`; empty where it does not.
 *
 * @param path relative, with `/`
 */
export function renderPatch(path: string, before: string, after: string): string {
  if (before === after) return "";
  const lines = changed(linesOf(before), linesOf(after));
  const hunks = hunksOf(lines).map((hunk) => renderHunk(hunk, lines));
  return `--- a/${path}\n+++ b/${path}\n${hunks.join("")}`;
}

/** Lines with what ends them, so that a last line without an end is another. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** What both texts begin and end with need not be compared with everything. */
function changed(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const same = (lines: readonly string[]): readonly DiffLine[] => lines.map((text) => ({ sign: " ", text }));
  return [
    ...same(before.slice(0, head)),
    ...diffLines(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...same(before.slice(before.length - tail)),
  ];
}

interface Hunk {
  readonly start: number;
  readonly end: number;
}

function hunksOf(lines: readonly DiffLine[]): readonly Hunk[] {
  const hunks: { start: number; end: number }[] = [];
  for (const [index, { sign }] of lines.entries()) {
    if (sign === " ") continue;
    const last = hunks.at(-1);
    const start = Math.max(0, index - AROUND);
    const end = Math.min(lines.length, index + AROUND + 1);
    if (last && start <= last.end) last.end = end;
    else hunks.push({ start, end });
  }
  return hunks;
}

function renderHunk({ start, end }: Hunk, lines: readonly DiffLine[]): string {
  const shown = lines.slice(start, end);
  const count = (list: readonly DiffLine[], other: string): number => list.filter(({ sign }) => sign !== other).length;
  const before = lines.slice(0, start);
  const range = (other: string): string => {
    const length = count(shown, other);
    return `${count(before, other) + (length === 0 ? 0 : 1)},${length}`;
  };
  const body = shown.map(({ sign, text }) =>
    text.endsWith("\n") ? `${sign}${text}` : `${sign}${text}\n\\ No newline at end of file\n`,
  );
  return `@@ -${range("+")} +${range("-")} @@\n${body.join("")}`;
}
