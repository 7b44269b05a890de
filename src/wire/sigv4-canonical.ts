/**
 * A request as it came over the wire. All texts are byte strings (one character per byte, as
 * node:http gives URLs and headers), since a signature is over bytes.
 */
export interface SignedRequest {
  readonly method: string;
  /** As sent, escapes and all, without the query. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly query: string;
  /** As sent, in order, a repeated header repeated; case of names as sent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

export interface CanonicalForm {
  readonly signedHeaders: readonly string[];
  /** Of the body, or a literal that stands for it. */
  readonly payloadHash: string;
  /** S3 signs the path as it is sent; every other service encodes what is sent once more. */
  readonly s3: boolean;
  /** Whether `/a/./b//c` is signed as `/a/b/c`. */
  readonly normalize: boolean;
  /** Whether X-Amz-Security-Token in the URL was added after signing. */
  readonly omitSessionToken: boolean;
}

/** The text that a signature is over. Source: AWS General Reference, "Create a canonical request". */
export function canonicalRequest(request: SignedRequest, form: CanonicalForm): string {
  const names = form.signedHeaders;
  const headers = names.map((name) => `${name}:${headerValues(request, name).map(oneSpaced).join(",")}\n`);
  return [
    request.method,
    canonicalPath(request.path, form),
    canonicalQuery(request.query, form.omitSessionToken),
    headers.join(""),
    names.join(";"),
    form.payloadHash,
  ].join("\n");
}

function oneSpaced(value: string): string {
  return value.trim().replaceAll(/\s+/g, " ");
}

function canonicalPath(path: string, { s3, normalize }: CanonicalForm): string {
  const plain = normalize ? withoutDots(path) : path;
  return s3 ? plain || "/" : plain.replaceAll(/[^A-Za-z0-9\-._~/]/g, percent) || "/";
}

function withoutDots(path: string): string {
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") kept.pop();
    else if (part !== "." && part !== "") kept.push(part);
  }
  // Not as RFC 3986 has it: the SDKs keep a last slash only where there was one.
  const last = path.endsWith("/") ? "/" : "";
  return kept.length === 0 ? "/" : `/${kept.join("/")}${last}`;
}

function canonicalQuery(query: string, omitToken: boolean): string {
  return splitQuery(query)
    .map(([name, value]) => [encode(decode(name)), encode(decode(value))] as const)
    .filter(([name]) => name !== "X-Amz-Signature" && !(omitToken && name === "X-Amz-Security-Token"))
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A URL's query in pairs, escapes kept. */
export function splitQuery(query: string): [string, string][] {
  return query
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const [name, value = ""] = splitOnce(part, "=");
      return [name, value];
    });
}

/** A text in two at the first separator; one part when there is none. */
export function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Percent-decodes to bytes; `+` stays. */
export function decode(text: string): string {
  return text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function encode(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9\-._~]/g, percent);
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

/** All values of a header, in order; `name` in lower case. */
export function headerValues({ headers }: SignedRequest, name: string): readonly string[] {
  return headers.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value);
}
