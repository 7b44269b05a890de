import { type Credentials, isShellSafe } from "../core/credentials.ts";
import { RolecallError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { type HttpAnswer, type HttpEnv, send } from "./http.ts";
import { encodeQuery, xmlText } from "./query.ts";
import { VERSION } from "../core/version.ts";

export interface AssumeCall {
  readonly endpoint: URL;
  readonly roleArn: string;
  readonly sessionName: string;
  readonly token: Secret;
  /** Seconds. */
  readonly duration?: number;
  /** A session policy, JSON. */
  readonly policy?: string;
  readonly policyArns?: readonly string[];
}

export type AssumeAnswer =
  | {
      readonly kind: "credentials";
      readonly credentials: Credentials;
      /** As of a refusal. */
      readonly date?: Date | null;
    }
  | {
      readonly kind: "refused";
      readonly code: string;
      /** STS's own words. */
      readonly message: string;
      readonly status: number;
      readonly requestId: string | null;
      /** STS's clock, from the HTTP Date header. */
      readonly date: Date | null;
    };

/** Milliseconds that one call may take, unless the caller has fewer left. */
const TIMEOUT = 10_000;

/**
 * AssumeRoleWithWebIdentity: one form POST, unsigned. The token is in the body alone, never in a URL.
 * Source: STS API reference; botocore's model has `authtype: none`.
 *
 * @throws RolecallError `unavailable` when STS did not answer, or something else answered
 */
export async function assumeRoleWithWebIdentity(
  call: AssumeCall,
  env: HttpEnv,
  timeout: number = TIMEOUT,
): Promise<AssumeAnswer> {
  const body = encodeQuery({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: call.roleArn,
    RoleSessionName: call.sessionName,
    WebIdentityToken: call.token.reveal(),
    DurationSeconds: call.duration,
    Policy: call.policy,
    PolicyArns: call.policyArns?.length ? call.policyArns.map((arn) => ({ arn })) : undefined,
  });
  const answer = await send(
    {
      method: "POST",
      url: call.endpoint,
      headers: {
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        accept: "text/xml",
        "user-agent": USER_AGENT,
      },
      body,
      timeout,
    },
    env,
  );
  return readRefusal(answer) ?? { kind: "credentials", credentials: readCredentials(answer, call), date: answer.date };
}

/** Names the tool in CloudTrail's userAgent. */
const USER_AGENT = `rolecall/${VERSION}`;

function readRefusal(answer: HttpAnswer): AssumeAnswer | null {
  const code = xmlText(answer.body, "Code");
  if (answer.status < 400 || !code || !answer.body.includes("<Error>")) return null;
  return {
    kind: "refused",
    code,
    message: xmlText(answer.body, "Message") ?? "",
    status: answer.status,
    requestId: xmlText(answer.body, "RequestId"),
    date: answer.date,
  };
}

function readCredentials(answer: HttpAnswer, call: AssumeCall): Credentials {
  const text = (name: string): string => xmlText(answer.body, name) ?? "";
  const expiration = new Date(text("Expiration"));
  const credentials: Credentials = {
    accessKeyId: text("AccessKeyId"),
    secretAccessKey: new Secret(text("SecretAccessKey")),
    sessionToken: new Secret(text("SessionToken")),
    expiration,
    role: text("Arn"),
  };
  const whole = [credentials.accessKeyId, text("SecretAccessKey"), text("SessionToken")].every(isShellSafe);
  if (answer.status === 200 && whole && !Number.isNaN(expiration.getTime())) return credentials;
  throw notSts(answer, call.endpoint);
}

function notSts(answer: HttpAnswer, endpoint: URL): RolecallError {
  const type = answer.type.split(";")[0] || "no content type";
  return new RolecallError(
    "unavailable",
    `${endpoint.origin} does not answer like STS: expected its XML, got status ${answer.status} with ${type}`,
    {
      permanent: answer.status < 500,
      hints: ["is a proxy or login page between this machine and STS? check HTTPS_PROXY and the endpoint"],
    },
  );
}
