import { isoSeconds } from "../core/iso-date.ts";
import { encodePart, type XmlFields } from "../wire/query.ts";
import { titleOf } from "./iam-holders.ts";
import { checkDocument } from "./iam-managed-policies.ts";
import { changePolicy, everyHolder, findPolicy, policyArn } from "./iam-managed-records.ts";
import { arn, flag, oneOf, paging, path, policyDocument, versionId } from "./iam-shapes.ts";
import { findManaged, isAwsManaged } from "./managed-policies.ts";
import { type Call, operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import { optional } from "./parameters.ts";
import type { Holder, PolicyRecord, PolicyVersion } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";

const target = { PolicyArn: arn };
const ofTarget = ({ PolicyArn }: { readonly PolicyArn: string }): string => PolicyArn;

// IAM quotas: versions of a managed policy.
const MOST_VERSIONS = 5;
const TOO_MANY =
  `A managed policy can have up to ${MOST_VERSIONS} versions. ` +
  "Before you create a new version, you must delete an existing version.";

/** A version as lists have it; `document` adds the content, percent-encoded. */
export function versionXml({ inForce }: PolicyRecord, version: PolicyVersion, document: boolean): XmlFields {
  return {
    Document: document ? encodePart(version.document) : undefined,
    VersionId: version.id,
    IsDefaultVersion: version.id === inForce,
    CreateDate: isoSeconds(version.created / 1000),
  };
}

/** Newest first, as the lists give them. */
export function versionsOf({ versions }: PolicyRecord): readonly PolicyVersion[] {
  return versions.toReversed();
}

const create = operation({
  parameters: { ...target, PolicyDocument: policyDocument, SetAsDefault: optional(flag) },
  access: ofTarget,
  run: (call) =>
    changePolicy(
      call,
      (policy) => {
        const { PolicyDocument: document, SetAsDefault: inForce } = call.values;
        const problem = checkDocument(document);
        if (problem) return problem;
        if (policy.versions.length >= MOST_VERSIONS) return iamError("LimitExceeded", TOO_MANY);
        const newest = policy.newest + 1;
        const updated = call.world.now();
        const version = { id: `v${newest}`, document, created: updated };
        const versions = [...policy.versions, version];
        return { ...policy, versions, newest, updated, inForce: inForce === true ? version.id : policy.inForce };
      },
      (policy) => ({ PolicyVersion: versionsOf(policy).map((one) => versionXml(policy, one, false))[0] }),
    ),
});

function findVersion(policy: PolicyRecord, wanted: string): PolicyVersion | Refusal {
  return policy.versions.find(({ id }) => id === wanted) ?? noVersion(policy.arn, wanted);
}

// Recorded, 2026-02: of a policy that is not there, too, by Get and by SetDefault.
function noVersion(policy: string, wanted: string): Refusal {
  return iamError("NoSuchEntity", `Policy ${policy} version ${wanted} does not exist or is not attachable.`);
}

function isMissing({ world, values }: Call<{ readonly PolicyArn: string }>): boolean {
  return policyArn(values.PolicyArn) === null && findManaged(world.store.iam, values.PolicyArn) === undefined;
}

const get = operation({
  parameters: { ...target, VersionId: versionId },
  access: ofTarget,
  run: (call) => {
    if (isMissing(call)) return noVersion(call.values.PolicyArn, call.values.VersionId);
    const policy = findPolicy(call);
    if ("kind" in policy) return policy;
    const version = findVersion(policy, call.values.VersionId);
    return "kind" in version ? version : result({ PolicyVersion: versionXml(policy, version, true) });
  },
});

const list = operation({
  parameters: { ...target, ...paging },
  access: ofTarget,
  run: (call) => {
    const policy = findPolicy(call);
    if ("kind" in policy) return policy;
    const page = paginate(policy.versions, newestFirst, call.values);
    if (page.kind === "refused") return page;
    return result({ Versions: page.items.map((one) => versionXml(policy, one, false)), ...page.tail });
  },
});

function newestFirst({ id }: PolicyVersion): string {
  return String(1_000_000 - Number(id.slice(1))).padStart(7, "0");
}

const remove = operation({
  parameters: { ...target, VersionId: versionId },
  access: ofTarget,
  run: (call) =>
    changePolicy(
      call,
      (policy) => {
        const version = findVersion(policy, call.values.VersionId);
        if ("kind" in version) return version;
        if (version.id === policy.inForce)
          // Recorded, 2026-02.
          return iamError("DeleteConflict", "Cannot delete the default version of a policy.");
        return {
          ...policy,
          versions: policy.versions.filter((one) => one !== version),
          updated: call.world.now(),
        };
      },
      () => null,
      "Cannot delete policy versions for policies outside your own account.",
    ),
});

const setDefault = operation({
  parameters: { ...target, VersionId: versionId },
  access: ofTarget,
  run: (call) => {
    const { PolicyArn: wanted, VersionId: id } = call.values;
    if (isMissing(call) && !isAwsManaged(wanted)) return noVersion(wanted, id);
    return changePolicy(call, (policy) => {
      const version = findVersion(policy, id);
      return "kind" in version ? version : { ...policy, inForce: version.id, updated: call.world.now() };
    });
  },
});

const listEntities = operation({
  parameters: {
    ...target,
    EntityFilter: optional(oneOf("User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy")),
    PathPrefix: optional(path),
    PolicyUsageFilter: optional(oneOf("PermissionsPolicy", "PermissionsBoundary")),
    ...paging,
  },
  access: ofTarget,
  run: (call) => {
    const { PolicyArn: own } = call.values;
    // Recorded, 2026-02: other words than GetPolicy's.
    if (isMissing(call)) return iamError("NoSuchEntity", `Policy ${own} does not exist or is not attachable.`);
    const policy = findPolicy(call);
    if ("kind" in policy) return policy;
    const { EntityFilter: filter, PathPrefix: prefix = "/", PolicyUsageFilter: use } = call.values;
    const entities = everyHolder(call.world.store.iam)
      .filter((holder) => holder.path.startsWith(prefix) && isWanted(holder, filter))
      .filter(({ attached, boundary }) => {
        const byAttachment = use !== "PermissionsBoundary" && attached.includes(policy.arn);
        return byAttachment || (use !== "PermissionsPolicy" && boundary === policy.arn);
      });
    const page = paginate(entities, (one) => `${titleOf(one)} ${one.name}`, call.values);
    if (page.kind === "refused") return page;
    const of = (kind: "User" | "Role" | "Group"): XmlFields[] =>
      page.items
        .filter((one) => titleOf(one) === kind)
        .map(({ name, id }) => ({ [`${kind}Name`]: name, [`${kind}Id`]: id }));
    return result({ PolicyGroups: of("Group"), PolicyUsers: of("User"), PolicyRoles: of("Role"), ...page.tail });
  },
});

// The API model allows kinds of policies as a filter, too: no holder is one (recorded of LocalManagedPolicy, 2026-02).
function isWanted(holder: Holder, filter: string | undefined): boolean {
  return filter === undefined || filter === titleOf(holder);
}

export const POLICY_VERSION_OPERATIONS: Operations = {
  CreatePolicyVersion: create,
  GetPolicyVersion: get,
  ListPolicyVersions: list,
  DeletePolicyVersion: remove,
  SetDefaultPolicyVersion: setDefault,
  ListEntitiesForPolicy: listEntities,
};
