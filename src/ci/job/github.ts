import { Secret } from "../../core/secret.ts";
import type { Env, Evidence, JobCi, TokenSearch } from "../ci.ts";
import { sessionOf } from "./evidence.ts";

/** GitHub Actions in the job, GHES and GHE.com too. Source: GitHub docs, actions/reference/security/oidc. */
export const githubJob: JobCi = {
  id: "github",
  name: "GitHub Actions",
  detect,
  findTokens,
  sessionName: sessionOf("github", "GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT"),
};

function detect(env: Env): Evidence | null {
  // Forgejo and Gitea set GITHUB_ACTIONS too, for actions that look at it.
  if (env["GITHUB_ACTIONS"] !== "true" || isForgejo(env)) return null;
  const server = env["GITHUB_SERVER_URL"];
  return { ci: "github", because: ["GITHUB_ACTIONS=true", ...(server ? [`GITHUB_SERVER_URL=${server}`] : [])] };
}

/** Unverified: which of the two variables each version sets. */
export function isForgejo(env: Env): boolean {
  return env["FORGEJO_ACTIONS"] === "true" || env["GITEA_ACTIONS"] === "true";
}

function findTokens(env: Env, audience = "sts.amazonaws.com"): TokenSearch {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = env;
  if (url && bearer) {
    return { candidates: [], ask: { kind: "http", url, bearer: new Secret(bearer), audience }, rejected: [] };
  }
  const missing = ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"].filter((name) => !env[name]);
  const rejected = missing.map((name) => ({ name, reason: "it is not set: this job may not ask for ID tokens" }));
  return { candidates: [], ask: null, rejected };
}
