import { type Partition, parseRoleArn, partitionOf, readRoleArn } from "../core/arn.ts";
import { parseRegion, stsEndpoint } from "../core/endpoint.ts";
import { RolecallError } from "../core/errors.ts";
import { parseDuration } from "../credentials/duration.ts";
import { parseSessionName } from "../credentials/session-name.ts";
import type { HttpEnv } from "../wire/http.ts";
import { isLoopback } from "../wire/proxy.ts";
import { type Env, type Inputs, readInputs } from "./inputs.ts";
import { type AwsFiles, awsFiles, parseProfile } from "./profile.ts";
import { sessionTags } from "./session-tags.ts";
import type { Sts, Tag } from "./signed-sts.ts";

/**
 * By what the step proves who it is: a token that the job asks for, a token in a file, keys among the inputs, or
 * what the machine and earlier steps have.
 */
export type Proof = "job-token" | "token-file" | "keys" | "ambient";

/** What the step is to do, resolved from inputs and environment; nothing has been sent. */
export interface Plan {
  readonly inputs: Inputs;
  readonly proof: Proof;
  readonly region: string;
  readonly sts: Sts;
  readonly sessionName: string;
  /** Seconds. */
  readonly duration: number;
  /** How often STS is asked at most. */
  readonly tries: number;
  readonly tags: readonly Tag[];
  /** Accounts that the credentials may be of; empty is any. */
  readonly accounts: readonly string[];
  /** Later steps get the credentials in their environment. */
  readonly exports: boolean;
  readonly profile: { readonly name: string; readonly files: AwsFiles } | null;
}

// Source: aws-actions/configure-aws-credentials v6.2.3; trust policies may ask for this very name.
const SESSION_NAME = "GitHubActions";
const DURATION = 3600;
const TRIES = 12;

/** @throws RolecallError `config` or `usage` for inputs that cannot be meant, alone or together */
export function planAction(env: Env, now: () => number): Plan {
  const inputs = readInputs(env);
  const proof = chooseProof(inputs, env);
  checkTogether(inputs);
  const region = readRegion(inputs);
  const endpoint = readEndpoint(inputs, env);
  const sts = { endpoint: endpoint ?? defaultEndpoint(region, inputs, env), region, http: httpOf(inputs, env), now };
  return {
    inputs,
    proof,
    region,
    sts,
    sessionName: parseSessionName(inputs["role-session-name"] || SESSION_NAME, "role-session-name"),
    duration: readDuration(inputs, endpoint !== null),
    tries: triesOf(inputs),
    tags: inputs["role-to-assume"] ? sessionTags(env, inputs["custom-tags"]) : [],
    accounts: readAccounts(inputs),
    // A profile is there instead of variables, unless both are wanted.
    exports: inputs["output-env-credentials"] ?? !inputs["aws-profile"],
    profile: inputs["aws-profile"] ? { name: parseProfile(inputs["aws-profile"]), files: awsFiles(env) } : null,
  };
}

function chooseProof(inputs: Inputs, env: Env): Proof {
  const role = inputs["role-to-assume"];
  if (role && inputs["web-identity-token-file"]) return "token-file";
  if (inputs["aws-access-key-id"]) return "keys";
  const asks = role && !inputs["role-chaining"] && !inputs["force-skip-oidc"];
  return asks && env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] ? "job-token" : "ambient";
}

function checkTogether(inputs: Inputs): void {
  const [keyId, file] = [inputs["aws-access-key-id"], inputs["web-identity-token-file"]];
  if (keyId && !inputs["aws-secret-access-key"])
    throw wrong("aws-access-key-id is given: expected aws-secret-access-key as well");
  if (inputs["force-skip-oidc"] && inputs["role-to-assume"] && !keyId && !file)
    throw wrong("force-skip-oidc and role-to-assume: expected aws-access-key-id or web-identity-token-file as well");
  const policy = inputs["inline-session-policy"];
  if (policy && !isJson(policy)) throw wrong("inline-session-policy is not JSON");
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function readRegion(inputs: Inputs): string {
  const region = inputs["aws-region"];
  if (region === "") throw wrong("aws-region is missing: expected one like eu-central-1");
  if (/^[a-z0-9-]+$/.test(region)) return region;
  throw wrong(`aws-region is not a region: expected one like eu-central-1, got ${JSON.stringify(region.slice(0, 40))}`);
}

/** AWS's own STS is where region and role are of one partition. */
function defaultEndpoint(region: string, inputs: Inputs, env: Env): URL {
  const role = readRoleArn(inputs["role-to-assume"]);
  if (role) parseRegion(region, "aws-region", role);
  return stsEndpoint(partitionOf(region), region, env["AWS_USE_FIPS_ENDPOINT"]?.toLowerCase() === "true");
}

function readEndpoint(inputs: Inputs, env: Env): URL | null {
  const given = inputs["sts-endpoint"];
  if (given) return parseEndpoint(given, "sts-endpoint");
  if (env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.toLowerCase() === "true") return null;
  const name = ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"].find((one) => env[one]);
  return name === undefined ? null : parseEndpoint(env[name] ?? "", name);
}

/** Plain http is only for this machine, since tokens and keys travel in the body. */
function parseEndpoint(text: string, from: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname))) return url;
  const got = JSON.stringify(url?.origin ?? text.slice(0, 100));
  throw wrong(`${from}: expected https://HOST, or http on this machine, got ${got}`);
}

/** Inputs come before the job's variables; `http-proxy` is for both schemes. */
function httpOf(inputs: Inputs, env: Env): HttpEnv {
  const [proxy, excluded] = [inputs["http-proxy"], inputs["no-proxy"] || env["no_proxy"]];
  const exclusions = excluded ? { NO_PROXY: excluded, no_proxy: excluded } : {};
  return proxy
    ? { AWS_CA_BUNDLE: env["AWS_CA_BUNDLE"], HTTPS_PROXY: proxy, HTTP_PROXY: proxy, ...exclusions }
    : { ...env, ...exclusions };
}

/** Other makers' STS have other bounds than AWS. */
function readDuration(inputs: Inputs, isOther: boolean): number {
  const seconds = inputs["role-duration-seconds"] ?? DURATION;
  if (isOther && seconds > 0) return seconds;
  return parseDuration(String(seconds), "role-duration-seconds");
}

function triesOf(inputs: Inputs): number {
  if (inputs["special-characters-workaround"]) return TRIES;
  return inputs["disable-retry"] ? 1 : Math.max(1, inputs["retry-max-attempts"] ?? TRIES);
}

function readAccounts(inputs: Inputs): readonly string[] {
  const accounts = inputs["allowed-account-ids"].split(",").map((one) => one.trim());
  return accounts.filter((one) => one !== "");
}

/**
 * The role's ARN; of a name alone, in the account that the keys are of.
 *
 * @param account null where a token says nothing of an account
 * @throws RolecallError `config`
 */
export function roleArnOf(role: string, account: string | null, region: string): string {
  if (role.startsWith("arn:")) return parseRoleArn(role, "role-to-assume").arn;
  const partition: Partition = partitionOf(region);
  if (account !== null) return parseRoleArn(`arn:${partition}:iam::${account}:role/${role}`, "role-to-assume").arn;
  return parseRoleArn(role, "role-to-assume").arn;
}

function wrong(message: string): RolecallError {
  return new RolecallError("config", message);
}
