import { isShellSafe, type Credentials } from "../core/credentials.ts";
import { RolecallError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { VERSION } from "../core/version.ts";
import type { Refusal } from "../credentials/exchange.ts";
import type { AwsKeys } from "../wire/aws-sdk/types.ts";
import { type HttpAnswer, type HttpEnv, send } from "../wire/http.ts";
import { encodeQuery, type QueryInputFields, xmlText } from "../wire/query.ts";
import { signedHeaders } from "./sign.ts";

/** How STS is reached. */
export interface Sts {
  readonly endpoint: URL;
  /** For signatures. */
  readonly region: string;
  /** Proxies and certificates. */
  readonly http: HttpEnv;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export interface AssumeRoleRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  /** Seconds. */
  readonly duration?: number | undefined;
  readonly externalId?: string | undefined;
  /** JSON. */
  readonly policy?: string | undefined;
  readonly policyArns?: readonly string[] | undefined;
  readonly tags?: readonly Tag[] | undefined;
  readonly transitiveTagKeys?: readonly string[] | undefined;
}

/** Whose credentials these are. */
export interface Identity {
  readonly kind: "identity";
  /** Twelve digits. */
  readonly account: string;
  readonly arn: string;
}

export type Assumed = { readonly kind: "credentials"; readonly credentials: Credentials };

/** @throws RolecallError `unavailable` when STS did not answer, or something else answered */
export async function assumeRole(
  sts: Sts,
  keys: AwsKeys,
  request: AssumeRoleRequest,
  timeout: number,
): Promise<Assumed | Refusal> {
  const { tags, transitiveTagKeys, policyArns } = request;
  const fields = {
    Action: "AssumeRole",
    RoleArn: request.roleArn,
    RoleSessionName: request.sessionName,
    DurationSeconds: request.duration,
    ExternalId: request.externalId,
    Policy: request.policy,
    PolicyArns: policyArns?.length ? policyArns.map((arn) => ({ arn })) : undefined,
    Tags: tags?.length ? tags.map(({ key, value }) => ({ Key: key, Value: value })) : undefined,
    TransitiveTagKeys: transitiveTagKeys?.length ? transitiveTagKeys : undefined,
  };
  const answer = await post(sts, keys, fields, timeout);
  return readRefusal(answer) ?? { kind: "credentials", credentials: readCredentials(answer, sts.endpoint) };
}

/** @throws RolecallError `unavailable` when STS did not answer, or something else answered */
export async function getCallerIdentity(sts: Sts, keys: AwsKeys, timeout: number): Promise<Identity | Refusal> {
  const answer = await post(sts, keys, { Action: "GetCallerIdentity" }, timeout);
  const refusal = readRefusal(answer);
  if (refusal) return refusal;
  const [account, arn] = [xmlText(answer.body, "Account"), xmlText(answer.body, "Arn")];
  if (answer.status !== 200 || !account || !arn) throw notSts(answer, sts.endpoint);
  return { kind: "identity", account, arn };
}

/** Signs by this machine's clock, and where STS finds that wrong once more by STS's own. */
async function post(sts: Sts, keys: AwsKeys, fields: QueryInputFields, timeout: number): Promise<HttpAnswer> {
  const body = encodeQuery({ ...fields, Version: "2011-06-15" });
  const answer = await postAt(sts.now(), sts, keys, body, timeout);
  const { date } = answer;
  return date !== null && isOfWrongTime(answer) ? postAt(date.getTime(), sts, keys, body, timeout) : answer;
}

async function postAt(now: number, sts: Sts, keys: AwsKeys, body: string, timeout: number): Promise<HttpAnswer> {
  const { endpoint: url, region, http } = sts;
  const headers = {
    ...signedHeaders({ url, body, region, now }, keys),
    accept: "text/xml",
    "user-agent": `rolecall/${VERSION}`,
  };
  return send({ method: "POST", url, headers, body, timeout }, http);
}

/** Source: STS's texts, as `wire/sigv4` has them; the AWS SDKs correct their clock at the same. */
function isOfWrongTime({ status, body }: HttpAnswer): boolean {
  return status === 403 && /Signature (expired|not yet current)|RequestTimeTooSkewed/.test(body);
}

function readRefusal(answer: HttpAnswer): Refusal | null {
  const code = xmlText(answer.body, "Code");
  if (answer.status < 400 || !code) return null;
  return {
    kind: "refused",
    code,
    // Of a wrong signature STS repeats the whole request below its first line.
    message: (xmlText(answer.body, "Message") ?? "").split("\n", 1)[0] ?? "",
    status: answer.status,
    requestId: xmlText(answer.body, "RequestId"),
    date: answer.date,
  };
}

function readCredentials(answer: HttpAnswer, endpoint: URL): Credentials {
  const text = (name: string): string => xmlText(answer.body, name) ?? "";
  const [accessKeyId, secret, token] = [text("AccessKeyId"), text("SecretAccessKey"), text("SessionToken")];
  const expiration = new Date(text("Expiration"));
  const whole = [accessKeyId, secret, token].every(isShellSafe) && !Number.isNaN(expiration.getTime());
  if (answer.status !== 200 || !whole) throw notSts(answer, endpoint);
  return {
    accessKeyId,
    secretAccessKey: new Secret(secret),
    sessionToken: new Secret(token),
    expiration,
    role: text("Arn"),
  };
}

function notSts({ status, type }: HttpAnswer, { origin }: URL): RolecallError {
  const what = type.split(";")[0] || "no content type";
  return new RolecallError(
    "unavailable",
    `${origin} does not answer like STS: expected its XML, got status ${status} with ${what}`,
    { permanent: status < 500, hints: ["is there a proxy in between? see http-proxy and sts-endpoint"] },
  );
}
