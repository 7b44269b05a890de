import { isoSeconds } from "../core/iso-date.ts";
import type { XmlFields } from "../wire/query.ts";
import {
  changeHolder,
  findHolder,
  GROUPS,
  groupsOf,
  holderArn,
  isRefusal,
  policiesInTheWay,
  USERS,
} from "./iam-holders.ts";
import { existingUserName, groupName, paging, path, pathPrefix } from "./iam-shapes.ts";
import { userXml } from "./iam-users.ts";
import { newUniqueId } from "./ids.ts";
import { type Answer, type Call, operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import { optional } from "./parameters.ts";
import { type GroupRecord, type IamState, type UserRecord, withEntry, withoutEntry } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

const target = { GroupName: groupName };
const membership = { GroupName: groupName, UserName: existingUserName };
const access = holderArn(GROUPS);

// IAM quotas.
const MOST_GROUPS = 300;
const MOST_OF_USER = 10;

export function groupXml(group: GroupRecord): XmlFields {
  return {
    Path: group.path,
    GroupName: group.name,
    GroupId: group.id,
    Arn: group.arn,
    CreateDate: isoSeconds(group.created / 1000),
  };
}

function arnFor(at: string, name: string, { store }: World): string {
  return `arn:aws:iam::${store.identity.account}:group${at}${name}`;
}

function checkName(name: string, { groups }: IamState): Refusal | null {
  const taken = [...groups.keys()].some((one) => one.toLowerCase() === name.toLowerCase());
  return taken ? iamError("EntityAlreadyExists", `Group with name ${name} already exists.`) : null;
}

const create = operation({
  parameters: { Path: optional(path), ...target },
  access: ({ Path = "/", GroupName }, world) => arnFor(Path, GroupName, world),
  run: ({ values: { GroupName: name, Path: at = "/" }, world }) => {
    const problem = checkName(name, world.store.iam);
    if (problem) return problem;
    if (world.store.iam.groups.size >= MOST_GROUPS)
      // Not verified; worded as those of users and of access keys, which are.
      return iamError("LimitExceeded", `Cannot exceed quota for GroupsPerAccount: ${MOST_GROUPS}`);
    const group: GroupRecord = {
      arn: arnFor(at, name, world),
      name,
      path: at,
      id: newUniqueId("AGPA"),
      tags: [],
      inline: {},
      attached: [],
      members: [],
      created: world.now(),
    };
    world.store.changeIam((iam) => GROUPS.put(iam, group));
    return result({ Group: groupXml(group) });
  },
});

const get = operation({
  parameters: { ...target, ...paging },
  access,
  run: ({ values, world }) => {
    const group = findHolder(GROUPS, { values, world });
    if (isRefusal(group)) return group;
    const users = [...world.store.iam.users.values()].filter(({ id }) => group.members.includes(id));
    const page = paginate(users, ({ name }) => name, values);
    return page.kind === "refused"
      ? page
      : result({ Group: groupXml(group), Users: page.items.map(userXml), ...page.tail });
  },
});

const list = operation({
  parameters: { PathPrefix: optional(pathPrefix), ...paging },
  access: ({ PathPrefix = "/" }, world) => arnFor(PathPrefix, "", world),
  run: ({ values, world }) => {
    const { PathPrefix: prefix = "/" } = values;
    const matching = [...world.store.iam.groups.values()].filter((group) => group.path.startsWith(prefix));
    const page = paginate(matching, ({ name }) => name, values);
    return page.kind === "refused" ? page : result({ Groups: page.items.map(groupXml), ...page.tail });
  },
});

const update = operation({
  parameters: { ...target, NewPath: optional(path), NewGroupName: optional(groupName) },
  access,
  run: ({ values, world }) => {
    const group = findHolder(GROUPS, { values, world });
    if (isRefusal(group)) return group;
    const { NewGroupName: name = group.name, NewPath: at = group.path } = values;
    const renamed = name.toLowerCase() !== group.name.toLowerCase();
    const problem = renamed ? checkName(name, world.store.iam) : null;
    if (problem) return problem;
    const changed: GroupRecord = { ...group, name, path: at, arn: arnFor(at, name, world) };
    world.store.changeIam((iam) => {
      const others = name === group.name ? iam.groups : withoutEntry(iam.groups, group.name);
      return { ...iam, groups: withEntry(others, name, changed) };
    });
    return result();
  },
});

const remove = operation({
  parameters: target,
  access,
  run: ({ values, world }) => {
    const group = findHolder(GROUPS, { values, world });
    if (isRefusal(group)) return group;
    const obstacle = policiesInTheWay(group) ?? membersInTheWay(group);
    if (obstacle) return obstacle;
    world.store.changeIam((iam) => ({ ...iam, groups: withoutEntry(iam.groups, group.name) }));
    return result();
  },
});

function membersInTheWay({ members }: GroupRecord): Refusal | null {
  return members.length > 0
    ? iamError("DeleteConflict", "Cannot delete entity, must remove users from group first.")
    : null;
}

type Membership = Call<{ readonly GroupName: string; readonly UserName: string }>;

// Where neither is there, it is the user that is told to be missing (recorded, 2026-02, of RemoveUserFromGroup).
function changeMembership(
  call: Membership,
  change: (group: GroupRecord, user: UserRecord) => GroupRecord | Refusal,
): Answer {
  const user = findHolder(USERS, call);
  return isRefusal(user) ? user : changeHolder(GROUPS, call, (group) => change(group, user));
}

const add = operation({
  parameters: membership,
  access,
  run: (call) =>
    changeMembership(call, (group, user) => {
      if (group.members.includes(user.id)) return group;
      if (groupsOf(user, call.world.store.iam).length >= MOST_OF_USER)
        // Not verified, as above.
        return iamError("LimitExceeded", `Cannot exceed quota for GroupsPerUser: ${MOST_OF_USER}`);
      return { ...group, members: [...group.members, user.id] };
    }),
});

// AWS does not mind a user who is not in the group (cloud-custodian#4730, tried at AWS).
const drop = operation({
  parameters: membership,
  access,
  run: (call) =>
    changeMembership(call, (group, user) => ({
      ...group,
      members: group.members.filter((one) => one !== user.id),
    })),
});

const listForUser = operation({
  parameters: { UserName: existingUserName, ...paging },
  access: holderArn(USERS),
  run: ({ values, world }) => {
    const user = findHolder(USERS, { values, world });
    if (isRefusal(user)) return user;
    const page = paginate(groupsOf(user, world.store.iam), ({ name }) => name, values);
    return page.kind === "refused" ? page : result({ Groups: page.items.map(groupXml), ...page.tail });
  },
});

export const GROUP_OPERATIONS: Operations = {
  CreateGroup: create,
  GetGroup: get,
  ListGroups: list,
  UpdateGroup: update,
  DeleteGroup: remove,
  AddUserToGroup: add,
  RemoveUserFromGroup: drop,
  ListGroupsForUser: listForUser,
};
