import type { Iam, IamProvider, IamRole } from "../wire/aws-sdk.ts";
import type { Desired } from "./desired.ts";

/** A role with its policies. */
export interface LiveRole extends IamRole {
  readonly managedPolicies: readonly string[];
  /** Name to document, JSON. */
  readonly inlinePolicies: ReadonlyMap<string, string>;
}

/** What an account holds of that which a configuration asks for; what is missing has no entry. */
export interface Live {
  /** By ARN. */
  readonly providers: ReadonlyMap<string, IamProvider>;
  /** By name. */
  readonly roles: ReadonlyMap<string, LiveRole>;
}

/**
 * Reads from IAM what a configuration is about, one call after the other, as IAM's rate limit wants.
 *
 * @throws RolecallError as the calls of {@link Iam}
 */
export async function readLive(iam: Iam, desired: Desired): Promise<Live> {
  const providers = new Map<string, IamProvider>();
  for (const { arn } of desired.providers) {
    const provider = await iam.getProvider(arn);
    if (provider) providers.set(arn, provider);
  }
  const roles = new Map<string, LiveRole>();
  for (const { name } of desired.roles) {
    const role = await readRole(iam, name);
    if (role) roles.set(name, role);
  }
  return { providers, roles };
}

async function readRole(iam: Iam, name: string): Promise<LiveRole | null> {
  const role = await iam.getRole(name);
  if (!role) return null;
  const managedPolicies = await iam.attachedPolicies(name);
  const inlinePolicies = new Map<string, string>();
  for (const policy of await iam.inlinePolicies(name)) {
    const document = await iam.getInlinePolicy(name, policy);
    if (document !== null) inlinePolicies.set(policy, document);
  }
  return { ...role, managedPolicies, inlinePolicies };
}
