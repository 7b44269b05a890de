import { checkSharedIssuers } from "../../shared-issuers.ts";
import type { Found } from "../finding.ts";
import type { Rule, RoleFacts } from "../rule.ts";

// Characters of a trust policy, white space apart, unless the quota was raised. Source: IAM guide, IAM and STS quotas.
const QUOTA = 2048;

function tooLong({ role, context: { trustPolicyQuota: quota = QUOTA } }: RoleFacts): readonly Found[] {
  if (role.size === null || role.size <= quota) return [];
  const message = `Cannot exceed quota for ACLSizePerRole: ${quota}`;
  return [{ message: `the trust policy has ${role.size} characters of ${quota}`, proof: { kind: "unsaved", message } }];
}

function grandfathered({ role }: RoleFacts): readonly Found[] {
  const message = checkSharedIssuers(role.trust);
  if (message === null) return [];
  return [{ message: "IAM would refuse this trust policy, were it edited today", proof: { kind: "unsaved", message } }];
}

/** Trust policies that IAM would not save. */
export const UNSAVED_RULES: readonly Rule[] = [
  {
    id: "T035",
    name: "too-long",
    severity: "medium",
    title: "the trust policy is longer than IAM takes",
    probe: "the length, white space apart",
    fix: "split the role, or join subjects by a wildcard at their end",
    source: "AWS IAM guide, IAM and STS quotas",
    role: tooLong,
  },
  {
    id: "T036",
    name: "grandfathered",
    severity: "info",
    title: "IAM keeps this trust policy and would not save it again",
    probe: "IAM's check of shared issuers, as of 2025-06",
    fix: "mend it before somebody has to edit it in a hurry",
    source: "AWS IAM guide, id_roles_providers_oidc_secure-by-default",
    role: grandfathered,
  },
];
