import type { XmlFields } from "../wire/query.ts";
import { findHolder, holderArn, isRefusal, ROLES, USERS } from "./iam-holders.ts";
import { paging, pathPrefix } from "./iam-shapes.ts";
import { findUserOrSelf, userArnOf } from "./iam-users.ts";
import { operation, type Operation, type Operations, result } from "./operation.ts";
import { optional } from "./parameters.ts";
import { iamError } from "./refusal.ts";

/**
 * Questions about what this account never has: passwords, second factors, certificates,
 * instance profiles. Who cleans up a user or role asks all of them.
 */

function empty(list: string): XmlFields {
  return { [list]: [], IsTruncated: false };
}

function noneInAccount(list: string): Operation {
  return operation({
    parameters: { PathPrefix: optional(pathPrefix), ...paging },
    access: () => "*",
    run: () => result(empty(list)),
  });
}

const noneOfRole = operation({
  parameters: { [ROLES.parameter]: ROLES.name, ...paging },
  access: holderArn(ROLES),
  run: (call) => {
    const role = findHolder(ROLES, call);
    return isRefusal(role) ? role : result(empty("InstanceProfiles"));
  },
});

// The user may be left out: it is then who calls.
function noneOfUser(list: string): Operation {
  return operation({
    parameters: { UserName: optional(USERS.name), ...paging },
    access: userArnOf,
    run: (call) => {
      const user = findUserOrSelf(call);
      return isRefusal(user) ? user : result(empty(list));
    },
  });
}

// Texts that people paste; not recorded.
const getLoginProfile = operation({
  parameters: { UserName: optional(USERS.name) },
  access: userArnOf,
  run: (call) => {
    const user = findUserOrSelf(call);
    return isRefusal(user) ? user : iamError("NoSuchEntity", `Login Profile for User ${user.name} cannot be found.`);
  },
});

const getPasswordPolicy = operation({
  parameters: {},
  access: () => "*",
  run: ({ world }) =>
    iamError("NoSuchEntity", `The Password Policy with domain name ${world.store.identity.account} cannot be found.`),
});

export const NONE_OPERATIONS: Operations = {
  ListInstanceProfiles: noneInAccount("InstanceProfiles"),
  ListSAMLProviders: noneInAccount("SAMLProviderList"),
  ListServerCertificates: noneInAccount("ServerCertificateMetadataList"),
  ListVirtualMFADevices: noneInAccount("VirtualMFADevices"),
  ListInstanceProfilesForRole: noneOfRole,
  ListMFADevices: noneOfUser("MFADevices"),
  ListSSHPublicKeys: noneOfUser("SSHPublicKeys"),
  ListServiceSpecificCredentials: noneOfUser("ServiceSpecificCredentials"),
  ListSigningCertificates: noneOfUser("Certificates"),
  GetLoginProfile: getLoginProfile,
  GetAccountPasswordPolicy: getPasswordPolicy,
};
