import { meantParts, type Parts, readParts, type Shape } from "../shapes.ts";
import { type Unit, valuesOf } from "../unit.ts";

/** A subject that a statement is about: as a pattern, and as one that was meant. */
export interface Anchor {
  /** Null where the statement tests no subject. */
  readonly value: string | null;
  /** Null where it is not of this issuer's form. */
  readonly pattern: Parts | null;
  readonly meant: Parts;
}

export function anchorsOf({ tests, shape }: Unit): readonly Anchor[] {
  const values = [...new Set(valuesOf(tests, "sub"))];
  if (values.length === 0) return [{ value: null, pattern: null, meant: shape.sample }];
  return values.map((value) => anchorOf(shape, value));
}

function anchorOf(shape: Shape, value: string): Anchor {
  const pattern = readParts(shape, value);
  return { value, pattern, meant: pattern ? meantParts(shape, pattern) : shape.sample };
}

/** Subjects that a Deny spares or names: with them in mind a statement that is open may have been written. */
export function anchorsOfDenials({ policy, provider, shape }: Unit): readonly Anchor[] {
  const key = `${provider.url}:sub`.toLowerCase();
  const conditions = policy.statements.filter(({ effect }) => effect === "Deny").flatMap((one) => one.conditions);
  const values = conditions.filter((one) => one.key.toLowerCase() === key).flatMap((one) => one.values);
  return [...new Set(values)].map((value) => anchorOf(shape, value));
}
