import { RolecallError } from "../core/errors.ts";
import { runAction } from "./action.ts";
import { reportFailure } from "./failure.ts";
import { readInputs } from "./inputs.ts";
import { processStep, type Step } from "./step.ts";
import { say } from "./workflow.ts";

async function main(step: Step): Promise<void> {
  try {
    limitTime(step);
    await runAction(step);
  } catch (error) {
    process.exitCode = await reportFailure(step, error);
  }
  // Nothing is left to do: a connection that is still open is nobody's.
  process.exit();
}

/** action-timeout-s: what is under way when the time is up is left there, and the step has failed. */
function limitTime(step: Step): void {
  const seconds = readInputs(step.env)["action-timeout-s"] ?? 0;
  if (seconds <= 0) return;
  say(step, `this step may take ${seconds} s`);
  setTimeout(() => void timeOut(step, seconds), seconds * 1000);
}

async function timeOut(step: Step, seconds: number): Promise<void> {
  const error = new RolecallError("unavailable", `action-timeout-s: not done after ${seconds} s`);
  process.exit(await reportFailure(step, error));
}

void main(processStep());
