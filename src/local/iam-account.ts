import { operation, type Operations, result } from "./operation.ts";
import { paging } from "./iam-shapes.ts";
import { text } from "./parameters.ts";
import type { IamState } from "./records.ts";
import { iamError } from "./refusal.ts";

// Quotas as AWS answers them for a new account. IAM guide, IAM and STS quotas.
const QUOTAS = {
  UsersQuota: 5000,
  GroupsQuota: 300,
  RolesQuota: 1000,
  PoliciesQuota: 1500,
  InstanceProfilesQuota: 1000,
  ServerCertificatesQuota: 20,
  UserPolicySizeQuota: 2048,
  GroupPolicySizeQuota: 5120,
  RolePolicySizeQuota: 10_240,
  PolicySizeQuota: 6144,
  AssumeRolePolicySizeQuota: 2048,
  SigningCertificatesPerUserQuota: 2,
  AccessKeysPerUserQuota: 2,
  GroupsPerUserQuota: 10,
  AttachedPoliciesPerUserQuota: 10,
  AttachedPoliciesPerGroupQuota: 10,
  AttachedPoliciesPerRoleQuota: 10,
  PolicyVersionsInUseQuota: 10_000,
  VersionsPerPolicyQuota: 5,
};

// Of the root user, which has nothing here.
const ROOT = {
  AccountMFAEnabled: 0,
  AccountPasswordPresent: 1,
  AccountAccessKeysPresent: 0,
  AccountSigningCertificatesPresent: 0,
};

function counts({
  users,
  groups,
  roles,
  policies,
  providers,
  instanceProfiles,
  samlProviders,
  mfaDevices,
  serverCertificates,
  tokenVersion = 1,
}: IamState): Readonly<Record<string, number>> {
  return {
    Users: users.size,
    Groups: groups.size,
    Roles: roles.size,
    Policies: policies.size,
    InstanceProfiles: instanceProfiles.size,
    Providers: providers.size + samlProviders.size,
    ServerCertificates: serverCertificates.size,
    MFADevices: mfaDevices.size,
    MFADevicesInUse: [...mfaDevices.values()].filter(({ assigned }) => assigned).length,
    GlobalEndpointTokenVersion: tokenVersion,
    PolicyVersionsInUse: [...policies.values()].reduce((sum, { versions }) => sum + versions.length, 0),
  };
}

const summary = operation({
  parameters: {},
  access: () => "*",
  run: ({ world }) => {
    const numbers = { ...QUOTAS, ...ROOT, ...counts(world.store.iam) };
    return result({ SummaryMap: new Map(Object.entries(numbers)) });
  },
});

const alias = {
  AccountAlias: text({ min: 3, max: 63, pattern: String.raw`^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$` }),
};

const listAliases = operation({
  parameters: paging,
  access: () => "*",
  run: ({ world }) => {
    const { alias: own } = world.store.iam;
    return result({ AccountAliases: own === undefined ? [] : [own], IsTruncated: false });
  },
});

// An account has one alias; a new one takes the place of the old. IAM guide, account aliases.
const createAlias = operation({
  parameters: alias,
  access: () => "*",
  run: ({ values: { AccountAlias: given }, world }) => {
    // The text that people meet of another account's alias; that it is told of the account's own is not verified.
    if (world.store.iam.alias === given)
      return iamError("EntityAlreadyExists", `The account alias ${given} already exists.`);
    world.store.changeIam((iam) => ({ ...iam, alias: given }));
    return result();
  },
});

const deleteAlias = operation({
  parameters: alias,
  access: () => "*",
  run: ({ values: { AccountAlias: given }, world }) => {
    // The text is not verified.
    if (world.store.iam.alias !== given) return iamError("NoSuchEntity", `The account alias ${given} cannot be found.`);
    world.store.changeIam((iam) => ({ ...iam, alias: undefined }));
    return result();
  },
});

export const ACCOUNT_OPERATIONS: Operations = {
  GetAccountSummary: summary,
  ListAccountAliases: listAliases,
  CreateAccountAlias: createAlias,
  DeleteAccountAlias: deleteAlias,
};
