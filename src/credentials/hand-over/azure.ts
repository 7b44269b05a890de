import { RolecallError } from "../../core/errors.ts";
import type { HandOver } from "./hand-over.ts";
import { SECRET_VARIABLES, sessionVariables } from "./session-variables.ts";

/**
 * Azure Pipelines: variables of the job, secret ones masked by the agent. Later scripts see a secret one only where
 * `env:` maps it. Source: Microsoft Learn, set secret variables; azure-pipelines-task-lib, node/taskcommand.ts.
 */
export const azure: HandOver = {
  ready({ env }) {
    if (env["TF_BUILD"]) return;
    throw new RolecallError("config", "--format azure: expected a job of Azure Pipelines, got no TF_BUILD", {
      hints: ['elsewhere: eval "$(rolecall creds --format env)"'],
    });
  },
  give(session, { out, note }) {
    out(sessionVariables(session).map(setVariable).join(""));
    note("map the secret ones in the env: of a later step: AWS_SECRET_ACCESS_KEY: $(AWS_SECRET_ACCESS_KEY)");
    if (session.shadows.length > 0)
      note(`these are set and would win over the session in later steps: ${session.shadows.join(", ")}`);
    return Promise.resolve();
  },
};

function setVariable([name, value]: readonly [string, string]): string {
  const secret = SECRET_VARIABLES.has(name) ? ";issecret=true" : "";
  return `##vso[task.setvariable variable=${name}${secret}]${escapeData(value)}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%AZP25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
