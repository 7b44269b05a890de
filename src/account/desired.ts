import type { Scope } from "../ci/ci.ts";
import { findCi } from "../ci/index.ts";
import { type Partition, providerArn } from "../core/arn.ts";
import { RolecallError } from "../core/errors.ts";
import type { Json } from "../core/token.ts";
import type { Tags } from "../wire/aws-sdk.ts";
import type { AccountConfig, Config, RoleConfig } from "./config.ts";
import { notesOn } from "./notes.ts";
import { byPosition, configError, type Position, type Problem } from "./problem.ts";
import { inlinePolicies, managedArns, policyArn } from "./policies.ts";
import { MANAGED } from "./tags.ts";
import { buildTrust, fitsQuota, policySize, splitAllow, TRUST_POLICY_QUOTA, type TrustDocument } from "./trust.ts";

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

/** What of the file a desired role came from, for those who tell people about it. */
export interface RoleSource {
  /** The name in the file; a role that was split off has another. */
  readonly role: string;
  /** Of that name in {@link Config.file}. */
  readonly position: Position;
  /** A `Ci.id`. */
  readonly ci: string;
  /** With scheme. */
  readonly issuer: string;
  readonly audience: string;
  /** The entries of `allow` that this role's trust policy is made of. */
  readonly allow: readonly Scope[];
  /** Seconds that the role's jobs ask for. */
  readonly session: number;
}

export interface DesiredRole {
  readonly name: string;
  readonly arn: string;
  /** With a slash at both ends. IAM cannot change it later. */
  readonly path: string;
  readonly trust: TrustDocument;
  /** Seconds. */
  readonly maxSessionDuration: number;
  readonly description: string;
  /** ARN of the permissions boundary, of this account and partition. */
  readonly boundary: string | null;
  /** ARNs of this account and partition, in the file's order, each once. */
  readonly managedPolicies: readonly string[];
  /** Name to document, `$(account)` and `$(partition)` filled in; every name begins with `rolecall-`. */
  readonly inlinePolicies: { readonly [name: string]: Json };
  /** Ours (`rolecall:managed`) and the file's. */
  readonly tags: Tags;
  readonly source: RoleSource;
}

/** What an account should hold, as far as one configuration is concerned. */
export interface Desired extends Target {
  /** The configuration's name, as in the tags. */
  readonly config: string;
  /** One for each issuer that a role of this account trusts. */
  readonly providers: readonly DesiredProvider[];
  readonly roles: readonly DesiredRole[];
  /**
   * What is right and yet worth saying before anything is changed, in the file's order: roles that are
   * split, entries that trust a name alone. `noteLines` makes lines of them.
   */
  readonly notes: readonly Problem[];
}

/**
 * What a configuration asks of an account: the roles that name it, and those that name no account. An
 * account that the file does not name (the local cloud's) is asked for all of its roles; see {@link accountsOf}.
 *
 * @throws RolecallError `config`, with line and column of the role, when a trust policy is longer than
 *   IAM takes, inline policies together are, or a policy belongs to another account or partition
 */
export function desiredState(config: Config, target: Target): Desired {
  const roles = rolesFor(config, target);
  const problems = [...roles.flatMap((role) => roleProblems(role, target)), ...nameProblems(roles, target)];
  if (problems.length > 0) throw configError(config.file, problems);
  return {
    config: config.name,
    account: target.account,
    partition: target.partition,
    providers: desiredProviders(roles, target),
    roles: roles.flatMap((role) => desiredRoles(role, config.name, target)),
    notes: [...notesOn(roles), ...roles.flatMap((role) => splitNotes(role, target))].toSorted(byPosition),
  };
}

/** The accounts that a file is for, in its order; empty when it names none, and is for the caller's own. */
export function accountsOf({ accounts, roles }: Config): readonly AccountConfig[] {
  return accounts.filter(({ name }) => roles.some((role) => role.accounts?.includes(name) ?? true));
}

function rolesFor({ accounts, roles }: Config, { account, partition }: Target): readonly RoleConfig[] {
  const named = accounts.find((one) => one.id === account && one.partition === partition);
  if (!named) return roles;
  return roles.filter((role) => role.accounts?.includes(named.name) ?? true);
}

function desiredProviders(roles: readonly RoleConfig[], { account, partition }: Target): readonly DesiredProvider[] {
  const issuers = [...new Set(roles.map(({ issuer }) => issuer))];
  return issuers.map((url) => {
    const audiences = roles.filter(({ issuer }) => issuer === url).map(({ audience }) => audience);
    return { arn: providerArn(url, account, partition), url, audiences: [...new Set(audiences)] };
  });
}

function desiredRoles(role: RoleConfig, config: string, target: Target): readonly DesiredRole[] {
  return partsOf(role, target).map((allow, index) => desiredRole({ role, allow, index, config, target }));
}

interface Part {
  readonly role: RoleConfig;
  readonly allow: readonly Scope[];
  readonly index: number;
  readonly config: string;
  readonly target: Target;
}

function desiredRole({ role, allow, index, config, target }: Part): DesiredRole {
  const { path, permissions, ci, issuer, audience, session } = role;
  const name = partName(role.name, index);
  return {
    name,
    arn: `arn:${target.partition}:iam::${target.account}:role${path}${name}`,
    path,
    trust: trustOf(role, target, allow),
    maxSessionDuration: role.maxSession,
    description: role.description,
    boundary: role.boundary === null ? null : policyArn(role.boundary, target),
    managedPolicies: [...new Set(managedArns(permissions).map((arn) => policyArn(arn, target)))],
    inlinePolicies: inlinePolicies(permissions, target),
    tags: { ...role.tags, [MANAGED]: config },
    source: { role: role.name, position: role.position, ci, issuer, audience, allow, session },
  };
}

/** The lists of entries that become a role each. */
function partsOf(role: RoleConfig, target: Target): readonly (readonly Scope[])[] {
  if (!role.split) return [role.allow];
  return splitAllow(role.allow, (allow) => fitsQuota(trustOf(role, target, allow)));
}

function partName(name: string, index: number): string {
  return index === 0 ? name : `${name}-${index + 1}`;
}

function trustOf({ ci: id, issuer, audience }: RoleConfig, target: Target, allow: readonly Scope[]): TrustDocument {
  const ci = findCi(id);
  if (!ci) throw new RolecallError("unexpected", `the configuration names the CI ${id}, which rolecall does not know`);
  return buildTrust({ ci, issuer, audience, allow, ...target });
}

type Finding = readonly [text: string, hint: string];

function roleProblems(role: RoleConfig, target: Target): readonly Problem[] {
  const arns = [...managedArns(role.permissions), ...(role.boundary === null ? [] : [role.boundary])];
  const elsewhere = arns.map((arn) => policyArn(arn, target)).filter((arn) => !isHere(arn, target));
  const texts = [
    ...elsewhere.map((arn) => elsewhereText(arn, target)),
    ...trustSizeTexts(role, target),
    ...policySizeTexts(role, target),
  ];
  return texts.map(([text, hint]) => ({
    position: role.position,
    text: `roles.${role.name}: ${text}`,
    hints: [hint],
  }));
}

function isHere(arn: string, { account, partition }: Target): boolean {
  return arn.startsWith(`arn:${partition}:iam::aws:`) || arn.startsWith(`arn:${partition}:iam::${account}:`);
}

function elsewhereText(arn: string, { account, partition }: Target): Finding {
  const path = arn.split("/").slice(1).join("/");
  return [
    `expected a policy of account ${account} in partition ${partition}, got ${arn}`,
    `in this account: arn:${partition}:iam::${account}:policy/${path}; in whichever it is: arn:$(partition):iam::$(account):policy/${path}`,
  ];
}

function trustSizeTexts(role: RoleConfig, target: Target): readonly Finding[] {
  const sizes = partsOf(role, target).map((allow) => policySize(trustOf(role, target, allow)));
  const size = Math.max(...sizes);
  if (size <= TRUST_POLICY_QUOTA) return [];
  const parts = splitAllow(role.allow, (allow) => fitsQuota(trustOf(role, target, allow)));
  return [
    [
      `expected a trust policy of at most ${TRUST_POLICY_QUOTA} characters, got ${size} from ${role.allow.length} entries of allow`,
      parts.length > 1
        ? `split: true makes ${parts.length} roles of it (${partName(role.name, 0)} for the first ${parts[0]?.length ?? 0} entries, ${partName(role.name, 1)}, …); or join branches or tags by a wildcard: branch: "release/*"`
        : "shorten the entry: it does not fit by itself",
    ],
  ];
}

// All inline policies of a role together, white space apart, and its attached policies when the quota
// is raised as far as AWS does. Source: IAM guide, IAM and STS quotas.
const INLINE_QUOTA = 10_240;
const MOST_MANAGED = 20;
const USUAL_MANAGED = 10;

function policySizeTexts({ permissions }: RoleConfig, target: Target): readonly Finding[] {
  const size = Object.values(inlinePolicies(permissions, target))
    .map((document) => JSON.stringify(document).replaceAll(/\s/g, "").length)
    .reduce((sum, one) => sum + one, 0);
  const managed = new Set(managedArns(permissions)).size;
  return [
    ...(size > INLINE_QUOTA
      ? [
          [
            `expected inline policies of at most ${INLINE_QUOTA} characters together, got ${size}`,
            "make managed policies of them, and name their ARNs",
          ] as const,
        ]
      : []),
    ...(managed > MOST_MANAGED
      ? [[`expected at most ${MOST_MANAGED} managed policies, got ${managed}`, "join some of them"] as const]
      : []),
  ];
}

/** Names of roles that were split off and are somebody else's, or too long. */
function nameProblems(roles: readonly RoleConfig[], target: Target): readonly Problem[] {
  const names = new Set(roles.map(({ name }) => name.toLowerCase()));
  return roles.flatMap((role) => {
    const more = partsOf(role, target)
      .slice(1)
      .map((_, index) => partName(role.name, index + 1));
    const wrong = more.filter((name) => name.length > 64 || names.has(name.toLowerCase()));
    return wrong.map((name) => ({
      position: role.position,
      text: `roles.${role.name}: expected a free name of at most 64 characters for the role that is split off, got ${name}`,
      hints: [`give ${role.name} another name, or split it by hand`],
    }));
  });
}

function splitNotes(role: RoleConfig, target: Target): readonly Problem[] {
  const parts = partsOf(role, target);
  const managed = new Set(managedArns(role.permissions)).size;
  const names = parts.map((_, index) => partName(role.name, index));
  const note = (text: string, hint: string): Problem => ({
    position: role.position,
    text: `roles.${role.name}: ${text}`,
    hints: [hint],
  });
  return [
    ...(parts.length > 1
      ? [
          note(
            `becomes ${names.join(", ")}, since one trust policy of ${policySize(trustOf(role, target, role.allow))} characters is more than the ${TRUST_POLICY_QUOTA} that IAM takes`,
            `a job takes the one that has its entry: ${parts.map((allow, index) => `${names[index] ?? ""} has ${allow.length}`).join(", ")}`,
          ),
        ]
      : []),
    ...(managed > USUAL_MANAGED && managed <= MOST_MANAGED
      ? [
          note(
            `has ${managed} managed policies, and IAM takes ${USUAL_MANAGED} unless the quota was raised`,
            "join some of them",
          ),
        ]
      : []),
  ];
}
