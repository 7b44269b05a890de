import { findJobCi } from "../ci/job/index.ts";
import { parseRoleArn, type RoleArn } from "../core/arn.ts";
import type { Credentials } from "../core/credentials.ts";
import { parseRegion, stsEndpoint } from "../core/endpoint.ts";
import { RolecallError } from "../core/errors.ts";
import { parseDuration } from "../credentials/duration.ts";
import { exchange } from "../credentials/exchange.ts";
import { makeSessionName, parseSessionName } from "../credentials/session-name.ts";
import { isLoopback } from "../wire/proxy.ts";
import { assumeRoleWithWebIdentity, type AssumeCall } from "../wire/sts.ts";
import type { Input, Option } from "./command.ts";
import { findToken, type FoundToken } from "./find-token.ts";
import type { Io } from "./io.ts";
import { EXCHANGE_OPTIONS, type JOB_OPTIONS } from "./job-options.ts";
import { note } from "./report.ts";

export type JobInput = Input<typeof JOB_OPTIONS>["options"];

/** All that an exchange needs, resolved from options, environment and CI. */
export interface Plan {
  readonly found: FoundToken;
  readonly role: RoleArn;
  readonly region: string | undefined;
  readonly call: AssumeCall;
}

/** An option's value and where it came from, as the reader would name it. */
interface Given {
  readonly value: string;
  readonly from: string;
}

/** The option itself, else the first of its variables that is not empty. */
export function given(name: keyof typeof EXCHANGE_OPTIONS, options: JobInput, io: Io): Given | null {
  const value = options[name];
  if (typeof value === "string") return { value, from: `--${name}` };
  const { env = [] }: Option = EXCHANGE_OPTIONS[name];
  const variable = env.find((one) => io.env[one]);
  return variable ? { value: io.env[variable] ?? "", from: variable } : null;
}

/**
 * Resolves what to ask STS for. Nothing is sent yet; every mistake in options or environment shows here.
 *
 * @throws RolecallError `usage`, `config`, `no-token`
 */
export async function planExchange(options: JobInput, io: Io): Promise<Plan> {
  const role = findRole(options, io);
  const givenRegion = given("region", options, io);
  const region = givenRegion ? parseRegion(givenRegion.value, givenRegion.from, role) : undefined;
  const duration = given("duration", options, io);
  const seconds = duration ? parseDuration(duration.value, duration.from) : undefined;
  const endpoint = findEndpoint(options, io) ?? stsEndpoint(role.partition, region);
  const policy = options.policy === undefined ? undefined : await readSessionPolicy(options.policy);
  const found = await findToken(options, io, role.partition);
  return {
    found,
    role,
    region,
    call: {
      endpoint,
      roleArn: role.arn,
      sessionName: findSessionName(options, io, found),
      token: found.token.raw,
      ...(seconds === undefined ? {} : { duration: seconds }),
      ...(policy === undefined ? {} : { policy }),
      ...(options["policy-arn"].length > 0 ? { policyArns: options["policy-arn"] } : {}),
    },
  };
}

function findRole(options: JobInput, io: Io): RoleArn {
  const role = given("role", options, io);
  if (role) return parseRoleArn(role.value, role.from);
  const { env } = EXCHANGE_OPTIONS.role;
  const empty = env.find((name) => io.env[name] === "");
  throw new RolecallError("usage", `no role: expected --role ARN, or one of ${env.join(", ")}`, {
    hints: [
      ...(empty ? [`${empty} is set and empty: a protected CI variable is absent on unprotected branches`] : []),
      "rolecall ... --role arn:aws:iam::123456789012:role/shop-deploy",
    ],
  });
}

function findEndpoint(options: JobInput, io: Io): URL | null {
  const ignored = io.env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.toLowerCase() === "true";
  const endpoint = given("endpoint-url", options, io);
  if (!endpoint || (ignored && endpoint.from !== "--endpoint-url")) return null;
  return parseEndpoint(endpoint.value, endpoint.from);
}

/**
 * The URL of an STS that is not AWS's own.
 *
 * @throws RolecallError `config`; plain http is only for this machine, since the token travels in the body
 */
export function parseEndpoint(text: string, from: string): URL {
  const url = tryUrl(text);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new RolecallError(
      "config",
      `${from} is not the URL of an STS: expected https://host, got ${JSON.stringify(text.slice(0, 100))}`,
    );
  }
  if (url.protocol === "https:" || isLoopback(url.hostname)) return url;
  throw new RolecallError("config", `${from} would send the ID token in the clear: expected https, got ${url.origin}`, {
    hints: ["plain http is taken for 127.0.0.1, [::1] and localhost only"],
  });
}

function tryUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function findSessionName(options: JobInput, io: Io, { ci }: FoundToken): string {
  const name = given("session-name", options, io);
  if (name) return parseSessionName(name.value, name.from);
  const known = ci ? findJobCi(ci.ci) : undefined;
  return makeSessionName(known?.sessionName(io.env) ?? ["rolecall"]);
}

async function readSessionPolicy(text: string): Promise<string> {
  const document = text.trimStart().startsWith("{") ? text : await readPolicyFile(text);
  try {
    JSON.parse(document);
    return document;
  } catch (error) {
    throw new RolecallError("config", `--policy is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

async function readPolicyFile(path: string): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  try {
    return await readFile(path.replace(/^file:\/\//, ""), "utf8");
  } catch (error) {
    throw new RolecallError("config", `--policy cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Exchanges the token; a refusal is explained and becomes an error, since no command can go on without.
 *
 * @throws RolecallError `refused`, `unavailable`
 */
export async function assume(plan: Plan, input: Pick<JobInput, "quiet" | "verbose">, io: Io): Promise<Credentials> {
  const { call } = plan;
  if (input.verbose) note(io, `asking ${call.endpoint.origin} for ${call.roleArn} as ${call.sessionName}`);
  const result = await exchange(call, {
    assume: (one, timeout) => assumeRoleWithWebIdentity(one, io.env, timeout),
    now: Date.now,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    random: Math.random,
    onRetry: (why, wait) => {
      if (!input.quiet) note(io, `${why}; trying again in ${(wait / 1000).toFixed(1)} s`);
    },
  });
  if (result.outcome === "credentials") return result.credentials;
  const { explainRefusal } = await import("./chunks/refusal.ts");
  throw explainRefusal(result.refusal, plan, io.now());
}
