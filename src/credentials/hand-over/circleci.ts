import { RolecallError } from "../../core/errors.ts";
import { appendToFile } from "../../wire/append-file.ts";
import type { HandOver } from "./hand-over.ts";
import { shellLines } from "./session-variables.ts";

/** CircleCI: every later step sources BASH_ENV. Source: CircleCI docs, set an environment variable in a shell command. */
export const circleci: HandOver = {
  ready({ env }) {
    if (env["BASH_ENV"]) return;
    throw new RolecallError("config", "--format circleci: expected a job of CircleCI, got no BASH_ENV", {
      hints: ['elsewhere: eval "$(rolecall creds --format env)"'],
    });
  },
  async give(session, { env, note }) {
    await appendToFile(env["BASH_ENV"] ?? "", shellLines(session));
    note("later steps have the credentials by BASH_ENV; CircleCI does not mask them, so no step should print them");
  },
};
