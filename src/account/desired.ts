import { findCi } from "../ci/index.ts";
import { type Partition, providerArn } from "../core/arn.ts";
import { RolecallError } from "../core/errors.ts";
import type { Json } from "../core/token.ts";
import type { Tags } from "../wire/aws-sdk.ts";
import type { Config, Permission, RoleConfig } from "./config.ts";
import { configError, type Problem } from "./problem.ts";
import { MANAGED } from "./tags.ts";
import { buildTrust, policySize, TRUST_POLICY_QUOTA, type TrustDocument } from "./trust.ts";

/** The account that a configuration is for. */
export interface Target {
  /** Twelve digits. */
  readonly account: string;
  readonly partition: Partition;
}

export interface DesiredProvider {
  readonly arn: string;
  /** With scheme, as CreateOpenIDConnectProvider takes it. */
  readonly url: string;
  /** The audiences of all roles that this issuer's jobs may take, in the file's order. */
  readonly audiences: readonly string[];
}

export interface DesiredRole {
  readonly name: string;
  readonly arn: string;
  readonly path: string;
  readonly trust: TrustDocument;
  /** Seconds. */
  readonly maxSessionDuration: number;
  readonly description: string;
  /** ARN of the permissions boundary. */
  readonly boundary: string | null;
  readonly managedPolicies: readonly string[];
  /** Name to document. */
  readonly inlinePolicies: { readonly [name: string]: Json };
  /** Ours (`rolecall:managed`) and the file's. */
  readonly tags: Tags;
}

/** What an account should hold, as far as one configuration is concerned. */
export interface Desired {
  /** The configuration's name, as in the tags. */
  readonly config: string;
  readonly providers: readonly DesiredProvider[];
  readonly roles: readonly DesiredRole[];
}

/**
 * What a configuration asks of an account.
 *
 * @throws RolecallError `config`, with line and column of the role, when a trust policy is longer than
 *   IAM takes, or a policy belongs to another account or partition
 */
export function desiredState(config: Config, target: Target): Desired {
  const problems = config.roles.flatMap((role) => roleProblems(role, target));
  if (problems.length > 0) throw configError(config.file, problems);
  return {
    config: config.name,
    providers: desiredProviders(config, target),
    roles: config.roles.map((role) => desiredRole(role, config.name, target)),
  };
}

function desiredProviders({ roles }: Config, { account, partition }: Target): readonly DesiredProvider[] {
  const issuers = [...new Set(roles.map(({ issuer }) => issuer))];
  return issuers.map((url) => {
    const audiences = roles.filter(({ issuer }) => issuer === url).map(({ audience }) => audience);
    return { arn: providerArn(url, account, partition), url, audiences: [...new Set(audiences)] };
  });
}

function desiredRole(role: RoleConfig, config: string, target: Target): DesiredRole {
  const { name, path, permissions } = role;
  return {
    name,
    arn: `arn:${target.partition}:iam::${target.account}:role${path}${name}`,
    path,
    trust: trustOf(role, target),
    maxSessionDuration: role.maxSession,
    description: role.description,
    boundary: role.boundary === null ? null : inPartition(role.boundary, target),
    managedPolicies: [...new Set(managedArns(permissions).map((arn) => inPartition(arn, target)))],
    inlinePolicies: inlinePolicies(permissions),
    tags: { ...role.tags, [MANAGED]: config },
  };
}

function trustOf({ ci: id, issuer, audience, allow }: RoleConfig, target: Target): TrustDocument {
  const ci = findCi(id);
  if (!ci) throw new RolecallError("unexpected", `the configuration names the CI ${id}, which rolecall does not know`);
  return buildTrust({ ci, issuer, audience, allow, ...target });
}

function managedArns(permissions: readonly Permission[]): readonly string[] {
  return permissions.flatMap((one) => (one.kind === "managed" ? [one.arn] : []));
}

/** Inline policies are named by their order among the role's documents: `rolecall-1`, `rolecall-2`. */
function inlinePolicies(permissions: readonly Permission[]): { readonly [name: string]: Json } {
  const documents = permissions.flatMap((one) => (one.kind === "inline" ? [one.document] : []));
  return Object.fromEntries(documents.map((document, index) => [`rolecall-${index + 1}`, document]));
}

/** AWS's own policies are in each partition under one name, so a file serves them all. */
function inPartition(arn: string, { partition }: Target): string {
  return arn.replace(/^arn:[a-z-]+:iam::aws:/, `arn:${partition}:iam::aws:`);
}

function roleProblems(role: RoleConfig, target: Target): readonly Problem[] {
  const arns = [...managedArns(role.permissions), ...(role.boundary === null ? [] : [role.boundary])];
  const elsewhere = arns.map((arn) => inPartition(arn, target)).filter((arn) => !isHere(arn, target));
  const texts = [...elsewhere.map((arn) => elsewhereText(arn, target)), ...sizeTexts(role, target)];
  return texts.map(([text, hint]) => ({
    position: role.position,
    text: `roles.${role.name}: ${text}`,
    hints: [hint],
  }));
}

type Finding = readonly [text: string, hint: string];

function isHere(arn: string, { account, partition }: Target): boolean {
  return arn.startsWith(`arn:${partition}:iam::aws:`) || arn.startsWith(`arn:${partition}:iam::${account}:`);
}

function elsewhereText(arn: string, { account, partition }: Target): Finding {
  const there = `arn:${partition}:iam::${account}:policy/${arn.split("/").slice(1).join("/")}`;
  return [`expected a policy of account ${account} in partition ${partition}, got ${arn}`, `in this account: ${there}`];
}

function sizeTexts(role: RoleConfig, target: Target): readonly Finding[] {
  const size = policySize(trustOf(role, target));
  if (size <= TRUST_POLICY_QUOTA) return [];
  return [
    [
      `expected a trust policy of at most ${TRUST_POLICY_QUOTA} characters, got ${size} from ${role.allow.length} entries of allow`,
      `split ${role.name} into roles with fewer entries each, or join branches or tags by a wildcard: branch: "release/*"`,
    ],
  ];
}
