import { nearest } from "../../core/nearest.ts";
import type { Json } from "../../core/token.ts";
import { readDuration } from "../../core/duration.ts";

/** What one value of rolecall.yaml must be. */
export interface Rule {
  /** Completes the sentence "expected …". */
  readonly expected: string;
  /** A value that is right, for the hint to a missing key. */
  readonly example?: string;
  readonly accepts: (value: unknown) => boolean;
  /** What to type instead, where the value shows what was meant. */
  readonly hint?: (value: unknown) => string | null;
  /** What JSON Schema can say of it, for editors; whatever it refuses `accepts` refuses too. */
  readonly schema?: JsonSchema;
}

export type JsonSchema = { readonly [keyword: string]: Json };

/** A text of this form, for which further tests may hold. */
export function text(pattern: RegExp, ...others: readonly ((value: string) => boolean)[]) {
  return {
    accepts: (value: unknown) =>
      typeof value === "string" && pattern.test(value) && others.every((holds) => holds(value)),
    schema: { type: "string", pattern: pattern.source },
  } satisfies Pick<Rule, "accepts" | "schema">;
}

/** A duration between two numbers of seconds. */
export function seconds(least: number, most: number) {
  return {
    accepts: (value: unknown) => {
      const read = typeof value === "string" || typeof value === "number" ? readDuration(value) : NaN;
      return read >= least && read <= most;
    },
    schema: {
      anyOf: [
        { type: "integer", minimum: least, maximum: most },
        { type: "string", pattern: "^(?=\\d)(?:\\d{1,6}h)?(?:\\d{1,6}m)?(?:\\d{1,6}s)?$|^\\d{1,9}$" },
      ],
    },
  } satisfies Pick<Rule, "accepts" | "schema">;
}

/** A mapping, of which further things may hold. */
export function map(holds: (value: Readonly<Record<string, unknown>>) => boolean = () => true, more: JsonSchema = {}) {
  return {
    accepts: (value: unknown) => isMapping(value) && holds(value),
    schema: { type: "object", ...more },
  } satisfies Pick<Rule, "accepts" | "schema">;
}

/** The first hint whose pattern the text matches. */
export function hints(
  ...table: readonly (readonly [RegExp, (value: string) => string])[]
): (value: unknown) => string | null {
  return (value) => {
    if (typeof value !== "string") return null;
    const [, say] = table.find(([pattern]) => pattern.test(value)) ?? [];
    return say ? say(value) : null;
  };
}

/** True for what YAML calls a mapping. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function didYouMean(value: unknown, candidates: readonly string[]): string | null {
  const meant = nearest(String(value), candidates);
  return meant === null ? null : `did you mean ${meant}?`;
}
