import { textClaim } from "../../core/token.ts";
import type { Env, JobCi, TokenSearch } from "../ci.ts";
import { evidence, sessionOf } from "./evidence.ts";
import { jwtVariables, namedTokens } from "./jwt-variables.ts";

/** Semaphore in the job. Source: semaphoreio/semaphore, docs/docs/reference/openid and env-vars. */
export const semaphoreJob: JobCi = {
  id: "semaphore",
  name: "Semaphore",
  detect: (env) => evidence("semaphore", env, "SEMAPHORE", "SEMAPHORE_ORGANIZATION_URL"),
  findTokens,
  sessionName: sessionOf("semaphore", "SEMAPHORE_PROJECT_NAME", "SEMAPHORE_JOB_ID"),
};

const VARIABLE = "SEMAPHORE_OIDC_TOKEN";

/**
 * Every job has one token for the organization; the job may name others in `oidc_tokens:`, which are told by
 * the job's id. Unverified beyond the validator in semaphoreio/semaphore (plumber): that their claims are the same.
 */
function findTokens(env: Env): TokenSearch {
  const job = env["SEMAPHORE_JOB_ID"];
  const others = jwtVariables(env).filter(
    ({ name, token }) => name !== VARIABLE && job && textClaim(token.claims, "job_id") === job,
  );
  return namedTokens(env, VARIABLE, ...others.map(({ name }) => name));
}
