import { exitStatus, isRolecallError } from "../core/errors.ts";
import type { Step } from "./step.ts";
import { annotate, say, summarize } from "./workflow.ts";

/** Reports what stopped a step: in the log and beside the workflow as one annotation, and in the run's summary. */
export async function reportFailure(step: Step, error: unknown): Promise<number> {
  const lines = linesOf(error);
  annotate(step, "error", lines);
  // Where the summary cannot be written, the annotation has said it all.
  await summarize(step, "No AWS credentials", lines).catch(() => null);
  if (step.env["SHOW_STACK_TRACE"] === "true" && error instanceof Error) {
    for (const line of (error.stack ?? "").split("\n")) say(step, line);
  }
  return exitStatus(isRolecallError(error) ? error.code : "unexpected");
}

function linesOf(error: unknown): readonly string[] {
  if (isRolecallError(error)) {
    return [error.message, ...error.details, ...error.hints.map((hint) => `hint: ${hint}`)];
  }
  return [`unexpected: ${error instanceof Error ? error.message : String(error)}`];
}
