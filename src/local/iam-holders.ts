import { existingUserName, groupName, roleName, userName } from "./iam-shapes.ts";
import { type Answer, type Call, result } from "./operation.ts";
import type { Parameter } from "./parameters.ts";
import {
  type GroupRecord,
  type Holder,
  type IamState,
  type RoleRecord,
  type UserRecord,
  withEntry,
} from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/** Roles, users and groups hold policies in the same way; a kind says how they differ. */
export interface HolderKind<H extends Holder> {
  readonly noun: "role" | "user" | "group";
  /** As in the names of calls and quotas. */
  readonly title: "Role" | "User" | "Group";
  /** Parameter that names one. */
  readonly parameter: "RoleName" | "UserName" | "GroupName";
  readonly name: Parameter<string>;
  /** The same in the calls about inline policies and tags, as the API model has it. */
  readonly existingName: Parameter<string>;
  /** IAM quotas: characters of all inline policies together, white space not counted. */
  readonly longestInline: number;
  readonly all: (iam: IamState) => ReadonlyMap<string, H>;
  readonly put: (iam: IamState, holder: H) => IamState;
}

export const ROLES: HolderKind<RoleRecord> = {
  noun: "role",
  title: "Role",
  parameter: "RoleName",
  name: roleName,
  existingName: roleName,
  longestInline: 10_240,
  all: ({ roles }) => roles,
  put: (iam, role) => ({ ...iam, roles: withEntry(iam.roles, role.name, role) }),
};

export const USERS: HolderKind<UserRecord> = {
  noun: "user",
  title: "User",
  parameter: "UserName",
  name: userName,
  existingName: existingUserName,
  longestInline: 2048,
  all: ({ users }) => users,
  put: (iam, user) => ({ ...iam, users: withEntry(iam.users, user.name, user) }),
};

export const GROUPS: HolderKind<GroupRecord> = {
  noun: "group",
  title: "Group",
  parameter: "GroupName",
  name: groupName,
  existingName: groupName,
  longestInline: 5120,
  all: ({ groups }) => groups,
  put: (iam, group) => ({ ...iam, groups: withEntry(iam.groups, group.name, group) }),
};

/** Which kind a holder is of. */
export function titleOf(holder: Holder): "Role" | "User" | "Group" {
  if ("trust" in holder) return "Role";
  return "keys" in holder ? "User" : "Group";
}

export function groupsOf({ id }: UserRecord, { groups }: Pick<IamState, "groups">): readonly GroupRecord[] {
  return [...groups.values()].filter(({ members }) => members.includes(id));
}

type Given = Readonly<Record<string, unknown>>;

function nameIn<H extends Holder>({ parameter }: HolderKind<H>, values: Given): string {
  const name = values[parameter];
  return typeof name === "string" ? name : "";
}

/** The ARN that a call about a holder is authorised for; one that is not there would have no path. */
export function holderArn<H extends Holder>(kind: HolderKind<H>): (values: Given, world: World) => string {
  return (values, { store }) => {
    const name = nameIn(kind, values);
    return kind.all(store.iam).get(name)?.arn ?? `arn:aws:iam::${store.identity.account}:${kind.noun}/${name}`;
  };
}

/** The role, user or group that a call names, or AWS's word for that there is none (recorded, 2025-03). */
export function findHolder<H extends Holder>(
  kind: HolderKind<H>,
  { values, world }: Pick<Call<Given>, "values" | "world">,
): H | Refusal {
  const name = nameIn(kind, values);
  return (
    kind.all(world.store.iam).get(name) ??
    iamError("NoSuchEntity", `The ${kind.noun} with name ${name} cannot be found.`)
  );
}

/** Changes the role, user or group that a call names, or refuses. */
export function changeHolder<H extends Holder>(
  kind: HolderKind<H>,
  call: Pick<Call<Given>, "values" | "world">,
  update: (holder: H) => H | Refusal,
): Answer {
  const found = findHolder(kind, call);
  const changed = isRefusal(found) ? found : update(found);
  if (isRefusal(changed)) return changed;
  call.world.store.changeIam((iam) => kind.put(iam, changed));
  return result();
}

export function isRefusal(value: object): value is Refusal {
  return "kind" in value && value.kind === "refused";
}

/** What IAM says against deleting one that still holds policies. */
export function policiesInTheWay({ attached, inline }: Holder): Refusal | null {
  if (attached.length > 0) return iamError("DeleteConflict", "Cannot delete entity, must detach all policies first.");
  return Object.keys(inline).length > 0
    ? iamError("DeleteConflict", "Cannot delete entity, must delete policies first.")
    : null;
}
