import type { RoleConfig } from "./config.ts";
import type { Target } from "./desired.ts";
import { missingIds, visibleIds } from "./ids.ts";
import { managedArns } from "./policies.ts";
import { byPosition, type Problem } from "./problem.ts";
import { partsOf, trustOf } from "./role-parts.ts";
import { policySize, TRUST_POLICY_QUOTA } from "./trust.ts";

/**
 * What is right and yet worth knowing, each with its place in the file, in the file's order: entries that
 * trust a name alone where AWS could see the id as well, so that whoever gets the name later would be let in;
 * entries whose project leaves out what tells two of them apart; roles that become several; and roles that
 * need a quota to be raised.
 */
export function notesOn(roles: readonly RoleConfig[], target: Target): readonly Problem[] {
  return roles
    .flatMap((role) => [
      ...namesAlone(role),
      ...halfNames(role),
      ...becomesSeveral(role, target),
      ...manyPolicies(role),
    ])
    .toSorted(byPosition);
}

/** Semaphore's subject has the project's id before the repository; without it any project of the organization will do. */
function halfNames(role: RoleConfig): readonly Problem[] {
  if (role.ci !== "semaphore") return [];
  return role.allow.flatMap(({ project }, index) => {
    const [organization = "", repository = "", ...rest] = project.split("/");
    if (rest.length > 0) return [];
    return [
      {
        position: role.allowPositions[index] ?? role.position,
        text: `roles.${role.name}.allow[${index}]: ${project} is every project of ${organization} whose repository is ${repository}`,
        hints: [`with the project's id: ${organization}/<id>/${repository}`],
      },
    ];
  });
}

function namesAlone(role: RoleConfig): readonly Problem[] {
  const words = visibleIds(role);
  return role.allow.flatMap((scope, index) => {
    const missing = missingIds(role, scope);
    if (missing.length === 0) return [];
    const again = role.allow.findIndex(
      (other) => other.project === scope.project && missingIds(role, other).length > 0,
    );
    if (again !== index) return [];
    return [
      {
        position: role.allowPositions[index] ?? role.position,
        text: `roles.${role.name}.allow[${index}]: ${scope.project} is trusted by ${missing.length === words.length ? "its name alone" : "not all of its ids"}, which is somebody else's when it is given up`,
        hints: [`add ${missing.map((word) => `${word}: …`).join(", ")}; or give --resolve, which asks the CI for them`],
      },
    ];
  });
}

function becomesSeveral(role: RoleConfig, target: Target): readonly Problem[] {
  const parts = partsOf(role, target);
  if (parts.length === 1) return [];
  const size = policySize(trustOf(role, target, role.allow));
  return [
    {
      position: role.position,
      text: `roles.${role.name}: becomes ${parts.map(({ name }) => name).join(", ")}, since one trust policy of ${size} characters is more than the ${TRUST_POLICY_QUOTA} that IAM takes`,
      hints: [
        `a job takes the one that has its entry: ${parts.map(({ name, allow }) => `${name} has ${allow.length}`).join(", ")}`,
      ],
    },
  ];
}

// Attached policies of a role, unless the quota was raised. Source: IAM guide, IAM and STS quotas.
const USUAL_MANAGED = 10;

function manyPolicies(role: RoleConfig): readonly Problem[] {
  const managed = new Set(managedArns(role.permissions)).size;
  if (managed <= USUAL_MANAGED) return [];
  return [
    {
      position: role.position,
      text: `roles.${role.name}: has ${managed} managed policies, and IAM takes ${USUAL_MANAGED} unless the quota was raised`,
      hints: ["join some of them"],
    },
  ];
}
