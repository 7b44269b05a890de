import { showClaim, textClaim, type Token } from "../../core/token.ts";
import type { Env, Evidence, JobCi, Rejected, TokenSearch } from "../ci.ts";
import { candidatesOf, jwtVariables } from "./jwt-variables.ts";
import { sessionOf } from "./evidence.ts";

/** GitLab CI in the job. Source: GitLab docs, ci/secrets/id_token_authentication. */
export const gitlabJob: JobCi = {
  id: "gitlab",
  name: "GitLab CI",
  detect,
  findTokens,
  sessionName: sessionOf("gitlab", "CI_PROJECT_ID", "CI_PIPELINE_ID", "CI_JOB_ID"),
};

function detect(env: Env): Evidence | null {
  if (env["GITLAB_CI"] !== "true") return null;
  const server = env["CI_SERVER_URL"];
  return { ci: "gitlab", because: ["GITLAB_CI=true", ...(server ? [`CI_SERVER_URL=${server}`] : [])] };
}

/**
 * The user names the variable in `id_tokens:`, so every variable that holds a JWT is looked at. One
 * of this very job has the instance as issuer and the job's id; a private instance may publish
 * another issuer (GitLab 18.1), so the job's id alone is the second choice.
 */
function findTokens(env: Env): TokenSearch {
  const found = jwtVariables(env).map(({ name, token }) => ({ name, token, rank: rank(token, env) }));
  const fitting = found.filter(({ rank: { place } }) => place > 0);
  const best = Math.max(0, ...fitting.map(({ rank: { place } }) => place));
  const rejected: Rejected[] = [
    ...found
      .filter(({ rank: { place } }) => place < best || place === 0)
      .map(({ name, rank: { reason } }) => ({ name, reason })),
    ...notTokens(env),
  ];
  const candidates = candidatesOf(fitting.filter(({ rank: { place } }) => place === best));
  return { candidates, ask: null, rejected };
}

function rank({ claims }: Token, env: Env): { place: 0 | 1 | 2; reason: string } {
  const issuer = textClaim(claims, "iss") ?? "(no iss)";
  const job = env["CI_JOB_ID"];
  const jobClaim = showClaim(claims, "job_id");
  if (jobClaim === "") return { place: 0, reason: `it has no job_id, so it is not a GitLab ID token (iss ${issuer})` };
  if (job !== undefined && jobClaim !== job) {
    return { place: 0, reason: `it is of job ${jobClaim}, and this is job ${job}` };
  }
  if (claims["aud"] === undefined)
    return { place: 0, reason: "it has no audience: an old CI_JOB_JWT is not an ID token" };
  const instance = env["CI_SERVER_URL"]?.replace(/\/$/, "");
  return { place: issuer === instance ? 2 : 1, reason: `its issuer is ${issuer}, not this instance` };
}

/** Variables that people take for the ID token, said so when there is none. Failure catalogue F04, F78. */
function notTokens(env: Env): Rejected[] {
  const old = ["CI_JOB_JWT", "CI_JOB_JWT_V1", "CI_JOB_JWT_V2"].filter((name) => name in env && !env[name]);
  return old.map((name) => ({ name, reason: "GitLab 17.0 removed it; use id_tokens:" }));
}
