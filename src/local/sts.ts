import { accountOfKey } from "./ids.ts";
import { operation, type Operations, result } from "./operation.ts";
import { text } from "./parameters.ts";
import { refuse } from "./refusal.ts";
import { assumeRole } from "./sts-assume-role.ts";
import { assumeRoot } from "./sts-assume-root.ts";
import { getDelegatedAccessToken } from "./sts-delegated-token.ts";
import { getFederationToken } from "./sts-federation-token.ts";
import { getWebIdentityToken } from "./sts-outbound-token.ts";
import { assumeRoleWithSaml } from "./sts-saml.ts";
import { getScopedCredentials } from "./sts-scoped-credentials.ts";
import { decodeAuthorizationMessage, getSessionToken } from "./sts-session-token.ts";
import { assumeRoleWithWebIdentity } from "./sts-web-identity.ts";

const getCallerIdentity = operation({
  parameters: {},
  // "No permissions are required", and an explicit Deny is ignored. STS API reference.
  access: "signer",
  run: ({ principal }) =>
    principal
      ? result({ Arn: principal.arn, UserId: principal.userId, Account: principal.account })
      : refuse(403, "MissingAuthenticationToken", "Request is missing Authentication Token"),
});

const getAccessKeyInfo = operation({
  parameters: { AccessKeyId: text({ min: 16, max: 128, pattern: String.raw`[\w]*` }) },
  access: () => "*",
  run: ({ values, world }) => {
    const { account, admin } = world.store.identity;
    const found = values.AccessKeyId === admin.accessKeyId ? account : accountOfKey(values.AccessKeyId);
    return found ? result({ Account: found }) : refuse(400, "ValidationError", "Access key ID is not valid");
  },
});

/** What STS answers here. */
export const STS: Operations = {
  AssumeRole: assumeRole,
  AssumeRoleWithSAML: assumeRoleWithSaml,
  AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
  AssumeRoot: assumeRoot,
  DecodeAuthorizationMessage: decodeAuthorizationMessage,
  GetCallerIdentity: getCallerIdentity,
  GetAccessKeyInfo: getAccessKeyInfo,
  GetDelegatedAccessToken: getDelegatedAccessToken,
  GetFederationToken: getFederationToken,
  GetScopedCredentials: getScopedCredentials,
  GetSessionToken: getSessionToken,
  GetWebIdentityToken: getWebIdentityToken,
};
