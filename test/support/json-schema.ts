import type { Json } from "../../src/core/token.ts";

type Schema = { readonly [keyword: string]: Json };

/**
 * Whether a value is of a JSON Schema; draft 7, as far as schema.json uses it.
 *
 * @throws Error for a keyword that it does not know, so that nothing passes unseen
 */
export function conforms(schema: Schema, value: unknown): boolean {
  return Object.entries(schema).every(([keyword, rule]) => {
    const check = CHECKS[keyword];
    if (!check) throw new Error(`this reader of JSON Schema does not know ${keyword}`);
    return check(rule, value, schema);
  });
}

type Check = (rule: Json, value: unknown, schema: Schema) => boolean;

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const schemas = (rule: Json): readonly Schema[] => rule as readonly Schema[];
const table = (rule: Json | undefined): Readonly<Record<string, Schema>> => (rule ?? {}) as Record<string, Schema>;

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isMapping,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  integer: Number.isInteger,
  boolean: (value) => typeof value === "boolean",
};

const CHECKS: Readonly<Record<string, Check>> = {
  $schema: () => true,
  title: () => true,
  description: () => true,
  examples: () => true,
  // oxlint-disable-next-line no-thenable -- a keyword of JSON Schema, never awaited
  then: () => true,
  type: (rule, value) => TYPES[rule as string]?.(value) ?? false,
  const: (rule, value) => value === rule,
  enum: (rule, value) => (rule as Json[]).includes(value as Json),
  pattern: (rule, value) => typeof value !== "string" || new RegExp(rule as string, "u").test(value),
  minLength: (rule, value) => typeof value !== "string" || value.length >= Number(rule),
  minimum: (rule, value) => typeof value !== "number" || value >= Number(rule),
  maximum: (rule, value) => typeof value !== "number" || value <= Number(rule),
  minItems: (rule, value) => !Array.isArray(value) || value.length >= Number(rule),
  minProperties: (rule, value) => !isMapping(value) || Object.keys(value).length >= Number(rule),
  maxProperties: (rule, value) => !isMapping(value) || Object.keys(value).length <= Number(rule),
  required: (rule, value) => !isMapping(value) || (rule as string[]).every((key) => Object.hasOwn(value, key)),
  items: (rule, value) => !Array.isArray(value) || value.every((one) => conforms(rule as Schema, one)),
  properties: (rule, value) =>
    !isMapping(value) ||
    Object.entries(table(rule)).every(([key, inner]) => !Object.hasOwn(value, key) || conforms(inner, value[key])),
  additionalProperties: (rule, value, { properties }) => {
    if (!isMapping(value)) return true;
    const others = Object.keys(value).filter((key) => !Object.hasOwn(table(properties), key));
    return rule === false ? others.length === 0 : others.every((key) => conforms(rule as Schema, value[key]));
  },
  anyOf: (rule, value) => schemas(rule).some((one) => conforms(one, value)),
  allOf: (rule, value) => schemas(rule).every((one) => conforms(one, value)),
  if: (rule, value, schema) => !conforms(rule as Schema, value) || conforms((schema["then"] ?? {}) as Schema, value),
};
