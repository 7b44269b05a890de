import { ANY, ONE } from "../glob.ts";
import type { Pattern } from "./fitting.ts";

/** Where in a pattern one may stand behind a beginning of a text: indices of its symbols, ascending. */
export type Standing = readonly number[];

export function atBeginning({ glob }: Pattern): Standing {
  return withSkipped(glob, [0]);
}

export function behindCharacter({ glob, ignoresCase }: Pattern, standing: Standing, character: string): Standing {
  const next = standing.flatMap((index) => {
    const symbol = glob[index];
    if (symbol === ANY) return [index];
    const isTaken =
      symbol === ONE ||
      symbol === character ||
      (ignoresCase && typeof symbol === "string" && symbol.toLowerCase() === character.toLowerCase());
    return isTaken ? [index + 1] : [];
  });
  return withSkipped(glob, next);
}

/** True when the text may end here. */
export function isMatched({ glob }: Pattern, standing: Standing): boolean {
  return standing.includes(glob.length);
}

/** A star may also be nothing. */
function withSkipped(glob: Pattern["glob"], standing: Standing): Standing {
  const all = new Set(standing);
  for (const index of all) if (glob[index] === ANY) all.add(index + 1);
  return [...all].toSorted((a, b) => a - b);
}

/** True when the pattern matches the whole text. */
export function matches(pattern: Pattern, text: string): boolean {
  const standing = text
    .split("")
    .reduce((before, character) => behindCharacter(pattern, before, character), atBeginning(pattern));
  return isMatched(pattern, standing);
}
