import { isoSeconds } from "../core/iso-date.ts";
import type { XmlFields } from "../wire/query.ts";
import { tagsXml } from "./iam-tags.ts";
import { findManaged, isAttachableOfAws, isAwsManaged, isServiceLinkedPolicy } from "./managed-policies.ts";
import { awsPolicies } from "./managed-policy-table.ts";
import { type Answer, type Call, result } from "./operation.ts";
import { type Holder, type IamState, type PolicyRecord, withEntry } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";

/** What the calls about managed policies share: finding, counting, writing one. */

const POLICY_ARN = /^arn:[a-z-]+:iam::(aws|\d{12}):policy\/[\w+=,.@/-]+$/;

/** What IAM says of an ARN that no policy could have (recorded, 2026-02; in 2025-06 it was "Could not be parsed!"). */
export function policyArn(wanted: string): Refusal | null {
  return POLICY_ARN.test(wanted) ? null : iamError("ValidationError", `ARN ${wanted} is not valid.`);
}

/** What IAM says against attaching a policy. Texts recorded from AWS, 2025-06; of a service's policy: aws-cdk#6131. */
export function checkAttachable(wanted: string, iam: IamState): Refusal | null {
  const malformed = policyArn(wanted);
  if (malformed) return malformed;
  if (isServiceLinkedPolicy(wanted))
    return iamError("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.");
  return isThere(wanted, iam)
    ? null
    : iamError("NoSuchEntity", `Policy ${wanted} does not exist or is not attachable.`);
}

export function checkBoundary(boundary: string | undefined, iam: IamState): Refusal | null {
  if (boundary === undefined || isThere(boundary, iam)) return null;
  // Recorded, 2026-02: another code than that of an attached policy.
  if (!POLICY_ARN.test(boundary)) return iamError("InvalidInput", `ARN ${boundary} is not valid.`);
  return iamError("NoSuchEntity", `Scope ARN: ${boundary} does not exist or is not attachable.`);
}

function isThere(policy: string, iam: IamState): boolean {
  return iam.policies.has(policy) || isAttachableOfAws(policy);
}

export function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

export function pathOf(arn: string): string {
  return arn.slice(arn.indexOf("/"), arn.lastIndexOf("/") + 1);
}

type NamesPolicy = { readonly PolicyArn: string };

/** The policy that a call names, AWS's included. The text is recorded, 2025-03. */
export function findPolicy({ values, world }: Pick<Call<NamesPolicy>, "values" | "world">): PolicyRecord | Refusal {
  const { PolicyArn: wanted } = values;
  return (
    policyArn(wanted) ??
    findManaged(world.store.iam, wanted) ??
    iamError("NoSuchEntity", `Policy ${wanted} was not found.`)
  );
}

/** Changes the policy that a call names, or refuses. */
export function changePolicy(
  call: Call<NamesPolicy>,
  update: (policy: PolicyRecord) => PolicyRecord | Refusal,
  answer: (policy: PolicyRecord) => XmlFields | null = () => null,
  // Recorded of SetDefaultPolicyVersion and, with words of its own, of DeletePolicyVersion, 2026-02.
  foreign = "Cannot update policies outside your own account.",
): Answer {
  if (isAwsManaged(call.values.PolicyArn)) return iamError("AccessDenied", foreign);
  const found = findPolicy(call);
  const changed = "kind" in found ? found : update(found);
  if ("kind" in changed) return changed;
  call.world.store.changeIam((iam) => ({ ...iam, policies: withEntry(iam.policies, changed.arn, changed) }));
  return result(answer(changed));
}

export function everyHolder({ users, groups, roles }: IamState): readonly Holder[] {
  return [...users.values(), ...groups.values(), ...roles.values()];
}

/** How many hold a policy: attached, or as their boundary. */
export function usage(arn: string, iam: IamState): { readonly attached: number; readonly bounding: number } {
  const holders = everyHolder(iam);
  return {
    attached: holders.filter(({ attached }) => attached.includes(arn)).length,
    bounding: holders.filter(({ boundary }) => boundary === arn).length,
  };
}

/** Every managed policy that has a content. */
export function everyPolicy(iam: IamState): readonly PolicyRecord[] {
  return [...iam.policies.values(), ...awsPolicies()];
}

/** The members that every answer about a policy has (recorded, 2025-06); Get adds description and tags. */
export function policyXml(policy: PolicyRecord, iam: IamState): XmlFields {
  const { attached, bounding } = usage(policy.arn, iam);
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.inForce,
    AttachmentCount: attached,
    PermissionsBoundaryUsageCount: bounding,
    IsAttachable: true,
    CreateDate: isoSeconds(policy.created / 1000),
    UpdateDate: isoSeconds(policy.updated / 1000),
  };
}

export function policyTags({ tags }: PolicyRecord): XmlFields["Tags"] {
  return tags.length > 0 ? tagsXml(tags) : undefined;
}
