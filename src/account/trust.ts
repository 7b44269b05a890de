import type { Ci, Scope } from "../ci/ci.ts";
import { type Partition, issuerName, providerArn } from "../core/arn.ts";
import type { Condition } from "../core/policy.ts";

/** Operator to key to value; a list when any of several values will do. */
export type ConditionBlock = { readonly [operator: string]: { readonly [key: string]: string | readonly string[] } };

export type TrustStatement = {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Principal: { readonly Federated: string };
  readonly Action: "sts:AssumeRoleWithWebIdentity";
  readonly Condition: ConditionBlock;
};

export type TrustDocument = {
  readonly Version: "2012-10-17";
  readonly Statement: readonly TrustStatement[];
};

/** Who may take a role, and where. */
export interface Trust {
  readonly ci: Ci;
  /** With scheme. */
  readonly issuer: string;
  readonly audience: string;
  readonly allow: readonly Scope[];
  readonly account: string;
  readonly partition: Partition;
}

/** Characters of a trust policy, white space apart. Source: IAM guide, IAM and STS quotas. */
export const TRUST_POLICY_QUOTA = 2048;

/**
 * Builds a role's trust policy: one statement per set of operators, since conditions of one
 * statement must all hold, and a subject cannot be both an exact one and one of a pattern.
 */
export function buildTrust({ ci, issuer, audience, allow, account, partition }: Trust): TrustDocument {
  const aud: Condition = { operator: "StringEquals", key: `${issuerName(issuer)}:aud`, values: [audience] };
  const groups = merge(allow.map((scope) => [aud, ...ci.conditions(issuer, scope)]));
  const sids = sidsOf(ci, groups);
  return {
    Version: "2012-10-17",
    Statement: groups.map((conditions, index) => ({
      Sid: sids[index] ?? "",
      Effect: "Allow",
      Principal: { Federated: providerArn(issuer, account, partition) },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: conditionBlock(conditions),
    })),
  };
}

/** The length that IAM holds against the quota. */
export function policySize(document: TrustDocument): number {
  return JSON.stringify(document).replaceAll(/\s/g, "").length;
}

/** Whether IAM takes it, unless the account's quota was raised. */
export function fitsQuota(document: TrustDocument): boolean {
  return policySize(document) <= TRUST_POLICY_QUOTA;
}

/** Cuts a list of entries into as many lists as fit, in order; an entry that fits nowhere is alone. */
export function splitAllow(
  allow: readonly Scope[],
  fits: (part: readonly Scope[]) => boolean,
): readonly (readonly Scope[])[] {
  return allow.reduce<readonly (readonly Scope[])[]>((parts, scope) => {
    const last = parts.at(-1);
    const longer = last ? [...last, scope] : [scope];
    return last && fits(longer) ? [...parts.slice(0, -1), longer] : [...parts, [scope]];
  }, []);
}

type Conditions = readonly Condition[];

/** Joins condition lists, in order, wherever the joined list admits exactly what the two admitted. */
function merge(lists: readonly Conditions[]): readonly Conditions[] {
  return lists.reduce<readonly Conditions[]>((merged, list) => {
    const joined = merged.map((other) => join(other, list));
    const place = joined.findIndex((one) => one !== null);
    const found = joined[place];
    return found ? merged.with(place, found) : [...merged, list];
  }, []);
}

/**
 * One list for two, or null: values of one condition are alternatives, so lists that differ in the
 * values of one condition can share them. Were two to differ, each value would go with each.
 */
function join(left: Conditions, right: Conditions): Conditions | null {
  if (left.length !== right.length) return null;
  const pairs = left.map((condition) => ({ condition, other: right.find((one) => sameTest(one, condition)) }));
  const joined = pairs.flatMap(({ condition, other }) =>
    other ? [{ ...condition, values: union(condition.values, other.values) }] : [],
  );
  const differing = pairs.filter(({ condition, other }) => !other || !sameValues(condition.values, other.values));
  return joined.length === left.length && differing.length <= 1 ? joined : null;
}

function sameTest(left: Condition, right: Condition): boolean {
  return left.operator === right.operator && left.key === right.key;
}

function sameValues(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((value) => right.includes(value));
}

function union(left: readonly string[], right: readonly string[]): readonly string[] {
  return [...new Set([...left, ...right])];
}

function conditionBlock(conditions: Conditions): ConditionBlock {
  const operators = [...new Set(conditions.map(({ operator }) => operator))];
  return Object.fromEntries(
    operators.map((operator) => {
      const same = conditions.filter((condition) => condition.operator === operator);
      return [operator, Object.fromEntries(same.map(({ key, values }) => [key, valueOf(values)]))];
    }),
  );
}

function valueOf(values: readonly string[]): string | readonly string[] {
  const plain = values.map(escapeVariables);
  const [only] = plain;
  return plain.length === 1 && only !== undefined ? only : plain;
}

/**
 * Keeps `${…}` in a name from being taken for a policy variable; git allows it in a branch.
 * Source: IAM guide, policy variables: `${$}` is the character `$`.
 */
function escapeVariables(value: string): string {
  return value.replaceAll("${", "${$}{");
}

/** `GitlabExact`, `GitlabPattern`, the second of a kind with a 2 at its end; a Sid takes only letters and digits. */
function sidsOf(ci: Ci, groups: readonly Conditions[]): readonly string[] {
  const kinds = groups.map((conditions) => (conditions.some(isPattern) ? "Pattern" : "Exact"));
  return kinds.map((kind, index) => {
    const earlier = kinds.slice(0, index).filter((one) => one === kind).length;
    return `${pascalCase(ci.id)}${kind}${earlier === 0 ? "" : earlier + 1}`;
  });
}

function isPattern({ operator }: Condition): boolean {
  return operator.includes("Like");
}

function pascalCase(id: string): string {
  const words = id.split(/[^A-Za-z0-9]+/);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
