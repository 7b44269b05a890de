import { mkdtempSync, rmSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CreateOpenIDConnectProviderCommand, CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { STSClient } from "@aws-sdk/client-sts";
import { afterEach } from "vitest";

import type { Json } from "../../../src/core/token.ts";
import { createLocalCloud, type LocalCloud, type LocalCloudOptions } from "../../../src/local/index.ts";
import { encodeQuery, type QueryInputFields, xmlText } from "../../../src/wire/query.ts";

const stops: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** Runs when the test is over, last first. */
export function afterTest(stop: () => Promise<void> | void): void {
  stops.push(stop);
}

/** A cloud for one test. */
export async function startCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const cloud = await createLocalCloud(options);
  afterTest(() => cloud.close());
  return cloud;
}

/** A folder for one test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "rolecall-local-"));
  afterTest(() => rmSync(folder, { recursive: true }));
  return folder;
}

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

// The SDK writes into the credentials that it is given, so each client has its own.
export function iamClient(cloud: LocalCloud, credentials: Keys = cloud.admin): IAMClient {
  const client = new IAMClient({
    endpoint: cloud.endpoint,
    region: "us-east-1",
    credentials: { ...credentials },
    maxAttempts: 1,
  });
  afterTest(() => client.destroy());
  return client;
}

export function stsClient(cloud: LocalCloud, credentials: Keys = cloud.admin): STSClient {
  const client = new STSClient({
    endpoint: cloud.endpoint,
    region: "eu-central-1",
    credentials: { ...credentials },
    maxAttempts: 1,
  });
  afterTest(() => client.destroy());
  return client;
}

export const ACCOUNT = "123456789012";
export const PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com`;
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/deploy`;
export const AUDIENCE = "https://gitlab.com";
export const SUBJECT = "project_path:acme/shop:ref_type:branch:ref:main";

/** A trust policy that admits one subject of one provider; `more` is laid over its only statement. */
export function trustPolicy(
  more: { readonly [element: string]: Json } = {},
  provider = PROVIDER,
  subject = SUBJECT,
): string {
  const issuer = provider.replace(/^.*:oidc-provider\//, "");
  const statement = {
    Effect: "Allow",
    Principal: { Federated: provider },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: { StringEquals: { [`${issuer}:sub`]: subject } },
    ...more,
  };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

/** Sets the account up as the story does: provider, audience, role. */
export async function setUp(cloud: LocalCloud, trust = trustPolicy()): Promise<IAMClient> {
  const iam = iamClient(cloud);
  await iam.send(new CreateOpenIDConnectProviderCommand({ Url: "https://gitlab.com", ClientIDList: [AUDIENCE] }));
  await iam.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: trust }));
  return iam;
}

/** The token of the job that the role trusts; `job` is laid over it. */
export async function mint(cloud: LocalCloud, job: Partial<Parameters<LocalCloud["mint"]>[0]> = {}): Promise<string> {
  const { token } = await cloud.mint({
    ci: "gitlab",
    project: "acme/shop",
    branch: "main",
    audience: AUDIENCE,
    ...job,
  });
  return token;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
  /** AWS's error code and text; null when the answer is no error. */
  readonly code: string | null;
  readonly message: string | null;
}

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends a request as it is, over a socket of its own. */
export function send(endpoint: string, { method = "GET", path = "/", headers = {}, body = "" }: Sent): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${endpoint}${path}`, { method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => {
        const code = xmlText(text, "Error/Code");
        const message = xmlText(text, "Error/Message");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, code, message });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

export const FORM = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };

/** An unsigned call of the query protocol. */
export function post(
  endpoint: string,
  parameters: QueryInputFields,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  return send(endpoint, { method: "POST", headers: { ...FORM, ...headers }, body: encodeQuery(parameters) });
}

/** The exchange, as the wire has it. */
export function exchange(cloud: LocalCloud, token: string, more: QueryInputFields = {}): Promise<Reply> {
  return post(cloud.endpoint, {
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: ROLE,
    RoleSessionName: "job-1",
    WebIdentityToken: token,
    ...more,
  });
}

/** The credentials in an answer to the exchange. */
export function keysOf({ body }: Reply): Required<Keys> {
  const text = (name: string): string => xmlText(body, `Credentials/${name}`) ?? "";
  return {
    accessKeyId: text("AccessKeyId"),
    secretAccessKey: text("SecretAccessKey"),
    sessionToken: text("SessionToken"),
  };
}

/** What an SDK call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<{ code: string; status: number; message: string }> {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error("expected the call to be refused");
  const { $metadata } = error as Error & { readonly $metadata?: { readonly httpStatusCode?: number } };
  const code = "Code" in error && typeof error.Code === "string" ? error.Code : error.name;
  return { code, status: $metadata?.httpStatusCode ?? 0, message: error.message };
}
