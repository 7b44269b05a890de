import type { DesiredRole } from "../account/desired.ts";
import { readLive } from "../account/live.ts";
import { type PackedPlan, unpackPlan } from "../account/packed-plan.ts";
import type { AccountPlan } from "../account/plan.ts";
import { judgeClaims, type Proof, verify } from "../account/verify.ts";
import { PARTITIONS } from "../core/arn.ts";
import { stsEndpoint } from "../core/endpoint.ts";
import { type Exchanged, exchange } from "../credentials/exchange.ts";
import { assumeRoleWithWebIdentity } from "../wire/sts.ts";
import { type Account, type AccountInput, nameOf } from "./account-run.ts";
import { parseEndpoint } from "./assume.ts";
import { findToken, type FoundToken } from "./find-token.ts";
import type { Io } from "./io.ts";
import { note } from "./report.ts";

export type VerifyInput = AccountInput &
  Parameters<typeof findToken>[0] & { readonly verify: boolean; readonly "verify-with-token": boolean };

/**
 * Proves, as far as was asked for, that IAM does what the file says. Gives the exit status: 3 when it does not.
 *
 * @throws RolecallError as `verify`; `no-token` and the like when a token is asked for and there is none
 */
export async function proveAll(
  plans: readonly PackedPlan[],
  accounts: readonly Account[],
  input: VerifyInput,
  io: Io,
): Promise<number> {
  let failures = 0;
  const found = input["verify-with-token"] ? await findToken(input, io) : null;
  for (const account of accounts) {
    const packed = plans.find((one) => one.account === account.target.account && one.via === account.via);
    if (!packed) continue;
    const plan = unpackPlan(packed);
    if (input.verify) failures += await prove(plan, account, input, io);
    if (found) failures += await proveToken({ plan, account, found, input, io });
  }
  return failures > 0 ? 3 : 0;
}

async function prove({ desired }: AccountPlan, account: Account, input: VerifyInput, io: Io): Promise<number> {
  const proofs = await verify(await account.iam(), desired, io.now());
  const wrong = proofs.filter(({ expected, got }) => expected !== got);
  for (const proof of wrong) note(io, `error: ${nameOf(account)}: ${proofText(proof)}`);
  const allowed = proofs.filter(({ expected }) => expected === "allowed").length;
  const text = `${nameOf(account)}: ${allowed} kinds of jobs are admitted, ${proofs.length - allowed} neighbours are not`;
  if (wrong.length === 0 && !input.quiet) note(io, `verified: ${text}`);
  return wrong.length;
}

function proofText({ role, job, expected, got, because }: Proof): string {
  return `role ${role}: expected ${job} to be ${expected}, got ${got}: ${because ?? ""}`;
}

interface TokenProof {
  readonly plan: AccountPlan;
  readonly account: Account;
  readonly found: FoundToken;
  readonly input: VerifyInput;
  readonly io: Io;
}

/** Exchanges the token for every role that it should get, by what IAM holds. */
async function proveToken({ plan, account, found, input, io }: TokenProof): Promise<number> {
  const live = await readLive(await account.iam(), plan.desired);
  const roles = plan.desired.roles.filter(
    (role) => judgeClaims(role, found.token.claims, live, io.now()).outcome === "allowed",
  );
  if (roles.length === 0) {
    note(io, `error: ${nameOf(account)}: this job's token is for none of the roles: ${found.because}`);
    return 1;
  }
  let failures = 0;
  for (const role of roles) {
    const answer = await exchangePatiently(role, plan, found, input, io);
    const worked = answer.outcome === "credentials";
    if (!worked) failures++;
    const text = worked
      ? "gives credentials for this job's token"
      : `${answer.refusal.code}: ${answer.refusal.message}`;
    if (!worked || !input.quiet) note(io, `${worked ? "verified" : "error"}: role ${role.name}: ${text}`);
  }
  return failures;
}

/** Changes of IAM take seconds to reach STS, rarely a minute. Source: reports of 8 to 30 seconds, measured and filed. */
const PATIENCE = 60_000;
const PAUSE = 2000;
const NOT_YET: ReadonlySet<string> = new Set(["AccessDenied", "InvalidIdentityToken"]);

async function exchangePatiently(
  role: DesiredRole,
  { partition }: AccountPlan,
  { token }: FoundToken,
  input: VerifyInput,
  io: Io,
): Promise<Exchanged> {
  const given = input["endpoint-url"] ?? io.env["AWS_ENDPOINT_URL_STS"] ?? io.env["AWS_ENDPOINT_URL"];
  const region = io.env["AWS_REGION"] ?? io.env["AWS_DEFAULT_REGION"] ?? PARTITIONS[partition].defaultRegion;
  const endpoint = given ? parseEndpoint(given, "--endpoint-url") : stsEndpoint(partition, region);
  const until = io.now() + PATIENCE;
  for (;;) {
    const call = { endpoint, roleArn: role.arn, sessionName: "rolecall-verify", token: token.raw, duration: 900 };
    const answer = await exchange(call, {
      assume: (one, timeout) => assumeRoleWithWebIdentity(one, io.env, timeout),
      now: Date.now,
      sleep,
      random: Math.random,
    });
    if (answer.outcome === "credentials" || !NOT_YET.has(answer.refusal.code) || io.now() >= until) return answer;
    await sleep(PAUSE);
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
