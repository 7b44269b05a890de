import { isObject, type Json } from "../core/token.ts";
import type { Change, Document, PatchStep } from "./change.ts";

export type TrustChange = Extract<Change, { kind: "trust-policy" }>;

/** A policy with one statement more. */
export function withStatement(document: Document, statement: Document): TrustChange {
  const held = document["Statement"];
  const statements = [...listOf(held ?? []), statement];
  const patch: PatchStep = Array.isArray(held)
    ? { op: "add", path: "/Statement/-", value: statement }
    : { op: "replace", path: "/Statement", value: statements };
  return { kind: "trust-policy", policy: { ...document, Statement: statements }, patch: [patch] };
}

/** A policy with another statement in that place. */
export function withStatementAt(document: Document, place: number, statement: Document): TrustChange {
  return setAt(document, place, "", statement);
}

/**
 * A policy with another value somewhere within a statement.
 *
 * @param path within the statement, as in a JSON pointer
 */
export function setAt(document: Document, place: number, path: string, value: Json): TrustChange {
  const held = document["Statement"] ?? [];
  const statements = listOf(held).map((one, at) => (at === place ? setIn(one, path.split("/").slice(1), value) : one));
  const inList = Array.isArray(held);
  const at = inList ? `/Statement/${place}${path}` : `/Statement${path}`;
  return {
    kind: "trust-policy",
    policy: { ...document, Statement: inList ? statements : (statements[0] ?? null) },
    patch: [{ op: "replace", path: at, value }],
  };
}

function setIn(target: Json, [name, ...rest]: readonly string[], value: Json): Json {
  if (name === undefined) return value;
  const key = name.replaceAll("~1", "/").replaceAll("~0", "~");
  return isObject(target) ? { ...target, [key]: setIn(target[key] ?? null, rest, value) } : target;
}

/** A name as a part of a JSON pointer. Source: RFC 6901. */
export function pointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The key of an object that is this one but for its letters' case, as condition keys are. */
export function keyOf(keys: Document, wanted: string): string | null {
  return Object.keys(keys).find((key) => key.toLowerCase() === wanted.toLowerCase()) ?? null;
}

/** A policy may have one of something where it may have a list. */
export function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}
