import { randomBytes } from "node:crypto";

import * as v from "valibot";

import { RolecallError } from "../core/errors.ts";
import type { AdminKey } from "./admin-key.ts";
import { newAccessKeyId, newSecretAccessKey, newUniqueId } from "./ids.ts";
import type {
  GroupRecord,
  IamState,
  InstanceProfileRecord,
  MfaRecord,
  PolicyRecord,
  ProviderRecord,
  RoleRecord,
  SamlRecord,
  ServerCertificateRecord,
  UserRecord,
} from "./records.ts";
import { stateDocument } from "./state-schema.ts";

/** The key of a local issuer. */
export interface IssuerKey {
  readonly kid: string;
  /** PKCS #8, PEM. */
  readonly privateKey: string;
  /** Public keys that sign no more and are still published, newest first. */
  readonly retired: readonly RetiredKey[];
}

/** An RSA key as a JWKS gives it. */
export interface RetiredKey {
  readonly kid: string;
  readonly n: string;
  readonly e: string;
}

/** What makes the cloud itself: kept by a reset. */
export interface CloudIdentity {
  readonly account: string;
  readonly admin: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly userId: string };
  /** Seals session tokens; 32 bytes, base64. */
  readonly sealingKey: string;
}

/** The last use of an access key. */
export interface KeyUse {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly service: string;
  readonly region: string;
}

/** Everything that a state file holds. */
export interface CloudState {
  readonly identity: CloudIdentity;
  /** By issuer. */
  readonly issuers: ReadonlyMap<string, IssuerKey>;
  readonly iam: IamState;
  /** By access key id. */
  readonly uses: ReadonlyMap<string, KeyUse>;
}

/** A cloud's identity: what was asked for, else what was there before, else something new. */
export function createIdentity(
  wanted: { readonly account?: string | undefined; readonly adminKey?: AdminKey | undefined },
  before: CloudIdentity | null,
): CloudIdentity {
  const account = wanted.account ?? before?.account ?? "123456789012";
  if (!/^\d{12}$/.test(account))
    throw new RolecallError("config", `expected an account of 12 digits, got ${JSON.stringify(account)}`);
  if (before && before.account !== account) {
    throw new RolecallError(
      "config",
      `the state is of account ${before.account}, and account ${account} was asked for`,
      {
        hints: ["leave the account out, or use another state file"],
      },
    );
  }
  const key = wanted.adminKey ??
    before?.admin ?? {
      accessKeyId: newAccessKeyId("AKIA", account),
      secretAccessKey: newSecretAccessKey(),
    };
  checkAdminKey(key);
  return {
    account,
    admin: {
      accessKeyId: key.accessKeyId,
      secretAccessKey: key.secretAccessKey,
      userId: before?.admin.userId ?? newUniqueId("AIDA"),
    },
    sealingKey: before?.sealingKey ?? randomBytes(32).toString("base64"),
  };
}

// AWS's own have 16 characters and more; short ones do no harm. ASIA would make it look like a session's.
function checkAdminKey({ accessKeyId, secretAccessKey }: AdminKey): void {
  if (!/^\w{1,128}$/.test(accessKeyId) || accessKeyId.startsWith("ASIA")) {
    throw new RolecallError(
      "config",
      "expected an admin key id of letters and digits, at most 128, not beginning with ASIA",
    );
  }
  if (secretAccessKey === "") throw new RolecallError("config", "the admin key has no secret");
}

/** Writes a state as the text of a state file. */
export function renderState({ identity, issuers, iam, uses }: CloudState): string {
  const content: v.InferInput<typeof stateDocument> = {
    rolecall: 1,
    identity,
    issuers: Object.fromEntries([...issuers].map(([issuer, key]) => [issuer, { ...key, retired: [...key.retired] }])),
    providers: [...iam.providers.values()].map((one) => ({
      ...one,
      audiences: [...one.audiences],
      thumbprints: [...one.thumbprints],
      tags: [...one.tags],
    })),
    roles: [...iam.roles.values()].map((one) => ({ ...one, tags: [...one.tags], attached: [...one.attached] })),
    users: [...iam.users.values()].map((one) => ({
      ...one,
      tags: [...one.tags],
      attached: [...one.attached],
      keys: [...one.keys],
      serviceCredentials: one.serviceCredentials && [...one.serviceCredentials],
      sshKeys: one.sshKeys && [...one.sshKeys],
      certificates: one.certificates && [...one.certificates],
    })),
    groups: [...iam.groups.values()].map((one) => ({
      ...one,
      tags: [...one.tags],
      attached: [...one.attached],
      members: [...one.members],
    })),
    policies: [...iam.policies.values()].map((one) => ({ ...one, tags: [...one.tags], versions: [...one.versions] })),
    instanceProfiles: [...iam.instanceProfiles.values()].map((one) => ({ ...one, tags: [...one.tags] })),
    samlProviders: [...iam.samlProviders.values()].map((one) => ({
      ...one,
      tags: [...one.tags],
      keys: one.keys && [...one.keys],
    })),
    mfaDevices: [...iam.mfaDevices.values()].map((one) => ({ ...one, tags: [...one.tags] })),
    serverCertificates: [...iam.serverCertificates.values()].map((one) => ({ ...one, tags: [...one.tags] })),
    passwordPolicy: iam.passwordPolicy,
    tokenVersion: iam.tokenVersion,
    outbound: iam.outbound,
    alias: iam.alias,
    report: iam.report,
    uses: Object.fromEntries(uses),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/**
 * Reads the text of a state file.
 *
 * @param from its path
 * @throws RolecallError `config` when it is not the text of a state file
 */
export function parseState(text: string, from: string): CloudState {
  const result = v.safeParse(stateDocument, parseJson(text, from));
  if (!result.success) {
    const [issue] = result.issues;
    // Not what was there instead: it may be a key.
    const why = issue.received === "undefined" ? "is missing" : "is not what it should be";
    throw unusable(from, `${v.getDotPath(issue) ?? "the document"} ${why}`);
  }
  const { output } = result;
  const { identity, issuers, providers, roles, users, groups, policies, alias, report, uses } = output;
  return {
    identity,
    issuers: new Map(Object.entries(issuers)),
    iam: {
      providers: new Map(providers.map((one): [string, ProviderRecord] => [one.arn, one])),
      roles: new Map(roles.map((one): [string, RoleRecord] => [one.name, one])),
      users: new Map(users.map((one): [string, UserRecord] => [one.name, one])),
      groups: new Map(groups.map((one): [string, GroupRecord] => [one.name, one])),
      policies: new Map(policies.map((one): [string, PolicyRecord] => [one.arn, one])),
      instanceProfiles: new Map(output.instanceProfiles.map((one): [string, InstanceProfileRecord] => [one.name, one])),
      samlProviders: new Map(output.samlProviders.map((one): [string, SamlRecord] => [one.arn, one])),
      mfaDevices: new Map(output.mfaDevices.map((one): [string, MfaRecord] => [one.arn, one])),
      serverCertificates: new Map(
        output.serverCertificates.map((one): [string, ServerCertificateRecord] => [one.name, one]),
      ),
      passwordPolicy: output.passwordPolicy,
      tokenVersion: output.tokenVersion,
      outbound: output.outbound,
      alias,
      report,
    },
    uses: new Map(Object.entries(uses)),
  };
}

function parseJson(text: string, from: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unusable(from, text.trim() === "" ? "it is empty" : "it is not JSON");
  }
}

/** The error of a state file that cannot be used; its content, which has secrets, is not in the message. */
export function unusable(from: string, why: string): RolecallError {
  return new RolecallError("config", `${from} is not a state file of the local cloud: ${why}`, {
    hints: [`move it away to begin anew: mv ${from} ${from}.broken`],
  });
}
