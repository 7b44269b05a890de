import { encodePart, type XmlFields } from "../wire/query.ts";
import { groupXml } from "./iam-groups.ts";
import { groupsOf } from "./iam-holders.ts";
import { profilesOf, profileXml } from "./iam-instance-profiles.ts";
import { nameOf, everyPolicy, policyXml, usage } from "./iam-managed-records.ts";
import { versionsOf, versionXml } from "./iam-policy-versions.ts";
import { boundaryXml, lastUsedXml, roleXml } from "./iam-role-records.ts";
import { oneOf, paging } from "./iam-shapes.ts";
import { tagsXml } from "./iam-tags.ts";
import { userXml } from "./iam-users.ts";
import { isAwsManaged } from "./managed-policies.ts";
import { operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import { listOf, optional } from "./parameters.ts";
import type { GroupRecord, Holder, IamState, PolicyRecord, RoleRecord, UserRecord } from "./records.ts";
import type { World } from "./world.ts";

/** One entry of the four lists; the lists are answered one after the other, over all pages. */
interface Detail {
  readonly list: "UserDetailList" | "GroupDetailList" | "RoleDetailList" | "Policies";
  readonly filter: "User" | "Group" | "Role" | "LocalManagedPolicy" | "AWSManagedPolicy";
  readonly key: string;
  readonly fields: () => XmlFields;
}

function attachedXml({ attached }: Holder): readonly XmlFields[] {
  return attached.map((one) => ({ PolicyName: nameOf(one), PolicyArn: one }));
}

function heldXml(holder: Holder): XmlFields {
  return { AttachedManagedPolicies: attachedXml(holder), Tags: tagsXml(holder.tags) };
}

function inlineXml({ inline }: Holder): readonly XmlFields[] {
  return Object.entries(inline).map(([name, document]) => ({
    PolicyName: name,
    PolicyDocument: encodePart(document),
  }));
}

function userDetail(user: UserRecord, iam: IamState): Detail {
  return {
    list: "UserDetailList",
    filter: "User",
    key: `1 ${user.name}`,
    fields: () => ({
      ...userXml(user),
      // Left out where there are none, unlike those of groups and roles (recorded, 2026-02, localstack#13785).
      UserPolicyList: Object.keys(user.inline).length > 0 ? inlineXml(user) : undefined,
      GroupList: groupsOf(user, iam).map(({ name }) => name),
      PermissionsBoundary: boundaryXml(user),
      ...heldXml(user),
    }),
  };
}

function groupDetail(group: GroupRecord): Detail {
  return {
    list: "GroupDetailList",
    filter: "Group",
    key: `2 ${group.name}`,
    fields: () => ({
      ...groupXml(group),
      GroupPolicyList: inlineXml(group),
      AttachedManagedPolicies: attachedXml(group),
    }),
  };
}

// No MaxSessionDuration and no Description: the API model's RoleDetail has neither.
function roleDetail(role: RoleRecord, world: World): Detail {
  return {
    list: "RoleDetailList",
    filter: "Role",
    key: `3 ${role.name}`,
    fields: () => ({
      ...roleXml(role),
      InstanceProfileList: profilesOf(role, world).map((one) => profileXml(one, world)),
      RolePolicyList: inlineXml(role),
      PermissionsBoundary: boundaryXml(role),
      ...heldXml(role),
      RoleLastUsed: lastUsedXml(role, world),
    }),
  };
}

function policyDetail(policy: PolicyRecord, iam: IamState): Detail {
  return {
    list: "Policies",
    filter: isAwsManaged(policy.arn) ? "AWSManagedPolicy" : "LocalManagedPolicy",
    key: `4 ${policy.arn}`,
    fields: () => ({
      ...policyXml(policy, iam),
      PolicyVersionList: versionsOf(policy).map((version) => versionXml(policy, version, true)),
    }),
  };
}

// Of AWS's policies those in use; whether AWS answers others too is not known.
function isTold({ arn }: PolicyRecord, iam: IamState): boolean {
  const { attached, bounding } = usage(arn, iam);
  return !isAwsManaged(arn) || attached + bounding > 0;
}

const authorizationDetails = operation({
  parameters: {
    Filter: optional(listOf(oneOf("User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"))),
    ...paging,
  },
  access: () => "*",
  run: ({ values, world }) => {
    const { iam } = world.store;
    const wanted = new Set<string>(values.Filter ?? []);
    const details: readonly Detail[] = [
      ...[...iam.users.values()].map((user) => userDetail(user, iam)),
      ...[...iam.groups.values()].map(groupDetail),
      ...[...iam.roles.values()].map((role) => roleDetail(role, world)),
      ...everyPolicy(iam)
        .filter((policy) => isTold(policy, iam))
        .map((policy) => policyDetail(policy, iam)),
    ].filter(({ filter }) => wanted.size === 0 || wanted.has(filter));
    const page = paginate(details, ({ key }) => key, values);
    if (page.kind === "refused") return page;
    const of = (list: Detail["list"]): readonly XmlFields[] =>
      page.items.filter((one) => one.list === list).map(({ fields }) => fields());
    return result({
      UserDetailList: of("UserDetailList"),
      GroupDetailList: of("GroupDetailList"),
      RoleDetailList: of("RoleDetailList"),
      Policies: of("Policies"),
      ...page.tail,
    });
  },
});

export const AUTHORIZATION_DETAILS_OPERATIONS: Operations = { GetAccountAuthorizationDetails: authorizationDetails };
