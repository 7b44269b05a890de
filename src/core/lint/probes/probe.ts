import { matchGlob, parseGlob } from "../../glob.ts";
import type { Claims } from "../../token.ts";
import { type Ids, type Parts, writeSubject } from "../shapes.ts";
import type { Probe, ProbeKind } from "../trial.ts";
import { OTHER_AUDIENCE, type Unit, wantedValues } from "../unit.ts";
import { fill } from "../wildcards.ts";

export const OWN: Ids = { tenant: "1001", project: "1002" };
export const OTHERS: Ids = { tenant: "999001", project: "999002" };

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
  const tested = [...new Set(unit.tests.map(({ claim }) => claim))].filter((claim) => !APART.has(claim));
  const values = tested.flatMap((claim) => {
    const value = wantedValue(unit, claim);
    return value === null ? [] : [[claim, value] as const];
  });
  const wants = { audience: audienceFor(unit), values };
  kept.set(unit, wants);
  return wants;
}

const APART: ReadonlySet<string> = new Set(["sub", "aud", "oaud"]);

function wantedValue({ tests, shape }: Unit, claim: string): string | null {
  const [first] = wantedValues(tests, claim).filter((value) => !value.includes("${"));
  if (first === undefined) return null;
  const sample = shape.claims?.(shape.sample, OWN)[claim];
  return fill(first, typeof sample === "string" ? sample : "rolecall-probe");
}

/** Whoever has a token can have it for any audience, and takes one that the provider and the policy have. */
function audienceFor({ tests, provider }: Unit): string {
  const wanted = wantedValues(tests, "aud");
  const both = provider.audiences.find((one) => wanted.some((value) => matchGlob(parseGlob(value), one)));
  return both ?? wantedAudience(wanted) ?? provider.audiences[0] ?? OTHER_AUDIENCE;
}

function wantedAudience(values: readonly string[]): string | undefined {
  const [first] = values.filter((value) => !value.includes("${"));
  return first === undefined ? undefined : fill(first, OTHER_AUDIENCE);
}

/** Keeps the form with ids where the right one has it. */
export function like(model: string, name: string, id: string): string {
  return model.includes("@") ? `${name}@${id}` : name;
}
