import { isObject, showClaim } from "../core/token.ts";
import type { Finding, LintContext, LintRole, Proof } from "../core/lint/finding.ts";
import { lintRole } from "../core/lint.ts";
import { hostileProbes, meantProbes } from "../core/lint/probes.ts";
import { tryProbe } from "../core/lint/trial.ts";
import { type Unit, unitsOf } from "../core/lint/unit.ts";
import { type Candidate, candidatesFor, type Told } from "./lint-candidates.ts";
import { editPolicy, type PolicyEdit } from "./lint-policy-edit.ts";
import { questionFor } from "./lint-questions.ts";

/** A role's trust policy as narrow as it can be made without knowing more than the policy says. */
export interface Narrowed {
  /** With the new trust policy. */
  readonly role: LintRole;
  /** In this order. */
  readonly edits: readonly PolicyEdit[];
  /** What is no longer found, with the edits that did it. */
  readonly mended: readonly { readonly finding: Finding; readonly edits: readonly PolicyEdit[] }[];
  /** What is still found, and what somebody has to say before it can be mended. */
  readonly open: readonly { readonly finding: Finding; readonly question: string }[];
}

// A policy of more findings than this is written anew by hand.
const MOST_EDITS = 40;

/**
 * Narrows a trust policy, one finding after the other. Each edit is tried by `decide` before it is kept: the token
 * that proves the finding is refused, those that the policy is meant for are not, and of all that is tried nobody is
 * let in who was not before.
 *
 * @param told whose jobs the role is for, as far as the user has told
 * @param wanted which findings are to be mended
 */
export function narrowTrust(
  role: LintRole,
  context: LintContext,
  told: Told,
  wanted: (finding: Finding) => boolean,
): Narrowed {
  const known = withAudiences(role, context, told.audiences);
  let now = role;
  const steps: Step[] = [];
  for (let rounds = 0; rounds < MOST_EDITS; rounds += 1) {
    const step = firstStep(now, known, told, wanted);
    if (!step) break;
    now = step.role;
    steps.push(step);
  }
  const left = lintRole(now, known);
  const open = left.filter(wanted).map((finding) => ({ finding, question: questionFor(finding, told) }));
  const mended = steps.filter(({ finding, hostile }) => !isStillOpen(finding, hostile, now, known));
  return { role: now, edits: steps.flatMap(({ edits }) => edits), mended, open };
}

/** Providers that were not read have the audiences that the user has named, beside those that policies test. */
function withAudiences(role: LintRole, context: LintContext, audiences: readonly string[]): LintContext {
  if (audiences.length === 0) return context;
  const unread = unitsOf(role, context).filter(
    ({ audiencesKnown, providerExists }) => !audiencesKnown && providerExists,
  );
  const more = unread.map(({ provider }) => ({
    ...provider,
    audiences: [...new Set([...audiences, ...provider.audiences])],
  }));
  return { ...context, providers: [...context.providers, ...more] };
}

interface Step {
  readonly role: LintRole;
  readonly edits: readonly PolicyEdit[];
  readonly finding: Finding;
  readonly hostile: Trial | null;
}

function firstStep(
  role: LintRole,
  context: LintContext,
  told: Told,
  wanted: (finding: Finding) => boolean,
): Step | null {
  const findings = lintRole(role, context);
  const units = unitsOf(role, context);
  for (const finding of findings.filter(wanted)) {
    const unit = unitOf(finding, units);
    if (!unit) continue;
    for (const candidate of candidatesFor(finding, unit, told)) {
      const after = applyAll(role, candidate.edits);
      if (after && proves({ role, units, findings, after, finding, unit, candidate, context }))
        return { role: after, edits: candidate.edits, finding, hostile: candidate.hostile ?? null };
    }
  }
  return null;
}

/** The statement and provider that gave the proof's token the role. */
function unitOf({ proof, statement }: Finding, units: readonly Unit[]): Unit | null {
  if (proof.kind !== "accepted") return null;
  return units.find((unit) => unit.index === statement && lets(unit, proof)) ?? null;
}

type Accepted = Extract<Proof, { kind: "accepted" }>;
type Trial = Pick<Accepted, "claims" | "sessionName"> & { readonly duration?: number };

function lets(unit: Unit, trial: Trial): boolean {
  return tryProbe(unit.policy, unit.provider, trial, unit).outcome === "allowed";
}

/** The role as a whole, with the provider of that statement. */
function gives(role: LintRole, unit: Unit, trial: Trial): boolean {
  return tryProbe(role.trust, unit.provider, trial, unit).outcome === "allowed";
}

function applyAll(role: LintRole, edits: readonly PolicyEdit[]): LintRole | null {
  const trust = edits.reduce<LintRole["trust"] | null>(
    (policy, edit) => policy && editPolicy(policy, edit),
    role.trust,
  );
  // What its text will be is not known here.
  return trust && { ...role, trust, size: null };
}

interface Attempt {
  readonly role: LintRole;
  readonly units: readonly Unit[];
  readonly findings: readonly Finding[];
  readonly after: LintRole;
  readonly finding: Finding;
  readonly unit: Unit;
  readonly candidate: Candidate;
  readonly context: LintContext;
}

function proves({ role, units, findings, after, finding, unit, candidate, context }: Attempt): boolean {
  const { proof } = finding;
  const same = unitsOf(after, context).find(
    (one) => one.index === unit.index && one.provider.arn === unit.provider.arn,
  );
  if (!same || proof.kind !== "accepted" || lets(same, candidate.hostile ?? proof)) return false;
  if (!keptTrials(role, units, unit, candidate).every(([of, trial]) => gives(after, of, trial))) return false;
  if (!letsInNobodyNew(role, after, context)) return false;
  const left = lintRole(after, context);
  const count = (list: readonly Finding[], is: (one: Finding) => boolean): number => list.filter(is).length;
  const alike = (one: Finding): boolean => one.rule === finding.rule && one.statement === finding.statement;
  const isDead = (one: Finding): boolean => one.proof.kind === "never";
  return count(left, alike) < count(findings, alike) && count(left, isDead) <= count(findings, isDead);
}

/** The tokens that get the role today and must go on to get it. */
function keptTrials(
  role: LintRole,
  units: readonly Unit[],
  unit: Unit,
  { meant }: Candidate,
): readonly (readonly [Unit, Trial])[] {
  const all = units.flatMap((one) =>
    meantProbes(one)
      .filter(({ value }) => one !== unit || meant === null || meant.values.includes(value ?? ""))
      .map((trial) => [one, asIssued(trial, one)] as const),
  );
  const told = (meant?.trials ?? []).map((trial) => [unit, trial] as const);
  return [...all.filter(([of, trial]) => gives(role, of, trial)), ...told];
}

/** A token as GitHub makes it: the claim environment is there just when the subject names one. Source: GitHub docs. */
function asIssued(trial: Trial, { shape }: Unit): Trial {
  const { environment, ...claims } = trial.claims;
  const isNamed = showClaim(claims, "sub").includes(":environment:");
  return shape.id !== "github" || isNamed || environment === undefined ? trial : { ...trial, claims };
}

/** Of all tokens that are tried: whatever gets the role after a change got it before. */
export function letsInNobodyNew(role: LintRole, after: LintRole, context: LintContext): boolean {
  return [...unitsOf(role, context), ...unitsOf(after, context)].every((unit) =>
    [...hostileProbes(unit), ...meantProbes(unit)].every(
      (trial) => !gives(after, unit, trial) || gives(role, unit, trial),
    ),
  );
}

/** Another statement may let the same token in. */
function isStillOpen(
  { proof, statement }: Finding,
  hostile: Trial | null,
  role: LintRole,
  context: LintContext,
): boolean {
  if (proof.kind !== "accepted") return true;
  return unitsOf(role, context).some((unit) => unit.index === statement && gives(role, unit, hostile ?? proof));
}

/** True when two readings of a trust policy say the same, whatever the order of their conditions. */
export function sameTrust(left: LintRole["trust"], right: LintRole["trust"]): boolean {
  return canonical(left) === canonical(right);
}

function canonical({ version, statements }: LintRole["trust"]): string {
  const sorted = statements.map(({ conditions, ...rest }) => ({
    ...rest,
    conditions: conditions.map((one) => JSON.stringify(one, sortedKeys)).toSorted(),
  }));
  return JSON.stringify({ version, statements: sorted }, sortedKeys);
}

function sortedKeys(_: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
