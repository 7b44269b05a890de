import { ANY, type Glob, ONE } from "../glob.ts";

/** A name that may be anything of its kind, with at least one character. */
export interface Hole {
  readonly first: RegExp;
  readonly rest: RegExp;
  /** What it may end in; anything, where it does not say. */
  readonly last?: RegExp;
  /** Stands where any character would do. */
  readonly usual: string;
}

/** A form that texts have: pieces as they are, and holes. */
export type Form = readonly (string | Hole)[];

/** What a condition's value matches. */
export interface Pattern {
  readonly glob: Glob;
  readonly ignoresCase: boolean;
}

// A pattern of ten stars has no text that is worth a longer search.
const MOST_PLACES = 5000;

/** A place in the walk: where each pattern and the form stand, in one number, and what is written so far. */
interface Place {
  readonly code: number;
  readonly text: string;
}

/**
 * A text that has a form and that all patterns match, or null when there is none: they are walked through together,
 * each place once, and what writes least is tried first.
 */
export function fitting(patterns: readonly Pattern[], form: Form): string | null {
  if (!patterns.every((one) => endsAlike(one, form))) return null;
  const symbols = form.flatMap((piece): (string | Hole)[] => (typeof piece === "string" ? piece.split("") : [piece]));
  const states = (symbols.length + 1) * 3;
  // What one symbol of each pattern counts for in the number of a place.
  const sizes = patterns.map((_, which) =>
    patterns.slice(0, which).reduce((size, { glob }) => size * (glob.length + 1), states),
  );
  const places: Place[] = [{ code: 0, text: "" }];
  const seen = new Set<number>();
  for (let place = places.pop(); place && seen.size < MOST_PLACES; place = places.pop()) {
    const { code, text } = place;
    if (seen.has(code)) continue;
    seen.add(code);
    const next = Math.floor((code % states) / 3);
    const isInside = code % 3 !== 0;
    const symbol = symbols[next];
    const wanted = patterns.map(({ glob }, which) => glob[Math.floor(code / (sizes[which] ?? 1)) % (glob.length + 1)]);
    if (symbol === undefined && wanted.every((one) => one === undefined)) return text;
    const character = symbol === undefined ? null : written(wanted, patterns, symbol, isInside);
    if (symbol !== undefined && character !== null) {
      const ahead = wanted.reduce((sum: number, one, which) => (one === ANY ? sum : sum + (sizes[which] ?? 0)), code);
      const behind = ahead - (code % 3) + (typeof symbol === "string" ? 3 : endState(symbol, character));
      places.push({ code: behind, text: text + character });
    }
    for (const [which, one] of wanted.entries())
      if (one === ANY) places.push({ code: code + (sizes[which] ?? 0), text });
    if (code % 3 === ENDS) places.push({ code: code - ENDS + 3, text });
  }
  return null;
}

/** Within a hole, behind a character that it may end in. */
const ENDS = 1;
const GOES_ON = 2;

function endState({ last }: Hole, character: string): number {
  return last === undefined || last.test(character) ? ENDS : GOES_ON;
}

/** Whether the last letters of a pattern and of a form are the same, as far as both are letters. */
function endsAlike({ glob, ignoresCase }: Pattern, form: Form): boolean {
  const last = form.at(-1);
  if (typeof last !== "string" || ignoresCase) return true;
  for (let back = 1; back <= Math.min(last.length, glob.length); back++) {
    const symbol = glob[glob.length - back];
    if (symbol === ANY) return true;
    if (symbol !== ONE && symbol !== last[last.length - back]) return false;
  }
  return true;
}

/** The character that form and patterns would all have here, or null. */
function written(
  wanted: readonly (Glob[number] | undefined)[],
  patterns: readonly Pattern[],
  symbol: string | Hole,
  inside: boolean,
): string | null {
  const literal = wanted.find((one) => typeof one === "string");
  const character = typeof symbol === "string" ? symbol : (literal ?? symbol.usual);
  if (typeof symbol !== "string" && !(inside ? symbol.rest : symbol.first).test(character)) return null;
  const isTaken = wanted.every((one, which) => {
    if (one === ANY || one === ONE) return true;
    if (typeof one !== "string") return false;
    return (
      one === character || (patterns[which]?.ignoresCase === true && one.toLowerCase() === character.toLowerCase())
    );
  });
  return isTaken ? character : null;
}
