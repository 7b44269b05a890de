/** A run of any characters, also none. */
export const ANY: unique symbol = Symbol("*");
/** Exactly one character. */
export const ONE: unique symbol = Symbol("?");

/** A pattern, one symbol or character (code point) per element; literal stars are plain characters. */
export type Glob = readonly (string | typeof ANY | typeof ONE)[];

// The patterns of an account's policies come again with every request.
const MOST_KEPT = 2000;
const kept = new Map<string, Glob>();

/** Reads `*` and `?` as wildcards. */
export function parseGlob(text: string): Glob {
  const known = kept.get(text);
  if (known) return known;
  const glob = readGlob(text);
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(text, glob);
  return glob;
}

function readGlob(text: string): Glob {
  return Array.from(text, (character) => {
    if (character === "*") return ANY;
    return character === "?" ? ONE : character;
  });
}

/** Takes every character as itself. */
export function literalGlob(text: string): Glob {
  return Array.from(text);
}

const SURROGATE = /[\ud800-\udfff]/;

/**
 * True when the pattern covers the whole text. Needs no recursion and no regular expression, so
 * that a hostile pattern costs at most pattern length times text length.
 */
export function matchGlob(pattern: Glob, text: string): boolean {
  // Without surrogate pairs a text is its own list of code points.
  const characters: ArrayLike<string> = SURROGATE.test(text) ? Array.from(text) : text;
  let at = 0;
  let index = 0;
  let star = -1;
  let starAt = 0;
  while (at < characters.length) {
    const symbol = pattern[index];
    if (symbol === ANY) {
      star = index++;
      starAt = at;
    } else if (symbol === ONE || (symbol !== undefined && symbol === characters[at])) {
      index++;
      at++;
    } else if (star >= 0) {
      index = star + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (pattern[index] === ANY) index++;
  return index === pattern.length;
}

/**
 * True when the six parts of an ARN match one by one; the sixth runs to the end.
 * AWS IAM guide, condition operators: "each of the six colon-delimited components is checked separately".
 */
export function matchArnGlob(pattern: Glob, text: string): boolean {
  const wanted = splitArn(pattern);
  const got = splitArn(literalGlob(text));
  return (
    wanted.length === 6 &&
    got.length === 6 &&
    wanted.every((part, index) => matchGlob(part, (got[index] ?? []).map(String).join("")))
  );
}

function splitArn(glob: Glob): Glob[] {
  const parts: Glob[] = [];
  let rest = glob;
  while (parts.length < 5) {
    const colon = rest.indexOf(":");
    if (colon < 0) break;
    parts.push(rest.slice(0, colon));
    rest = rest.slice(colon + 1);
  }
  return [...parts, rest];
}
