import type { JobCi } from "../ci.ts";
import { evidence, sessionOf } from "./evidence.ts";
import { namedTokens } from "./jwt-variables.ts";

/** Vercel, in builds. Source: vercel.com/docs, oidc/reference and system environment variables. */
export const vercelJob: JobCi = {
  id: "vercel",
  name: "Vercel",
  detect: (env) => evidence("vercel", env, "VERCEL", "VERCEL_ENV"),
  findTokens: (env) => namedTokens(env, "VERCEL_OIDC_TOKEN"),
  sessionName: sessionOf("vercel", "VERCEL_GIT_REPO_SLUG", "VERCEL_DEPLOYMENT_ID"),
};
