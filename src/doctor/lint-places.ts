import { isMap, isNode, isScalar, isSeq, parseDocument, type Node } from "yaml";
import { TEMPLATE_TAGS } from "./lint-cloudformation.ts";

/** Steps from the top of a document to a value in it: names of members, indexes of lists. */
export type Path = readonly (string | number)[];

/** Where a value of a JSON or YAML text stands: offsets of its first character and behind its last. */
export interface Place {
  readonly start: number;
  readonly end: number;
  readonly kind: "map" | "list" | "scalar";
  /** Written with braces or brackets, as in JSON. */
  readonly flow: boolean;
  readonly pairs: readonly PairPlace[];
  readonly items: readonly Place[];
}

export interface PairPlace {
  readonly name: string;
  readonly key: { readonly start: number; readonly end: number };
  readonly value: Place;
}

/** True for what is read as JSON; YAML may begin with a brace too. */
export function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The places of a text that is known to be JSON or YAML; null where it has none that can be told. */
export function placesOf(text: string): Place | null {
  return isJson(text) ? new JsonPlaces(text).read() : new YamlPlaces(text).place(parseDocument(text, YAML).contents);
}

const YAML = { customTags: TEMPLATE_TAGS, logLevel: "error", uniqueKeys: false } as const;

/** The value at a path, and the member that holds it where it is one. */
export function placeAt(root: Place, path: Path): { readonly value: Place; readonly pair: PairPlace | null } | null {
  let value = root;
  let pair: PairPlace | null = null;
  for (const step of path) {
    const found: PairPlace | undefined = value.pairs.find(({ name }) => name === step);
    const next = typeof step === "number" ? value.items[step] : found?.value;
    if (!next) return null;
    value = next;
    pair = found ?? null;
  }
  return { value, pair };
}

class YamlPlaces {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  place(node: unknown): Place | null {
    if (!isNode(node) || !node.range) return null;
    const [start, end] = node.range;
    const scalar = { start: this.#tagStart(start), end, kind: "scalar", flow: true, pairs: [], items: [] } as const;
    if (isMap(node)) {
      const pairs = node.items.flatMap((pair): readonly PairPlace[] => {
        const key = isScalar(pair.key) ? pair.key : null;
        const value = this.place(pair.value);
        if (!key?.range || !value) return [];
        return [{ name: String(key.value), key: { start: key.range[0], end: key.range[1] }, value }];
      });
      return { start, end: lastEnd(pairs.at(-1)?.value, node, end), kind: "map", flow: isFlow(node), pairs, items: [] };
    }
    if (!isSeq(node)) return scalar;
    const items = node.items.map((item) => this.place(item)).filter((one) => one !== null);
    // An item that cannot be told would shift the others.
    if (items.length < node.items.length) return scalar;
    return { start, end: lastEnd(items.at(-1), node, end), kind: "list", flow: isFlow(node), pairs: [], items };
  }

  /** A tag such as `!Sub` belongs to its value. */
  #tagStart(start: number): number {
    const line = this.#text.slice(this.#text.lastIndexOf("\n", start - 1) + 1, start);
    return start - (/![\w:]+[ \t]+$/.exec(line)?.[0].length ?? 0);
  }
}

function isFlow(node: Node & { flow?: boolean }): boolean {
  return node.flow === true;
}

/** Written as a block, a collection reaches over the blank lines and comments behind it; its last value does not. */
function lastEnd(last: Place | undefined, node: Node & { flow?: boolean }, end: number): number {
  return isFlow(node) || !last ? end : last.end;
}

/** Reads the places of a text that `JSON.parse` has taken. */
class JsonPlaces {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Place {
    this.#skip();
    const start = this.#at;
    const first = this.#text[start];
    if (first === "{") return this.#map(start);
    if (first === "[") return this.#list(start);
    if (first === '"') this.#string();
    else this.#at += /^[^,\]}\s]*/.exec(this.#text.slice(start, start + 64))?.[0].length ?? 0;
    return { start, end: this.#at, kind: "scalar", flow: true, pairs: [], items: [] };
  }

  #map(start: number): Place {
    const pairs: PairPlace[] = [];
    for (this.#step(); this.#text[this.#at] !== "}"; this.#comma()) {
      const from = this.#at;
      this.#string();
      const key = { start: from, end: this.#at };
      this.#skip();
      this.#step();
      const name = JSON.parse(this.#text.slice(key.start, key.end)) as string;
      pairs.push({ name, key, value: this.read() });
    }
    this.#at += 1;
    return { start, end: this.#at, kind: "map", flow: true, pairs, items: [] };
  }

  #list(start: number): Place {
    const items: Place[] = [];
    for (this.#step(); this.#text[this.#at] !== "]"; this.#comma()) items.push(this.read());
    this.#at += 1;
    return { start, end: this.#at, kind: "list", flow: true, pairs: [], items };
  }

  /** Over one character and the white space behind it. */
  #step(): void {
    this.#at += 1;
    this.#skip();
  }

  #comma(): void {
    this.#skip();
    if (this.#text[this.#at] === ",") this.#step();
  }

  #string(): void {
    this.#at += 1;
    while (this.#text[this.#at] !== '"') this.#at += this.#text[this.#at] === "\\" ? 2 : 1;
    this.#at += 1;
  }

  #skip(): void {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at += 1;
  }
}
