import type { XmlFields } from "../wire/query.ts";
import { isRefusal, USERS } from "./iam-holders.ts";
import { paging, pathPrefix } from "./iam-shapes.ts";
import { findUserOrSelf, userArnOf } from "./iam-users.ts";
import { operation, type Operation, type Operations, result } from "./operation.ts";
import { optional } from "./parameters.ts";

/**
 * Questions about what this account never has: second factors, certificates, keys of other kinds. Who cleans up a
 * user asks all of them.
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

export const NONE_OPERATIONS: Operations = {
  ListServerCertificates: noneInAccount("ServerCertificateMetadataList"),
  ListVirtualMFADevices: noneInAccount("VirtualMFADevices"),
  ListMFADevices: noneOfUser("MFADevices"),
  ListSSHPublicKeys: noneOfUser("SSHPublicKeys"),
  ListSigningCertificates: noneOfUser("Certificates"),
};
