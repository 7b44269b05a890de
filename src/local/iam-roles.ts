import { policiesInTheWay } from "./iam-holders.ts";
import { profilesOf } from "./iam-instance-profiles.ts";
import { checkBoundary } from "./iam-managed-records.ts";
import {
  boundaryXml,
  changeRole,
  checkTrust,
  findRole,
  putRole,
  roleArnOf,
  roleXml,
  wholeRoleXml,
} from "./iam-role-records.ts";
import {
  arn,
  description,
  maxSessionDuration,
  paging,
  path,
  pathPrefix,
  policyDocument,
  roleName,
  tagList,
} from "./iam-shapes.ts";
import { protectedRole } from "./iam-service-linked-roles.ts";
import { mergeTags, tagsXml } from "./iam-tags.ts";
import { newUniqueId } from "./ids.ts";
import { operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import { optional } from "./parameters.ts";
import { type RoleRecord, withoutEntry } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

const MOST_ROLES = 1000;

const create = operation({
  parameters: {
    Path: optional(path),
    RoleName: roleName,
    AssumeRolePolicyDocument: policyDocument,
    Description: optional(description),
    MaxSessionDuration: optional(maxSessionDuration),
    PermissionsBoundary: optional(arn),
    Tags: optional(tagList),
  },
  access: (values, world) => arnFor(values, world),
  run: ({ values, world }) => {
    const tags = mergeTags([], values.Tags ?? [], "folded");
    if (tags.kind === "refused") return tags;
    const problem =
      checkName(values.RoleName, world) ??
      checkTrust(values.AssumeRolePolicyDocument, world) ??
      checkBoundary(values.PermissionsBoundary, world.store.iam);
    if (problem) return problem;
    const role: RoleRecord = {
      arn: arnFor(values, world),
      name: values.RoleName,
      path: values.Path ?? "/",
      id: newUniqueId("AROA"),
      trust: values.AssumeRolePolicyDocument,
      description: values.Description,
      maxSessionDuration: values.MaxSessionDuration ?? 3600,
      boundary: values.PermissionsBoundary,
      tags: tags.tags,
      inline: {},
      attached: [],
      created: world.now(),
    };
    putRole(world, role);
    return result({ Role: createdXml(role, values.MaxSessionDuration) });
  },
});

function arnFor(
  { Path = "/", RoleName }: { readonly Path: string | undefined; readonly RoleName: string },
  world: World,
): string {
  return `arn:aws:iam::${world.store.identity.account}:role${Path}${RoleName}`;
}

// "Role names are not distinguished by case". IAM API reference, CreateRole.
function checkName(name: string, { store }: World): Refusal | null {
  const taken = [...store.iam.roles.keys()].some((one) => one.toLowerCase() === name.toLowerCase());
  if (taken) return iamError("EntityAlreadyExists", `Role with name ${name} already exists.`);
  return store.iam.roles.size < MOST_ROLES
    ? null
    : iamError("LimitExceeded", `Cannot exceed quota for RolesPerAccount: ${MOST_ROLES}`);
}

// Recorded: what was left out of the request is left out of the answer, and the description always (2026-02).
function createdXml(role: RoleRecord, duration: number | undefined): ReturnType<typeof roleXml> {
  return {
    ...roleXml(role),
    MaxSessionDuration: duration,
    PermissionsBoundary: boundaryXml(role),
    Tags: role.tags.length > 0 ? tagsXml(role.tags) : undefined,
  };
}

const get = operation({
  parameters: { RoleName: roleName },
  access: roleArnOf,
  run: (call) => {
    const role = findRole(call);
    return "kind" in role ? role : result({ Role: wholeRoleXml(role, call.world) });
  },
});

const list = operation({
  parameters: { PathPrefix: optional(pathPrefix), ...paging },
  access: ({ PathPrefix = "/" }, world) => `arn:aws:iam::${world.store.identity.account}:role${PathPrefix}`,
  run: ({ values, world }) => {
    const prefix = values.PathPrefix ?? "/";
    const matching = [...world.store.iam.roles.values()].filter((role) => role.path.startsWith(prefix));
    const page = paginate(matching, ({ name }) => name, values);
    if (page.kind === "refused") return page;
    const roles = page.items.map((role) => ({
      ...roleXml(role),
      Description: role.description,
      MaxSessionDuration: role.maxSessionDuration,
    }));
    return result({ Roles: roles, ...page.tail });
  },
});

const remove = operation({
  parameters: { RoleName: roleName },
  access: roleArnOf,
  run: (call) => {
    const role = findRole(call);
    if ("kind" in role) return role;
    const obstacle = protectedRole(role) ?? policiesInTheWay(role) ?? profilesInTheWay(role, call.world);
    if (obstacle) return obstacle;
    call.world.store.changeIam((iam) => ({ ...iam, roles: withoutEntry(iam.roles, role.name) }));
    return result();
  },
});

// Recorded, 2026-02.
function profilesInTheWay(role: RoleRecord, world: World): Refusal | null {
  return profilesOf(role, world).length > 0
    ? iamError("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
    : null;
}

const update = operation({
  parameters: {
    RoleName: roleName,
    Description: optional(description),
    MaxSessionDuration: optional(maxSessionDuration),
  },
  access: roleArnOf,
  run: (call) =>
    changeRole(
      call,
      (role) => ({
        ...role,
        description: call.values.Description ?? role.description,
        maxSessionDuration: call.values.MaxSessionDuration ?? role.maxSessionDuration,
      }),
      // An empty result element, unlike the calls that answer nothing. IAM API model.
      () => ({}),
    ),
});

const updateDescription = operation({
  parameters: { RoleName: roleName, Description: description },
  access: roleArnOf,
  run: (call) =>
    changeRole(
      call,
      (role) => ({ ...role, description: call.values.Description }),
      // Recorded, 2026-02: neither the longest session nor the last use.
      (role) => ({ Role: { ...roleXml(role), Description: role.description } }),
    ),
});

const updateTrust = operation({
  parameters: { RoleName: roleName, PolicyDocument: policyDocument },
  access: roleArnOf,
  run: (call) =>
    changeRole(call, (role) => {
      const { PolicyDocument: trust } = call.values;
      return protectedRole(role) ?? checkTrust(trust, call.world) ?? { ...role, trust };
    }),
});

export const ROLE_OPERATIONS: Operations = {
  CreateRole: create,
  GetRole: get,
  ListRoles: list,
  DeleteRole: remove,
  UpdateRole: update,
  UpdateRoleDescription: updateDescription,
  UpdateAssumeRolePolicy: updateTrust,
};
