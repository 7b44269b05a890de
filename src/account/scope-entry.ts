import { RolecallError } from "../core/errors.ts";
import { quote } from "./problem.ts";
import { ruleOf } from "./rules.ts";
import type { ScopeProblem } from "./scope.ts";

/** The parts of a scope as options of a command line name them. */
interface Given {
  readonly project?: string | undefined;
  readonly branch?: string | undefined;
  readonly tag?: string | undefined;
  readonly environment?: string | undefined;
  readonly "pull-requests"?: boolean;
  readonly immutable?: boolean;
  readonly id?: readonly string[];
}

/**
 * An entry of `allow`, not yet checked, of what a command line has.
 *
 * @throws RolecallError `usage` for an id without its name
 */
export function scopeEntry(given: Given): Readonly<Record<string, unknown>> {
  const { project, branch, tag, environment, immutable, id = [] } = given;
  const texts = Object.entries({ project, branch, tag, environment }).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(texts),
    ...(given["pull-requests"] ? { pull_requests: true } : {}),
    ...(immutable ? { immutable: true } : {}),
    ...Object.fromEntries(id.map(readId)),
  };
}

function readId(text: string): readonly [string, string] {
  const [, name, id] = /^(\w+)=(.+)$/.exec(text) ?? [];
  if (name && id) return [name, id];
  throw new RolecallError("usage", `--id: expected NAME=ID, got ${JSON.stringify(text)}`);
}

/** A problem of an entry that has no place in a file. */
export function allowProblem(
  problem: ScopeProblem,
  entry: Readonly<Record<string, unknown>>,
): { readonly text: string; readonly hints: readonly string[] } {
  const { key } = problem;
  if (problem.kind === "missing") return { text: `expected --${problem.key}`, hints: [] };
  if (problem.kind === "unknown") {
    return { text: `expected ${problem.known.join(", ")}, got ${problem.key}`, hints: [] };
  }
  if (problem.kind === "unsayable") {
    const text = `no trust policy can test ${problem.key} for ${problem.ci}: ${problem.why}`;
    return { text, hints: [`nearest: ${problem.nearest}`] };
  }
  const { expected, hint } = ruleOf(problem.rule);
  const say = hint?.(key === null ? entry : entry[key]) ?? null;
  const got = key === null ? "" : `, got ${quote(JSON.stringify(entry[key] ?? null))}`;
  return { text: `${key ? `${key}: ` : ""}expected ${expected}${got}`, hints: say === null ? [] : [say] };
}
