import { isRolecallError } from "../core/errors.ts";
import { readRoleArn } from "../core/arn.ts";
import { isoSeconds } from "../core/iso-date.ts";
import { ambientKeys } from "./ambient.ts";
import { exportRegion, handOver, outputIdentity, unsetCurrent } from "./hand-over.ts";
import { TIMEOUT } from "./key-sources.ts";
import { checkAccount, obtain } from "./obtain.ts";
import { isRefusal } from "./persist.ts";
import { type Plan, planAction } from "./plan.ts";
import { refuseTaken } from "./profile.ts";
import { getCallerIdentity, type Identity } from "./signed-sts.ts";
import type { Step } from "./step.ts";
import { annotate, mask, say } from "./workflow.ts";

/**
 * The step: inputs in, credentials for later steps out.
 *
 * @throws RolecallError when there are none to give; later steps then have none of this step's
 */
export async function runAction(step: Step): Promise<void> {
  maskInputs(step);
  const plan = planAction(step.env, step.now);
  const { inputs } = plan;
  if (inputs["mask-aws-account-id"]) mask(step, readRoleArn(inputs["role-to-assume"])?.account);
  warnOfIgnored(step, plan);
  if (plan.exports) {
    if (inputs["unset-current-credentials"]) await unsetCurrent(step);
    await exportRegion(step, plan.region);
  }
  if (inputs["use-existing-credentials"] && (await hasExisting(step, plan))) return;
  if (plan.profile && !inputs["overwrite-aws-profile"]) refuseTaken(plan.profile.files, plan.profile.name);
  if (!inputs["role-to-assume"] && plan.proof === "ambient") return useAmbient(step, plan);
  const obtained = await obtain(step, plan);
  await handOver(step, plan, obtained);
  tell(step, obtained.identity, obtained.expiration);
}

/** Before anything is read, since what is wrong with one input may be said with another in the text. */
function maskInputs(step: Step): void {
  for (const name of ["AWS-ACCESS-KEY-ID", "AWS-SECRET-ACCESS-KEY", "AWS-SESSION-TOKEN"])
    mask(step, step.env[`INPUT_${name}`]?.trim());
}

/** Credentials that are there already stay where they are: they are looked at, and told of. */
async function useAmbient(step: Step, plan: Plan): Promise<void> {
  const { identity } = await obtain(step, plan);
  await outputIdentity(step, plan, identity);
  tell(step, identity, null);
}

async function hasExisting(step: Step, plan: Plan): Promise<boolean> {
  try {
    const keys = await ambientKeys({ env: step.env, sts: plan.sts });
    const answer = await getCallerIdentity(plan.sts, keys, TIMEOUT);
    if (!isRefusal(answer)) {
      checkAccount(plan, answer.account);
      await outputIdentity(step, plan, answer);
      annotate(step, "notice", [`the credentials at hand are good, and stay: ${answer.arn}`]);
      return true;
    }
    say(step, `the credentials at hand cannot be used: ${answer.code}: ${answer.message}`);
  } catch (error) {
    if (!isRolecallError(error)) throw error;
    say(step, error.message);
  }
  annotate(step, "notice", ["there are no credentials that could stay: going on as without use-existing-credentials"]);
  return false;
}

/** STS has no place for these beside a token, whose claims say what the session is tagged with. */
function warnOfIgnored(step: Step, { proof, inputs }: Plan): void {
  if (inputs["web-identity-token-file"] && !inputs["role-to-assume"])
    annotate(step, "warning", ["web-identity-token-file does nothing without role-to-assume"]);
  if (proof !== "job-token" && proof !== "token-file") return;
  const given = {
    "custom-tags": inputs["custom-tags"] !== "",
    "transitive-tag-keys": inputs["transitive-tag-keys"].length > 0,
    "role-external-id": inputs["role-external-id"] !== "",
  };
  const names = Object.entries(given).flatMap(([name, isGiven]) => (isGiven ? [name] : []));
  if (names.length === 0) return;
  annotate(step, "warning", [`${names.join(", ")}: ignored, since STS takes none of it beside a web identity token`]);
}

function tell(step: Step, { arn }: Identity, expiration: Date | null): void {
  const until = expiration === null ? "" : ` until ${isoSeconds(Math.floor(expiration.getTime() / 1000))}`;
  say(step, `this job is ${arn}${until}`);
}
