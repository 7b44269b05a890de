import { ANY, type Glob, ONE } from "../glob.ts";
import { atBeginning, behindCharacter, isMatched, matches, type Standing } from "./standing.ts";

/** A name that may be anything of its kind, with at least one character. */
export interface Hole {
  readonly first: RegExp;
  readonly rest: RegExp;
  /** What it may end in; anything, where it does not say. */
  readonly last?: RegExp;
  /** Stands where any character would do. */
  readonly usual: string;
  /** What is tried instead, where some texts are to be avoided. */
  readonly choices?: readonly string[];
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
  /** Where each pattern that the text must not match may stand. */
  readonly standing: readonly Standing[];
}

/**
 * A text that has a form, that all patterns match and none of the avoided ones, or null when there is none. They are
 * walked through together, each place once, and what writes least is tried first. An avoided pattern may stand at
 * several symbols at once, as the text could match it in several ways.
 */
export function fitting(patterns: readonly Pattern[], form: Form, avoided: readonly Pattern[] = []): string | null {
  if (!patterns.every((one) => endsAlike(one, form))) return null;
  const symbols = form.flatMap((piece): (string | Hole)[] => (typeof piece === "string" ? piece.split("") : [piece]));
  const usual = walk(patterns, symbols, []);
  // Most that are found are not to be avoided, and the longer walk is rarely worth its time.
  if (usual === null || !avoided.some((one) => matches(one, usual))) return usual;
  return walk(
    patterns,
    symbols.map((symbol) => withChoices(symbol, avoided)),
    avoided,
  );
}

function walk(
  patterns: readonly Pattern[],
  symbols: readonly (string | Hole)[],
  avoided: readonly Pattern[],
): string | null {
  const states = (symbols.length + 1) * 3;
  // What one symbol of each pattern counts for in the number of a place.
  const sizes: number[] = [];
  let size = states;
  for (const { glob } of patterns) {
    sizes.push(size);
    size *= glob.length + 1;
  }
  const wanted: (Glob[number] | undefined)[] = patterns.map(() => undefined);
  const seen = new Set<number | string>();
  const places: Place[] = [{ code: 0, text: "", standing: avoided.map(atBeginning) }];
  for (let place = places.pop(); place && seen.size < MOST_PLACES; place = places.pop()) {
    const { code, text, standing } = place;
    const key = avoided.length === 0 ? code : `${code} ${standing.map((one) => one.join()).join(" ")}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const symbol = symbols[Math.floor((code % states) / 3)];
    let isWhole = symbol === undefined;
    // How far each pattern goes on with one character: not at all where it stands at a star.
    let step = 0;
    for (const [which, { glob }] of patterns.entries()) {
      const own = sizes[which] ?? 1;
      const one = glob[Math.floor(code / own) % (glob.length + 1)];
      wanted[which] = one;
      if (one !== undefined) isWhole = false;
      if (one !== ANY) step += own;
    }
    if (isWhole && !avoided.some((one, which) => isMatched(one, standing[which] ?? []))) return text;
    const inside = code % 3;
    for (const character of symbol === undefined ? [] : charactersAt(symbol, wanted)) {
      if (symbol === undefined || !isTaken(character, { wanted, patterns, symbol, isInside: inside !== 0 })) continue;
      const behind = code + step - inside + (typeof symbol === "string" ? 3 : endState(symbol, character));
      const next =
        avoided.length === 0
          ? standing
          : avoided.map((one, which) => behindCharacter(one, standing[which] ?? [], character));
      places.push({ code: behind, text: text + character, standing: next });
    }
    for (const [which, one] of wanted.entries())
      if (one === ANY) places.push({ code: code + (sizes[which] ?? 0), text, standing });
    if (inside === ENDS) places.push({ code: code - ENDS + 3, text, standing });
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

/** What may be written here: what a pattern or the form says, or else any. */
function charactersAt(symbol: string | Hole, wanted: readonly (Glob[number] | undefined)[]): readonly string[] {
  if (typeof symbol === "string") return [symbol];
  const literal = wanted.find((one) => typeof one === "string");
  return literal === undefined ? (symbol.choices ?? [symbol.usual]) : [literal];
}

interface Spot {
  readonly wanted: readonly (Glob[number] | undefined)[];
  readonly patterns: readonly Pattern[];
  readonly symbol: string | Hole;
  readonly isInside: boolean;
}

/** Whether form and patterns all have this character here. */
function isTaken(character: string, { wanted, patterns, symbol, isInside }: Spot): boolean {
  if (typeof symbol !== "string" && !(isInside ? symbol.rest : symbol.first).test(character)) return false;
  return wanted.every((one, which) => {
    if (one === ANY || one === ONE) return true;
    if (typeof one !== "string") return false;
    return (
      one === character || (patterns[which]?.ignoresCase === true && one.toLowerCase() === character.toLowerCase())
    );
  });
}

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".split("");
/** With what else names may hold. */
const CHARACTERS = [...LETTERS, "-", "_", ".", "/"];

/**
 * The same hole, filled with a letter that no avoided pattern names, since any other would bring a match of those
 * nearer; with each of them where they name all.
 */
function withChoices(symbol: string | Hole, avoided: readonly Pattern[]): string | Hole {
  if (typeof symbol === "string") return symbol;
  const { first, rest, last = rest, usual } = symbol;
  const named = new Set(
    avoided.flatMap(({ glob }) =>
      glob.flatMap((one) => (typeof one === "string" ? [one.toLowerCase(), one.toUpperCase()] : [])),
    ),
  );
  const free = [usual, ...LETTERS].find(
    (letter) => !named.has(letter) && [first, rest, last].every((kind) => kind.test(letter)),
  );
  return { ...symbol, choices: free === undefined ? CHARACTERS : [free] };
}
