import type { Policy } from "../core/policy.ts";
import { awsPolicyNames } from "./aws-policies/names.ts";
import { awsPolicy } from "./managed-policy-table.ts";
import { type IamState, policyOf, type PolicyRecord } from "./records.ts";

const AWS_MANAGED = /^arn:[a-z-]+:iam::aws:policy\/(?:[\w+=,.@-]+\/)*[\w+=,.@-]+$/;

/** True for an ARN that an AWS-managed policy could have. */
export function isAwsManaged(arn: string): boolean {
  return AWS_MANAGED.test(arn);
}

// Made by the first who asks.
let attachable: ReadonlySet<string> | null = null;

function attachableNames(): ReadonlySet<string> {
  attachable ??= new Set(
    Object.entries(awsPolicyNames()).flatMap(([path, names]) => names.match(/\S+/g)?.map((name) => path + name) ?? []),
  );
  return attachable;
}

/** True for an AWS-managed policy that AWS has, and that can be attached; whether or not it has a content here. */
export function isAttachableOfAws(arn: string): boolean {
  return isAwsManaged(arn) && attachableNames().has(arn.slice(arn.indexOf("/")));
}

/** True for a policy of AWS's that only a service-linked role can have. */
export function isServiceLinkedPolicy(arn: string): boolean {
  return isAwsManaged(arn) && arn.includes(":policy/aws-service-role/");
}

/** A managed policy with a content, the customer's or AWS's. */
export function findManaged({ policies }: Pick<IamState, "policies">, arn: string): PolicyRecord | undefined {
  return policies.get(arn) ?? awsPolicy(arn);
}

/** The document of a managed policy's version in force. */
export function documentInForce({ versions, inForce }: PolicyRecord): string {
  return versions.find(({ id }) => id === inForce)?.document ?? "";
}

const NOTHING: Policy = { version: null, statements: [] };
const parsed = new WeakMap<PolicyRecord, Policy>();

/** What an attached policy says; nothing when it is not one that this cloud knows. */
export function attachedPolicy(iam: Pick<IamState, "policies">, arn: string): Policy {
  const record = findManaged(iam, arn);
  if (!record) return NOTHING;
  const known = parsed.get(record);
  if (known) return known;
  const policy = policyOf(documentInForce(record));
  parsed.set(record, policy);
  return policy;
}
