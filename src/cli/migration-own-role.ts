import type { Config, RoleConfig } from "../account/config.ts";
import { desiredState } from "../account/desired.ts";
import { readRoleArn } from "../core/arn.ts";

/** The role of rolecall.yaml that a job's own role (`--job-role`) is; null where the file makes none of it. */
export function ownRoleOf({ accounts, roles }: Config, ci: string, arn: string): RoleConfig | null {
  const wanted = readRoleArn(arn);
  const account = accounts.find(({ id }) => id === wanted?.account);
  if (accounts.length > 0 && !account) return null;
  return (
    roles.find(
      (role) =>
        role.ci === ci &&
        role.name === wanted?.name &&
        role.path === wanted.path &&
        (role.accounts === null || account === undefined || role.accounts.includes(account.name)),
    ) ?? null
  );
}

/** A role that rolecall.yaml does not make, as it must be for the job: with the trust of the CI's role there. */
export interface StrangeRole {
  readonly config: Config;
  readonly role: RoleConfig;
  /** What the other account has to hold. */
  readonly needs: readonly string[];
}

export function strangeRole(arn: string, config: Config, like: RoleConfig): StrangeRole | null {
  const wanted = readRoleArn(arn);
  if (!wanted) return null;
  const { name, path, account, partition } = wanted;
  const role: RoleConfig = { ...like, name, path, accounts: null, boundary: null, permissions: [], split: false };
  const alone: Config = { ...config, accounts: [], roles: [role] };
  const desired = desiredState(alone, { account, partition });
  const trust = desired.roles[0]?.trust;
  return {
    config: alone,
    role,
    needs: [
      `account ${account} needs the OIDC provider ${like.issuer} with the audience ${like.audience}`,
      `the role ${name} there needs this trust policy: ${JSON.stringify(trust)}`,
    ],
  };
}
