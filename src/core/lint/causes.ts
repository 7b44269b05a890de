import { neverExposed } from "../condition-keys.ts";
import { readOperator } from "../operators.ts";
import type { Condition } from "../policy.ts";
import type { Severity } from "./severity.ts";
import { asPositive, mustExist, withCondition, withoutSet, withoutVariables } from "./mended.ts";
import type { RunKind } from "./shapes/shape.ts";
import { type Probe, type ProbeKind, tryProbe } from "./trial.ts";
import { type Test, type Unit, wantedValues } from "./unit.ts";
import { isPattern, literalPrefix } from "./wildcards.ts";

/** Why a hostile token was let in: the rule, and the condition that should have kept it out. */
export interface Cause {
  readonly rule: string;
  readonly severity: Severity;
  readonly condition: Condition | null;
}

const OUTSIDERS: ReadonlySet<ProbeKind> = new Set(["stranger", "lookalike", "template", "caller"]);
const MEMBERS: ReadonlySet<ProbeKind> = new Set(["member", "crafted"]);
/** Kinds that no condition on a claim would keep out by another operator. */
const APART: ReadonlySet<ProbeKind> = new Set(["audience", "tags", "recycled"]);
const RUNS: ReadonlySet<ProbeKind> = new Set<RunKind | "near">(["branch", "tag", "pull-request", "plan", "near"]);

/** Says why a token that should be refused is accepted. */
export function causeOf(unit: Unit, probe: Probe): Cause {
  return openBy(unit, probe) ?? byKind(unit, probe);
}

/**
 * A condition that is there, and would have kept the token out were it written otherwise: each is tried in its other
 * form, by deciding again.
 */
function openBy(unit: Unit, probe: Probe): Cause | null {
  const { kind } = probe;
  if (APART.has(kind)) return null;
  const refusedWith = (condition: Condition, other: Condition): boolean =>
    tryProbe(withCondition(unit.policy, condition, other), unit.provider, probe, unit).outcome === "denied";
  const isOutside = OUTSIDERS.has(kind) || MEMBERS.has(kind);
  for (const { condition, operator, claim } of unit.tests) {
    if (claim === "aud" || claim === "oaud") continue;
    const isSubject = claim === "sub";
    if (operator.kind === "null") continue;
    if (operator.set === "ForAllValues" && !MULTI_VALUED.has(claim) && refusedWith(condition, withoutSet(condition)))
      return cause("T010", isSubject ? "medium" : "high", condition);
    if (operator.ifExists && refusedWith(condition, mustExist(condition)))
      return cause("T011", isSubject ? "low" : "high", condition);
    if (condition.values.some((value) => value.includes("${")) && refusedWith(condition, withoutVariables(condition)))
      return cause("T033", outside(unit), condition);
    if (
      isOutside &&
      operator.operator.negated &&
      !hasPositive(unit, claim) &&
      refusedWith(condition, asPositive(condition))
    )
      return cause("T009", outside(unit), condition);
  }
  return isOutside ? openByUnknownKey(unit, probe) : null;
}

const MULTI_VALUED: ReadonlySet<string> = new Set(["amr", "oaud"]);

/** A key that AWS never fills, under an operator that is true without a value, is the only thing in the way. */
function openByUnknownKey(unit: Unit, { kind }: Probe): Cause | null {
  if (!OUTSIDERS.has(kind) || pinsTenant(unit)) return null;
  const unknown = unit.statement.conditions.find(
    ({ key, operator }) => neverExposed(key, unit.provider) !== null && isTrueWithout(operator),
  );
  return unknown ? cause("T012", outside(unit), unknown) : null;
}

function isTrueWithout(text: string): boolean {
  const operator = readOperator(text);
  if (operator?.kind !== "compare") return false;
  return operator.set === "ForAllValues" || operator.ifExists || (operator.set === null && operator.operator.negated);
}

function hasPositive({ tests }: Unit, claim: string): boolean {
  return wantedValues(tests, claim).length > 0;
}

/** A condition that says whose job it is: its subject, or an id. */
function pinsTenant({ tests, shape }: Unit): boolean {
  return tests.some((test) => isPositive(test) && (test.claim === "sub" || shape.identity.includes(test.claim)));
}

function isPositive({ operator }: Test): boolean {
  return operator.kind === "compare" && !operator.operator.negated;
}

function byKind(unit: Unit, probe: Probe): Cause {
  const { kind } = probe;
  if (kind === "caller") return cause("T019", "medium", find(unit, "job_workflow_ref"));
  if (kind === "template") return cause("T020", "high", find(unit, "sub"));
  if (OUTSIDERS.has(kind)) return outsider(unit, kind);
  if (MEMBERS.has(kind)) return member(unit, kind);
  if (RUNS.has(kind)) return run(unit, kind);
  if (kind === "workflow") return cause("T019", "medium", find(unit, "job_workflow_ref"));
  if (kind === "missing") return cause("T011", "high", find(unit, probe.claim ?? ""));
  if (kind === "empty") return cause("T010", "medium", find(unit, "sub"));
  if (kind === "recycled") return cause("T016", "low", find(unit, "sub"));
  if (kind === "tags") return tagged(unit);
  return audience(unit);
}

function outsider(unit: Unit, kind: ProbeKind): Cause {
  const { shape } = unit;
  const severity = outside(unit);
  if (shape.tenancy) {
    const rule = shape.id === "cognito" ? "T031" : "T032";
    return cause(rule, severity, find(unit, shape.tenancy === "aud" ? "aud" : shape.tenancy));
  }
  if (!pinsTenant(unit)) return cause("T001", severity, null);
  const pattern = find(unit, "sub") ?? unit.tests[0]?.condition ?? null;
  return cause(kind === "lookalike" ? "T003" : "T002", severity, pattern);
}

function member(unit: Unit, kind: ProbeKind): Cause {
  const condition = find(unit, "sub");
  const severity = unit.shared || unit.shape.id === "circleci" ? "high" : "medium";
  if (unit.shape.id === "cognito") return cause("T031", "high", find(unit, "amr"));
  if (kind === "crafted") return cause("T007", severity, condition);
  if (unit.shape.id === "circleci") return cause("T030", severity, condition);
  return cause(unit.shape.id === "terraform" ? "T029" : "T004", severity, condition);
}

function run(unit: Unit, kind: ProbeKind): Cause {
  const condition = find(unit, "sub");
  if (kind === "branch") return cause("T005", "medium", condition);
  if (kind === "pull-request") return cause("T006", "medium", condition);
  if (kind === "plan") return cause("T029", "high", condition);
  return cause("T008", refSeverity(condition), condition);
}

// A prefix that ends in a slash, and a beginning of tags, are what protection rules of CIs are written for.
function refSeverity(condition: Condition | null): Severity {
  const open = (condition?.values ?? []).filter(isPattern).map(literalPrefix);
  return open.every(
    (prefix) =>
      !/(refs\/(heads|tags)|:ref)[/:]$/.test(prefix) &&
      (prefix.endsWith("/") || /(tags\/|ref_type:tag:ref:)./.test(prefix)),
  )
    ? "low"
    : "medium";
}

function tagged(unit: Unit): Cause {
  const wild = unit.statement.actions?.some((action) => isPattern(action)) ?? false;
  return cause(wild ? "T025" : "T034", wild ? "medium" : "low", null);
}

function audience(unit: Unit): Cause {
  const condition = find(unit, "aud");
  if (condition) return cause("T015", "medium", condition);
  const several = unit.audiencesKnown && unit.provider.audiences.length > 1;
  return cause("T013", several ? "medium" : "low", null);
}

function find({ tests }: Unit, claim: string): Condition | null {
  return tests.find((test) => test.claim === claim)?.condition ?? null;
}

/** What another customer of a shared issuer can do; a private issuer's customers are all of one company. */
function outside({ shared }: Unit): Severity {
  return shared ? "critical" : "medium";
}

function cause(rule: string, severity: Severity, condition: Condition | null): Cause {
  return { rule, severity, condition };
}
