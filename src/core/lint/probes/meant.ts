import { writeSubject } from "../shapes/parts.ts";
import type { Shape } from "../shapes/shape.ts";
import type { Probe } from "../trial.ts";
import type { Unit } from "../unit.ts";
import { fill } from "../wildcards.ts";
import { type Anchor, anchorOf, anchorsOf } from "./anchors.ts";
import { OWN } from "./ids.ts";
import { everyClaim, probe } from "./probe.ts";

/** The tokens that a statement was written for, one for each subject. */
export function meantProbes(unit: Unit): readonly (Probe & { readonly value: string | null })[] {
  return anchorsOf(unit).map((anchor) => {
    const subject = meantSubject(unit.shape, anchor);
    return { ...meantProbe(unit, anchor, subject), value: anchor.value };
  });
}

export function meantSubject(shape: Shape, { value, isRead, meant }: Anchor): string {
  return isRead || value === null ? writeSubject(shape, meant) : fill(value, shape.sample.project);
}

export function meantProbe(unit: Unit, { meant }: Anchor, subject: string): Probe {
  return probe(unit, "meant", "the job that the statement is for", {
    parts: meant,
    ids: OWN,
    subject,
    wanted: everyClaim,
  });
}

/** The right job's token with another subject, for what is not a matter of who. */
export function meantProbeWith(unit: Unit, subject: string): Probe {
  return meantProbe(unit, anchorOf(unit, subject), subject);
}
