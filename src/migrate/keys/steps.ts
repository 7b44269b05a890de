import { readRoleArn } from "../../core/arn.ts";
import { coversAction } from "../../core/conditions.ts";
import { readTrustPolicy } from "../../core/policy.ts";
import type { LastUse, UserCalls } from "../../wire/aws-sdk/user-calls.ts";
import { type Retirement, remaining, type StepName } from "./retirement.ts";

/** The calls that retiring a key makes. */
export type RetireCalls = Pick<
  UserCalls,
  "listKeys" | "keyLastUse" | "setKeyActive" | "deleteKey" | "roleUse" | "providerAudiences"
>;

/** What a retirement is done with. */
export interface Outside {
  readonly aws: RetireCalls;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Whether a person says yes to a step; false where none is there. */
  readonly agree: (step: StepName) => Promise<boolean>;
  /** Why a check of the names finds them still there, or null when they are gone; null when there is no check. */
  readonly namesLeft: (() => Promise<string | null>) | null;
  /**
   * When CloudTrail shows that a token was last exchanged for the role; null when it does not. Asked only when IAM knows
   * of no run, since IAM may tell hours later.
   */
  readonly exchanged: () => Promise<number | null>;
  /** Keeps a retirement before the next step is begun. */
  readonly save: (retirement: Retirement) => Promise<void>;
}

export type Verdict =
  | { readonly kind: "done" }
  /** Time, a pipeline or a person has to do something first. */
  | { readonly kind: "not yet"; readonly why: string; readonly hints: readonly string[] }
  /** The world is not as an earlier step left it: that step must be done again. */
  | { readonly kind: "back"; readonly to: StepName; readonly why: string; readonly hints: readonly string[] };

export type Step = (retirement: Retirement, outside: Outside) => Promise<Verdict>;

const DONE: Verdict = { kind: "done" };

function notYet(why: string, ...hints: readonly string[]): Verdict {
  return { kind: "not yet", why, hints };
}

function back(to: StepName, why: string, ...hints: readonly string[]): Verdict {
  return { kind: "back", to, why, hints };
}

/** What each step does, in the order of STEP_NAMES. Each looks at AWS itself, so that it may be run again at any time. */
export const STEPS: Readonly<Record<StepName, Step>> = {
  role: roleReady,
  green: greenRun,
  removed: namesRemoved,
  quiet: (retirement, outside) => over("quiet", retirement, outside),
  deactivate,
  wait: (retirement, outside) => stillInactive(retirement, outside, () => over("wait", retirement, outside)),
  delete: (retirement, outside) => stillInactive(retirement, outside, () => remove(retirement, outside)),
};

async function roleReady({ role }: Retirement, { aws }: Outside): Promise<Verdict> {
  const name = readRoleArn(role)?.name ?? role;
  const found = await aws.roleUse(name);
  if (!found || found.arn !== role)
    return notYet(`there is no role ${role}`, "rolecall plan, then rolecall apply, make it");
  const providers = trustedProviders(found.trust);
  if (providers.length === 0)
    return notYet(`the trust policy of ${role} admits no token of an OIDC provider`, `rolecall lint --role ${role}`);
  for (const provider of providers) if (await aws.providerAudiences(provider)) return DONE;
  return notYet(
    `the account has no OIDC provider ${providers.join(" or ")}, which ${role} trusts`,
    "rolecall apply makes it",
  );
}

/** ARNs of the OIDC providers whose tokens a trust policy may admit. */
function trustedProviders(trust: string): readonly string[] {
  const reading = readTrustPolicy(trust);
  if (reading.kind === "malformed") return [];
  return reading.policy.statements
    .filter((statement) => statement.effect === "Allow" && coversAction(statement, "sts:AssumeRoleWithWebIdentity"))
    .flatMap(({ principals }) => principals?.["Federated"] ?? [])
    .filter((principal) => principal.includes(":oidc-provider/"));
}

async function greenRun({ role, begun }: Retirement, { aws, exchanged }: Outside): Promise<Verdict> {
  const use = (await aws.roleUse(readRoleArn(role)?.name ?? role))?.lastUse ?? null;
  if (use && use.at >= toSecond(begun)) return DONE;
  const exchange = await exchanged();
  if (exchange !== null && exchange >= toSecond(begun)) return DONE;
  const known = use ? `it was last used on ${date(use.at)}` : "it was never used";
  return notYet(
    `no run with ${role} since ${date(begun)}: ${known}`,
    "run the pipeline with the role, then this again; IAM may tell of the run hours late, CloudTrail minutes late",
    "--cloudtrail FILE shows the run from an export, --since DATE counts an earlier one",
  );
}

async function namesRemoved(retirement: Retirement, outside: Outside): Promise<Verdict> {
  if (outside.namesLeft) {
    const left = await outside.namesLeft();
    return left === null ? DONE : notYet(left);
  }
  return await agreed("removed", retirement, outside);
}

async function agreed(step: StepName, { user }: Retirement, { agree }: Outside): Promise<Verdict> {
  if (await agree(step)) return DONE;
  return notYet("it needs a yes", `rolecall keys retire --user ${user} --yes ${step}`);
}

/** A quiet period or a wait: over when its days are, and when the key was not used in them. */
async function over(step: "quiet" | "wait", retirement: Retirement, outside: Outside): Promise<Verdict> {
  const moved = await usedMeanwhile(retirement, outside);
  if (moved) return moved;
  const left = remaining(retirement, step, outside.now());
  if (left === 0) return DONE;
  const { quietDays, waitDays } = retirement;
  return notYet(`${leftOf(left ?? 0, step === "quiet" ? quietDays : waitDays)} are left`);
}

async function usedMeanwhile({ key, done: { removed } }: Retirement, { aws }: Outside): Promise<Verdict | null> {
  const use = await aws.keyLastUse(key);
  // IAM tells whole seconds. A use within the second in which the names were said to be gone counts.
  if (!use || removed === undefined || use.at < toSecond(removed)) return null;
  return back(
    "removed",
    `the key was used on ${date(use.at)}, after its names were said to be out of the CI: ${described(use)}`,
    "find what still has it: another project, a person's laptop, a server; the quiet period begins anew after that",
  );
}

async function deactivate(retirement: Retirement, outside: Outside): Promise<Verdict> {
  const { user, key } = retirement;
  const moved = await usedMeanwhile(retirement, outside);
  if (moved) return moved;
  const left = remaining(retirement, "quiet", outside.now());
  if (left !== 0) return back("quiet", "the quiet period is not over");
  if (!(await isActive(retirement, outside))) return DONE;
  const consent = await agreed("deactivate", retirement, outside);
  if (consent.kind !== "done") return consent;
  // A person may have taken a while to answer.
  const movedSince = await usedMeanwhile(retirement, outside);
  if (movedSince) return movedSince;
  await outside.aws.setKeyActive(user, key, false);
  return DONE;
}

async function isActive({ user, key }: Retirement, { aws }: Outside): Promise<boolean> {
  return ((await aws.listKeys(user)) ?? []).some(({ id, active }) => id === key && active);
}

async function stillInactive(retirement: Retirement, outside: Outside, go: () => Promise<Verdict>): Promise<Verdict> {
  if (!(await isActive(retirement, outside))) return await go();
  return back(
    "removed",
    "the key is active again, though it was deactivated: somebody missed it",
    "find out who and why; the quiet period begins anew after that",
  );
}

async function remove(retirement: Retirement, outside: Outside): Promise<Verdict> {
  const waited = await over("wait", retirement, outside);
  if (waited.kind === "not yet") return back("wait", waited.why);
  if (waited.kind === "back") return waited;
  const consent = await agreed("delete", retirement, outside);
  if (consent.kind !== "done") return consent;
  return await stillInactive(retirement, outside, async () => {
    await outside.aws.deleteKey(retirement.user, retirement.key);
    return DONE;
  });
}

function described({ service, region }: LastUse): string {
  return `service ${service || "unknown"}, region ${region || "unknown"}`;
}

function toSecond(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}

function date(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}

/** What is left of some days: `6.9 of 7 days`, or on the last day `5 hours of 7 days`. */
function leftOf(milliseconds: number, days: number): string {
  const hours = milliseconds / (3600 * 1000);
  if (hours >= 24) return `${Math.ceil((hours / 24) * 10) / 10} of ${days} days`;
  const minutes = Math.ceil(hours * 60);
  return minutes > 60 ? `${Math.ceil(hours)} hours of ${days} days` : `${minutes} min of ${days} days`;
}
