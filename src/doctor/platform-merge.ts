import { issuerName } from "../core/arn.ts";
import type { PlatformFacts, ProjectFacts } from "../core/lint/platform.ts";

/** What is known, with what was learned later: that counts where both say something. */
export function withFacts(known: PlatformFacts, later: PlatformFacts): PlatformFacts {
  const projects = (later.projects ?? []).reduce(withProject, known.projects ?? []);
  const servers = [...(later.servers ?? []), ...(known.servers ?? [])];
  return {
    ...known,
    projects,
    servers: servers.filter((one, index) => servers.findIndex(({ issuer }) => issuer === one.issuer) === index),
  };
}

function withProject(known: readonly ProjectFacts[], later: ProjectFacts): readonly ProjectFacts[] {
  const isIt = (one: ProjectFacts): boolean =>
    issuerName(one.issuer) === issuerName(later.issuer) && one.project.toLowerCase() === later.project.toLowerCase();
  const before = known.find(isIt);
  if (!before) return [...known, later];
  // A project that answers is there.
  const { state: _, ...rest } = before;
  return known.map((one) => (one === before ? { ...rest, ...later } : one));
}
