import type { RoleArn } from "../core/arn.ts";
import type { Credentials } from "../core/credentials.ts";
import { RolecallError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { VERSION } from "../core/version.ts";
import { call } from "./aws-sdk/call.ts";
import { regional } from "./aws-sdk/client.ts";

/** Whom to ask, and who asks. */
export interface ChainSource {
  /** URL of STS. */
  readonly endpoint: string;
  readonly region: string | undefined;
  readonly credentials: Credentials;
}

/** The next role of a chain, and what its session is given. */
export interface NextRole {
  readonly role: RoleArn;
  readonly sessionName: string;
  /** Seconds; an hour is the most. */
  readonly duration?: number;
  /** A session policy, JSON. */
  readonly policy?: string;
  readonly policyArns?: readonly string[];
  readonly tags?: readonly { readonly key: string; readonly value: string }[];
  readonly transitiveTags?: readonly string[];
  readonly externalId?: string | undefined;
}

/**
 * AssumeRole, signed by the session of the role before. Source: STS API reference.
 *
 * @throws RolecallError `refused`, `config` for what STS does not take, `unavailable`
 */
export async function assumeNextRole(from: ChainSource, next: NextRole): Promise<Credentials> {
  const { STSClient, AssumeRoleCommand } = await import("@aws-sdk/client-sts");
  const client = await regional(
    from,
    (config) => new STSClient({ ...config, customUserAgent: [["rolecall", VERSION]] }),
  );
  const command = new AssumeRoleCommand({
    RoleArn: next.role.arn,
    RoleSessionName: next.sessionName,
    DurationSeconds: next.duration,
    Policy: next.policy,
    PolicyArns: next.policyArns?.map((arn) => ({ arn })),
    Tags: next.tags?.map(({ key, value }) => ({ Key: key, Value: value })),
    TransitiveTagKeys: next.transitiveTags ? [...next.transitiveTags] : undefined,
    ExternalId: next.externalId,
  });
  const { Credentials: keys, AssumedRoleUser: user } = await call("sts:AssumeRole", next.role.arn, () =>
    client.send(command),
  );
  const { AccessKeyId: accessKeyId, SecretAccessKey: secret, SessionToken: token, Expiration: expiration } = keys ?? {};
  if (!accessKeyId || !secret || !token || !expiration)
    throw new RolecallError("unexpected", `AWS gave no credentials for ${next.role.arn}`);
  return {
    accessKeyId,
    secretAccessKey: new Secret(secret),
    sessionToken: new Secret(token),
    expiration,
    role: user?.Arn ?? "",
  };
}
