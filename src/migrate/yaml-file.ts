import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseAllDocuments,
  visit,
  type YAMLMap,
} from "yaml";
import { isStandIn } from "./stand-in-keys.ts";

/** A CI file as a tree whose nodes know where they stand. */
export interface YamlFile {
  readonly path: string;
  readonly text: string;
  /** The last document: GitLab's `spec:` header is one of its own before it. */
  readonly document: Document;
  readonly root: YAMLMap;
  /** `\n` or `\r\n`. */
  readonly eol: string;
}

/** Why a file is no CI file that can be read exactly. */
export interface Unreadable {
  readonly line: number;
  readonly reason: string;
}

/** Reads a CI file; a value, since a broken file is a reason to refuse and no mistake of ours. */
export function readYamlFile(path: string, text: string): YamlFile | Unreadable {
  const documents = parseAllDocuments(text, {
    version: "1.2",
    merge: true,
    logLevel: "error",
    prettyErrors: false,
    customTags: [{ tag: "!reference", collection: "seq" }],
  });
  const document = Array.isArray(documents) ? documents.at(-1) : undefined;
  if (!document || !isMap(document.contents)) return { line: 1, reason: "it holds no YAML mapping" };
  const all = Array.isArray(documents) ? documents : [];
  const error = all.flatMap(({ errors }) => errors)[0];
  if (error) return { line: lineOf(text, error.pos[0]), reason: `it is not YAML: ${error.message}` };
  const warning = document.warnings[0];
  if (warning)
    return { line: lineOf(text, warning.pos[0]), reason: `it has a tag that is not known: ${warning.message}` };
  const bad = badAlias(document);
  if (bad !== null) return { line: lineOf(text, bad), reason: "its anchors are nested without end" };
  return { path, text, document, root: document.contents, eol: text.includes("\r\n") ? "\r\n" : "\n" };
}

/** Where an alias stands for what it stands in, or where aliases of aliases would become more than any file means. */
function badAlias(document: Document): number | null {
  let found: number | null = null;
  visit(document, {
    Alias(_, node, path) {
      const source = node.resolve(document);
      if (source && path.includes(source)) found ??= node.range?.[0] ?? 0;
    },
  });
  if (found !== null) return found;
  try {
    document.toJS({ maxAliasCount: 1000 });
    return null;
  } catch {
    return 0;
  }
}

/** Whether a file has comments alone, so that nothing of it runs. */
export function saysNothing(text: string): boolean {
  return text.split("\n").every((line) => /^\s*(?:#.*|---)?\r?$/.test(line));
}

export function isUnreadable(file: YamlFile | Unreadable): file is Unreadable {
  return "reason" in file;
}

/** Counted from 1. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** What an alias stands for; the node itself when it is none. */
export function resolved(file: YamlFile, node: unknown): Node | null {
  if (isAlias(node)) return resolved(file, node.resolve(file.document) ?? null);
  return isNode(node) ? node : null;
}

export function mapOf(file: YamlFile, node: unknown): YAMLMap | null {
  const found = resolved(file, node);
  return isMap(found) ? found : null;
}

/** The name of a pair. */
export function keyName(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : "";
}

/** A pair of a map, and the map that it stands in: another where a merge key (`<<`) brought it. */
export interface Found {
  readonly pair: Pair;
  readonly owner: YAMLMap;
}

/** Looks for a key in a map, then in what it merges. */
export function findPair(file: YamlFile, map: YAMLMap, key: string): Found | null {
  const own = map.items.find((pair) => keyName(pair) === key);
  if (own) return { pair: own, owner: map };
  for (const merged of mergedMaps(file, map)) {
    const found = findPair(file, merged, key);
    if (found) return found;
  }
  return null;
}

/** The maps behind `<<`, the stronger first. */
export function mergedMaps(file: YamlFile, map: YAMLMap): readonly YAMLMap[] {
  return map.items
    .filter((pair) => keyName(pair) === "<<" || isMergeKey(pair))
    .flatMap(({ value }) => {
      const node = resolved(file, value);
      const all = isSeq(node) ? node.items : [node];
      return all.flatMap((one) => mapOf(file, one) ?? []);
    });
}

function isMergeKey({ key }: Pair): boolean {
  return isScalar(key) && typeof key.value === "symbol";
}

/** `!reference [.job, key]` as its words, else null. */
export function referenceOf(node: unknown): readonly string[] | null {
  if (!isSeq(node) || node.tag !== "!reference") return null;
  return node.items.map((item) => (isScalar(item) ? String(item.value) : ""));
}

/** A value with aliases and merges resolved; `!reference` stays a value of its own. */
export function plainOf(file: YamlFile, node: unknown): unknown {
  const found = resolved(file, node);
  const reference = referenceOf(found);
  if (reference) return { "!reference": reference };
  if (isSeq(found)) return found.items.map((item) => plainOf(file, item));
  if (isScalar(found)) return found.value;
  if (!isMap(found)) return null;
  const merged = mergedMaps(file, found)
    .toReversed()
    .map((map) => plainOf(file, map) as object);
  const own = found.items
    .filter((pair) => keyName(pair) !== "<<" && !isMergeKey(pair))
    .map((pair) => [keyName(pair), plainOf(file, pair.value)] as const);
  return { ...Object.assign({}, ...merged), ...Object.fromEntries(own) };
}

/** A value as it is written: an alias stays one, and so does what is merged. */
export function writtenOf(node: unknown): unknown {
  if (isAlias(node)) return { "*": node.source };
  const anchor = isNode(node) && "anchor" in node && node.anchor ? { "&": node.anchor } : {};
  if (isSeq(node)) return node.items.map(writtenOf);
  if (isScalar(node)) return node.value;
  if (!isMap(node)) return null;
  return {
    ...anchor,
    ...Object.fromEntries(node.items.map((pair) => [isMergeKey(pair) ? "<<" : keyName(pair), writtenOf(pair.value)])),
  };
}

/** Begin and end of a node's own text. */
export function rangeOf(node: unknown): readonly [number, number] {
  const range = isNode(node) ? node.range : null;
  return range ? [range[0], range[1]] : [0, 0];
}

export interface PlacedScalar {
  /** Of the pair that it is the value of; empty where it is none. */
  readonly name: string;
  readonly value: string;
  readonly offset: number;
  /** The name of a variable whose value only stands in for a key. */
  readonly isStandIn: boolean;
}

/** Every scalar of a file, keys too, with its text. */
export function scalarsOf(file: YamlFile): readonly PlacedScalar[] {
  const found: PlacedScalar[] = [];
  visit(file.document, {
    Scalar(at, node, path) {
      if (!node.range) return;
      const above = path.at(-1);
      // Parameters of orbs are names of variables, which look like words.
      const isVariable = at === "key" && String(node.value).startsWith("AWS_");
      const stands = isVariable && isPair(above) && isScalar(above.value) && isStandIn(above.value.value);
      const name = at === "value" && isPair(above) ? keyName(above) : "";
      found.push({ name, value: String(node.value), offset: node.range[0], isStandIn: stands });
    },
  });
  return found;
}
