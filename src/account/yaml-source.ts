import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLMap,
} from "yaml";

import { configError, type Position, type Problem, quote } from "./problem.ts";

/** Steps from the top of a document to a value in it: keys of mappings, indexes of lists. */
export type Path = readonly (string | number)[];

/** A YAML file as a value, which still knows where each part of it stands. */
export interface YamlSource {
  readonly file: string;
  readonly value: unknown;
  /** Where the value at a path begins; the nearest thing around it when there is none. */
  valueAt(path: Path): Position;
  /** Where the last key of a path stands; the key of what lacks it when it is missing. */
  keyAt(path: Path): Position;
  /** The value as written, on one line and shortened; `nothing` when it is empty or missing. */
  textAt(path: Path): string;
}

// A file that says who may do what is read by people; one of this size was not written by any.
const LARGEST = 512 * 1024;
const START: Position = { line: 1, column: 1 };

/**
 * Reads YAML 1.2 (core schema, so `on` and `yes` stay text).
 *
 * @param file the file's name, for messages
 * @throws RolecallError `config`, with line and column, for what is not YAML, and for duplicate keys,
 *   aliases, merge keys, tags and numbers that would not survive the reading
 */
export function parseYaml(text: string, file: string): YamlSource {
  const size = new TextEncoder().encode(text).length;
  if (size > LARGEST) throw configError(file, [tooLarge(size)]);
  const lines = new LineCounter();
  const document = readDocument(text, lines);
  const place = (offset: number): Position => placeOf(lines, offset);
  const syntax = syntaxProblems(document, place);
  const problems = syntax.length > 0 ? syntax : contentProblems(document, place);
  if (problems.length > 0) throw configError(file, problems);
  return new Source(text, file, document, place);
}

function tooLarge(size: number): Problem {
  const text = `expected at most ${LARGEST / 1024} KiB, got ${Math.ceil(size / 1024)} KiB`;
  return { position: START, text, hints: ["is this the right file? --config FILE names another"] };
}

function readDocument(text: string, lineCounter: LineCounter): Document {
  return parseDocument(text, {
    version: "1.2",
    schema: "core",
    merge: false,
    // Checked below: the parser compares each key with each, which takes seconds for a large file.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "error",
    lineCounter,
  });
}

function placeOf(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

type Place = (offset: number) => Position;

/** The mistakes that have better words than the parser's, and what to do about them. */
const SYNTAX: { readonly [code: string]: { readonly text?: string; readonly hint: string } } = {
  TAB_AS_INDENT: { text: "a tab indents this line", hint: "indent with spaces" },
  BAD_INDENT: { hint: "indent what belongs together by the same number of spaces" },
  // The parser's code for a stack that thousands of open brackets have used up.
  RESOURCE_EXHAUSTION: {
    text: "the values are nested too deeply",
    hint: "a configuration needs no more than ten levels",
  },
  MULTIPLE_DOCS: { text: "a second document begins here", hint: "remove the line ---" },
  BAD_ALIAS: { hint: 'quote a text that begins with * or &: "*"' },
};

/** The parser stumbles on after a mistake, so that what follows the first is mostly its echo. */
function syntaxProblems(document: Document, place: Place): readonly Problem[] {
  const errors = [...document.errors, ...document.warnings].toSorted((left, right) => left.pos[0] - right.pos[0]);
  return errors.slice(0, 1).map((error) => syntaxProblem(error, place));
}

function syntaxProblem(error: YAMLError, place: Place): Problem {
  const known = SYNTAX[error.code];
  return {
    position: place(error.pos[0]),
    text: known?.text ?? `not YAML: ${lowerFirst(error.message)}`,
    hints: known ? [known.hint] : [],
  };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

const LEADING_ZERO = /^[-+]?0\d+$/;

/** What is YAML, and yet not taken: each of these would make the file say other than it seems to. */
function contentProblems(document: Document, place: Place): readonly Problem[] {
  const problems: Problem[] = [];
  const report = (offset: number, message: string, hint: string): void => {
    problems.push({ position: place(offset), text: message, hints: [hint] });
  };
  visit(document, {
    Alias: (_, alias) => {
      const hint = alias.resolve(document) ? REPEAT : `quote it, if a text is meant: "*${alias.source}"`;
      report(alias.range?.[0] ?? 0, `an alias (*${alias.source}) is not taken here`, hint);
      return visit.BREAK;
    },
    Map: (_, map) => {
      for (const key of repeatedKeys(map))
        report(rangeOf(key)?.[0] ?? 0, `${quote(String(key))} is already in the same mapping`, ONCE);
    },
    Pair: (_, { key }) => {
      if (!isScalar(key) || key.value !== "<<") return undefined;
      report(key.range?.[0] ?? 0, "a merge key (<<) is not taken here", REPEAT);
      return visit.BREAK;
    },
    Scalar: (_, { value, source, range }) => {
      if (typeof value === "number" && LEADING_ZERO.test(source ?? ""))
        report(range?.[0] ?? 0, `the number ${source} would lose its zeros`, `quote it: "${source}"`);
    },
  });
  return problems;
}

const ONCE = "give each role and each key once";
const REPEAT = "repeat the lines, so that each role can be read by itself";

/** The keys that are in a mapping before, each later one. */
function repeatedKeys({ items }: YAMLMap): readonly unknown[] {
  const seen = new Set<string>();
  return items.flatMap((pair) => {
    const key = keyOf(pair);
    if (seen.has(key)) return [pair.key];
    seen.add(key);
    return [];
  });
}

class Source implements YamlSource {
  readonly file: string;
  readonly value: unknown;
  readonly #text: string;
  readonly #document: Document;
  readonly #place: Place;
  readonly #pairs = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

  constructor(text: string, file: string, document: Document, place: Place) {
    this.file = file;
    this.#text = text;
    this.#document = document;
    this.#place = place;
    this.value = document.toJS();
  }

  valueAt(path: Path): Position {
    const range = rangeOf(this.#walk(path).value);
    return range ? this.#place(range[0]) : this.keyAt(path);
  }

  keyAt(path: Path): Position {
    const { key, value } = this.#walk(path);
    // A list's item has no key of its own, so its value stands for it.
    const range = rangeOf(key) ?? rangeOf(value);
    if (range) return this.#place(range[0]);
    return path.length === 0 ? START : this.keyAt(path.slice(0, -1));
  }

  textAt(path: Path): string {
    const { value } = this.#walk(path);
    const range = rangeOf(value);
    const text = range ? quote(this.#text.slice(range[0], range[1])) : "";
    return text === "" ? "nothing" : text;
  }

  #walk(path: Path): Found {
    return path.reduce<Found>(({ value }, name) => this.#step(value, name), {
      key: null,
      value: this.#document.contents,
    });
  }

  #step(value: unknown, name: string | number): Found {
    if (isSeq(value)) return { key: null, value: value.items[Number(name)] ?? null };
    const pair = isMap(value) ? this.#pairsOf(value).get(String(name)) : undefined;
    return { key: pair?.key ?? null, value: pair?.value ?? null };
  }

  /** A mapping's pairs by key, kept: a file of many mistakes asks for each of its places. */
  #pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
    const known = this.#pairs.get(map);
    if (known) return known;
    const pairs = new Map(map.items.map((pair) => [keyOf(pair), pair]));
    this.#pairs.set(map, pairs);
    return pairs;
  }
}

interface Found {
  readonly key: unknown;
  readonly value: unknown;
}

function keyOf({ key }: Pair): string {
  return isScalar<string | number | boolean | null>(key) ? String(key.value ?? "") : "";
}

/** Start and end of a node's own text, without the comments after it. */
function rangeOf(node: unknown): readonly [number, number] | null {
  if (!isNode(node) || isAlias(node) || !node.range) return null;
  return [node.range[0], node.range[1]];
}
