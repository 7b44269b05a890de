import { identityProblem } from "./iam-identity-grammar.ts";
import { changePolicy, everyPolicy, findPolicy, policyTags, policyXml, usage } from "./iam-managed-records.ts";
import { sizeOf } from "./iam-role-records.ts";
import {
  arn,
  description,
  flag,
  oneOf,
  paging,
  policyDocument,
  policyName,
  policyPath,
  policyPathPrefix,
  tagKeys,
  tagList,
} from "./iam-shapes.ts";
import { mergeTags, removeTags, tagsXml } from "./iam-tags.ts";
import { newUniqueId } from "./ids.ts";
import { isAwsManaged } from "./managed-policies.ts";
import { operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import { optional } from "./parameters.ts";
import { type IamState, type PolicyRecord, type Tag, withEntry, withoutEntry } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

const target = { PolicyArn: arn };
const ofTarget = ({ PolicyArn }: { readonly PolicyArn: string }): string => PolicyArn;

// IAM quotas: characters of a managed policy, white space not counted; customer policies of an account.
const LONGEST = 6144;
const MOST_POLICIES = 1500;

/** What IAM says against the document of a managed policy. */
export function checkDocument(document: string): Refusal | null {
  const problem = identityProblem(document, "managed");
  if (problem !== null) return iamError("MalformedPolicyDocument", problem);
  return sizeOf(document) <= LONGEST
    ? null
    : iamError("LimitExceeded", `Cannot exceed quota for PolicySize: ${LONGEST}`);
}

const create = operation({
  parameters: {
    PolicyName: policyName,
    Path: optional(policyPath),
    PolicyDocument: policyDocument,
    Description: optional(description),
    Tags: optional(tagList),
  },
  access: (values, world) => arnFor(values, world),
  run: ({ values, world }) => {
    const { PolicyName: name, Path: path = "/", PolicyDocument: document } = values;
    const tags = mergeTags([], values.Tags ?? [], "exact");
    if (tags.kind === "refused") return tags;
    const problem = checkName(name, world.store.iam) ?? checkDocument(document);
    if (problem) return problem;
    const created = world.now();
    const policy: PolicyRecord = {
      arn: arnFor(values, world),
      name,
      path,
      id: newUniqueId("ANPA"),
      description: values.Description,
      tags: tags.tags,
      versions: [{ id: "v1", document, created }],
      inForce: "v1",
      newest: 1,
      created,
      updated: created,
    };
    world.store.changeIam((iam) => ({ ...iam, policies: withEntry(iam.policies, policy.arn, policy) }));
    return result({ Policy: { ...policyXml(policy, world.store.iam), Tags: policyTags(policy) } });
  },
});

type Named = { readonly Path: string | undefined; readonly PolicyName: string };

function arnFor({ Path = "/", PolicyName }: Named, { store }: World): string {
  return `arn:aws:iam::${store.identity.account}:policy${Path}${PolicyName}`;
}

// Names are unique in an account whatever their path and case. IAM API reference, CreatePolicy.
function checkName(name: string, { policies }: IamState): Refusal | null {
  if ([...policies.values()].some((one) => one.name.toLowerCase() === name.toLowerCase()))
    return iamError("EntityAlreadyExists", `A policy called ${name} already exists. Duplicate names are not allowed.`);
  return policies.size < MOST_POLICIES
    ? null
    : iamError("LimitExceeded", `Cannot exceed quota for PoliciesPerAccount: ${MOST_POLICIES}`);
}

const get = operation({
  parameters: target,
  access: ofTarget,
  run: (call) => {
    const policy = findPolicy(call);
    if ("kind" in policy) return policy;
    const { description: words } = policy;
    const fields = policyXml(policy, call.world.store.iam);
    // An empty list of tags too, unlike CreatePolicy (recorded, 2026-02: localstack, resource_providers/test_iam).
    return result({ Policy: { ...fields, Description: words, Tags: tagsXml(policy.tags) } });
  },
});

const list = operation({
  parameters: {
    Scope: optional(oneOf("All", "AWS", "Local")),
    OnlyAttached: optional(flag),
    PathPrefix: optional(policyPathPrefix),
    PolicyUsageFilter: optional(oneOf("PermissionsPolicy", "PermissionsBoundary")),
    ...paging,
  },
  access: (_, world) => `arn:aws:iam::${world.store.identity.account}:policy/*`,
  run: ({ values, world }) => {
    const { iam } = world.store;
    const { Scope: scope = "All", PathPrefix: prefix = "/" } = values;
    const matching = everyPolicy(iam)
      .filter((policy) => scope === "All" || (scope === "AWS") === isAwsManaged(policy.arn))
      .filter((policy) => policy.path.startsWith(prefix) && isUsed(policy, values, iam));
    const page = paginate(matching, ({ name, arn: own }) => `${name} ${own}`, values);
    if (page.kind === "refused") return page;
    return result({ Policies: page.items.map((policy) => policyXml(policy, iam)), ...page.tail });
  },
});

interface UseFilter {
  readonly OnlyAttached: boolean | undefined;
  readonly PolicyUsageFilter: "PermissionsPolicy" | "PermissionsBoundary" | undefined;
}

function isUsed(
  { arn: own }: PolicyRecord,
  { OnlyAttached, PolicyUsageFilter: filter }: UseFilter,
  iam: IamState,
): boolean {
  const { attached, bounding } = usage(own, iam);
  if (filter === "PermissionsBoundary") return bounding > 0;
  if (filter === "PermissionsPolicy") return attached > 0;
  return OnlyAttached !== true || attached > 0 || bounding > 0;
}

const MANY_VERSIONS =
  "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. " +
  "The default version is deleted with the policy.";

const remove = operation({
  parameters: target,
  access: ofTarget,
  run: (call) => {
    const { PolicyArn: wanted } = call.values;
    const { store } = call.world;
    if (isAwsManaged(wanted)) return iamError("AccessDenied", "Cannot delete policies outside your own account.");
    const policy = findPolicy(call);
    if ("kind" in policy) return policy;
    const { attached, bounding } = usage(wanted, store.iam);
    if (attached + bounding > 0) return iamError("DeleteConflict", "Cannot delete a policy attached to entities.");
    if (policy.versions.length > 1) return iamError("DeleteConflict", MANY_VERSIONS);
    store.changeIam((iam) => ({ ...iam, policies: withoutEntry(iam.policies, wanted) }));
    return result();
  },
});

const tag = operation({
  parameters: { ...target, Tags: tagList },
  access: ofTarget,
  run: (call) =>
    changePolicy(call, (policy) => {
      const tags = mergeTags(policy.tags, call.values.Tags, "exact");
      return tags.kind === "refused" ? tags : { ...policy, tags: tags.tags };
    }),
});

const untag = operation({
  parameters: { ...target, TagKeys: tagKeys },
  access: ofTarget,
  run: (call) =>
    changePolicy(call, (policy) => ({ ...policy, tags: removeTags(policy.tags, call.values.TagKeys, "exact") })),
});

const listTags = operation({
  parameters: { ...target, ...paging },
  access: ofTarget,
  run: (call) => {
    const policy = findPolicy(call);
    if ("kind" in policy) return policy;
    const page = paginate(policy.tags, shortestFirst, call.values);
    return page.kind === "refused" ? page : result({ Tags: tagsXml(page.items), ...page.tail });
  },
});

// Recorded, 2026-02: "a", "b", "z", "abc". Of other resources no such order was seen.
function shortestFirst({ key }: Tag): string {
  return `${String(key.length).padStart(3, "0")} ${key}`;
}

export const MANAGED_POLICY_OPERATIONS: Operations = {
  CreatePolicy: create,
  GetPolicy: get,
  ListPolicies: list,
  DeletePolicy: remove,
  TagPolicy: tag,
  UntagPolicy: untag,
  ListPolicyTags: listTags,
};
