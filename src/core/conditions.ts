import { type Glob, literalGlob, matchGlob, parseGlob } from "./glob.ts";
import { type OperatorName, readOperator, type Wanted } from "./operators.ts";
import type { Condition, Policy, Statement } from "./policy.ts";

/** The condition keys of a request. Names are compared without regard to case, as AWS does. */
export class Context {
  readonly #find: KeySource;

  /** @param keys name to value, or to the values of a multi-valued key (also none); or where to find them */
  constructor(keys: Keys | KeySource = []) {
    this.#find = typeof keys === "function" ? keys : sourceOf(keys);
  }

  /** The values of a key; null when the request does not have it. */
  get(key: string): readonly string[] | null {
    const value = this.#find(key.toLowerCase());
    return typeof value === "string" ? [value] : (value ?? null);
  }
}

type Keys = Iterable<readonly [string, string | readonly string[]]>;

/** Finds the value of a condition key by its name in lower case, or the values of a multi-valued one (also none). */
export type KeySource = (name: string) => string | readonly string[] | null | undefined;

/** A source of keys that are at hand, named in any case. */
export function sourceOf(keys: Keys): KeySource {
  const byName = new Map<string, string | readonly string[]>();
  for (const [name, value] of keys) byName.set(name.toLowerCase(), value);
  return (name) => byName.get(name);
}

/** What came of one condition: both sides, the verdict, and a note where they do not speak for themselves. */
export interface ConditionResult {
  readonly condition: Condition;
  readonly got: readonly string[] | null;
  readonly pass: boolean;
  readonly note?: string;
}

/** Evaluates one condition. `variables`: whether the policy's Version expands `${…}`. */
export function evaluateCondition(condition: Condition, context: Context, variables: boolean): ConditionResult {
  const got = context.get(condition.key);
  const name = readOperator(condition.operator);
  // IAM does not save such a policy; should one come from elsewhere, it must not let anybody in.
  if (!name) return { condition, got, pass: false, note: `${condition.operator} is not an operator of IAM` };
  if (name.kind === "null") return { condition, got, pass: presence(condition.values, got) };
  const usable: Wanted[] = [];
  for (const value of condition.values) {
    const wanted = expand(value, context, variables && name.operator.variables);
    if (wanted) usable.push(wanted);
  }
  const pass = compare(name, usable, got);
  if (usable.length === condition.values.length) return { condition, got, pass };
  return { condition, got, pass, note: "a policy variable in it has no value" };
}

function presence(values: readonly string[], got: readonly string[] | null): boolean {
  const absent = filled(got).length === 0;
  return values.some((value) => (value.toLowerCase() === "true") === absent);
}

// An empty set and an empty string count as no value. AWS IAM guide, multi-valued context keys.
function filled(got: readonly string[] | null): readonly string[] {
  return (got ?? []).filter((value) => value !== "");
}

function compare(
  name: Extract<OperatorName, { kind: "compare" }>,
  wanted: readonly Wanted[],
  got: readonly string[] | null,
): boolean {
  const { operator, set, ifExists } = name;
  if (ifExists && !got?.length) return true;
  const matches = (value: string): boolean => wanted.some((one) => operator.matches(one, value));
  const holds = (value: string): boolean => matches(value) !== operator.negated;
  if (set === "ForAllValues") return filled(got).every(holds);
  if (set === "ForAnyValue") return filled(got).some(holds);
  if (!got?.length) return operator.negated;
  return operator.negated ? got.every(holds) : got.some(holds);
}

const VARIABLE = /\$\{([^}]*)\}/g;
// `${key, 'default'}`. AWS IAM guide, policy variables.
const WITH_DEFAULT = /^([^,]+?)\s*,\s*'([^']*)'$/;

/** A policy value with its variables filled in, or null when one has no value and no default. */
export function expand(value: string, context: Context, variables: boolean): Wanted | null {
  if (!variables || !value.includes("${")) return { text: value, glob: parseGlob(value) };
  const globs: Glob[] = [];
  const texts: string[] = [];
  let end = 0;
  for (const match of value.matchAll(VARIABLE)) {
    const before = value.slice(end, match.index);
    const resolved = resolve(match[1] ?? "", context);
    if (resolved === null) return null;
    // Wildcards in a resolved variable are taken as themselves.
    globs.push(parseGlob(before), literalGlob(resolved));
    texts.push(before, resolved);
    end = match.index + match[0].length;
  }
  const rest = value.slice(end);
  return { text: [...texts, rest].join(""), glob: [...globs.flat(), ...parseGlob(rest)] };
}

function resolve(variable: string, context: Context): string | null {
  if (variable === "*" || variable === "?" || variable === "$") return variable;
  const [, keyWithDefault, fallback] = WITH_DEFAULT.exec(variable) ?? [];
  const values = context.get(keyWithDefault ?? variable.trim());
  const [value] = values ?? [];
  // Keys with several values cannot be variables. Same page.
  return values?.length === 1 && value !== undefined ? value : (fallback ?? null);
}

/** True when the policy's Version expands variables. */
export function expandsVariables(policy: Policy): boolean {
  return policy.version === "2012-10-17";
}

/** Evaluates all conditions of a statement; all of them, since an explanation wants to show each. */
export function evaluateConditions(
  statement: Statement,
  context: Context,
  variables: boolean,
): readonly ConditionResult[] {
  return statement.conditions.map((condition) => evaluateCondition(condition, context, variables));
}

/** True when a statement's Action (or NotAction) covers an action; case does not count. */
export function coversAction(statement: Statement, action: string): boolean {
  const covers = (patterns: readonly string[]): boolean => patterns.some((pattern) => actionMatches(pattern, action));
  if (statement.actions) return covers(statement.actions);
  return statement.notActions ? !covers(statement.notActions) : false;
}

function actionMatches(pattern: string, action: string): boolean {
  return pattern === action || matchGlob(parseGlob(pattern.toLowerCase()), action.toLowerCase());
}
