import type { AccessKeyRecord, IamState, UserRecord } from "./records.ts";
import { withEntry } from "./records.ts";
import type { CloudIdentity } from "./state.ts";

const ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess";

/**
 * An account in which the admin is there with the key that the cloud was started with. Not root: root
 * may not assume roles, and nobody should get used to it.
 *
 * @param now milliseconds since 1970
 */
export function withAdmin(iam: IamState, identity: CloudIdentity, now: number): IamState {
  const { accessKeyId, secretAccessKey } = identity.admin;
  const before = [...iam.users.values()].find(({ id }) => id === identity.admin.userId) ?? newAdmin(identity, now);
  if (before.keys.some(({ id, secret }) => id === accessKeyId && secret === secretAccessKey)) return iam;
  const given: AccessKeyRecord = {
    id: accessKeyId,
    secret: secretAccessKey,
    active: true,
    created: now,
    given: true,
  };
  const admin = { ...before, keys: [given, ...before.keys.filter((key) => !key.given && key.id !== accessKeyId)] };
  return { ...iam, users: withEntry(iam.users, admin.name, admin) };
}

function newAdmin({ account, admin }: CloudIdentity, now: number): UserRecord {
  return {
    arn: `arn:aws:iam::${account}:user/admin`,
    name: "admin",
    path: "/",
    id: admin.userId,
    tags: [],
    inline: {},
    attached: [ADMINISTRATOR_ACCESS],
    keys: [],
    created: now,
  };
}

interface OwnedKey {
  readonly user: UserRecord;
  readonly key: AccessKeyRecord;
}

const indices = new WeakMap<IamState["users"], ReadonlyMap<string, OwnedKey>>();

/** The user whom an access key belongs to. */
export function ownerOfKey({ users }: IamState, accessKeyId: string): OwnedKey | undefined {
  const known = indices.get(users);
  if (known) return known.get(accessKeyId);
  const pairs = [...users.values()].flatMap((user) =>
    user.keys.map((key): [string, OwnedKey] => [key.id, { user, key }]),
  );
  const index = new Map(pairs);
  indices.set(users, index);
  return index.get(accessKeyId);
}
