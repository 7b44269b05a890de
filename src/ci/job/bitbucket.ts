import type { Env, Evidence, JobCi, TokenSearch } from "../ci.ts";
import { readVariable } from "./jwt-variables.ts";

/** Bitbucket Pipelines in the job. Source: Atlassian support, integrate-pipelines-with-resource-servers-using-oidc. */
export const bitbucketJob: JobCi = { id: "bitbucket", name: "Bitbucket Pipelines", detect, findTokens, sessionName };

function detect(env: Env): Evidence | null {
  const because = ["BITBUCKET_BUILD_NUMBER", "BITBUCKET_PIPELINE_UUID"]
    .filter((name) => env[name])
    .map((name) => `${name}=${env[name] ?? ""}`);
  return because.length > 0 ? { ci: "bitbucket", because } : null;
}

const VARIABLE = "BITBUCKET_STEP_OIDC_TOKEN";

function findTokens(env: Env): TokenSearch {
  const token = readVariable(env[VARIABLE]);
  if (token) return { candidates: [{ source: { kind: "env", name: VARIABLE }, token }], ask: null, rejected: [] };
  const reason = env[VARIABLE] ? "it is not a JWT" : "it is not set: the step does not have oidc: true";
  return { candidates: [], ask: null, rejected: [{ name: VARIABLE, reason }] };
}

function sessionName(env: Env): readonly string[] {
  return [
    "bitbucket",
    env["BITBUCKET_REPO_SLUG"] ?? "",
    env["BITBUCKET_BUILD_NUMBER"] ?? "",
    env["BITBUCKET_STEP_UUID"] ?? "",
  ];
}
