import { isoSeconds } from "../core/iso-date.ts";
import type { XmlFields } from "../wire/query.ts";
import { findHolder, holderArn, isRefusal, ROLES } from "./iam-holders.ts";
import { boundaryXml, roleXml } from "./iam-role-records.ts";
import { paging, path, pathPrefix, policyName, roleName, tagList } from "./iam-shapes.ts";
import { resourceTagOperations } from "./iam-resource-tags.ts";
import { mergeTags, tagsXml } from "./iam-tags.ts";
import { newUniqueId } from "./ids.ts";
import { type Answer, type Call, operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import { optional } from "./parameters.ts";
import { type InstanceProfileRecord, type RoleRecord, withEntry, withoutEntry } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/** Instance profiles. Texts recorded from AWS, 2026-02 (localstack, test_iam_instance_profiles). */

// The API model gives their names the limits of a policy's.
const profileName = policyName;
const target = { InstanceProfileName: profileName };

// IAM quotas.
const MOST_PROFILES = 1000;

type NamesProfile = { readonly InstanceProfileName: string };

function arnFor(at: string, name: string, { store }: World): string {
  return `arn:aws:iam::${store.identity.account}:instance-profile${at}${name}`;
}

function access({ InstanceProfileName: name }: NamesProfile, world: World): string {
  return world.store.iam.instanceProfiles.get(name)?.arn ?? arnFor("/", name, world);
}

function find({ values, world }: Pick<Call<NamesProfile>, "values" | "world">): InstanceProfileRecord | Refusal {
  const { InstanceProfileName: name } = values;
  return (
    world.store.iam.instanceProfiles.get(name) ?? iamError("NoSuchEntity", `Instance Profile ${name} cannot be found.`)
  );
}

function put(world: World, profile: InstanceProfileRecord): void {
  world.store.changeIam((iam) => ({
    ...iam,
    instanceProfiles: withEntry(iam.instanceProfiles, profile.name, profile),
  }));
}

function change(
  call: Call<NamesProfile>,
  update: (profile: InstanceProfileRecord) => InstanceProfileRecord | Refusal,
): Answer {
  const found = find(call);
  const changed = isRefusal(found) ? found : update(found);
  if (isRefusal(changed)) return changed;
  put(call.world, changed);
  return result();
}

/** An instance profile with its role, as every answer has it; `Tags` is added by some. */
export function profileXml(profile: InstanceProfileRecord, { store }: World): XmlFields {
  const role = profile.role === undefined ? undefined : store.iam.roles.get(profile.role);
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: profile.arn,
    CreateDate: isoSeconds(profile.created / 1000),
    Roles: role ? [{ ...roleXml(role), PermissionsBoundary: boundaryXml(role) }] : [],
  };
}

/** The profiles that a role is in. */
export function profilesOf({ name }: RoleRecord, { store }: World): readonly InstanceProfileRecord[] {
  return [...store.iam.instanceProfiles.values()].filter(({ role }) => role === name);
}

const create = operation({
  parameters: { ...target, Path: optional(path), Tags: optional(tagList) },
  access: ({ InstanceProfileName: name, Path: at = "/" }, world) => arnFor(at, name, world),
  run: ({ values, world }) => {
    const { InstanceProfileName: name, Path: at = "/" } = values;
    const { instanceProfiles } = world.store.iam;
    const tags = mergeTags([], values.Tags ?? [], "exact");
    if (tags.kind === "refused") return tags;
    if ([...instanceProfiles.keys()].some((one) => one.toLowerCase() === name.toLowerCase()))
      return iamError("EntityAlreadyExists", `Instance Profile ${name} already exists.`);
    if (instanceProfiles.size >= MOST_PROFILES)
      return iamError("LimitExceeded", `Cannot exceed quota for InstanceProfilesPerAccount: ${MOST_PROFILES}`);
    const profile: InstanceProfileRecord = {
      arn: arnFor(at, name, world),
      name,
      path: at,
      id: newUniqueId("AIPA"),
      tags: tags.tags,
      created: world.now(),
    };
    put(world, profile);
    const shown = profile.tags.length > 0 ? tagsXml(profile.tags) : undefined;
    return result({ InstanceProfile: { ...profileXml(profile, world), Tags: shown } });
  },
});

const get = operation({
  parameters: target,
  access,
  run: (call) => {
    const profile = find(call);
    if (isRefusal(profile)) return profile;
    return result({ InstanceProfile: { ...profileXml(profile, call.world), Tags: tagsXml(profile.tags) } });
  },
});

const list = operation({
  parameters: { PathPrefix: optional(pathPrefix), ...paging },
  access: ({ PathPrefix: prefix = "/" }, world) => arnFor(prefix, "", world),
  run: ({ values, world }) => {
    const { PathPrefix: prefix = "/" } = values;
    const matching = [...world.store.iam.instanceProfiles.values()].filter((one) => one.path.startsWith(prefix));
    return listed(matching, values, world);
  },
});

const listForRole = operation({
  parameters: { RoleName: roleName, ...paging },
  access: holderArn(ROLES),
  run: (call) => {
    const role = findHolder(ROLES, call);
    return isRefusal(role) ? role : listed(profilesOf(role, call.world), call.values, call.world);
  },
});

function listed(
  profiles: readonly InstanceProfileRecord[],
  request: Parameters<typeof paginate>[2],
  world: World,
): Answer {
  const page = paginate(profiles, ({ name }) => name, request);
  if (page.kind === "refused") return page;
  return result({ InstanceProfiles: page.items.map((one) => profileXml(one, world)), ...page.tail });
}

const remove = operation({
  parameters: target,
  access,
  run: (call) => {
    const profile = find(call);
    if (isRefusal(profile)) return profile;
    if (profile.role !== undefined)
      return iamError("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.");
    call.world.store.changeIam((iam) => ({
      ...iam,
      instanceProfiles: withoutEntry(iam.instanceProfiles, profile.name),
    }));
    return result();
  },
});

const add = operation({
  parameters: { ...target, RoleName: roleName },
  access,
  run: (call) =>
    change(call, (profile) => {
      const role = findHolder(ROLES, call);
      if (isRefusal(role)) return role;
      return profile.role === undefined
        ? { ...profile, role: role.name }
        : iamError("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
    }),
});

const drop = operation({
  parameters: { ...target, RoleName: roleName },
  access,
  run: (call) =>
    change(call, (profile) => {
      const { RoleName: name } = call.values;
      return profile.role === name ? { ...profile, role: undefined } : missingIn(profile, name, call.world);
    }),
});

// Recorded, 2026-02, of a role that is there.
function missingIn(profile: InstanceProfileRecord, role: string, { store }: World): Refusal {
  return store.iam.roles.has(role)
    ? iamError("NoSuchEntity", `Role ${role} in Instance Profile ${profile.name} cannot be found.`)
    : iamError("NoSuchEntity", `The role with name ${role} cannot be found.`);
}

export const INSTANCE_PROFILE_OPERATIONS: Operations = {
  CreateInstanceProfile: create,
  GetInstanceProfile: get,
  ListInstanceProfiles: list,
  ListInstanceProfilesForRole: listForRole,
  DeleteInstanceProfile: remove,
  AddRoleToInstanceProfile: add,
  RemoveRoleFromInstanceProfile: drop,
  ...resourceTagOperations<InstanceProfileRecord>({
    title: "InstanceProfile",
    parameter: "InstanceProfileName",
    shape: profileName,
    arnOf: (named, world) => access({ InstanceProfileName: named }, world),
    find: (named, world) => find({ values: { InstanceProfileName: named }, world }),
    put: (one, world) => put(world, one),
  }),
};
