/** A piece of a text, by offsets of UTF-16 units, and what takes its place. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A file, and what is to be changed in it. */
export interface FileEdits {
  readonly path: string;
  readonly text: string;
  readonly edits: readonly Edit[];
}

/**
 * The text with its edits made; everything outside of them stays as it is.
 *
 * @throws RangeError when two edits overlap
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let at = 0;
  let out = "";
  for (const { start, end, text: put } of inOrder(edits)) {
    if (start < at || end < start) throw new RangeError("two edits overlap");
    out += text.slice(at, start) + put;
    at = end;
  }
  return out + text.slice(at);
}

/** By place; what is put in before a piece stands before what replaces it. */
function inOrder(edits: readonly Edit[]): readonly Edit[] {
  return edits.toSorted((left, right) => left.start - right.start || left.end - right.end);
}

const CONTEXT = 3;

interface Hunk {
  readonly first: number;
  readonly last: number;
  readonly lines: readonly string[];
}

/**
 * A unified diff of a file, as `git apply` takes it. It is made of the edits, so that it shows no more than they
 * change: whole lines, with three lines around them.
 */
export function renderPatch({ path, text, edits }: FileEdits): string {
  const old = linesOf(text);
  const blocks = changedBlocks(old, text, edits);
  if (blocks.length === 0) return "";
  let shift = 0;
  const hunks = blocks.map(({ hunk, minus, plus }) => {
    const from = hunk.first + 1;
    const count = hunk.last - hunk.first;
    const head = `@@ -${span(from, count)} +${span(from + shift, count - minus + plus)} @@\n`;
    shift += plus - minus;
    return head + hunk.lines.join("");
  });
  return `--- a/${path}\n+++ b/${path}\n${hunks.join("")}`;
}

function span(from: number, count: number): string {
  return `${count === 0 ? from - 1 : from},${count}`;
}

/** A new file as a unified diff. */
export function renderNewFile(path: string, text: string): string {
  const lines = linesOf(text);
  return `--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => signed("+", line)).join("")}`;
}

/** With their line ends. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

interface Changed {
  /** Lines, from the first up to and without the last. */
  first: number;
  last: number;
  edits: Edit[];
}

function changedBlocks(
  old: readonly string[],
  text: string,
  edits: readonly Edit[],
): readonly { readonly hunk: Hunk; readonly minus: number; readonly plus: number }[] {
  const starts = startsOf(old);
  const groups: Changed[] = [];
  for (const edit of inOrder(edits)) {
    const [first, last] = touchedLines(starts, edit, text);
    const group = groups.at(-1);
    if (group && first - group.last <= 2 * CONTEXT) {
      group.last = Math.max(group.last, last);
      group.edits.push(edit);
    } else groups.push({ first, last, edits: [edit] });
  }
  return groups.map((group) => hunkOf(group, old, starts, text));
}

function startsOf(lines: readonly string[]): readonly number[] {
  const starts = [0];
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length);
  return starts;
}

/** An edit that puts whole lines between two touches neither. */
function touchedLines(starts: readonly number[], { start, end, text: put }: Edit, text: string): [number, number] {
  const lineAt = (offset: number): number => starts.findLastIndex((begin) => begin <= offset);
  const first = lineAt(start);
  const isWhole = start === starts[first] && (put === "" || put.endsWith("\n")) && starts.includes(end);
  if (isWhole) return [first, end >= text.length ? starts.length - 1 : lineAt(end)];
  return [first, Math.min(starts.length - 1, lineAt(Math.max(start, end - 1)) + 1)];
}

function hunkOf(
  { first, last, edits }: Changed,
  old: readonly string[],
  starts: readonly number[],
  text: string,
): { hunk: Hunk; minus: number; plus: number } {
  const begin = starts[first] ?? 0;
  const finish = starts[last] ?? text.length;
  const moved = edits.map((edit) => ({ ...edit, start: edit.start - begin, end: edit.end - begin }));
  const before = old.slice(first, last);
  const after = linesOf(applyEdits(text.slice(begin, finish), moved));
  const from = Math.max(0, first - CONTEXT);
  const to = Math.min(old.length, last + CONTEXT);
  const { lines, minus, plus } = compared(before, after);
  return {
    hunk: {
      first: from,
      last: to,
      lines: [
        ...old.slice(from, first).map((line) => signed(" ", line)),
        ...lines,
        ...old.slice(last, to).map((line) => signed(" ", line)),
      ],
    },
    minus,
    plus,
  };
}

/** Lines of a few dozen at most: the longest common subsequence, plainly. */
function compared(
  before: readonly string[],
  after: readonly string[],
): { lines: string[]; minus: number; plus: number } {
  const table = Array.from({ length: before.length + 1 }, () => Array.from({ length: after.length + 1 }, () => 0));
  const at = (left: number, right: number): number => table[left]?.[right] ?? 0;
  for (let left = before.length - 1; left >= 0; left--)
    for (let right = after.length - 1; right >= 0; right--) {
      const row = table[left];
      if (row)
        row[right] =
          before[left] === after[right]
            ? at(left + 1, right + 1) + 1
            : Math.max(at(left + 1, right), at(left, right + 1));
    }
  const lines: string[] = [];
  let [left, right, minus, plus] = [0, 0, 0, 0];
  while (left < before.length || right < after.length) {
    const [old, next] = [before[left], after[right]];
    if (old !== undefined && old === next) {
      lines.push(signed(" ", old));
      left++;
      right++;
    } else if (old !== undefined && (next === undefined || at(left + 1, right) >= at(left, right + 1))) {
      lines.push(signed("-", old));
      left++;
      minus++;
    } else {
      lines.push(signed("+", next ?? ""));
      right++;
      plus++;
    }
  }
  return { lines, minus, plus };
}

function signed(sign: string, line: string): string {
  return line.endsWith("\n") ? sign + line : `${sign}${line}\n\\ No newline at end of file\n`;
}
