import { Context, evaluateCondition } from "../../conditions.ts";
import { meantParts, readParts, writeSubject } from "../shapes/parts.ts";
import type { Parts } from "../shapes/shape.ts";
import { type Test, type Unit, valuesOf, wantedValues, withOpenVariables } from "../unit.ts";
import { isPattern } from "../wildcards.ts";
import { anyOf } from "./forms.ts";

/** A subject that a statement is about: as a pattern, and as one that was meant. */
export interface Anchor {
  /** Null where the statement tests no subject. */
  readonly value: string | null;
  /** Null where it is not of this issuer's form. */
  readonly pattern: Parts | null;
  readonly meant: Parts;
  /** What was meant can be told: the value is of the issuer's form, or matches one that is. */
  readonly isRead: boolean;
}

const kept = new WeakMap<Unit, readonly Anchor[]>();

export function anchorsOf(unit: Unit): readonly Anchor[] {
  const known = kept.get(unit) ?? findAnchors(unit);
  kept.set(unit, known);
  return known;
}

function findAnchors(unit: Unit): readonly Anchor[] {
  const { tests, shape } = unit;
  const values = [...new Set(valuesOf(tests, "sub"))];
  const anchors = values.map((value) => anchorOf(unit, value));
  // What a negated operator names is who was not meant.
  return wantedValues(tests, "sub").length > 0
    ? anchors
    : [{ value: null, pattern: null, meant: shape.sample, isRead: true }, ...anchors];
}

export function anchorOf(unit: Unit, value: string): Anchor {
  const { shape, tests, spared } = unit;
  const pattern = readParts(shape, value) ?? readParts(shape, withLead(unit, value));
  const isOne = [...tests, ...spared].filter(({ claim }) => claim === "sub").length <= 1;
  if (pattern) {
    const meant = meantParts(shape, pattern);
    if (isOne || passesAll(unit, writeSubject(shape, meant))) return { value, pattern, meant, isRead: true };
  }
  // `${…:sub}` takes whatever there is.
  if (isOne && value !== "*" && withOpenVariables(value) === "*")
    return { value, pattern: null, meant: shape.sample, isRead: true };
  // `r*acme/shop:*`: the form begins behind the wildcard. Of two conditions, both have to be met.
  const meant = isPattern(withOpenVariables(value)) && shape.afterTenant !== null ? anyOf(unit, value) : null;
  const otherwise = pattern ? meantParts(shape, pattern) : shape.sample;
  return { value, pattern, meant: meant ?? otherwise, isRead: pattern !== null || meant !== null };
}

/** Whether a subject meets every condition on it, and none of a Deny that spares some. */
function passesAll({ tests, spared }: Unit, subject: string): boolean {
  const passes = ({ condition }: Test): boolean =>
    evaluateCondition(condition, new Context([[condition.key, subject]]), true).pass;
  const isOnSubject = ({ claim }: Test): boolean => claim === "sub";
  return tests.filter(isOnSubject).every(passes) && !spared.filter(isOnSubject).some(passes);
}

/** `Repo:` is `repo:` where case does not count. */
function withLead({ shape: { lead }, tests }: Unit, value: string): string {
  const ignoresCase = tests.some(
    ({ condition, operator }) =>
      operator.kind === "compare" && operator.operator.name.endsWith("IgnoreCase") && condition.values.includes(value),
  );
  const beginning = value.slice(0, lead.length);
  return ignoresCase && beginning.toLowerCase() === lead ? lead + value.slice(lead.length) : value;
}

/** Subjects that a Deny spares: with them in mind a statement that is open may have been written. */
export function anchorsOfDenials(unit: Unit): readonly Anchor[] {
  if (wantedValues(unit.tests, "sub").some((value) => !value.includes("${"))) return [];
  return [...new Set(valuesOf(unit.spared, "sub"))].map((value) => anchorOf(unit, value));
}
