import { RolecallError } from "../core/errors.ts";
import { readRoleArn } from "../core/arn.ts";
import { Secret } from "../core/secret.ts";
import type { Credentials } from "../core/credentials.ts";
import type { Token } from "../core/token.ts";
import type { AwsKeys } from "../wire/aws-sdk/types.ts";
import { assumeRoleWithWebIdentity } from "../wire/sts.ts";
import { ambientKeys } from "./ambient.ts";
import { explainAssumeRole, explainKeys, explainToken } from "./explain.ts";
import { isRefusal, persist } from "./persist.ts";
import { type Plan, roleArnOf } from "./plan.ts";
import { withoutDroppable } from "./session-tags.ts";
import { assumeRole, type AssumeRoleRequest, getCallerIdentity, type Identity, type Tag } from "./signed-sts.ts";
import type { Step } from "./step.ts";
import { permissionHints, readTokenFile, requestJobToken } from "./token.ts";
import { mask, say } from "./workflow.ts";

/** What the step has in the end. */
export interface Obtained {
  readonly keys: AwsKeys;
  /** null for keys that were not made here. */
  readonly expiration: Date | null;
  readonly identity: Identity;
}

/**
 * Gets the credentials that the plan asks for, and has STS say whose they are.
 *
 * @throws RolecallError `refused`, `no-token`, `unavailable`, `config`
 */
export async function obtain(step: Step, plan: Plan): Promise<Obtained> {
  const role = plan.inputs["role-to-assume"];
  // An account that is not allowed is known before anything is sent, where the role's ARN tells it.
  checkAccount(plan, readRoleArn(role)?.account);
  const source = await sourceOf(step, plan);
  if (!role) {
    if (!source) throw new RolecallError("config", "expected role-to-assume beside web-identity-token-file");
    checkAccount(plan, source.identity.account);
    return { ...source, expiration: null };
  }
  const roleArn = roleArnOf(role, source?.identity.account ?? null, plan.region);
  const credentials = await wellFormed(step, plan, () =>
    source ? bySource(step, plan, roleArn, source) : byToken(step, plan, roleArn),
  );
  maskKeys(step, credentials);
  const identity = await identify(step, plan, credentials);
  checkAccount(plan, identity.account);
  return { keys: credentials, expiration: credentials.expiration, identity };
}

/** Nothing of these may be seen in the log. */
export function maskKeys(step: Step, { accessKeyId, secretAccessKey, sessionToken }: AwsKeys): void {
  for (const text of [accessKeyId, secretAccessKey.reveal(), sessionToken?.reveal()]) mask(step, text);
}

/** @throws RolecallError `refused` */
export function checkAccount({ accounts }: Plan, account: string | undefined): void {
  if (account === undefined || accounts.length === 0 || accounts.includes(account)) return;
  const wanted = accounts.join(", ");
  throw new RolecallError("refused", `allowed-account-ids: expected credentials of ${wanted}, got those of ${account}`);
}

interface Source {
  readonly keys: AwsKeys;
  readonly identity: Identity;
}

/** The keys to go on with, and whose they are; null where a token takes their place. */
async function sourceOf(step: Step, plan: Plan): Promise<Source | null> {
  if (plan.proof === "job-token" || plan.proof === "token-file") return null;
  const keys = plan.proof === "keys" ? inputKeys(plan) : await foundKeys(step, plan);
  return { keys, identity: await identify(step, plan, keys) };
}

function inputKeys({ inputs }: Plan): AwsKeys {
  const token = inputs["aws-session-token"];
  return {
    accessKeyId: inputs["aws-access-key-id"],
    secretAccessKey: new Secret(inputs["aws-secret-access-key"]),
    ...(token ? { sessionToken: new Secret(token) } : {}),
  };
}

async function foundKeys({ env }: Step, { sts, inputs }: Plan): Promise<AwsKeys> {
  try {
    return await ambientKeys({ env, sts });
  } catch (error) {
    if (!(error instanceof RolecallError) || error.code !== "config") throw error;
    const wantsToken = inputs["role-to-assume"] && !inputs["role-chaining"];
    throw new RolecallError(wantsToken ? "no-token" : "config", error.message, {
      details: wantsToken ? ["and no ID token: ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set"] : [],
      hints: wantsToken
        ? permissionHints(env)
        : ["give role-to-assume, so that the job's ID token is exchanged for a role"],
      cause: error,
    });
  }
}

async function identify(step: Step, { sts, tries }: Plan, keys: AwsKeys): Promise<Identity> {
  const answer = await persist(step, tries, (timeout) => getCallerIdentity(sts, keys, timeout));
  if (isRefusal(answer)) throw explainKeys(answer);
  return answer;
}

async function byToken(step: Step, plan: Plan, roleArn: string): Promise<Credentials> {
  const { inputs, sts, sessionName, duration, tries } = plan;
  const [policy, policyArns] = [inputs["inline-session-policy"], inputs["managed-session-policies"]];
  let last: Token | null = null;
  const answer = await persist(step, tries, async (timeout) => {
    // A new one for each try: the first may have ended by the time of the last.
    const token = await tokenOf(step, plan);
    last = token;
    const call = { endpoint: sts.endpoint, roleArn, sessionName, duration, policyArns, token: token.raw };
    return assumeRoleWithWebIdentity({ ...call, ...(policy ? { policy } : {}) }, sts.http, timeout);
  });
  if (!isRefusal(answer)) return answer.credentials;
  throw explainToken(answer, roleArn, last ?? (await tokenOf(step, plan)), step.now());
}

async function tokenOf(step: Step, { proof, inputs }: Plan): Promise<Token> {
  const token =
    proof === "job-token"
      ? await requestJobToken(step.env, inputs.audience || "sts.amazonaws.com")
      : readTokenFile(step.env, inputs["web-identity-token-file"]);
  mask(step, token.raw.reveal());
  return token;
}

async function bySource(step: Step, plan: Plan, roleArn: string, source: Source): Promise<Credentials> {
  const tags = plan.inputs["role-skip-session-tagging"] ? [] : plan.tags;
  const ask = (some: readonly Tag[]) =>
    persist(step, plan.tries, (timeout) => assumeRole(plan.sts, source.keys, requestOf(plan, roleArn, some), timeout));
  const first = await ask(tags);
  const answer = tooLarge(first) && tags.length > 0 ? await withFewer(step, tags, ask) : first;
  if (!isRefusal(answer)) return answer.credentials;
  throw explainAssumeRole(answer, roleArn, source.identity.arn);
}

type Answer = Awaited<ReturnType<typeof assumeRole>>;

function tooLarge(answer: Answer): boolean {
  return isRefusal(answer) && answer.code.startsWith("PackedPolicyTooLarge");
}

function withFewer(step: Step, tags: readonly Tag[], ask: (tags: readonly Tag[]) => Promise<Answer>): Promise<Answer> {
  say(step, "the session's tags and policies are too large together: going on with fewer tags");
  return ask(withoutDroppable(tags));
}

function requestOf(plan: Plan, roleArn: string, tags: readonly Tag[]): AssumeRoleRequest {
  const { inputs, sessionName, duration } = plan;
  return {
    roleArn,
    sessionName,
    duration,
    externalId: inputs["role-external-id"] || undefined,
    policy: inputs["inline-session-policy"] || undefined,
    policyArns: inputs["managed-session-policies"],
    tags,
    transitiveTagKeys: inputs["transitive-tag-keys"].filter((key) => tags.some((tag) => tag.key === key)),
  };
}

/** Three in four secrets have a `+` or `/`; that none comes in so many is one in ten million. */
const MOST_SESSIONS = 50;

/** With special-characters-workaround: session after session until the keys are letters and digits. */
async function wellFormed(step: Step, { inputs }: Plan, get: () => Promise<Credentials>): Promise<Credentials> {
  if (!inputs["special-characters-workaround"]) return get();
  for (let made = 0; made < MOST_SESSIONS; made++) {
    const credentials = await get();
    maskKeys(step, credentials);
    if (/^[A-Za-z0-9]+$/.test(credentials.accessKeyId + credentials.secretAccessKey.reveal())) return credentials;
  }
  throw new RolecallError("unavailable", `${MOST_SESSIONS} sessions, and each has a special character in its keys`);
}
