import type { Scope } from "../ci/ci.ts";
import { type Partition, providerArn } from "../core/arn.ts";
import type { Json } from "../core/token.ts";
import type { Tags } from "../wire/aws-sdk.ts";
import type { AccountConfig, Config, RoleConfig } from "./config.ts";
import { notesOn } from "./notes.ts";
import { inlinePolicies, managedArns, policyArn } from "./policies.ts";
import { configError, type Position, type Problem } from "./problem.ts";
import { partsOf, type RolePart, trustOf } from "./role-parts.ts";
import { roleProblems } from "./role-problems.ts";
import { MANAGED } from "./tags.ts";
import type { TrustDocument } from "./trust.ts";

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
 *   IAM takes, inline policies together are, or a policy belongs to another account or partition; and of
 *   entries whose ids must be known and are not
 */
export function desiredState(config: Config, target: Target): Desired {
  const roles = rolesFor(config, target);
  const problems = roleProblems(roles, target);
  if (problems.length > 0) throw configError(config.file, problems);
  return {
    config: config.name,
    account: target.account,
    partition: target.partition,
    providers: desiredProviders(roles, target),
    roles: roles.flatMap((role) => partsOf(role, target).map((part) => desiredRole(part, role, config.name, target))),
    notes: notesOn(roles, target),
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

function desiredRole({ name, allow }: RolePart, role: RoleConfig, config: string, target: Target): DesiredRole {
  const { path, permissions, ci, issuer, audience, session } = role;
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
