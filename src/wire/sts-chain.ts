import { Readable } from "node:stream";
import type { RoleArn } from "../core/arn.ts";
import type { Credentials } from "../core/credentials.ts";
import { RolecallError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { VERSION } from "../core/version.ts";
import { call } from "./aws-sdk/call.ts";
import { regional } from "./aws-sdk/client.ts";
import { type HttpEnv, send } from "./http.ts";

/** Whom to ask, and who asks. */
export interface ChainSource {
  /** URL of STS. */
  readonly endpoint: string;
  readonly region: string | undefined;
  readonly credentials: Credentials;
  /** Proxies and certificate authorities, as of every call of a job. */
  readonly env: HttpEnv;
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
  const requestHandler = handlerOf(from.env);
  const client = await regional(
    from,
    (config) => new STSClient({ ...config, requestHandler, customUserAgent: [["rolecall", VERSION]] }),
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

const TIMEOUT = 10_000;

/** What a handler of the SDK is given. */
interface SdkRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Sends the SDK's requests as our own: its handler knows neither proxies nor AWS_CA_BUNDLE. */
function handlerOf(env: HttpEnv) {
  return {
    async handle({ protocol, hostname, port, path, headers, body }: SdkRequest) {
      const url = new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}`);
      // The host is that of the URL, and the length that of the body.
      const { host: _, "content-length": __, ...signed } = headers;
      const text = typeof body === "string" ? body : "";
      const answer = await send({ method: "POST", url, headers: signed, body: text, timeout: TIMEOUT }, env).catch(
        (error: unknown) => {
          throw asNodeError(error);
        },
      );
      const date: Record<string, string> = answer.date ? { date: answer.date.toUTCString() } : {};
      return {
        response: {
          statusCode: answer.status,
          headers: { "content-type": answer.type, ...date },
          body: Readable.from([Buffer.from(answer.body)]),
        },
      };
    },
    updateHttpClientConfig: (): void => {},
    httpHandlerConfigs: () => ({}),
    destroy: (): void => {},
  };
}

/** The SDK tries again by Node's codes. */
function asNodeError(error: unknown): Error {
  const { message, cause } = error as Error;
  const { code = "ETIMEDOUT" } = (cause ?? {}) as NodeJS.ErrnoException;
  return Object.assign(new Error(message), { code });
}
