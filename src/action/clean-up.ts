import { EXPORTED } from "./hand-over.ts";
import { type Env, readInputs } from "./inputs.ts";
import { awsFiles, removeProfile } from "./profile.ts";
import type { Step } from "./step.ts";
import { exportVariable, say } from "./workflow.ts";

/**
 * Takes away what the step has left: variables are blanked, which is all that a runner can do, and the profile is
 * taken out of its files, which are as they were before.
 *
 * @throws RolecallError `config` when a file cannot be written
 */
export async function cleanUp(step: Step): Promise<void> {
  const { env } = step;
  const { profile, exports } = left(env);
  if (exports) await blankVariables(step, Boolean(profile));
  if (!profile) return;
  const { credentials, config } = awsFiles(env);
  const files = { credentials: env["STATE_credentials"] ?? credentials, config: env["STATE_config"] ?? config };
  await removeProfile(files, profile);
  say(step, `profile ${profile} is taken out again`);
}

interface Left {
  readonly profile: string | undefined;
  readonly exports: boolean;
}

/** What the step did; where the runner passes no word of it on, what the inputs say that it meant to do. */
function left(env: Env): Left {
  if (env["GITHUB_STATE"]) return { profile: env["STATE_profile"], exports: env["STATE_exports"] === "true" };
  const { "aws-profile": profile, "output-env-credentials": exports } = readInputs(env);
  return { profile: profile || undefined, exports: exports ?? !profile };
}

async function blankVariables(step: Step, withProfile: boolean): Promise<void> {
  const names = EXPORTED.filter((name) => name !== "AWS_PROFILE" || withProfile);
  for (const name of names) await exportVariable(step, name, "");
}
