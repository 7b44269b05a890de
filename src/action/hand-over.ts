import { SHADOWS } from "../credentials/child-environment.ts";
import type { AwsKeys } from "../wire/aws-sdk/types.ts";
import { maskKeys, type Obtained } from "./obtain.ts";
import type { Plan } from "./plan.ts";
import { writeProfile } from "./profile.ts";
import type { Identity } from "./signed-sts.ts";
import type { Step } from "./step.ts";
import { exportVariable, mask, saveState, say, setOutput } from "./workflow.ts";

const KEYS = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] as const;
const REGIONS = ["AWS_DEFAULT_REGION", "AWS_REGION"] as const;

/** Variables of a profile, keys and region that the step may set, and the post step blanks. */
export const EXPORTED: readonly string[] = [...KEYS, ...REGIONS, "AWS_PROFILE"];

/** Blanks the variables of an earlier step; a runner cannot take one away, and AWS tools take an empty one for none. */
export async function unsetCurrent(step: Step): Promise<void> {
  for (const name of [...KEYS, ...REGIONS]) await exportVariable(step, name, "");
}

export async function exportRegion(step: Step, region: string): Promise<void> {
  await saveState(step, "exports", "true");
  for (const name of REGIONS) await exportVariable(step, name, region);
}

/**
 * Gives credentials to later steps: variables, outputs, a profile, as the inputs have it. All of them are masked
 * before the first is written.
 */
export async function handOver(step: Step, plan: Plan, obtained: Obtained): Promise<void> {
  const { keys, identity } = obtained;
  maskKeys(step, keys);
  if (plan.exports) await exportKeys(step, keys);
  if (plan.inputs["output-credentials"]) await outputKeys(step, obtained);
  // Without variables there never was an account among the outputs.
  if (plan.exports) await outputIdentity(step, plan, identity);
  if (plan.profile) await toProfile(step, plan, plan.profile, keys);
  tellShadows(step, plan);
}

async function exportKeys(step: Step, { accessKeyId, secretAccessKey, sessionToken }: AwsKeys): Promise<void> {
  await exportVariable(step, "AWS_ACCESS_KEY_ID", accessKeyId);
  await exportVariable(step, "AWS_SECRET_ACCESS_KEY", secretAccessKey.reveal());
  // An earlier step's token beside other keys would make them useless.
  if (sessionToken !== undefined || step.env["AWS_SESSION_TOKEN"])
    await exportVariable(step, "AWS_SESSION_TOKEN", sessionToken?.reveal() ?? "");
}

async function outputKeys(step: Step, { keys, expiration }: Obtained): Promise<void> {
  await setOutput(step, "aws-access-key-id", keys.accessKeyId);
  await setOutput(step, "aws-secret-access-key", keys.secretAccessKey.reveal());
  if (keys.sessionToken !== undefined) await setOutput(step, "aws-session-token", keys.sessionToken.reveal());
  // As JSON, quotes and all: that is how GitHub's toolkit writes a date, and what workflows read with fromJSON.
  if (expiration !== null) await setOutput(step, "aws-expiration", JSON.stringify(expiration));
}

/** Whose credentials later steps have. */
export async function outputIdentity(step: Step, { inputs }: Plan, { account, arn }: Identity): Promise<void> {
  if (inputs["mask-aws-account-id"]) for (const text of [arn, account]) mask(step, text);
  await setOutput(step, "aws-account-id", account);
  await setOutput(step, "authenticated-arn", arn);
}

async function toProfile(
  step: Step,
  { exports, region }: Plan,
  { name, files }: NonNullable<Plan["profile"]>,
  keys: AwsKeys,
): Promise<void> {
  await saveState(step, "profile", name);
  await saveState(step, "credentials", files.credentials);
  await saveState(step, "config", files.config);
  await writeProfile(files, name, keys, region);
  say(step, `profile ${name} is in ${files.credentials}`);
  if (exports) await exportVariable(step, "AWS_PROFILE", name);
}

/** Names what else is in the job's environment and may win over the keys; it is not ours to take away. */
function tellShadows(step: Step, { exports, profile }: Plan): void {
  if (!exports) return;
  const names = SHADOWS.filter(({ name }) => step.env[name] && !(profile && name === "AWS_PROFILE"));
  for (const { name, why } of names) say(step, `${name} is set as well, and may win over these credentials: ${why}`);
}
