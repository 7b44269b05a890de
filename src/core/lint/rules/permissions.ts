import { readRoleArn } from "../../arn.ts";
import { Context } from "../../conditions.ts";
import { permit } from "../../permit.ts";
import type { Policy, Statement } from "../../policy.ts";
import type { LintRole, Permissions, Proof } from "../finding.ts";
import { providerUrl } from "../unit.ts";

/** A call that a role could make. */
export interface Call {
  readonly action: string;
  readonly resource: string;
}

function allow(part: Pick<Statement, "actions" | "notActions">): Policy {
  return { version: "2012-10-17", statements: [{ effect: "Allow", resources: ["*"], conditions: [], ...part }] };
}

/**
 * What AWS's own broad policies amount to, where their text was not read with the account. Source: AWS managed
 * policy reference; what they allow beside is left out, since it is harmless.
 */
const KNOWN: readonly (readonly [string, Policy])[] = [
  ["policy/AdministratorAccess", allow({ actions: ["*"] })],
  ["policy/IAMFullAccess", allow({ actions: ["iam:*"] })],
  ["policy/PowerUserAccess", allow({ notActions: ["iam:*", "organizations:*", "account:*"] })],
];

const NOWHERE = new Context();

/** True when the role's policies, its boundary considered, permit a call. */
export function permits({ permissions }: LintRole, { action, resource }: Call): boolean {
  if (!permissions || permissions.boundary === "unread") return false;
  const { boundary } = permissions;
  const question = { policies: policiesOf(permissions), boundary, action, resource, context: NOWHERE };
  return permit(question).outcome === "allowed";
}

function policiesOf({ policies, unread }: Permissions): readonly Policy[] {
  const known = unread.flatMap((arn) => KNOWN.find(([name]) => isAwsPolicy(arn, name))?.[1] ?? []);
  return [...policies, ...known];
}

function isAwsPolicy(arn: string, name: string): boolean {
  return /^arn:[a-z-]+:iam::aws:/.test(arn) && arn.endsWith(`:${name}`);
}

export function permitted({ action, resource }: Call): Proof {
  return { kind: "permitted", action, resource };
}

/** Calls that only an administrator can make, each in another service. */
const ADMINISTRATION: readonly Call[] = [
  { action: "ec2:TerminateInstances", resource: "arn:aws:ec2:us-east-1:123456789012:instance/i-rolecall-probe" },
  { action: "s3:DeleteBucket", resource: "arn:aws:s3:::rolecall-probe" },
  { action: "kms:ScheduleKeyDeletion", resource: "arn:aws:kms:us-east-1:123456789012:key/rolecall-probe" },
  { action: "rds:DeleteDBInstance", resource: "arn:aws:rds:us-east-1:123456789012:db:rolecall-probe" },
];

/** Calls by which a role gets what it has not, the most direct first. */
function escalations(role: LintRole): readonly Call[] {
  const arn = readRoleArn(role.resource);
  const account = arn?.account ?? "123456789012";
  const partition = arn?.partition ?? "aws";
  const own = arn?.arn ?? `arn:aws:iam::${account}:role/the-role`;
  const probe = (what: string): string => `arn:${partition}:iam::${account}:${what}/rolecall-probe`;
  const [provider] = role.trust.statements
    .flatMap(({ principals }) => principals?.["Federated"] ?? [])
    .filter((principal) => providerUrl(principal) !== null && principal.startsWith("arn:"));
  return [
    { action: "iam:UpdateAssumeRolePolicy", resource: own },
    { action: "iam:PutRolePolicy", resource: own },
    { action: "iam:AttachRolePolicy", resource: own },
    ...(provider === undefined ? [] : [{ action: "iam:AddClientIDToOpenIDConnectProvider", resource: provider }]),
    { action: "iam:CreateAccessKey", resource: probe("user") },
    { action: "iam:PassRole", resource: probe("role") },
    { action: "sts:AssumeRole", resource: probe("role") },
  ];
}

/** What a role's policies come to. */
interface Power {
  /** The call that makes it an administrator's, or null. */
  readonly administers: Call | null;
  /** Those of {@link escalations} that it may make. */
  readonly escalates: readonly Call[];
}

const kept = new WeakMap<LintRole, Power>();

/** Works out once what several rules ask. */
export function powerOf(role: LintRole): Power {
  const known = kept.get(role);
  if (known) return known;
  const power =
    role.permissions === null
      ? { administers: null, escalates: [] }
      : { administers: administration(role), escalates: escalations(role).filter((call) => permits(role, call)) };
  kept.set(role, power);
  return power;
}

function administration(role: LintRole): Call | null {
  const account = readRoleArn(role.resource)?.account ?? "123456789012";
  const user = `arn:aws:iam::${account}:user/rolecall-probe`;
  const attach = { action: "iam:AttachUserPolicy", resource: user };
  if (permits(role, attach) && permits(role, { action: "iam:CreateAccessKey", resource: user })) return attach;
  return ADMINISTRATION.every((call) => permits(role, call)) ? (ADMINISTRATION[0] ?? null) : null;
}

/** True when whoever has the role can have more than it. */
export function canEscalate(role: LintRole): boolean {
  const { administers, escalates } = powerOf(role);
  return administers !== null || escalates.length > 0;
}
