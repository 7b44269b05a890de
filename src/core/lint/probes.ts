import { anchorsOf, anchorsOfDenials } from "./probes/anchors.ts";
import { members } from "./probes/members.ts";
import { rightJob } from "./probes/right-job.ts";
import { runs } from "./probes/runs.ts";
import { strangers } from "./probes/strangers.ts";
import type { Probe } from "./trial.ts";
import type { Unit } from "./unit.ts";

export { meantProbes, meantProbeWith } from "./probes/meant.ts";

/** Every token that somebody else could have, or the right project for another purpose. */
export function hostileProbes(unit: Unit): readonly Probe[] {
  const anchors = [...anchorsOf(unit), ...anchorsOfDenials(unit)];
  const all = anchors.flatMap((anchor) => [
    ...strangers(unit, anchor),
    ...members(unit, anchor),
    ...runs(unit, anchor),
    ...rightJob(unit, anchor),
  ]);
  if (anchors.length === 1) return all;
  const seen = new Set<string>();
  return all.filter(({ kind, claims, sessionName }) => {
    const key = `${kind} ${sessionName} ${JSON.stringify(claims)}`;
    return !seen.has(key) && seen.add(key);
  });
}
