import { isMap, isSeq, type Pair, type YAMLMap, type YAMLSeq } from "yaml";
import type { Edit } from "./edit.ts";
import { rangeOf, type YamlFile } from "./yaml-file.ts";

/** What cannot be spliced exactly; its message is the reason that a person reads. */
export class CannotSplice extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Behind the line's end, its `\n` included. */
export function lineEnd(text: string, offset: number): number {
  const at = text.indexOf("\n", offset);
  return at < 0 ? text.length : at + 1;
}

/** Column of the first character of a map's keys. */
export function indentOf(file: YamlFile, map: YAMLMap): number {
  const [start] = rangeOf(map.items[0]?.key);
  return start - lineStart(file.text, start);
}

/** Column of an offset. */
export function indentAt(file: YamlFile, offset: number): number {
  return offset - lineStart(file.text, offset);
}

/** Takes a pair out with the lines that it stands on. */
export function removePair(file: YamlFile, map: YAMLMap, pair: Pair): Edit {
  const [start] = rangeOf(pair.key);
  if (map.flow) throw new CannotSplice("it stands in a mapping written with braces", start);
  return wholeLines(file, start, Math.max(deepEnd(pair.value), rangeOf(pair.key)[1]));
}

/** Comments right above a line, and indented as it is, belong to it: what comes before the line comes before them. */
function aboveComments(text: string, begin: number, indent: string): number {
  let at = begin;
  while (at > 0) {
    const above = lineStart(text, at - 1);
    if (!text.startsWith(`${indent}#`, above)) break;
    at = above;
  }
  return at;
}

function aboveBlanks(text: string, begin: number): number {
  let at = begin;
  while (at > 0 && text.slice(lineStart(text, at - 1), at).trim() === "") at = lineStart(text, at - 1);
  return at;
}

/** An item's place in a list: the line of its dash when it is written as a block. */
function dashOf(file: YamlFile, seq: YAMLSeq, offset: number): number {
  const begin = lineStart(file.text, offset);
  if (!seq.flow && /^\s*- *$/.test(file.text.slice(begin, offset))) return begin;
  throw new CannotSplice("the list is written so that no line of its own can be put in", offset);
}

/** Takes an item out with its lines. */
export function removeItem(file: YamlFile, seq: YAMLSeq, item: unknown): Edit {
  const [start, end] = rangeOf(item);
  dashOf(file, seq, start);
  return wholeLines(file, start, end);
}

/** The lines from an offset to another; what another value has on the last of them is not taken. */
function wholeLines(file: YamlFile, start: number, end: number): Edit {
  const begin = lineStart(file.text, start);
  if (!/^[\s-]*$/.test(file.text.slice(begin, start))) throw new CannotSplice("something else is on its line", start);
  // A block scalar ends behind its last line end.
  const last = file.text[end - 1] === "\n" ? end : lineEnd(file.text, end);
  return { start: begin, end: last, text: "" };
}

/** Puts an item before another. */
export function insertItem(file: YamlFile, seq: YAMLSeq, item: unknown, line: string): Edit {
  const [start] = rangeOf(item);
  if (seq.flow) return { start, end: start, text: `${quoted(line)}, ` };
  const dash = dashOf(file, seq, start);
  const indent = /^\s*/.exec(file.text.slice(dash, start))?.[0] ?? "";
  const begin = aboveComments(file.text, dash, indent);
  return { start: begin, end: begin, text: `${indent}- ${plain(line)}${file.eol}` };
}

/** Puts a line in an item's place; the comment of a block scalar's first line stays behind it. */
export function replaceItem(file: YamlFile, seq: YAMLSeq, item: unknown, line: string): Edit {
  const [start, end] = rangeOf(item);
  if (seq.flow) return { start, end, text: quoted(line) };
  const source = file.text.slice(start, end);
  const block = /^[|>][-+\d]*[ \t]*(#[^\r\n]*)?\r?\n/.exec(source);
  if (!block) return { start, end, text: plain(line) };
  const comment = block[1] === undefined ? "" : ` ${block[1]}`;
  return { start, end, text: `${plain(line)}${comment}${source.endsWith("\n") ? file.eol : ""}` };
}

/** Makes a list of a value that is one line, with another line before it. */
export function listOf(file: YamlFile, map: YAMLMap, value: unknown, line: string): Edit {
  const [start, end] = rangeOf(value);
  const source = file.text.slice(start, end);
  if (map.flow || /[\n]/.test(source.trimEnd()) || /^[|>]/.test(source))
    throw new CannotSplice("the script is one text of several lines, not a list", start);
  const indent = " ".repeat(indentOf(file, map) + 2);
  // What is left before the value is the blank behind the colon.
  const from = start - (/[ \t]*$/.exec(file.text.slice(0, start))?.[0].length ?? 0);
  return { start: from, end: start, text: `${file.eol}${indent}- ${plain(line)}${file.eol}${indent}- ` };
}

/** Puts lines before a pair of a block map, as its neighbours are indented. */
export function insertPairBefore(file: YamlFile, map: YAMLMap, pair: Pair, lines: readonly string[]): Edit {
  const [start] = rangeOf(pair.key);
  const begin = lineStart(file.text, start);
  const before = file.text.slice(begin, start);
  if (map.flow) throw new CannotSplice("the mapping is written with braces", start);
  const indent = " ".repeat(start - begin);
  const text = lines.map((line) => `${indent}${line}${file.eol}`).join("");
  if (/^\s*$/.test(before)) {
    const above = aboveComments(file.text, begin, indent);
    // A blank line sets off the pair that it stands before: what comes in joins the pair above.
    const at = pair === map.items[0] ? above : aboveBlanks(file.text, above);
    return { start: at, end: at, text };
  }
  // The map begins behind a dash: `- name: x`.
  if (/^\s*(- )+ *$/.test(before)) return { start, end: start, text: text.trimStart() + indent };
  throw new CannotSplice("something else is on its line", start);
}

/** Puts lines behind a pair of a block map. */
export function insertPairAfter(file: YamlFile, map: YAMLMap, pair: Pair, lines: readonly string[]): Edit {
  const [start] = rangeOf(pair.key);
  if (map.flow) throw new CannotSplice("the mapping is written with braces", start);
  const end = deepEnd(pair.value) || rangeOf(pair.key)[1];
  const at = file.text[end - 1] === "\n" ? end : lineEnd(file.text, end);
  const lead = at > 0 && file.text[at - 1] !== "\n" ? file.eol : "";
  const indent = " ".repeat(start - lineStart(file.text, start));
  return { start: at, end: at, text: lead + lines.map((line) => `${indent}${line}${file.eol}`).join("") };
}

/** Where the last scalar of a value ends; a map's own range may reach over blank lines and comments. */
function deepEnd(node: unknown): number {
  if (isMap(node) && !node.flow && node.items.length > 0) {
    const last = node.items.at(-1);
    return deepEnd(last?.value) || rangeOf(last?.key)[1];
  }
  if (isSeq(node) && !node.flow && node.items.length > 0) return deepEnd(node.items.at(-1));
  return rangeOf(node)[1];
}

/** A line as a value that YAML reads back as itself, within brackets too. */
export function quoted(line: string): string {
  return `'${line.replaceAll("'", "''")}'`;
}

/** A line as a value outside of brackets: as it is where YAML reads it so. */
export function plain(line: string): string {
  return /: |:$| #|^[^A-Za-z]/.test(line) ? quoted(line) : line;
}

/** A word as a value of a block map. */
export function yamlValue(text: string): string {
  const isPlain =
    /^[A-Za-z](?:[\w./@+=:-]*[\w./@+=-])?$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}
