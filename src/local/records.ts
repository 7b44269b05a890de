import type { Policy } from "../core/policy.ts";
import { readPolicy } from "../core/policy.ts";

/** What the account holds. Records are never changed, only replaced. */

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export interface ProviderRecord {
  readonly arn: string;
  /** Without scheme, as IAM returns it. */
  readonly url: string;
  readonly audiences: readonly string[];
  readonly thumbprints: readonly string[];
  readonly tags: readonly Tag[];
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** What roles, users and groups have in common: they hold policies. */
export interface Holder {
  readonly arn: string;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  /** ARN of a managed policy. */
  readonly boundary?: string | undefined;
  readonly tags: readonly Tag[];
  /** Inline policies: name to document, as it was sent. */
  readonly inline: Readonly<Record<string, string>>;
  /** ARNs of managed policies, in the order in which they were attached. */
  readonly attached: readonly string[];
  readonly created: number;
}

export interface RoleRecord extends Holder {
  /** The trust policy, as it was sent. */
  readonly trust: string;
  readonly description?: string | undefined;
  /** Seconds. */
  readonly maxSessionDuration: number;
}

export interface AccessKeyRecord {
  readonly id: string;
  readonly secret: string;
  readonly active: boolean;
  readonly created: number;
  /** The admin's key that the cloud was started with. */
  readonly given?: boolean | undefined;
}

/** That a user may sign in to the console. There is no console here: the password is asked for by ChangePassword alone. */
export interface LoginRecord {
  readonly created: number;
  readonly reset: boolean;
  /** `salt:scrypt`, base64; missing in states of before. */
  readonly password?: string | undefined;
}

/** An SSH public key of a user, for CodeCommit. */
export interface SshKeyRecord {
  readonly id: string;
  /** As it was sent: `ssh-rsa …` or PEM. */
  readonly body: string;
  readonly fingerprint: string;
  readonly status: string;
  readonly created: number;
}

/** An X.509 certificate of a user, with which old EC2 tools sign. */
export interface SigningCertificateRecord {
  readonly id: string;
  /** PEM. */
  readonly body: string;
  readonly status: string;
  readonly created: number;
}

/** A user's password for one service; the password itself is not kept. */
export interface ServiceCredentialRecord {
  readonly id: string;
  readonly service: string;
  readonly userName: string;
  readonly active: boolean;
  readonly created: number;
  readonly expires?: number | undefined;
}

export interface UserRecord extends Holder {
  readonly keys: readonly AccessKeyRecord[];
  readonly login?: LoginRecord | undefined;
  readonly serviceCredentials?: readonly ServiceCredentialRecord[] | undefined;
  readonly sshKeys?: readonly SshKeyRecord[] | undefined;
  readonly certificates?: readonly SigningCertificateRecord[] | undefined;
}

/** A group has neither tags nor a boundary. */
export interface GroupRecord extends Holder {
  /** Ids of users, so that they may be renamed. */
  readonly members: readonly string[];
}

export interface PolicyVersion {
  /** `v1`. */
  readonly id: string;
  readonly document: string;
  readonly created: number;
}

/** A managed policy: a customer's, or one of AWS's. */
export interface PolicyRecord {
  readonly arn: string;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly description?: string | undefined;
  readonly tags: readonly Tag[];
  /** Oldest first. */
  readonly versions: readonly PolicyVersion[];
  /** Id of the version in force. */
  readonly inForce: string;
  /** Number of the newest version that there ever was; numbers are not given twice. */
  readonly newest: number;
  readonly created: number;
  readonly updated: number;
}

export interface InstanceProfileRecord {
  readonly arn: string;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  /** Name of the role, of which there is one at most. */
  readonly role?: string | undefined;
  readonly tags: readonly Tag[];
  readonly created: number;
}

/** A SAML identity provider. */
export interface SamlRecord {
  readonly arn: string;
  readonly metadata: string;
  readonly tags: readonly Tag[];
  readonly created: number;
  /** Missing in states of before. */
  readonly uuid?: string | undefined;
  /** Whether assertions have to be encrypted: `Required` or `Allowed`. */
  readonly encryption?: string | undefined;
  /** Its private keys, of which only this is kept. */
  readonly keys?: readonly { readonly id: string; readonly created: number }[] | undefined;
}

/** An MFA device: a virtual one, a user's when it was enabled for one, or a user's hardware token. */
export interface MfaRecord {
  /** Its serial number; of a virtual one an ARN. */
  readonly arn: string;
  /** Shared secret, base32; that of a hardware token is its maker's alone. */
  readonly seed?: string | undefined;
  readonly tags: readonly Tag[];
  readonly created: number;
  readonly assigned?: MfaAssignment | undefined;
}

/** Whose a device is. */
export interface MfaAssignment {
  readonly userId: string;
  readonly since: number;
  /** Steps of 30 s by which the device's clock goes before this cloud's. */
  readonly drift: number;
  /** The last step whose code was taken: a code is good once. */
  readonly lastStep: number;
}

/** A certificate for TLS servers; its private key is checked and not kept. */
export interface ServerCertificateRecord {
  readonly arn: string;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  /** PEM. */
  readonly body: string;
  readonly chain?: string | undefined;
  readonly tags: readonly Tag[];
  readonly created: number;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** What the account asks of passwords, by the names of the API. */
export type PasswordPolicy = Readonly<Record<string, number | boolean>>;

/** The issuer of an account's own tokens. It stays when the feature is disabled, and is the same when enabled again. */
export interface OutboundRecord {
  /** What its tokens have as `iss`. */
  readonly issuer: string;
  readonly enabled: boolean;
  /** By algorithm: PKCS #8, PEM. */
  readonly keys: { readonly RS256: string; readonly ES384: string };
}

/** The last credential report. */
export interface ReportRecord {
  readonly content: string;
  readonly created: number;
}

/** What IAM keeps: everything that a reset empties. */
export interface IamState {
  /** By ARN. */
  readonly providers: ReadonlyMap<string, ProviderRecord>;
  /** By name. */
  readonly roles: ReadonlyMap<string, RoleRecord>;
  /** By name. */
  readonly users: ReadonlyMap<string, UserRecord>;
  /** By name. */
  readonly groups: ReadonlyMap<string, GroupRecord>;
  /** The customer's, by ARN. */
  readonly policies: ReadonlyMap<string, PolicyRecord>;
  /** By name. */
  readonly instanceProfiles: ReadonlyMap<string, InstanceProfileRecord>;
  /** By ARN. */
  readonly samlProviders: ReadonlyMap<string, SamlRecord>;
  /** By serial number. */
  readonly mfaDevices: ReadonlyMap<string, MfaRecord>;
  /** By name. */
  readonly serverCertificates: ReadonlyMap<string, ServerCertificateRecord>;
  readonly passwordPolicy?: PasswordPolicy | undefined;
  /** Which tokens the global STS endpoint gives: 1 or 2. */
  readonly tokenVersion?: number | undefined;
  /** The account's own issuer; there once outbound federation was enabled. */
  readonly outbound?: OutboundRecord | undefined;
  readonly alias?: string | undefined;
  readonly report?: ReportRecord | undefined;
}

export const EMPTY_IAM: IamState = {
  providers: new Map(),
  roles: new Map(),
  users: new Map(),
  groups: new Map(),
  policies: new Map(),
  instanceProfiles: new Map(),
  samlProviders: new Map(),
  mfaDevices: new Map(),
  serverCertificates: new Map(),
};

/** A copy of a map with one entry set, at its place when it was there. */
export function withEntry<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, value: Value): ReadonlyMap<Key, Value> {
  return new Map(map).set(key, value);
}

/** A copy of a map without one entry. */
export function withoutEntry<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): ReadonlyMap<Key, Value> {
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}

const trusts = new WeakMap<RoleRecord, Policy>();

/** A role's trust policy, read once for each record. */
export function trustOf(role: RoleRecord): Policy {
  const known = trusts.get(role);
  if (known) return known;
  const policy = policyOf(role.trust);
  trusts.set(role, policy);
  return policy;
}

/** A stored document as a policy; one that cannot be read permits nothing. */
export function policyOf(document: string): Policy {
  const reading = readPolicy(document);
  return reading.kind === "policy" ? reading.policy : { version: null, statements: [] };
}
