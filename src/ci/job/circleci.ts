import type { Env, Evidence, JobCi, Rejected, TokenSearch } from "../ci.ts";
import { readVariable } from "./jwt-variables.ts";
import { sessionOf } from "./evidence.ts";

/** CircleCI in the job. Source: circleci-docs, openid-connect-tokens and oidc-tokens-with-custom-claims. */
export const circleciJob: JobCi = {
  id: "circleci",
  name: "CircleCI",
  detect,
  findTokens,
  sessionName: sessionOf("circleci", "CIRCLE_PROJECT_REPONAME", "CIRCLE_JOB", "CIRCLE_BUILD_NUM"),
};

function detect(env: Env): Evidence | null {
  return env["CIRCLECI"] === "true" ? { ci: "circleci", because: ["CIRCLECI=true"] } : null;
}

// The first that is there: the second has the same claims with a shorter subject.
const VARIABLES = ["CIRCLE_OIDC_TOKEN_V2", "CIRCLE_OIDC_TOKEN"];

/** The variables' audience is the organization's id; with another one the job asks its `circleci` command. */
function findTokens(env: Env, audience = "sts.amazonaws.com"): TokenSearch {
  const found = VARIABLES.flatMap((name) => {
    const token = readVariable(env[name]);
    return token ? [{ source: { kind: "env" as const, name }, token }] : [];
  });
  const rejected: Rejected[] = VARIABLES.filter((name) => !env[name]).map((name) => ({
    name,
    reason: "it is empty",
  }));
  return {
    candidates: found.slice(0, 1),
    ask: {
      kind: "command",
      command: ["circleci", "run", "oidc", "get", "--claims", JSON.stringify({ aud: audience })],
    },
    rejected: found.length > 0 ? [] : rejected,
  };
}
