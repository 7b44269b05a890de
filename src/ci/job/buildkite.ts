import type { Env, Evidence, JobCi, TokenSearch } from "../ci.ts";
import { sessionOf } from "./evidence.ts";

/** Buildkite in the job. Source: buildkite/docs, pages/agent/cli/reference/oidc. */
export const buildkiteJob: JobCi = {
  id: "buildkite",
  name: "Buildkite",
  detect,
  findTokens,
  sessionName: sessionOf("buildkite", "BUILDKITE_PIPELINE_SLUG", "BUILDKITE_BUILD_NUMBER", "BUILDKITE_JOB_ID"),
};

function detect(env: Env): Evidence | null {
  return env["BUILDKITE"] === "true" ? { ci: "buildkite", because: ["BUILDKITE=true"] } : null;
}

function findTokens(_env: Env, audience = "sts.amazonaws.com"): TokenSearch {
  const command = ["buildkite-agent", "oidc", "request-token", "--audience", audience];
  return { candidates: [], ask: { kind: "command", command }, rejected: [] };
}
