import type { Check } from "../decide.ts";
import { type Cause, causeOf } from "./causes.ts";
import { fittedProbes, meantProbes, plainProbes } from "./probes.ts";
import { isOutsider, type Probe, type ProbeKind, tryProbe } from "./trial.ts";
import type { Unit } from "./unit.ts";

/** A token that should be refused and is not. */
export interface Accepted {
  readonly unit: Unit;
  readonly probe: Probe;
  readonly cause: Cause;
}

/** A token that was meant, and what became of it. */
export interface Meant {
  readonly unit: Unit;
  readonly probe: Probe;
  /** The subject of the policy that it was made for. */
  readonly value: string | null;
  /** Index of the statement that lets it in, by the whole policy; null when none does. */
  readonly allowedBy: number | null;
  /** Of a refusal: the checks of this statement that failed, or the one before any statement. */
  readonly failed: readonly Check[];
}

/**
 * Which kinds say nothing more once one of the first is accepted: whoever lets strangers in, lets in everybody.
 * `branch` covers `tag` and `near`, which differ by how much of a ref is open.
 */
const COVERED: readonly (readonly [readonly ProbeKind[], readonly ProbeKind[]])[] = [
  [
    ["stranger"],
    [
      "lookalike",
      "template",
      "caller",
      "member",
      "crafted",
      "branch",
      "tag",
      "near",
      "pull-request",
      "plan",
      "missing",
      "empty",
      "recycled",
      "workflow",
    ],
  ],
  [
    ["lookalike", "template", "caller"],
    ["member", "crafted", "branch", "tag", "near", "pull-request", "plan", "recycled"],
  ],
  [["member"], ["crafted", "branch", "tag", "near", "pull-request", "plan", "recycled"]],
  [["branch"], ["tag", "near"]],
  [["tag"], ["near"]],
];

/**
 * Tries every hostile token on a statement; what is accepted comes with its cause. Where the issuer's subjects may be
 * of several shapes, each is tried until an outsider is found.
 */
export function acceptedBy(unit: Unit): readonly Accepted[] {
  const found = [...acceptedInShape(unit)];
  for (const shape of unit.otherShapes) {
    if (found.some(({ probe }) => isOutsider(probe.kind))) break;
    found.push(...acceptedInShape({ ...unit, shape }));
  }
  return found;
}

function acceptedInShape(unit: Unit): readonly Accepted[] {
  if (!unit.providerExists) return [];
  const covered = new Set<ProbeKind>();
  const accepted: Probe[] = [];
  const tryAll = (probes: Iterable<Probe>): void => {
    for (const probe of probes) {
      if (covered.has(probe.kind) || tryProbe(unit.policy, unit.provider, probe, unit).outcome === "denied") continue;
      accepted.push(probe);
      for (const [by, what] of COVERED) if (by.includes(probe.kind)) for (const kind of what) covered.add(kind);
      if (probe.kind === "branch" && !unit.shape.pullSubject) covered.add("pull-request");
    }
  };
  tryAll(plainProbes(unit));
  tryAll(fittedProbes(unit, (kind) => covered.has(kind) || accepted.some((one) => one.kind === kind)));
  return accepted
    .filter(({ kind }) => !covered.has(kind))
    .map((probe) => ({ unit, probe, cause: causeOf(unit, probe) }));
}

/** Tries the tokens that a statement was written for. */
export function meantBy(unit: Unit): readonly Meant[] {
  return meantProbes(unit).map(({ value, ...probe }) => meantOf(unit, probe, value));
}

export function meantOf(unit: Unit, probe: Probe, value: string | null): Meant {
  // The whole policy: what another statement lets in is not lost.
  const policy = unit.role.trust;
  const provider = unit.providerExists ? unit.provider : null;
  const decision = tryProbe(policy, provider, probe, unit);
  // Not the decision itself: of a large account, all of them together are hundreds of megabytes.
  if (decision.outcome === "allowed") return { unit, probe, value, allowedBy: decision.statement, failed: [] };
  return { unit, probe, value, allowedBy: null, failed: failedChecks(decision.checks, unit) };
}

function failedChecks(checks: readonly Check[], { index }: Unit): readonly Check[] {
  const failed = checks.filter(({ pass }) => !pass);
  const here = failed.filter(({ statement, kind }) => statement === index && kind !== "trust");
  return here.length > 0 ? here : failed.filter(({ statement, kind }) => statement === undefined && kind !== "trust");
}
