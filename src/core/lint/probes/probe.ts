import { Context, evaluateCondition } from "../../conditions.ts";
import type { Claims } from "../../token.ts";
import { writeSubject } from "../shapes/parts.ts";
import type { Ids, Parts } from "../shapes/shape.ts";
import type { Probe, ProbeKind } from "../trial.ts";
import { OWN } from "./ids.ts";
import { mayBeAbsent, OTHER_AUDIENCE, USUAL_AUDIENCE, type Test, type Unit, valuesOf, wantedValues } from "../unit.ts";
import { fill } from "../wildcards.ts";

/** Names that a policy does not mention, or else it might have been made for them. */
export function strangerFor(unit: Unit): string {
  return unmentioned(unit, "rolecall-stranger");
}

export function otherProjectFor(unit: Unit): string {
  return unmentioned(unit, "rolecall-probe");
}

function unmentioned({ role: { trust } }: Unit, name: string): string {
  const isMentioned = (text: string): boolean =>
    trust.statements.some(({ conditions }) =>
      conditions.some(({ values }) => values.some((value) => value.includes(text))),
    );
  let free = name;
  while (isMentioned(free)) free += "-2";
  return free;
}

interface Making {
  readonly parts: Parts;
  readonly ids: Ids;
  /** Where it is not what the parts make. */
  readonly subject?: string;
  /** Claims that whoever has the token can have as the statement wants them. */
  readonly wanted: (claim: string) => boolean;
  readonly more?: Claims;
}

export const everyClaim = (): boolean => true;

/** What anybody can arrange in a project of their own. */
export const ARRANGED = new Set([
  "ref",
  "environment",
  "workflow",
  "build_branch",
  "ref_protected",
  "pipeline_source",
  "runner_environment",
  "user_access_level",
  "pipeline_slug",
  "cluster_name",
  "amr",
  "sts:RoleSessionName",
]);

export function probe(unit: Unit, kind: ProbeKind, who: string, making: Making): Probe {
  const { shape, provider } = unit;
  const { parts, ids, subject = writeSubject(shape, parts), wanted, more = {} } = making;
  const { audience, values } = wantsOf(unit);
  const claims: Record<string, Claims[string]> = Object.assign(
    { iss: `https://${provider.url}`, sub: subject, aud: audience },
    shape.claims?.(parts, ids),
  );
  let sessionName = "rolecall-probe";
  for (const [claim, value] of values) {
    if (!wanted(claim)) continue;
    if (claim === "sts:RoleSessionName") sessionName = value;
    else claims[claim] = claim === "amr" ? [value] : value;
  }
  return { kind, who, claims: Object.assign(claims, more), sessionName };
}

/** What a statement wants a token to have, as far as whoever has one can arrange it. */
interface Wants {
  readonly audience: string;
  /** A value for each claim that is tested, subject and audiences apart. */
  readonly values: readonly (readonly [claim: string, value: string])[];
}

const kept = new WeakMap<Unit, Wants>();

function wantsOf(unit: Unit): Wants {
  const known = kept.get(unit);
  if (known) return known;
  const tested = [...new Set([...unit.tests, ...unit.spared, ...unit.denied].map(({ claim }) => claim))].filter(
    (claim) => !APART.has(claim),
  );
  const values = tested.flatMap((claim) => {
    const value = wantedValue(unit, claim);
    return value === null ? [] : [[claim, value] as const];
  });
  const wants = { audience: audienceFor(unit), values };
  kept.set(unit, wants);
  return wants;
}

const APART: ReadonlySet<string> = new Set(["sub", "aud", "oaud"]);

/** A value of a claim that all of a statement's conditions on it take; null where the claim stays as the issuer has it. */
function wantedValue({ tests, spared, denied, shape }: Unit, claim: string): string | null {
  const own = tests.filter((test) => test.claim === claim);
  const positive = wantedValues(own, claim);
  const wanted = (positive.length > 0 ? positive : valuesOf(spared, claim)).filter((value) => !value.includes("${"));
  const sample = shape.claims?.(shape.sample, OWN)[claim];
  const native = typeof sample === "string" ? sample : null;
  const takes = (value: string | null): boolean => own.every((test) => passes(test, value));
  const hits = denied.filter((test) => test.claim === claim);
  const isHit = (value: string | null): boolean => hits.some((test) => passes(test, value));
  // What is not there, a Deny on it does not hit.
  if ((wanted.length === 0 || (native === null && wanted.every(isHit))) && takes(native) && !isHit(native)) return null;
  const usual = native ?? "rolecall-probe";
  const made = wanted.flatMap((value) => [fill(value, usual), ...around(value)]);
  const candidates = [...made, usual, "rolecall-probe", "true", "false"].filter(takes);
  const found = candidates.find((value) => !isHit(value)) ?? candidates[0];
  // An operator that no value meets may still be true of none.
  return found ?? (own.some(mayBeAbsent) ? null : (made[0] ?? null));
}

/** Numbers next to one, for operators that compare by size. */
function around(value: string): readonly string[] {
  return /^\d{1,15}$/.test(value) ? [String(Number(value) - 1), String(Number(value) + 1)] : [];
}

/** Of a claim's value, or of none. */
function passes({ condition }: Test, value: string | null): boolean {
  return evaluateCondition(condition, new Context(value === null ? [] : [[condition.key, value]]), false).pass;
}

/** Whoever has a token can have it for any audience, and takes one that the provider and the policy have. */
function audienceFor({ tests, provider }: Unit): string {
  const own = tests.filter(({ claim }) => claim === "aud");
  const wanted = wantedValues(own, "aud").filter((value) => !value.includes("${"));
  const isTaken = (audience: string): boolean => own.every((test) => passes(test, audience));
  return (
    provider.audiences.find(isTaken) ??
    wanted.map((value) => fill(value, USUAL_AUDIENCE)).find(isTaken) ??
    provider.audiences[0] ??
    OTHER_AUDIENCE
  );
}

/** Keeps the form with ids where the right one has it. */
export function like(model: string, name: string, id: string): string {
  return model.includes("@") ? `${name}@${id}` : name;
}
