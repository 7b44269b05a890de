import type { Scope } from "../ci/ci.ts";
import { findCi } from "../ci/index.ts";
import { isMapping, type RuleId, ruleOf, SCOPE_KEYS, scopeKey } from "./rules.ts";

/** One entry of `allow:` as it is written. */
export interface ScopeEntry {
  readonly project: string;
  readonly branch?: string;
  readonly tag?: string;
  readonly environment?: string;
  readonly pull_requests?: true;
}

export function readScope({ pull_requests: pullRequests, project, branch, tag, environment }: ScopeEntry): Scope {
  return {
    project,
    ...(branch === undefined ? {} : { branch }),
    ...(tag === undefined ? {} : { tag }),
    ...(environment === undefined ? {} : { environment }),
    ...(pullRequests ? { pullRequests } : {}),
  };
}

/** What is wrong with an entry of this CI, as a rule; the key is null when it is the entry as a whole. */
export interface ScopeProblem {
  readonly rule: RuleId;
  readonly key: string | null;
}

// Where a CI has its own form of a value.
const FORMS: Readonly<Record<string, Partial<Record<"project" | "environment", RuleId>>>> = {
  github: { project: "project-github" },
  circleci: { project: "project-circleci" },
  buildkite: { project: "project-buildkite" },
  bitbucket: { project: "project-bitbucket", environment: "environment-bitbucket" },
  jenkins: { project: "project-jenkins" },
  custom: { project: "project-custom" },
};

/** What only the CI can tell: how its projects are named, and what narrows them. */
export function scopeProblems(id: string, entry: unknown): readonly ScopeProblem[] {
  if (!isMapping(entry)) return [];
  const ci = findCi(id);
  const known: readonly string[] = ci ? ci.scopeParts.map(scopeKey) : SCOPE_KEYS;
  const given = SCOPE_KEYS.filter((key) => key in entry);
  const forms = { project: projectForm(id, given.length > 0), environment: FORMS[id]?.environment };
  return [
    ...Object.entries(forms).flatMap(([key, rule]) => (rule && breaks(entry[key], rule) ? [{ rule, key }] : [])),
    ...given.filter((key) => !known.includes(key)).map((key) => ({ rule: "scope-part" as const, key })),
    ...(ci && !ci.projectAlone && given.length === 0 ? [{ rule: "scope-some-ref" as const, key: null }] : []),
  ];
}

function projectForm(id: string, hasRef: boolean): RuleId {
  if (id === "circleci" && hasRef) return "project-circleci-ref";
  return FORMS[id]?.project ?? "project";
}

/** A value of the wrong type is told elsewhere. */
function breaks(value: unknown, rule: RuleId): boolean {
  return typeof value === "string" && !ruleOf(rule).accepts(value);
}
