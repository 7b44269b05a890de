import type { YAMLMap, YAMLSeq, Pair } from "yaml";
import { isMap, isScalar, isSeq } from "yaml";
import { applyEdits, type Edit } from "./edit.ts";
import { isRecord } from "./gitlab-config.ts";
import { leftovers } from "./leftovers.ts";
import type { Refusal } from "./migration.ts";
import { sameValue } from "./same-value.ts";
import { insertItem, insertPairAfter, insertPairBefore, removePair, yamlValue } from "./splice.ts";
import { isUnreadable, keyName, lineOf, readYamlFile, writtenOf, type YamlFile } from "./yaml-file.ts";

export type Path = readonly (string | number)[];

/** A file that is being changed: its edits, and the value that they must come to. */
export interface Rewrite {
  readonly file: YamlFile;
  readonly edits: Edit[];
  /** What the new file must say. */
  readonly wanted: Record<string, unknown>;
  /** List entries that come in, applied last so that the places of others stay. */
  readonly insertions: { readonly path: Path; readonly index: number; readonly value: unknown }[];
}

export function startRewrite(file: YamlFile): Rewrite {
  return { file, edits: [], wanted: writtenOf(file.root) as Record<string, unknown>, insertions: [] };
}

/** The values that the path's last step is in. */
function within(rewrite: Rewrite, path: Path): unknown {
  let value: unknown = rewrite.wanted;
  for (const step of path)
    value = isRecord(value) || Array.isArray(value) ? (value as Record<string, unknown>)[String(step)] : undefined;
  return value;
}

export function dropPair(rewrite: Rewrite, map: YAMLMap, pair: Pair, path: Path): void {
  rewrite.edits.push(removePair(rewrite.file, map, pair));
  const owner = within(rewrite, path);
  if (isRecord(owner)) delete owner[keyName(pair)];
}

export function addPairs(
  rewrite: Rewrite,
  map: YAMLMap,
  path: Path,
  more: Readonly<Record<string, unknown>>,
  place: { before: Pair } | { after: Pair },
): void {
  const lines = Object.entries(more).flatMap(([key, value]) => yamlLines(key, value));
  const { file } = rewrite;
  rewrite.edits.push(
    "before" in place
      ? insertPairBefore(file, map, place.before, lines)
      : insertPairAfter(file, map, place.after, lines),
  );
  const owner = within(rewrite, path);
  if (isRecord(owner)) Object.assign(owner, more);
}

function yamlLines(key: string, value: unknown): readonly string[] {
  if (isRecord(value))
    return [
      `${key}:`,
      ...Object.entries(value).flatMap(([name, one]) => yamlLines(name, one).map((line) => `  ${line}`)),
    ];
  if (Array.isArray(value)) return [`${key}: [${value.map((one) => JSON.stringify(one)).join(", ")}]`];
  return [`${key}: ${typeof value === "string" ? yamlValue(value) : String(value)}`];
}

/** Takes keys out of a map; the pair of a map that held nothing else goes too. @returns how many went */
export function dropKeys(
  rewrite: Rewrite,
  owner: YAMLMap,
  ownerPath: Path,
  name: string,
  isGone: (key: string, value: unknown) => boolean,
): number {
  const pair = owner.items.find((one) => keyName(one) === name);
  const map = pair?.value;
  if (!pair || !isMap(map)) return 0;
  const gone = map.items.filter((one) => isGone(keyName(one), isScalar(one.value) ? one.value.value : null));
  if (gone.length === 0) return 0;
  if (gone.length === map.items.length) dropPair(rewrite, owner, pair, ownerPath);
  else for (const one of gone) dropPair(rewrite, map, one, [...ownerPath, name]);
  return gone.length;
}

/** Puts an entry before another of a block list. */
export function addItem(
  rewrite: Rewrite,
  seq: YAMLSeq,
  index: number,
  path: Path,
  entry: { readonly lines: readonly string[]; readonly value: unknown },
): void {
  const { file } = rewrite;
  const [first = "", ...rest] = entry.lines;
  const edit = insertItem(file, seq, seq.items[index], "PLACE");
  const indent = /^\s*/.exec(edit.text)?.[0] ?? "";
  const text = [`${indent}- ${first}`, ...rest.map((line) => `${indent}  ${line}`)].join(file.eol) + file.eol;
  rewrite.edits.push(seq.flow ? edit : { ...edit, text });
  rewrite.insertions.push({ path, index, value: entry.value });
}

export function setValue(rewrite: Rewrite, path: Path, value: unknown): void {
  const owner = within(rewrite, path.slice(0, -1));
  if (isRecord(owner) || Array.isArray(owner)) (owner as Record<string, unknown>)[String(path.at(-1))] = value;
}

/** Reads the new file and compares it with what was wanted. */
export function proveRewrite(
  { file, edits, wanted, insertions }: Rewrite,
  extra: (after: YamlFile) => readonly Refusal[] = () => [],
): readonly Refusal[] {
  for (const { path, index, value } of insertions.toSorted((left, right) => right.index - left.index)) {
    let list: unknown = wanted;
    for (const step of path) list = (list as Record<string, unknown> | undefined)?.[String(step)];
    if (Array.isArray(list)) list.splice(index, 0, value);
  }
  const refuse = (line: number, reason: string): Refusal => ({ path: file.path, line, job: null, reason });
  let text: string;
  try {
    text = applyEdits(file.text, edits);
  } catch {
    return [refuse(1, "two changes meet at one place")];
  }
  const after = readYamlFile(file.path, text);
  if (isUnreadable(after)) return [refuse(after.line, `the new file could not be read: ${after.reason}`)];
  if (!sameValue(writtenOf(after.root), wanted)) {
    const [first] = edits;
    return [refuse(lineOf(file.text, first?.start ?? 0), "the new file would not say what was planned")];
  }
  return [...leftovers(file.path, text, file.text), ...extra(after)];
}

/** Visits every map below a node with its path, aliases not followed. */
export function eachMap(node: unknown, visit: (map: YAMLMap, path: Path) => void, path: Path = []): void {
  if (isSeq(node)) node.items.forEach((item, index) => eachMap(item, visit, [...path, index]));
  if (!isMap(node)) return;
  visit(node, path);
  for (const pair of node.items) eachMap(pair.value, visit, [...path, keyName(pair)]);
}

export function scalarText(node: unknown): string | null {
  return isScalar(node) && typeof node.value === "string" ? node.value : null;
}

export function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((one) => keyName(one) === key);
}

/** Whether a step calls an action of such a name. */
export function usesOf(step: YAMLMap, pattern: RegExp): boolean {
  const uses = scalarText(pairOf(step, "uses")?.value);
  return uses !== null && pattern.test(uses);
}
