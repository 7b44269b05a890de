import { findJobCi } from "../ci/job/index.ts";
import { assumedRoleArn, parseRoleArn, type RoleArn } from "../core/arn.ts";
import type { Credentials } from "../core/credentials.ts";
import { parseRegion, stsEndpoint } from "../core/endpoint.ts";
import { RolecallError } from "../core/errors.ts";
import { audiencesOf } from "../core/token.ts";
import { parseDuration, parseTimeout } from "../credentials/duration.ts";
import { exchange } from "../credentials/exchange.ts";
import { makeSessionName, parseSessionName } from "../credentials/session-name.ts";
import { type AssumeAnswer, assumeRoleWithWebIdentity, type AssumeCall } from "../wire/sts.ts";
import { findToken, type FoundToken, secondsLeft } from "./find-token.ts";
import type { Io } from "./io.ts";
import { given, type JobInput } from "./given.ts";
import { EXCHANGE_OPTIONS } from "./job-options.ts";
import { note } from "./report.ts";
import { readSessionPolicy } from "./session-policy.ts";
import { findEndpoint } from "./sts-endpoint.ts";

/** What a session is narrowed by. */
export type Narrowing = Pick<AssumeCall, "duration" | "policy" | "policyArns">;

/** The roles behind the first one. */
export interface Chain {
  readonly roles: readonly RoleArn[];
  /** For the first session, by the ID token. */
  readonly first: Narrowing;
  /** For the last session. */
  readonly last: Narrowing;
  /**
   * Takes them one after the other, with the session of the first role.
   *
   * @throws RolecallError `refused`, `unavailable`
   */
  readonly follow: (plan: Plan, first: Credentials, env: Io["env"]) => Promise<Credentials>;
}

/** Reads `--then` and what belongs to it; null where nothing of it is given. */
export type ChainPlanner = (options: JobInput, narrowing: Narrowing) => Promise<Chain | null>;

/** All that an exchange needs, resolved from options, environment and CI. */
export interface Plan {
  readonly found: FoundToken;
  readonly role: RoleArn;
  readonly region: string | undefined;
  readonly call: AssumeCall;
  /** What comes behind the first role; null without `--then`. */
  readonly chain: Chain | null;
  /** Gets the token anew: asks the CI again, or reads the file again. Null where there is but the one. */
  readonly remint: (() => Promise<FoundToken>) | null;
  /** When credentials must be there, in milliseconds of `Date.now`; null for the usual. */
  readonly end: number | null;
}

/**
 * Resolves what to ask STS for. Nothing is sent yet; every mistake in options or environment shows here.
 *
 * @param planChain is given, so that who has no chains does not carry the AWS SDK
 * @throws RolecallError `usage`, `config`, `no-token`
 */
export async function planExchange(options: JobInput, io: Io, planChain: ChainPlanner): Promise<Plan> {
  const end = findEnd(options, io);
  const role = findRole(options, io);
  const givenRegion = given("region", options, io);
  const region = givenRegion ? parseRegion(givenRegion.value, givenRegion.from, role) : undefined;
  const duration = given("duration", options, io);
  const seconds = duration ? parseDuration(duration.value, duration.from) : undefined;
  const endpoint = findEndpoint(options, io) ?? stsEndpoint(role.partition, region, wantsFips(options, io));
  const policy = options.policy === undefined ? undefined : await readSessionPolicy(options.policy);
  const narrowing = {
    ...(seconds === undefined ? {} : { duration: seconds }),
    ...(policy === undefined ? {} : { policy }),
    ...(options["policy-arn"].length > 0 ? { policyArns: options["policy-arn"] } : {}),
  };
  const chain = await planChain(options, narrowing);
  await guard(chain?.roles.at(-1) ?? role, options, io);
  const find = (): Promise<FoundToken> => findToken(options, io, role.partition);
  const found = await inTime(find(), end);
  return {
    found,
    role,
    region,
    chain,
    end,
    remint: REMINTED.has(found.place.kind) ? find : null,
    call: {
      endpoint,
      roleArn: role.arn,
      sessionName: findSessionName(options, io, found),
      token: found.token.raw,
      ...(chain ? chain.first : narrowing),
    },
  };
}

/** Places that may hold another token at the next look. */
const REMINTED = new Set<FoundToken["place"]["kind"]>(["ci", "file", "command"]);

function findEnd(options: JobInput, io: Io): number | null {
  const timeout = given("timeout", options, io);
  return timeout ? Date.now() + parseTimeout(timeout.value, timeout.from) : null;
}

function wantsFips(options: JobInput, io: Io): boolean {
  return options.fips || io.env["AWS_USE_FIPS_ENDPOINT"]?.toLowerCase() === "true";
}

/** What may not happen, by the user's word, is refused before anything is asked. */
async function guard(role: RoleArn, options: JobInput, io: Io): Promise<void> {
  const accounts = allowedAccounts(options, io);
  if (accounts.length > 0 && !accounts.includes(role.account)) throw (await guards()).otherAccount(role, accounts);
  if (!options["allow-fork"] && mayBeFork(io.env)) (await guards()).refuseFork(io);
}

/** Accounts that credentials may be of; any where there is none. */
export function allowedAccounts(options: JobInput, io: Io): readonly string[] {
  const variable = (io.env["ROLECALL_ALLOW_ACCOUNT"] ?? "").split(/[\s,]+/);
  return [...options["allow-account"], ...variable].filter(Boolean);
}

/** A first look, that costs nothing; whether it is one says `credentials/fork`. */
function mayBeFork(env: Io["env"]): boolean {
  return (
    /^pull_request|^workflow_run/.test(env["GITHUB_EVENT_NAME"] ?? "") ||
    ["CI_MERGE_REQUEST_ID", "CIRCLE_PR_USERNAME", "BUILDKITE_PULL_REQUEST_REPO", "CHANGE_FORK"].some(
      (name) => env[name],
    ) ||
    ["SYSTEM_PULLREQUEST_ISFORK", "SEMAPHORE_GIT_PR_SLUG"].some((name) => env[name])
  );
}

/** Why something is refused is loaded only when it is. */
function guards() {
  return import("./chunks/guards.ts");
}

/** AWS takes a token for so many seconds after its end. Source: IAM guide, id_roles_providers_oidc. */
const LEEWAY = 300;

/** What STS would refuse for certain. A token just made is taken: if it looks old, the clock here is wrong. */
async function refuseUseless(found: FoundToken, io: Io): Promise<void> {
  const left = found.place.kind === "ci" ? null : secondsLeft(found.token, io.now());
  if ((left !== null && left < -LEEWAY) || audiencesOf(found.token.claims).length === 0)
    throw (await guards()).uselessToken(found, io.now());
}

/** @throws RolecallError `unavailable` when it takes longer */
async function inTime<Value>(work: Promise<Value>, end: number | null): Promise<Value> {
  return end === null ? work : (await import("./chunks/in-time.ts")).inTime(work, end);
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

function findSessionName(options: JobInput, io: Io, { ci }: FoundToken): string {
  const name = given("session-name", options, io);
  if (name) return parseSessionName(name.value, name.from);
  const known = ci ? findJobCi(ci.ci) : undefined;
  return makeSessionName(known?.sessionName(io.env) ?? ["rolecall"]);
}

/**
 * Exchanges the token; a refusal is explained and becomes an error, since no command can go on without.
 *
 * @throws RolecallError `refused`, `unavailable`; `no-token` when the CI gives no other
 */
export async function assume(plan: Plan, input: Pick<JobInput, "quiet" | "verbose">, io: Io): Promise<Credentials> {
  const { call, end } = plan;
  if (input.verbose) note(io, `asking ${call.endpoint.origin} for ${call.roleArn} as ${call.sessionName}`);
  let { found } = plan;
  let tried = 0;
  const result = await exchange(call, {
    assume: async (one, timeout) => {
      // A token may be over by the time of the next try, and some CIs give one that is good for a single use.
      if (plan.remint && (tried > 0 || isNearlyOver(found, io))) found = await plan.remint();
      tried++;
      await refuseUseless(found, io);
      const answer = await assumeRoleWithWebIdentity({ ...one, token: found.token.raw }, io.env, timeout);
      if (tried === 1 && !input.quiet) await tellSkew(answer, io);
      return answer;
    },
    now: Date.now,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    random: Math.random,
    budget: end === null ? undefined : Math.max(0, end - Date.now()),
    onRetry: (why, wait) => {
      if (!input.quiet) note(io, `${why}; trying again in ${(wait / 1000).toFixed(1)} s`);
    },
  });
  if (result.outcome === "refused") {
    const { explainRefusal } = await import("./chunks/refusal.ts");
    throw explainRefusal(result.refusal, { ...plan, found }, io.now());
  }
  await checkSession(result.credentials, plan.role);
  if (!plan.chain) return result.credentials;
  const last = await inTime(plan.chain.follow(plan, result.credentials, io.env), end);
  await checkSession(last, plan.chain.roles.at(-1) ?? plan.role);
  return last;
}

function isNearlyOver(found: FoundToken, io: Io): boolean {
  const left = secondsLeft(found.token, io.now());
  return left !== null && left < 60;
}

/** Calls signed by a clock that is minutes off are refused (F53). */
async function tellSkew({ date }: AssumeAnswer, io: Io): Promise<void> {
  const skew = date ? Math.round((io.now() - date.getTime()) / 1000) : 0;
  if (Math.abs(skew) > 60) note(io, (await guards()).skewText(skew));
}

/** The session is the role that was asked for; anything else is nobody's credentials to use. */
async function checkSession(credentials: Credentials, role: RoleArn): Promise<void> {
  if (!credentials.role.startsWith(assumedRoleArn(role, ""))) throw (await guards()).otherSession(credentials, role);
}
