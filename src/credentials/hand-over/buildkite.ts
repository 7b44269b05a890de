import { RolecallError } from "../../core/errors.ts";
import { writeFileAtomic } from "../../wire/files.ts";
import type { HandOver } from "./hand-over.ts";
import { SECRET_VARIABLES, sessionVariables, shellLines } from "./session-variables.ts";

const REDACT = ["buildkite-agent", "redactor", "add", "--format", "json"];
const SET = ["buildkite-agent", "env", "set", "--input-format=json", "--output-format=quiet", "-"];

/**
 * Buildkite: the agent redacts the values in the log from here on, and its job API gives them to the hooks and the
 * command that come later in this job. Both take them by standard input, so that no process list shows them.
 * Source: Buildkite docs, buildkite-agent redactor and env.
 */
export const buildkite: HandOver = {
  ready({ env }) {
    if (env["BUILDKITE"]) return;
    throw new RolecallError("config", "--format buildkite: expected a job of Buildkite, got no BUILDKITE", {
      hints: ['elsewhere: eval "$(rolecall creds --format env)"'],
    });
  },
  async give(session, { output, note, pipe }) {
    const all = sessionVariables(session);
    const secrets = all.filter(([name]) => SECRET_VARIABLES.has(name));
    if (!(await pipe(REDACT, JSON.stringify(Object.fromEntries(secrets)))))
      note("this agent has no redactor (3.67 and later have): no step should print the credentials");
    if (output !== undefined) return writeFileAtomic(output, shellLines(session));
    if (await pipe(SET, JSON.stringify(Object.fromEntries(all)))) return;
    throw new RolecallError("config", "buildkite-agent env set did not take the credentials: it needs the job API", {
      hints: ["write a file, and source it: rolecall creds --format buildkite -o FILE && . FILE"],
    });
  },
};
