import type { Env, Evidence, JobCi, TokenSearch } from "../ci.ts";

/** Buildkite in the job. Source: buildkite/docs, pages/agent/cli/reference/oidc. */
export const buildkiteJob: JobCi = { id: "buildkite", name: "Buildkite", detect, findTokens, sessionName };

function detect(env: Env): Evidence | null {
  return env["BUILDKITE"] === "true" ? { ci: "buildkite", because: ["BUILDKITE=true"] } : null;
}

function findTokens(_env: Env, audience = "sts.amazonaws.com"): TokenSearch {
  const command = ["buildkite-agent", "oidc", "request-token", "--audience", audience];
  return { candidates: [], ask: { kind: "command", command }, rejected: [] };
}

function sessionName(env: Env): readonly string[] {
  return [
    "buildkite",
    env["BUILDKITE_PIPELINE_SLUG"] ?? "",
    env["BUILDKITE_BUILD_NUMBER"] ?? "",
    env["BUILDKITE_JOB_ID"] ?? "",
  ];
}
