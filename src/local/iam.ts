import { POLICY_OPERATIONS } from "./iam-policies.ts";
import { PROVIDER_OPERATIONS } from "./iam-providers.ts";
import { ROLE_OPERATIONS } from "./iam-roles.ts";
import type { Operations } from "./operation.ts";

/** What IAM answers here. */
export const IAM: Operations = { ...PROVIDER_OPERATIONS, ...ROLE_OPERATIONS, ...POLICY_OPERATIONS };
