import type { Scope } from "../ci/ci.ts";
import { findCi } from "../ci/index.ts";
import { issuerName } from "../core/arn.ts";
import { issuerClaims } from "../core/condition-keys.ts";
import type { RoleConfig } from "./config.ts";
import type { Problem } from "./problem.ts";

/**
 * What is right and yet worth knowing, each with its place in the file: entries that trust a name alone
 * where AWS could see the id as well, so that whoever gets the name later would be let in.
 */
export function notesOn(roles: readonly RoleConfig[]): readonly Problem[] {
  return roles.flatMap(namesAlone);
}

function namesAlone(role: RoleConfig): readonly Problem[] {
  const words = visibleIds(role);
  if (words.length === 0) return [];
  return role.allow.flatMap((scope, index) => {
    const missing = missingIds(scope, words);
    if (missing.length === 0) return [];
    const again = role.allow.findIndex(
      (other) => other.project === scope.project && missingIds(other, words).length > 0,
    );
    if (again !== index) return [];
    return [
      {
        position: role.allowPositions[index] ?? role.position,
        text: `roles.${role.name}.allow[${index}]: ${scope.project} is trusted by ${missing.length === words.length ? "its name alone" : "not all of its ids"}, which is somebody else's when it is given up`,
        hints: [`add ${missing.map((word) => `${word}: …`).join(", ")}; rolecall init --resolve asks the CI for them`],
      },
    ];
  });
}

/** The words for ids of this CI that AWS sees of this issuer. */
function visibleIds({ ci, issuer }: RoleConfig): readonly string[] {
  // Buildkite's are in its tokens only when the job asks for them.
  if (ci === "buildkite") return [];
  const seen = issuerClaims(issuerName(issuer));
  const words = Object.entries(findCi(ci)?.words ?? {});
  return words.flatMap(([key, { means, claim }]) => (means === "id" && claim && seen.includes(claim) ? [key] : []));
}

function missingIds({ project, ids = {} }: Scope, words: readonly string[]): readonly string[] {
  if (project.includes("@")) return [];
  const missing = words.filter((word) => !(word in ids));
  // The number of a project says more than that of its group.
  return "project_id" in ids ? [] : missing;
}
