import { cleanUp } from "./clean-up.ts";
import { reportFailure } from "./failure.ts";
import { processStep, type Step } from "./step.ts";

async function post(step: Step): Promise<void> {
  // Newer runners do not even start this step then, by `post-if`.
  if (step.env["AWS_SKIP_CLEANUP_STEP"] === "true") return;
  try {
    await cleanUp(step);
  } catch (error) {
    process.exitCode = await reportFailure(step, error);
  }
}

void post(processStep());
