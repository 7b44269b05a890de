import { isoSeconds } from "../core/iso-date.ts";
import type { XmlFields } from "../wire/query.ts";
import { ownerOfKey } from "./admin-user.ts";
import { isRefusal, USERS } from "./iam-holders.ts";
import { accessKeyId, existingUserName, oneOf, paging } from "./iam-shapes.ts";
import { findUserOrSelf, userArnOf } from "./iam-users.ts";
import { newAccessKeyId, newSecretAccessKey } from "./ids.ts";
import { type Answer, type Call, operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import { optional } from "./parameters.ts";
import type { AccessKeyRecord, UserRecord } from "./records.ts";
import { iamError } from "./refusal.ts";
import type { World } from "./world.ts";

const user = { UserName: optional(existingUserName) };

// IAM quotas.
const MOST_KEYS = 2;

function keyXml({ name }: UserRecord, key: AccessKeyRecord): XmlFields {
  return { UserName: name, AccessKeyId: key.id, Status: key.active ? "Active" : "Inactive" };
}

function putKeys(world: World, owner: UserRecord, keys: readonly AccessKeyRecord[]): void {
  world.store.changeIam((iam) => USERS.put(iam, { ...owner, keys }));
}

const create = operation({
  parameters: user,
  access: userArnOf,
  run: (call) => {
    const owner = findUserOrSelf(call);
    if (isRefusal(owner)) return owner;
    if (owner.keys.length >= MOST_KEYS)
      // In many reports from AWS, of tools that rotate keys.
      return iamError("LimitExceeded", `Cannot exceed quota for AccessKeysPerUser: ${MOST_KEYS}`);
    const { world } = call;
    const key: AccessKeyRecord = {
      id: newAccessKeyId("AKIA", world.store.identity.account),
      secret: newSecretAccessKey(),
      active: true,
      created: world.now(),
    };
    putKeys(world, owner, [...owner.keys, key]);
    const shown = { ...keyXml(owner, key), SecretAccessKey: key.secret, CreateDate: isoSeconds(key.created / 1000) };
    return result({ AccessKey: shown });
  },
});

const list = operation({
  parameters: { ...user, ...paging },
  access: userArnOf,
  run: (call) => {
    const owner = findUserOrSelf(call);
    if (isRefusal(owner)) return owner;
    const page = paginate(owner.keys, ({ id }) => id, call.values);
    if (page.kind === "refused") return page;
    const keys = page.items.map((key) => ({ ...keyXml(owner, key), CreateDate: isoSeconds(key.created / 1000) }));
    return result({ AccessKeyMetadata: keys, ...page.tail });
  },
});

type NamesKey = { readonly UserName: string | undefined; readonly AccessKeyId: string };

/** Changes the keys of a user who has the key that a call names. */
function changeKeys(
  call: Call<NamesKey>,
  change: (keys: readonly AccessKeyRecord[], wanted: string) => readonly AccessKeyRecord[],
): Answer {
  const owner = findUserOrSelf(call);
  if (isRefusal(owner)) return owner;
  const { AccessKeyId: wanted } = call.values;
  if (!owner.keys.some(({ id }) => id === wanted)) return noSuchKey(wanted);
  putKeys(call.world, owner, change(owner.keys, wanted));
  return result();
}

function noSuchKey(wanted: string): Answer {
  // Pasted with and without the full stop; not recorded.
  return iamError("NoSuchEntity", `The Access Key with id ${wanted} cannot be found.`);
}

const update = operation({
  parameters: { ...user, AccessKeyId: accessKeyId, Status: oneOf("Active", "Inactive") },
  access: userArnOf,
  run: (call) =>
    changeKeys(call, (keys, wanted) =>
      keys.map((key) => (key.id === wanted ? { ...key, active: call.values.Status === "Active" } : key)),
    ),
});

const remove = operation({
  parameters: { ...user, AccessKeyId: accessKeyId },
  access: userArnOf,
  run: (call) => changeKeys(call, (keys, wanted) => keys.filter(({ id }) => id !== wanted)),
});

const lastUsed = operation({
  parameters: { AccessKeyId: accessKeyId },
  access: ({ AccessKeyId: wanted }, { store }) =>
    ownerOfKey(store.iam, wanted)?.user.arn ?? `arn:aws:iam::${store.identity.account}:user/*`,
  run: ({ values: { AccessKeyId: wanted }, world }) => {
    const owned = ownerOfKey(world.store.iam, wanted);
    if (!owned) return noSuchKey(wanted);
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

export const ACCESS_KEY_OPERATIONS: Operations = {
  CreateAccessKey: create,
  ListAccessKeys: list,
  UpdateAccessKey: update,
  DeleteAccessKey: remove,
  GetAccessKeyLastUsed: lastUsed,
};
