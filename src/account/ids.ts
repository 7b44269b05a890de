import type { Scope } from "../ci/ci.ts";
import { findCi } from "../ci/index.ts";
import { issuerName } from "../core/arn.ts";
import { issuerClaims } from "../core/condition-keys.ts";
import type { RoleConfig } from "./config.ts";

/** The words for ids of this CI that AWS sees of this issuer. */
export function visibleIds({ ci, issuer }: RoleConfig): readonly string[] {
  // Buildkite's are in its tokens only when the job asks for them.
  if (ci === "buildkite") return [];
  const seen = issuerClaims(issuerName(issuer));
  const words = Object.entries(findCi(ci)?.words ?? {});
  return words.flatMap(([key, { means, claim }]) => (means === "id" && claim && seen.includes(claim) ? [key] : []));
}

/** The words for ids that an entry of a role leaves out, although AWS could see them. */
export function missingIds(role: RoleConfig, { project, ids = {} }: Scope): readonly string[] {
  if (project.includes("@")) return [];
  const missing = visibleIds(role).filter((word) => !(word in ids));
  // The number of a project says more than that of its group.
  return "project_id" in ids ? [] : missing;
}

/** True for an entry that asks for subjects with ids in them and does not say which. */
export function lacksSubjectIds({ project, immutable, ids = {} }: Scope): boolean {
  if (immutable !== true || project.includes("@")) return false;
  return !("repository_id" in ids && "repository_owner_id" in ids);
}
