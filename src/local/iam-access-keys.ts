import { isoSeconds } from "../core/iso-date.ts";
import type { XmlFields } from "../wire/query.ts";
import { ownerOfKey } from "./admin-user.ts";
import { isRefusal } from "./iam-holders.ts";
import { changeOwned, listOwned, type OwnedKind, putOwned } from "./iam-owned.ts";
import { accessKeyId, existingUserName, oneOf, paging } from "./iam-shapes.ts";
import { findUserOrSelf, userArnOf } from "./iam-users.ts";
import { newAccessKeyId, newSecretAccessKey } from "./ids.ts";
import { operation, type Operations, result } from "./operation.ts";
import { optional } from "./parameters.ts";
import type { Principal } from "./principal.ts";
import type { AccessKeyRecord, UserRecord } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";

/** Access keys of users. Answers and texts: recorded from AWS, 2026-02 (localstack#13742), unless said otherwise. */

const user = { UserName: optional(existingUserName) };
const named = { ...user, AccessKeyId: accessKeyId };

// IAM quotas.
const MOST_KEYS = 2;

const KEYS: OwnedKind<AccessKeyRecord, "AccessKeyId"> = {
  parameter: "AccessKeyId",
  all: ({ keys }) => keys,
  put: (owner, keys) => ({ ...owner, keys }),
  missing: (id) => `The Access Key with id ${id} cannot be found.`,
};

function keyXml({ name }: UserRecord, key: AccessKeyRecord): XmlFields {
  return { UserName: name, AccessKeyId: key.id, Status: key.active ? "Active" : "Inactive" };
}

function metadataXml(owner: UserRecord, key: AccessKeyRecord): XmlFields {
  return { ...keyXml(owner, key), CreateDate: isoSeconds(key.created / 1000) };
}

const create = operation({
  parameters: user,
  access: userArnOf,
  run: (call) => {
    const owner = findUserOrSelf(call);
    if (isRefusal(owner)) return owner;
    if (owner.keys.length >= MOST_KEYS)
      return iamError("LimitExceeded", `Cannot exceed quota for AccessKeysPerUser: ${MOST_KEYS}`);
    const { world } = call;
    const key: AccessKeyRecord = {
      id: newAccessKeyId("AKIA", world.store.identity.account),
      secret: newSecretAccessKey(),
      active: true,
      created: world.now(),
    };
    putOwned(KEYS, world, owner, [...owner.keys, key]);
    return result({ AccessKey: { ...metadataXml(owner, key), SecretAccessKey: key.secret } });
  },
});

const list = operation({
  parameters: { ...user, ...paging },
  access: userArnOf,
  run: (call) => listOwned(KEYS, call, "AccessKeyMetadata", metadataXml),
});

const update = operation({
  parameters: { ...named, Status: oneOf("Active", "Inactive") },
  access: userArnOf,
  run: (call) => changeOwned(KEYS, call, (key) => ({ ...key, active: call.values.Status === "Active" })),
});

const remove = operation({
  parameters: named,
  access: userArnOf,
  run: (call) => changeOwned(KEYS, call, () => null),
});

const lastUsed = operation({
  parameters: { AccessKeyId: accessKeyId },
  access: ({ AccessKeyId: wanted }, { store }) =>
    ownerOfKey(store.iam, wanted)?.user.arn ?? `arn:aws:iam::${store.identity.account}:user/*`,
  run: ({ values: { AccessKeyId: wanted }, world, principal }) => {
    const owned = ownerOfKey(world.store.iam, wanted);
    if (!owned) return notTheirs(wanted, principal);
    const use = world.store.lastUse(wanted);
    return result({
      UserName: owned.user.name,
      // "N/A" for a key that was never used; the date is left out. IAM API reference, AccessKeyLastUsed.
      AccessKeyLastUsed: {
        LastUsedDate: use && isoSeconds(use.at / 1000),
        ServiceName: use?.service ?? "N/A",
        Region: use?.region ?? "N/A",
      },
    });
  },
});

// A key that is not the account's, or nobody's, is not told to be missing. Without a colon, as AWS has it.
function notTheirs(wanted: string, principal: Principal | null): Refusal {
  const text = `is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key ${wanted}`;
  return iamError("AccessDenied", `User: ${principal?.arn} ${text}`);
}

export const ACCESS_KEY_OPERATIONS: Operations = {
  CreateAccessKey: create,
  ListAccessKeys: list,
  UpdateAccessKey: update,
  DeleteAccessKey: remove,
  GetAccessKeyLastUsed: lastUsed,
};
