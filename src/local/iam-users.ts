import { isoSeconds } from "../core/iso-date.ts";
import type { XmlFields } from "../wire/query.ts";
import { findHolder, groupsOf, isRefusal, policiesInTheWay, USERS } from "./iam-holders.ts";
import { devicesOf } from "./iam-mfa-records.ts";
import { checkBoundary } from "./iam-managed-records.ts";
import { boundaryXml } from "./iam-role-records.ts";
import { arn, existingUserName, paging, path, pathPrefix, tagList, userName } from "./iam-shapes.ts";
import { mergeTags, tagsXml } from "./iam-tags.ts";
import { newUniqueId } from "./ids.ts";
import { type Call, operation, type Operations, result, SELF } from "./operation.ts";
import { paginate } from "./pages.ts";
import { optional } from "./parameters.ts";
import { type IamState, type UserRecord, withEntry, withoutEntry } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

const MOST_USERS = 5000;

/** The ARN that a call about a user, or about the caller, is authorised for. */
export function userArnOf({ UserName: name }: { readonly UserName: string | undefined }, { store }: World): string {
  if (name === undefined) return SELF;
  return store.iam.users.get(name)?.arn ?? `arn:aws:iam::${store.identity.account}:user/${name}`;
}

/** The user that a call names, or who calls. */
export function findUserOrSelf(call: Call<{ readonly UserName: string | undefined }>): UserRecord | Refusal {
  const { principal, values, world } = call;
  if (values.UserName !== undefined) return findHolder(USERS, { values, world });
  if (principal?.kind !== "user")
    // localstack, test_get_user_without_username_as_role (validated at AWS); mhausenblas/rbIAM#4.
    return iamError("ValidationError", "Must specify userName when calling with non-User credentials");
  return findHolder(USERS, { values: { UserName: principal.name }, world });
}

/** The members that every answer about a user has (recorded, 2025-03). */
export function userXml(user: UserRecord): XmlFields {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: user.arn,
    CreateDate: isoSeconds(user.created / 1000),
  };
}

export function wholeUserXml(user: UserRecord): XmlFields {
  return {
    ...userXml(user),
    PermissionsBoundary: boundaryXml(user),
    Tags: user.tags.length > 0 ? tagsXml(user.tags) : undefined,
  };
}

const create = operation({
  parameters: {
    Path: optional(path),
    UserName: userName,
    PermissionsBoundary: optional(arn),
    Tags: optional(tagList),
  },
  access: ({ Path = "/", UserName }, world) => arnFor(Path, UserName, world),
  run: ({ values, world }) => {
    const { UserName: name, Path: at = "/", PermissionsBoundary: boundary } = values;
    const { iam } = world.store;
    const tags = mergeTags([], values.Tags ?? [], "folded");
    if (tags.kind === "refused") return tags;
    const problem = checkName(name, iam) ?? checkQuota(iam) ?? checkBoundary(boundary, iam);
    if (problem) return problem;
    const user: UserRecord = {
      arn: arnFor(at, name, world),
      name,
      path: at,
      id: newUniqueId("AIDA"),
      boundary,
      tags: tags.tags,
      inline: {},
      attached: [],
      keys: [],
      created: world.now(),
    };
    world.store.changeIam((state) => USERS.put(state, user));
    return result({ User: wholeUserXml(user) });
  },
});

function arnFor(at: string, name: string, { store }: World): string {
  return `arn:aws:iam::${store.identity.account}:user${at}${name}`;
}

// "User names are not distinguished by case". IAM API reference, CreateUser.
function checkName(name: string, { users }: IamState): Refusal | null {
  const taken = [...users.keys()].some((one) => one.toLowerCase() === name.toLowerCase());
  return taken ? iamError("EntityAlreadyExists", `User with name ${name} already exists.`) : null;
}

function checkQuota({ users }: IamState): Refusal | null {
  if (users.size < MOST_USERS) return null;
  // As openshift/cloud-credential-operator keeps AWS's answer.
  return iamError("LimitExceeded", `Cannot exceed quota for UsersPerAccount: ${MOST_USERS}`);
}

const get = operation({
  parameters: { UserName: optional(existingUserName) },
  access: userArnOf,
  run: (call) => {
    const user = findUserOrSelf(call);
    return isRefusal(user) ? user : result({ User: wholeUserXml(user) });
  },
});

const list = operation({
  parameters: { PathPrefix: optional(pathPrefix), ...paging },
  access: ({ PathPrefix = "/" }, world) => `arn:aws:iam::${world.store.identity.account}:user${PathPrefix}`,
  run: ({ values, world }) => {
    const { PathPrefix: prefix = "/" } = values;
    const matching = [...world.store.iam.users.values()].filter((user) => user.path.startsWith(prefix));
    const page = paginate(matching, ({ name }) => name, values);
    return page.kind === "refused" ? page : result({ Users: page.items.map(userXml), ...page.tail });
  },
});

const update = operation({
  parameters: { UserName: existingUserName, NewPath: optional(path), NewUserName: optional(userName) },
  access: userArnOf,
  run: ({ values, world }) => {
    const user = findHolder(USERS, { values, world });
    if (isRefusal(user)) return user;
    const { NewUserName: name = user.name, NewPath: at = user.path } = values;
    const renamed = name.toLowerCase() !== user.name.toLowerCase();
    const problem = renamed ? checkName(name, world.store.iam) : null;
    if (problem) return problem;
    const changed: UserRecord = { ...user, name, path: at, arn: arnFor(at, name, world) };
    world.store.changeIam((iam) => {
      const others = name === user.name ? iam.users : withoutEntry(iam.users, user.name);
      return { ...iam, users: withEntry(others, name, changed) };
    });
    return result();
  },
});

const remove = operation({
  parameters: { UserName: existingUserName },
  access: userArnOf,
  run: ({ values, world }) => {
    const user = findHolder(USERS, { values, world });
    if (isRefusal(user)) return user;
    const obstacle =
      policiesInTheWay(user) ??
      loginInTheWay(user) ??
      keysInTheWay(user) ??
      groupsInTheWay(user, world.store.iam) ??
      devicesInTheWay(user, world) ??
      certificatesInTheWay(user) ??
      credentialsInTheWay(user);
    if (obstacle) return obstacle;
    world.store.changeIam((iam) => ({ ...iam, users: withoutEntry(iam.users, user.name) }));
    return result();
  },
});

// In logs of Terraform.
function loginInTheWay({ login }: UserRecord): Refusal | null {
  return login ? iamError("DeleteConflict", "Cannot delete entity, must delete login profile first.") : null;
}

function keysInTheWay({ keys }: UserRecord): Refusal | null {
  return keys.length > 0 ? iamError("DeleteConflict", "Cannot delete entity, must delete access keys first.") : null;
}

// rebuy-de/aws-nuke#281, ansible/ansible#27247.
function devicesInTheWay(user: UserRecord, world: World): Refusal | null {
  return devicesOf(user, world).length > 0
    ? iamError("DeleteConflict", "Cannot delete entity, must delete MFA device first.")
    : null;
}

// rebuy-de/aws-nuke#671.
function certificatesInTheWay({ certificates = [] }: UserRecord): Refusal | null {
  return certificates.length > 0
    ? iamError("DeleteConflict", "Cannot delete entity, must delete certificates first.")
    : null;
}

// Recorded, 2025, for credentials of a service; of SSH keys rebuy-de/aws-nuke#522.
function credentialsInTheWay({ serviceCredentials = [], sshKeys = [] }: UserRecord): Refusal | null {
  return serviceCredentials.length + sshKeys.length > 0
    ? iamError("DeleteConflict", "Cannot delete entity, must remove referenced objects first.")
    : null;
}

function groupsInTheWay(user: UserRecord, iam: IamState): Refusal | null {
  return groupsOf(user, iam).length > 0
    ? iamError("DeleteConflict", "Cannot delete entity, must remove users from group first.")
    : null;
}

export const USER_OPERATIONS: Operations = {
  CreateUser: create,
  GetUser: get,
  ListUsers: list,
  UpdateUser: update,
  DeleteUser: remove,
};
