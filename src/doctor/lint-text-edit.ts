import { parseDocument } from "yaml";
import type { Json } from "../core/token.ts";
import { isJson, type PairPlace, type Path, type Place, placeAt, placesOf } from "./lint-places.ts";

/** One step of changing a document. */
export type TextEdit =
  /** Another value, or a member that was not there. */
  | { readonly kind: "set"; readonly path: Path; readonly value: Json }
  | { readonly kind: "rename"; readonly path: Path; readonly name: string }
  | { readonly kind: "remove"; readonly path: Path };

/**
 * A JSON or YAML text after an edit; all else stays as it is written, comments included. Null where the text has no
 * such place, or is written so that nothing can be put in there.
 */
export function editText(text: string, edit: TextEdit): string | null {
  const root = placesOf(text);
  if (!root) return null;
  if (edit.kind === "set") return setIn(text, root, edit.path, edit.value);
  const found = placeAt(root, edit.path);
  const parent = placeAt(root, edit.path.slice(0, -1))?.value;
  if (!found?.pair || !parent) return null;
  if (edit.kind === "remove") return removeFrom(text, parent, found.pair);
  const { key } = found.pair;
  return splice(text, key.start, key.end, keyText(text, edit.name, text[key.start] ?? ""));
}

function splice(text: string, start: number, end: number, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}

function setIn(text: string, root: Place, path: Path, value: Json): string | null {
  const held = placeAt(root, path);
  if (held) {
    // A block scalar ends behind its last line end, which is to stay.
    const place = {
      ...held.value,
      end: held.value.end - (/\r?\n$/.exec(text.slice(0, held.value.end))?.[0].length ?? 0),
    };
    return place.flow
      ? splice(text, place.start, place.end, flowText(text, place, value))
      : setBlock(text, place, value);
  }
  const name = path.at(-1);
  const parent = placeAt(root, path.slice(0, -1))?.value;
  if (typeof name !== "string" || parent?.kind !== "map") return null;
  return parent.flow ? addToFlow(text, parent, name, value) : addToBlock(text, parent, name, value);
}

/** A value for a place that has one without line breaks, or as the members around it are written. */
function flowText(text: string, place: Place, value: Json): string {
  // A word that was not quoted needs no quotes now.
  if (typeof value === "string" && !isJson(text) && /^[a-z]/i.test(text.slice(place.start)) && isPlain(value))
    return value;
  const lines = place.kind !== "scalar" && text.slice(place.start, place.end).includes("\n");
  return lines ? pretty(value, lineIndent(text, place.start), unitOf(text)) : compact(value, spaceOf(text));
}

/** A list of a block is a list of a block again; of items that stay, the line stays. */
function setBlock(text: string, { start, end, items }: Place, value: Json): string {
  if (!Array.isArray(value)) return splice(text, start, end, compact(value));
  const column = " ".repeat(start - lineStart(text, start));
  const isLine = !text
    .slice(start, end)
    .split("\n")
    .some((line) => !/^\s*(-|#|$)/.test(line));
  const lines = isLine ? items.map((item) => text.slice(item.start, endOfLine(text, item.end))) : [];
  const list: readonly Json[] = value;
  const written = list.map((one) => `- ${lines.find((line) => saysOf(line) === one) ?? plainOr(one, lines)}`);
  return splice(text, start, isLine ? endOfLine(text, end) : end, written.join(`${eol(text)}${column}`));
}

/** A text with a comment behind it, as YAML reads it; null for anything else. */
function saysOf(line: string): string | null {
  const value: unknown = parseDocument(line, { logLevel: "silent" }).toJS();
  return typeof value === "string" ? value : null;
}

/** Without quotes where its neighbours have none. */
function plainOr(value: Json, neighbours: readonly string[]): string {
  const quoted = neighbours.some((line) => /^["']/.test(line));
  return typeof value === "string" && !quoted && neighbours.length > 0 && isPlain(value) ? value : compact(value);
}

/** Before the line end that follows an offset. */
function endOfLine(text: string, offset: number): number {
  return offset + (/^[^\r\n]*/.exec(text.slice(offset))?.[0].length ?? 0);
}

function addToFlow(text: string, parent: Place, name: string, value: Json): string {
  const last = parent.pairs.at(-1);
  if (!last) return splice(text, parent.start, parent.end, `{ ${JSON.stringify(name)}: ${compact(value)} }`);
  const begin = lineStart(text, last.key.start);
  const indent = text.slice(begin, last.key.start);
  // A member on a line of its own: the new one gets such a line too.
  if (/^\s*$/.test(indent) && text.slice(parent.start, last.key.start).includes("\n")) {
    const written = isJson(text) ? pretty(value, indent, unitOf(text)) : compact(value);
    return splice(text, last.value.end, last.value.end, `,${eol(text)}${indent}${JSON.stringify(name)}: ${written}`);
  }
  const gap = spaceOf(text);
  const written = compact(value, gap);
  const key = isJson(text) ? JSON.stringify(name) : keyText(text, name, "");
  return splice(text, last.value.end, last.value.end, `,${gap}${key}:${gap}${written}`);
}

function addToBlock(text: string, parent: Place, name: string, value: Json): string | null {
  const last = parent.pairs.at(-1);
  const first = parent.pairs[0];
  if (!last || !first) return null;
  const column = first.key.start - lineStart(text, first.key.start);
  const at = lineEnd(text, last.value.end);
  const lead = text[at - 1] === "\n" ? "" : eol(text);
  const line = `${" ".repeat(column)}${keyText(text, name, "")}: ${compact(value)}`;
  return splice(text, at, at, lead === "" ? `${line}${eol(text)}` : `${lead}${line}`);
}

function removeFrom(text: string, parent: Place, pair: PairPlace): string | null {
  const at = parent.pairs.indexOf(pair);
  const next = parent.pairs[at + 1];
  const before = parent.pairs[at - 1];
  if (parent.flow) {
    if (next) return splice(text, pair.key.start, next.key.start, "");
    return before ? splice(text, before.value.end, pair.value.end, "") : null;
  }
  const begin = lineStart(text, pair.key.start);
  // Behind a dash stands the first member, whose line cannot go.
  if (!/^\s*$/.test(text.slice(begin, pair.key.start)) || (!next && !before)) return null;
  return splice(text, begin, lineEnd(text, pair.value.end), "");
}

/** A name as the one before it was quoted; plain where YAML reads it as itself. */
function keyText(text: string, name: string, quote: string): string {
  if (quote === "'" && !isJson(text)) return `'${name.replaceAll("'", "''")}'`;
  const plain = !isJson(text) && quote !== '"' && /^[A-Za-z]\w*(:[A-Za-z]\w*)?$/.test(name);
  return plain ? name : JSON.stringify(name);
}

/** What stands behind a colon or a comma: nothing in JSON that a machine wrote. */
function spaceOf(text: string): "" | " " {
  return isJson(text) && !/":\s/.test(text) ? "" : " ";
}

function isPlain(text: string): boolean {
  return /^[A-Za-z][\w./@-]*(:[\w./@-]+)*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
}

/** JSON on one line, as people write it, or without a space. */
function compact(value: Json, space = " "): string {
  if (space === "" || typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((one: Json) => compact(one)).join(", ")}]`;
  return `{ ${Object.entries(value)
    .map(([name, one]) => `${JSON.stringify(name)}: ${compact(one)}`)
    .join(", ")} }`;
}

function pretty(value: Json, indent: string, unit: string): string {
  return JSON.stringify(value, null, unit).replaceAll("\n", `\n${indent}`);
}

/** By how much the text's first member is indented. */
function unitOf(text: string): string {
  return /\n([ \t]+)\S/.exec(text)?.[1] ?? "  ";
}

function lineIndent(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset)))?.[0] ?? "";
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Behind the line end that follows an offset; an offset at the beginning of a line is there already. */
function lineEnd(text: string, offset: number): number {
  if (text[offset - 1] === "\n") return offset;
  const at = text.indexOf("\n", offset);
  return at < 0 ? text.length : at + 1;
}

function eol(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}
