import { ANY, type Glob, literalGlob, matchGlob, ONE, parseGlob } from "../glob.ts";
import { readOperator } from "../operators.ts";
import type { Condition } from "../policy.ts";

/** What a condition on texts takes or, negated, refuses. */
interface Texts {
  readonly globs: readonly Glob[];
  readonly negated: boolean;
  readonly ignoresCase: boolean;
  /** True of a claim that is not there. */
  readonly mayBeAbsent: boolean;
}

/**
 * True when it is certain that no value of a claim, and no claim that is missing, passes both conditions. Where that is
 * not to be seen from the two alone it is false: patterns that are refused, claims of several values, variables.
 */
export function areDisjoint(left: Condition, right: Condition): boolean {
  const [one, other] = [textsOf(left), textsOf(right)];
  if (!one || !other || (one.mayBeAbsent && other.mayBeAbsent)) return false;
  const ignoresCase = one.ignoresCase || other.ignoresCase;
  if (!one.negated && !other.negated)
    return one.globs.every((mine) => other.globs.every((theirs) => !meet(mine, theirs, ignoresCase)));
  if (one.negated && other.negated) return false;
  const [taking, refusing] = one.negated ? [other, one] : [one, other];
  return taking.globs.every((glob) => refusing.globs.some((refused) => coversAll(refused, glob, taking, refusing)));
}

function textsOf({ operator, values }: Condition): Texts | null {
  const name = readOperator(operator);
  if (name?.kind !== "compare" || name.set !== null) return null;
  const [, not, kind, anyCase] = /^String(Not)?(Equals|Like)(IgnoreCase)?$/.exec(name.operator.name) ?? [];
  // What a variable becomes is known only when a token is there.
  if (kind === undefined || values.some((value) => value.includes("${"))) return null;
  return {
    globs: values.map(kind === "Like" ? parseGlob : literalGlob),
    negated: not !== undefined,
    ignoresCase: anyCase !== undefined,
    mayBeAbsent: name.ifExists || not !== undefined,
  };
}

/** Whether some text matches both: the two are walked through together, each pair of places once. */
function meet(left: Glob, right: Glob, ignoresCase: boolean): boolean {
  const seen = new Set<number>();
  const places: [number, number][] = [[0, 0]];
  for (let place = places.pop(); place; place = places.pop()) {
    const [at, behind] = place;
    const key = at * (right.length + 1) + behind;
    if (seen.has(key)) continue;
    seen.add(key);
    const one = left[at];
    const other = right[behind];
    if (one === undefined && other === undefined) return true;
    // A star stands for nothing more, or for the next character of the other.
    if (one === ANY) places.push([at + 1, behind]);
    if (other === ANY) places.push([at, behind + 1]);
    if (one === undefined || other === undefined) continue;
    if (one === ANY) places.push([at, behind + 1]);
    else if (other === ANY) places.push([at + 1, behind]);
    else if (isSame(one, other, ignoresCase)) places.push([at + 1, behind + 1]);
  }
  return false;
}

function isSame(one: Glob[number], other: Glob[number], ignoresCase: boolean): boolean {
  if (typeof one !== "string" || typeof other !== "string") return true;
  return one === other || (ignoresCase && one.toLowerCase() === other.toLowerCase());
}

/** Certain only of texts as they stand, and of the pattern of everything. */
function coversAll(pattern: Glob, glob: Glob, taking: Texts, refusing: Texts): boolean {
  if (pattern.length > 0 && pattern.every((one) => one === ANY)) return true;
  if (glob.some((one) => one === ANY || one === ONE)) return false;
  // A text in every spelling is many texts.
  if (taking.ignoresCase && !refusing.ignoresCase) return false;
  const text = glob.join("");
  return refusing.ignoresCase ? matchGlob(folded(pattern), text.toLowerCase()) : matchGlob(pattern, text);
}

function folded(glob: Glob): Glob {
  return glob.map((one) => (typeof one === "string" ? one.toLowerCase() : one));
}
