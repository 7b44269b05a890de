import { meantParts, readParts } from "../shapes/parts.ts";
import type { Parts } from "../shapes/shape.ts";
import { type Unit, valuesOf, wantedValues } from "../unit.ts";
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

export function anchorsOf(unit: Unit): readonly Anchor[] {
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
  const pattern = readParts(shape, value);
  const isOne = [...tests, ...spared].filter(({ claim }) => claim === "sub").length <= 1;
  if (pattern && isOne) return { value, pattern, meant: meantParts(shape, pattern), isRead: true };
  // `r*acme/shop:*`: the form begins behind the wildcard. Of two conditions, both have to be met.
  const meant = isPattern(value) && shape.afterTenant !== null ? anyOf(unit, value) : null;
  const otherwise = pattern ? meantParts(shape, pattern) : shape.sample;
  return { value, pattern, meant: meant ?? otherwise, isRead: pattern !== null || meant !== null };
}

/** Subjects that a Deny spares: with them in mind a statement that is open may have been written. */
export function anchorsOfDenials(unit: Unit): readonly Anchor[] {
  if (wantedValues(unit.tests, "sub").length > 0) return [];
  return [...new Set(valuesOf(unit.spared, "sub"))].map((value) => anchorOf(unit, value));
}
