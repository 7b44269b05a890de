import type { Partition } from "../../core/arn.ts";
import type { Secret } from "../../core/secret.ts";

/** Long-term or temporary keys; `Credentials` of core fits. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret;
}

/** Where calls go and who makes them; what is left out comes from the SDK's own chains. */
export interface AwsOptions {
  /** URL of the service, for a local AWS. */
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly credentials?: AwsKeys | undefined;
}

/** Who the credentials belong to. */
export interface CallerIdentity {
  /** Twelve digits. */
  readonly account: string;
  readonly arn: string;
  readonly userId: string;
  readonly partition: Partition;
}

export type Tags = Readonly<Record<string, string>>;

/** An OIDC provider as IAM returns it. */
export interface IamProvider {
  /** Without scheme. */
  readonly url: string;
  readonly audiences: readonly string[];
  readonly thumbprints: readonly string[];
  readonly tags: Tags;
}

export interface NewProvider {
  /** With scheme. */
  readonly url: string;
  readonly audiences: readonly string[];
  readonly tags: Tags;
  /** SHA-1 in hex, 40 characters each; left out, IAM finds its own. */
  readonly thumbprints?: readonly string[] | undefined;
}

/** A role as IAM returns it. */
export interface IamRole {
  readonly name: string;
  readonly arn: string;
  readonly path: string;
  /** JSON, no longer URL-encoded. */
  readonly trust: string;
  /** Seconds. */
  readonly maxSessionDuration: number;
  readonly description: string;
  /** ARN of the permissions boundary. */
  readonly boundary: string | null;
  readonly tags: Tags;
}

export type NewRole = Omit<IamRole, "arn">;

/** A role with its policies. */
export interface LiveRole extends IamRole {
  /** ARNs of those that are attached. */
  readonly managedPolicies: readonly string[];
  /** Name to document, JSON. */
  readonly inlinePolicies: ReadonlyMap<string, string>;
}

export interface AccountCalls {
  /** ARNs of all OIDC providers. */
  listProviders(): Promise<readonly string[]>;
  /** Shows every role of the account, page by page, so that no more than a page is held. */
  eachRole(visit: (role: LiveRole) => void): Promise<void>;
}

export interface ProviderCalls {
  getProvider(arn: string): Promise<IamProvider | null>;
  /** Without thumbprints IAM finds its own, and ignores it for certificates of public CAs. Gives the ARN. */
  createProvider(provider: NewProvider): Promise<string>;
  addAudience(arn: string, audience: string): Promise<void>;
  /** An audience that is not there is no error. */
  removeAudience(arn: string, audience: string): Promise<void>;
  /** Replaces them all. */
  setThumbprints(arn: string, thumbprints: readonly string[]): Promise<void>;
  tagProvider(arn: string, tags: Tags): Promise<void>;
  untagProvider(arn: string, keys: readonly string[]): Promise<void>;
  /** A provider that is not there is no error. */
  deleteProvider(arn: string): Promise<void>;
}

export interface RoleCalls {
  getRole(name: string): Promise<IamRole | null>;
  /** Gives the ARN. */
  createRole(role: NewRole): Promise<string>;
  /** @param trust the new policy, JSON */
  setTrust(name: string, trust: string): Promise<void>;
  /** IAM resets what UpdateRole leaves out, so both are always given. */
  updateRole(name: string, settings: Pick<IamRole, "description" | "maxSessionDuration">): Promise<void>;
  /** @param boundary ARN of a policy, or null to have none */
  setBoundary(name: string, boundary: string | null): Promise<void>;
  tagRole(name: string, tags: Tags): Promise<void>;
  untagRole(name: string, keys: readonly string[]): Promise<void>;
  /** Its policies must be gone before; a role that is not there is no error. */
  deleteRole(name: string): Promise<void>;
}

export interface PolicyCalls {
  /** ARNs of the managed policies that are attached. */
  attachedPolicies(role: string): Promise<readonly string[]>;
  attachPolicy(role: string, arn: string): Promise<void>;
  detachPolicy(role: string, arn: string): Promise<void>;
  /** Names of the inline policies. */
  inlinePolicies(role: string): Promise<readonly string[]>;
  /** JSON, or null when there is none of that name. */
  getInlinePolicy(role: string, name: string): Promise<string | null>;
  putInlinePolicy(role: string, name: string, document: string): Promise<void>;
  deleteInlinePolicy(role: string, name: string): Promise<void>;
}

/**
 * The calls of IAM that rolecall makes, with plain values both ways.
 *
 * Get calls answer null for what does not exist. All reject with a RolecallError: `refused` when AWS
 * does not allow the call or does not know the keys, `config` when there are no credentials or IAM
 * does not take a value, `unavailable` when AWS does not answer.
 */
export interface Iam extends ProviderCalls, RoleCalls, PolicyCalls, AccountCalls {}
