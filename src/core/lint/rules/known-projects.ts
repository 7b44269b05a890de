import { issuerName } from "../../arn.ts";
import type { Meant } from "../judge.ts";
import type { ProjectFacts } from "../platform.ts";
import type { RoleFacts } from "../rule.ts";
import { readParts } from "../shapes/parts.ts";
import type { Parts } from "../shapes/shape.ts";
import { showClaim } from "../../token.ts";

/** A job that gets the role, and what is known of its project. */
export interface KnownJob {
  readonly meant: Meant;
  readonly parts: Parts;
  readonly project: ProjectFacts;
}

/** Names without the ids that a subject may hold behind them. */
function projectName({ tenant, project }: Parts): string {
  return [tenant, project]
    .filter((part) => part !== "")
    .map((part) => part.split("@")[0])
    .join("/");
}

/** Jobs whose project is known, those that get the role and those that do not. */
export function knownJobs({ meant, context }: RoleFacts): readonly KnownJob[] {
  const projects = context.platform?.projects ?? [];
  if (projects.length === 0) return [];
  return meant.flatMap((one) => {
    const parts = readParts(one.unit.shape, showClaim(one.probe.claims, "sub"));
    if (!parts) return [];
    const name = projectName(parts).toLowerCase();
    const project = projects.find(
      ({ issuer, project: own }) => issuerName(issuer) === one.unit.provider.url && own.toLowerCase() === name,
    );
    return project ? [{ meant: one, parts, project }] : [];
  });
}

/** Those that get the role by their own statement. */
export function jobsWithRole(facts: RoleFacts): readonly KnownJob[] {
  return knownJobs(facts).filter(({ meant }) => meant.allowedBy === meant.unit.index);
}
