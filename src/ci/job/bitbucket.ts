import type { Env, Evidence, JobCi } from "../ci.ts";
import { sessionOf } from "./evidence.ts";
import { namedTokens } from "./jwt-variables.ts";

/** Bitbucket Pipelines in the job. Source: Atlassian support, integrate-pipelines-with-resource-servers-using-oidc. */
export const bitbucketJob: JobCi = {
  id: "bitbucket",
  name: "Bitbucket Pipelines",
  detect,
  findTokens: (env) => namedTokens(env, "BITBUCKET_STEP_OIDC_TOKEN"),
  sessionName: sessionOf("bitbucket", "BITBUCKET_REPO_SLUG", "BITBUCKET_BUILD_NUMBER", "BITBUCKET_STEP_UUID"),
};

function detect(env: Env): Evidence | null {
  const because = ["BITBUCKET_BUILD_NUMBER", "BITBUCKET_PIPELINE_UUID"]
    .filter((name) => env[name])
    .map((name) => `${name}=${env[name] ?? ""}`);
  return because.length > 0 ? { ci: "bitbucket", because } : null;
}
