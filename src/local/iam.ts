import { ACCESS_KEY_OPERATIONS } from "./iam-access-keys.ts";
import { ACCOUNT_OPERATIONS } from "./iam-account.ts";
import { AUTHORIZATION_DETAILS_OPERATIONS } from "./iam-authorization-details.ts";
import { REPORT_OPERATIONS } from "./iam-credential-report.ts";
import { tagOperations } from "./iam-holder-tags.ts";
import { GROUP_OPERATIONS } from "./iam-groups.ts";
import { GROUPS, ROLES, USERS } from "./iam-holders.ts";
import { MANAGED_POLICY_OPERATIONS } from "./iam-managed-policies.ts";
import { NONE_OPERATIONS } from "./iam-none.ts";
import { attachOperations, inlineOperations } from "./iam-policies.ts";
import { POLICY_VERSION_OPERATIONS } from "./iam-policy-versions.ts";
import { PROVIDER_OPERATIONS } from "./iam-providers.ts";
import { ROLE_OPERATIONS } from "./iam-roles.ts";
import { SIMULATE_OPERATIONS } from "./iam-simulate.ts";
import { USER_OPERATIONS } from "./iam-users.ts";
import type { Operations } from "./operation.ts";

/** What IAM answers here. */
export const IAM: Operations = {
  ...PROVIDER_OPERATIONS,
  ...ROLE_OPERATIONS,
  ...USER_OPERATIONS,
  ...ACCESS_KEY_OPERATIONS,
  ...MANAGED_POLICY_OPERATIONS,
  ...POLICY_VERSION_OPERATIONS,
  ...ACCOUNT_OPERATIONS,
  ...AUTHORIZATION_DETAILS_OPERATIONS,
  ...REPORT_OPERATIONS,
  ...SIMULATE_OPERATIONS,
  ...NONE_OPERATIONS,
  ...inlineOperations(ROLES),
  ...attachOperations(ROLES),
  ...tagOperations(ROLES),
  ...inlineOperations(USERS),
  ...attachOperations(USERS),
  ...tagOperations(USERS),
  ...GROUP_OPERATIONS,
  ...inlineOperations(GROUPS),
  ...attachOperations(GROUPS),
};
