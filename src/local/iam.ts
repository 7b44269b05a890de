import { ACCESS_KEY_OPERATIONS } from "./iam-access-keys.ts";
import { ACCOUNT_OPERATIONS } from "./iam-account.ts";
import { AUTHORIZATION_DETAILS_OPERATIONS } from "./iam-authorization-details.ts";
import { REPORT_OPERATIONS } from "./iam-credential-report.ts";
import { tagOperations } from "./iam-holder-tags.ts";
import { FEDERATION_SETTING_OPERATIONS } from "./iam-federation-settings.ts";
import { GROUP_OPERATIONS } from "./iam-groups.ts";
import { GROUPS, ROLES, USERS } from "./iam-holders.ts";
import { INSTANCE_PROFILE_OPERATIONS } from "./iam-instance-profiles.ts";
import { LAST_ACCESSED_OPERATIONS } from "./iam-last-accessed.ts";
import { LOGIN_PROFILE_OPERATIONS } from "./iam-login-profiles.ts";
import { MANAGED_POLICY_OPERATIONS } from "./iam-managed-policies.ts";
import { MFA_OPERATIONS } from "./iam-mfa-devices.ts";
import { ORGANIZATION_OPERATIONS } from "./iam-organizations.ts";
import { PASSWORD_POLICY_OPERATIONS } from "./iam-password-policy.ts";
import { attachOperations, inlineOperations } from "./iam-policies.ts";
import { POLICY_VERSION_OPERATIONS } from "./iam-policy-versions.ts";
import { PROVIDER_OPERATIONS } from "./iam-providers.ts";
import { ROLE_OPERATIONS } from "./iam-roles.ts";
import { SAML_OPERATIONS } from "./iam-saml-providers.ts";
import { SERVER_CERTIFICATE_OPERATIONS } from "./iam-server-certificates.ts";
import { SERVICE_CREDENTIAL_OPERATIONS } from "./iam-service-credentials.ts";
import { SERVICE_LINKED_ROLE_OPERATIONS } from "./iam-service-linked-roles.ts";
import { SIGNING_CERTIFICATE_OPERATIONS } from "./iam-signing-certificates.ts";
import { SIMULATE_OPERATIONS } from "./iam-simulate.ts";
import { SSH_KEY_OPERATIONS } from "./iam-ssh-keys.ts";
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
  ...MFA_OPERATIONS,
  ...SIGNING_CERTIFICATE_OPERATIONS,
  ...SSH_KEY_OPERATIONS,
  ...SERVER_CERTIFICATE_OPERATIONS,
  ...FEDERATION_SETTING_OPERATIONS,
  ...ORGANIZATION_OPERATIONS,
  ...INSTANCE_PROFILE_OPERATIONS,
  ...LOGIN_PROFILE_OPERATIONS,
  ...PASSWORD_POLICY_OPERATIONS,
  ...SERVICE_CREDENTIAL_OPERATIONS,
  ...SERVICE_LINKED_ROLE_OPERATIONS,
  ...SAML_OPERATIONS,
  ...LAST_ACCESSED_OPERATIONS,
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
