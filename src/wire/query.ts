/**
 * The AWS query protocol, both directions: form bodies with numbered lists one way, XML the other.
 * Source: Smithy 2.0, awsQuery. No imports: the job path takes `encodeQuery` and `xmlText` from here.
 */

/** What a form body says: texts, `X.member.N` lists, `X.Y` structures. */
export type QueryValue = string | readonly QueryValue[] | QueryFields;
export interface QueryFields {
  readonly [name: string]: QueryValue;
}

/** What can be sent; undefined is left out. */
export type QueryInput = string | number | boolean | undefined | readonly QueryInput[] | QueryInputFields;
export interface QueryInputFields {
  readonly [name: string]: QueryInput;
}

/** Writes parameters as a form body: `{Tags: [{Key: "a"}]}` becomes `Tags.member.1.Key=a`. */
export function encodeQuery(parameters: QueryInputFields): string {
  return flatten("", parameters)
    .map(([name, value]) => `${encodePart(name)}=${encodePart(value)}`)
    .join("&");
}

function flatten(name: string, value: QueryInput): [string, string][] {
  if (value === undefined) return [];
  if (typeof value !== "object") return [[name, String(value)]];
  // An empty list is sent as an empty text. Source: Smithy, awsQuery, list serialization.
  if (isList(value))
    return value.length === 0 ? [[name, ""]] : value.flatMap((one, at) => flatten(`${name}.member.${at + 1}`, one));
  const prefix = name === "" ? "" : `${name}.`;
  return Object.entries(value).flatMap(([key, inner]) => flatten(prefix + key, inner));
}

function isList(value: object): value is readonly QueryInput[] {
  return Array.isArray(value);
}

// With the u flag a pair is one character, so this finds only halves that stand alone.
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Percent-encodes all but RFC 3986's unreserved characters; lone surrogates become U+FFFD. */
export function encodePart(text: string): string {
  return encodeURIComponent(text.replaceAll(LONE_SURROGATE, "\ufffd")).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Reads a form body or URL query into pairs, in order; `+` is a space. A broken escape stays as it is. */
export function parsePairs(text: string): [string, string][] {
  const pairs: [string, string][] = [];
  for (const part of text.split("&")) {
    if (part === "") continue;
    const at = part.indexOf("=");
    pairs.push(at < 0 ? [decodePart(part), ""] : [decodePart(part.slice(0, at)), decodePart(part.slice(at + 1))]);
  }
  return pairs;
}

const ESCAPED = /[%+]/;

function decodePart(text: string): string {
  if (!ESCAPED.test(text)) return text;
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

/** While a body is read: a node may have a text of its own and children. */
interface Node {
  text?: string;
  readonly children: Map<string, Node>;
}

// Deeper than any AWS request; keeps a hostile name from building a tower.
const DEEPEST = 12;

/** Reads a form body or URL query. Of a name given twice the first counts, as measured at STS. */
export function parseQuery(text: string): QueryFields {
  const flat = parseFlat(text);
  if (flat) return flat;
  const pairs = parsePairs(text);
  const root: Node = { children: new Map() };
  for (const [name, value] of pairs) plant(root, name.split("."), value);
  const fields: [string, QueryValue][] = [...root.children].map(([name, node]) => [name, harvest(node)]);
  return Object.fromEntries(fields);
}

/**
 * Reads a body that has no list and no structure, as most calls have none, in one go and without a tree; null when it
 * has one. Members are assigned where that makes one: Object.fromEntries makes a table, which is slow to make and read.
 */
function parseFlat(text: string): QueryFields | null {
  const first: Record<string, string> = {};
  for (let from = 0, to = 0; from < text.length; from = to + 1) {
    to = placeOf("&", text, from, text.length);
    if (to === from) continue;
    const end = placeOf("=", text, from, to);
    const name = decodePart(text.slice(from, end));
    if (name.includes(".")) return null;
    if (Object.hasOwn(first, name)) continue;
    const value = end === to ? "" : decodePart(text.slice(end + 1, to));
    if (name === "__proto__") Object.defineProperty(first, name, { value, enumerable: true });
    else first[name] = value;
  }
  return first;
}

/** Where a character first stands between two places; the second when it does not. */
function placeOf(character: string, text: string, from: number, to: number): number {
  const at = text.indexOf(character, from);
  return at < 0 || at > to ? to : at;
}

function plant(root: Node, path: readonly string[], value: string): void {
  if (path.length > DEEPEST) return;
  let node = root;
  for (const part of path) {
    const next: Node = node.children.get(part) ?? { children: new Map() };
    node.children.set(part, next);
    node = next;
  }
  node.text ??= value;
}

function harvest(node: Node): QueryValue {
  if (node.children.size === 0) return node.text ?? "";
  const member = node.children.get("member");
  if (member && node.children.size === 1) {
    const indices = [...member.children].filter(([index]) => /^[1-9]\d{0,8}$/.test(index));
    if (indices.length > 0 && indices.length === member.children.size) {
      return indices.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, inner]) => harvest(inner));
    }
  }
  const fields: [string, QueryValue][] = [...node.children].map(([name, inner]) => [name, harvest(inner)]);
  return Object.fromEntries(fields);
}

/** What an answer says; undefined is left out, a list is written as `<member>` elements, a map as `<entry>` elements. */
export type XmlValue =
  | string
  | number
  | boolean
  | undefined
  | readonly XmlValue[]
  | ReadonlyMap<string, XmlValue>
  | XmlFields;
export interface XmlFields {
  readonly [element: string]: XmlValue;
}

const INDENTS = ["", "  ", "    ", "      ", "        "];

/** Writes one element, indented by two spaces a level, as IAM and STS do. */
export function renderXml(name: string, value: XmlValue, attributes = "", depth = 0): string {
  if (value === undefined) return "";
  const indent = INDENTS[depth] ?? "  ".repeat(depth);
  if (typeof value !== "object") return `${indent}<${name}${attributes}>${escapeXml(String(value))}</${name}>\n`;
  let body = "";
  for (const [element, one] of childrenOf(value)) body += renderXml(element, one, "", depth + 1);
  return body === ""
    ? `${indent}<${name}${attributes}/>\n`
    : `${indent}<${name}${attributes}>\n${body}${indent}</${name}>\n`;
}

function childrenOf(value: Exclude<XmlValue, string | number | boolean | undefined>): readonly [string, XmlValue][] {
  if (isXmlList(value)) return value.map((one) => ["member", one]);
  if (isXmlMap(value)) return [...value].map(([key, one]) => ["entry", { key, value: one }]);
  return Object.entries(value);
}

function isXmlMap(value: object): value is ReadonlyMap<string, XmlValue> {
  return value instanceof Map;
}

function isXmlList(value: object): value is readonly XmlValue[] {
  return Array.isArray(value);
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;" };

// XML 1.0 has no way to write these, not even as references.
const UNWRITABLE = /(?![\t\n\r\x7f-\x9f])\p{Cc}|[\ufffe\uffff]/gu;

const NEEDS_ESCAPING = /[^\t\n -%'-;=?-~]/;

// Quotes stay as they are in text, as AWS leaves them; nothing here writes an attribute from outside.
export function escapeXml(text: string): string {
  if (!NEEDS_ESCAPING.test(text)) return text;
  return text
    .replaceAll(LONE_SURROGATE, "\ufffd")
    .replaceAll(UNWRITABLE, "\ufffd")
    .replaceAll(/[&<>\r]/g, (character) => ENTITIES[character] ?? character);
}

/** The answer to a successful call; `result` null for the calls that answer nothing. */
export function resultXml(operation: string, xmlns: string, result: XmlFields | null, requestId: string): string {
  const rendered = result === null ? "" : renderXml(`${operation}Result`, result, "", 1);
  return answerXml(operation, xmlns, rendered, requestId);
}

/** The same around a result that is XML already. */
export function answerXml(operation: string, xmlns: string, rendered: string, requestId: string): string {
  const metadata = `  <ResponseMetadata>\n    <RequestId>${escapeXml(requestId)}</RequestId>\n  </ResponseMetadata>\n`;
  return `<${operation}Response xmlns="${xmlns}">\n${rendered}${metadata}</${operation}Response>\n`;
}

/** An error as the query protocol writes it; a few AWS errors have no Message. */
export interface QueryError {
  readonly code: string;
  readonly message: string | null;
  /** Whose fault: `Sender` for 4xx, `Receiver` for 5xx. */
  readonly type: "Sender" | "Receiver";
}

export function errorXml(xmlns: string, error: QueryError, requestId: string): string {
  return renderXml(
    "ErrorResponse",
    {
      Error: { Type: error.type, Code: error.code, Message: error.message ?? undefined },
      RequestId: requestId,
    },
    ` xmlns="${xmlns}"`,
  );
}

/**
 * The text of the first element of a name, entities decoded, or null when there is none. A path
 * (`Credentials/Expiration`) looks inside the first element of each name. Enough for what IAM and STS
 * answer; not an XML parser.
 */
export function xmlText(xml: string, path: string): string | null {
  let inner: string | null = xml;
  for (const name of path.split("/")) {
    inner = innerXml(inner, name);
    if (inner === null) return null;
  }
  return decodeEntities(inner);
}

function innerXml(xml: string, name: string): string | null {
  for (let at = xml.indexOf(`<${name}`); at >= 0; at = xml.indexOf(`<${name}`, at + 1)) {
    const after = xml[at + name.length + 1] ?? "";
    if (!/[\s/>]/.test(after)) continue;
    const open = xml.indexOf(">", at);
    if (open < 0) return null;
    if (xml[open - 1] === "/") return "";
    const close = xml.indexOf(`</${name}>`, open);
    return close < 0 ? null : xml.slice(open + 1, close);
  }
  return null;
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replaceAll(
    /&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w{2,4}));/g,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return NAMED[name] ?? whole;
      const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    },
  );
}
