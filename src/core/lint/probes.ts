import { type Anchor, anchorsOf, anchorsOfDenials } from "./probes/anchors.ts";
import { fittedMembers, members } from "./probes/members.ts";
import { fittedRecycled, rightJob } from "./probes/right-job.ts";
import { fittedRuns, runs } from "./probes/runs.ts";
import { fittedStrangers, strangers } from "./probes/strangers.ts";
import type { Probe, ProbeKind } from "./trial.ts";
import type { Unit } from "./unit.ts";

export { meantProbes, meantProbeWith } from "./probes/meant.ts";

type Make = (unit: Unit, anchor: Anchor) => readonly Probe[];

/** Made to fit a pattern, which costs more: each only when nothing simpler of its kind has got in. */
const FITTED: readonly (readonly [ProbeKind, Make])[] = [
  ["lookalike", fittedStrangers],
  ["member", fittedMembers],
  ["near", fittedRuns],
  ["recycled", fittedRecycled],
];

/** Every token that somebody else could have, or the right project for another purpose. */
export function hostileProbes(unit: Unit): readonly Probe[] {
  return [...plainProbes(unit), ...FITTED.flatMap(([, make]) => made(unit, [make]))];
}

/** Those that are told from a policy's values as they are written. */
export function plainProbes(unit: Unit): readonly Probe[] {
  return made(unit, [strangers, members, runs, rightJob]);
}

/** Those that are found by searching for a subject that a value's pattern takes; the farthest from the owner first. */
export function* fittedProbes(unit: Unit, isCovered: (kind: ProbeKind) => boolean): Generator<Probe> {
  for (const [kind, make] of FITTED) if (!isCovered(kind)) yield* made(unit, [make]);
}

function made(unit: Unit, makers: readonly Make[]): readonly Probe[] {
  const anchors = [...anchorsOf(unit), ...anchorsOfDenials(unit)];
  const all = anchors.flatMap((anchor) => makers.flatMap((make) => make(unit, anchor)));
  if (anchors.length === 1) return all;
  const seen = new Set<string>();
  return all.filter(({ kind, claims, sessionName }) => {
    const key = `${kind} ${sessionName} ${JSON.stringify(claims)}`;
    return !seen.has(key) && seen.add(key);
  });
}
