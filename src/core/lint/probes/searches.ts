import { literalGlob, parseGlob } from "../../glob.ts";
import type { Pattern } from "../fitting.ts";
import { isNegated, type Test, type Unit, withOpenVariables } from "../unit.ts";
import { isPattern } from "../wildcards.ts";

/** What a subject has to match, and what it must not. */
export interface Search {
  readonly patterns: readonly Pattern[];
  readonly avoided: readonly Pattern[];
}

/** Of two conditions with ten values each, all pairs. */
const MOST_COMBINED = 100;

/**
 * Subjects that a value takes together with all other conditions on the subject, of the statement and of every Deny;
 * with no value, those that the conditions leave open. None where the value has no wildcard: it is the only one.
 */
export function searchesFor(unit: Unit, value: string | null): readonly Search[] {
  const { tests, spared, denied } = unit;
  const ofSubject = tests.filter(isOnSubject);
  const positive = ofSubject.filter((test) => !isNegated(test));
  const negative = ofSubject.filter(isNegated);
  const own = positive.find(({ condition }) => value !== null && condition.values.includes(value));
  if (value !== null) {
    if (!isPattern(withOpenVariables(value)) || (own && isLiteral(own))) return [];
    if (!own && negative.some(({ condition }) => condition.values.includes(value))) return [];
  }
  const sparing = spared.filter(isOnSubject).filter(({ condition }) => own || !condition.values.includes(value ?? ""));
  const hitting = denied.filter(isOnSubject);
  // Whatever nothing tests is in no need of a search.
  if (value === null && (positive.length > 0 || negative.length + sparing.length + hitting.length === 0)) return [];
  const base = value === null ? [] : [own ? patternOf(own, value) : { glob: parseGlob(value), ignoresCase: false }];
  const plain = positive.filter((one) => one !== own).reduce(andOneOf, [base]);
  const avoided = negative.flatMap(patternsOf);
  const search = (all: Combined, more: readonly Pattern[]): readonly Search[] =>
    all.slice(0, MOST_COMBINED).map((patterns) => ({ patterns, avoided: [...avoided, ...more] }));
  const found = search(plain, []);
  if (sparing.length + hitting.length === 0) return found;
  // A Deny may be for other actions, or test more than the subject: also without it.
  const hit = hitting.flatMap(patternsOf);
  return [...search(sparing.reduce(andOneOf, plain), hit), ...(hit.length === 0 ? [] : search(plain, hit)), ...found];
}

/** Each with one value of every condition. */
type Combined = readonly (readonly Pattern[])[];

function andOneOf(all: Combined, test: Test): Combined {
  return all.flatMap((one) => patternsOf(test).map((pattern) => [...one, pattern]));
}

function patternsOf(test: Test): readonly Pattern[] {
  return test.condition.values.map((text) => patternOf(test, text));
}

function patternOf(test: Test, text: string): Pattern {
  const { operator } = test;
  return {
    glob: isLiteral(test) && !text.includes("${") ? literalGlob(text) : parseGlob(withOpenVariables(text)),
    ignoresCase: operator.kind === "compare" && operator.operator.name.endsWith("IgnoreCase"),
  };
}

function isLiteral({ operator }: Test): boolean {
  return operator.kind === "compare" && /^String(Not)?Equals/.test(operator.operator.name);
}

function isOnSubject({ claim, operator }: Test): boolean {
  return claim === "sub" && operator.kind === "compare";
}
