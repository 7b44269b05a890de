import { randomUUID } from "node:crypto";
import { RolecallError } from "../core/errors.ts";
import { appendToFile } from "../wire/append-file.ts";
import type { Step } from "./step.ts";

// Source: GitHub docs, actions/reference/workflows-and-actions/workflow-commands; actions/runner, ActionCommand.cs.

/** Says something in the step's log. The text may be anybody's: it starts no line and no command of its own. */
export function say(step: Step, text: string): void {
  step.out(`rolecall: ${harmless(step, text)}\n`);
}

/** An annotation; its lines are shown one below the other. */
export function annotate(step: Step, level: "error" | "warning" | "notice", lines: readonly string[]): void {
  const text = lines.map((line) => escapeData(harmless(step, line))).join("%0A");
  step.out(`::${level} title=rolecall::${text}\n`);
}

/** Has the runner show `***` wherever the log would show this text. To be called before the text goes anywhere. */
export function mask(step: Step, text: string | undefined): void {
  if (!text || step.masked.has(text)) return;
  step.out(`::add-mask::${escapeData(text)}\n`);
  step.masked.add(text);
}

/** Sets a variable for later steps, and for the rest of this one. */
export async function exportVariable(step: Step, name: string, value: string): Promise<void> {
  await appendTo(step, "GITHUB_ENV", pair(name, value));
  step.env[name] = value;
}

export async function setOutput(step: Step, name: string, value: string): Promise<void> {
  await appendTo(step, "GITHUB_OUTPUT", pair(name, value));
}

/** Leaves word for the step that runs when the job ends, which finds it as `STATE_<name>`. Never a secret. */
export async function saveState(step: Step, name: string, value: string): Promise<void> {
  // A runner without the file has no word to pass on; the post step then goes by the inputs.
  if (step.env["GITHUB_STATE"]) await appendTo(step, "GITHUB_STATE", pair(name, value));
}

/** Adds to the summary of the run; nothing where there is none. */
export async function summarize(step: Step, title: string, lines: readonly string[]): Promise<void> {
  if (!step.env["GITHUB_STEP_SUMMARY"]) return;
  const body = lines.map((line) => harmless(step, line)).join("\n");
  const longest = Math.max(2, ...(body.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  await appendTo(step, "GITHUB_STEP_SUMMARY", `### ${title}\n\n${fence}text\n${body}\n${fence}\n\n`);
}

/** A name and a value of any number of lines. Whoever wrote the value cannot know what ends it. */
function pair(name: string, value: string): string {
  const delimiter = `rolecall_${randomUUID()}`;
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
}

/** The runner makes these files; where there is none, nobody would read it. */
async function appendTo({ env }: Step, variable: string, text: string): Promise<void> {
  const path = env[variable];
  if (path) return appendToFile(path, text);
  throw new RolecallError("config", `${variable} is not set: expected to run as a step of GitHub Actions`, {
    hints: ["in any other place use the command: rolecall exec, rolecall creds"],
  });
}

// What moves a cursor or begins a line.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** The old form of commands, `##[name]`, counts wherever it stands in a line; the new one only where a line begins. */
function harmless({ masked }: Step, text: string): string {
  const hidden = [...masked].reduce((shown, secret) => shown.replaceAll(secret, "***"), text);
  return hidden
    .replaceAll(CONTROL, (one) =>
      one === "\t" ? " " : `\\u${(one.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
    )
    .replaceAll("##[", "## [");
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
