import { join } from "node:path";
import { apply } from "../../src/account/apply.ts";
import { readConfig } from "../../src/account/config.ts";
import { desiredState } from "../../src/account/desired.ts";
import { findCi } from "../../src/ci/index.ts";
import { Secret } from "../../src/core/secret.ts";
import { isObject, type Json, readToken } from "../../src/core/token.ts";
import { createLocalCloud, type LocalCloud } from "../../src/local/index.ts";
import { connectIam } from "../../src/wire/aws-sdk.ts";
import type { Script } from "./script.ts";

/**
 * `cloud [FILE]`: a local cloud for this script alone, with what a rolecall.yaml describes. Its address, account and
 * administrator are in the environment.
 */
export async function startCloud(script: Script, [file]: readonly string[]): Promise<void> {
  const cloud = await createLocalCloud();
  script.closers.push(() => cloud.close());
  if (file !== undefined) await provision(cloud, join(script.folder, file));
  script.env.set("ENDPOINT", cloud.endpoint);
  script.env.set("ACCOUNT", cloud.account);
  script.env.set("ADMIN_ACCESS_KEY_ID", cloud.admin.accessKeyId);
  script.env.set("ADMIN_SECRET_ACCESS_KEY", cloud.admin.secretAccessKey);
}

async function provision({ endpoint, account, admin }: LocalCloud, file: string): Promise<void> {
  const credentials = { accessKeyId: admin.accessKeyId, secretAccessKey: new Secret(admin.secretAccessKey) };
  const iam = await connectIam({ endpoint, region: "us-east-1", credentials });
  await apply(iam, desiredState(await readConfig(file), { account, partition: "aws" }));
}

/**
 * `token NAME project=acme/shop branch=main audience=A`: from this line on the script is that CI job, with its ID token
 * in the variable NAME. Settings are the fields of `POST /_rolecall/mint`; `ci` is gitlab unless given.
 */
export async function mintToken(script: Script, [name, ...settings]: readonly string[]): Promise<void> {
  const request = { ci: "gitlab", ...parseSettings(settings) };
  const token = await requestToken(script, request);
  const reading = readToken(token);
  const ci = findCi(request.ci);
  if (name === undefined || reading.kind !== "token" || !ci)
    throw new Error("expected: token NAME project=... audience=...");
  for (const [variable, value] of Object.entries(ci.jobEnvironment(reading.token.claims, token))) {
    // The CI's usual variable for the token; this script has named its own.
    if (value !== token) script.env.set(variable, value);
  }
  script.env.set(name, token);
}

type Settings = Readonly<Record<string, string>>;

function parseSettings(settings: readonly string[]): Settings {
  return Object.fromEntries(
    settings.map((setting) => {
      const [, name, value] = /^(\w+)=(.*)$/s.exec(setting) ?? [];
      if (name === undefined || value === undefined) throw new Error(`expected name=value, got ${setting}`);
      return [name, value];
    }),
  );
}

async function requestToken(script: Script, { expires_in: expiresIn, claims, ...rest }: Settings): Promise<string> {
  const endpoint = script.env.get("ENDPOINT");
  if (endpoint === undefined) throw new Error("a line `cloud` must come first");
  const body: Json = {
    ...rest,
    ...(expiresIn === undefined ? {} : { expires_in: Number(expiresIn) }),
    ...(claims === undefined ? {} : { claims: JSON.parse(claims) as Json }),
  };
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${endpoint}/_rolecall/mint`, { method: "POST", headers, body: JSON.stringify(body) });
  const answer = await response.text();
  const minted: unknown = response.ok ? JSON.parse(answer) : null;
  if (isObject(minted) && typeof minted["token"] === "string") return minted["token"];
  throw new Error(`the local cloud minted no token: ${response.status} ${answer}`);
}
