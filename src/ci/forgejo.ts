import { type Claims, showClaim } from "../core/token.ts";
import type { Ci, PretendedJob, TokenRequest } from "./ci.ts";
import { github } from "./github.ts";
import { BRANCH, projectAs, TAG } from "./words.ts";
import { forgejoJob } from "./job/forgejo.ts";

/**
 * Forgejo and Codeberg Actions: GitHub's protocol and subjects, without environments and ids, each
 * instance its own issuer. Source: forgejo.org docs, user/actions/security-openid-connect.
 */
export const forgejo: Ci = {
  ...github,
  ...forgejoJob,
  file: ".forgejo/workflows/*.yml",
  part: "the workflow or the job",
  issuer: null,
  pretendedIssuer: "https://forgejo.example.com/api/actions",
  defaultAudience: ({ project, issuer }) =>
    `${serverOf(issuer ?? forgejo.pretendedIssuer)}/${project.split("/")[0] ?? ""}`,
  snippet: () => "enable-openid-connect: true",
  scopeParts: ["branch", "tag", "pullRequests"],
  words: {
    project: projectAs("owner and repository", "user1/testing"),
    repository: projectAs("owner and repository", "user1/testing"),
    branch: BRANCH,
    tag: TAG,
    pull_requests: { means: "pullRequests", about: "jobs of pull requests", example: "true" },
  },
  unsayable: {
    environment: { why: "Forgejo's tokens tell no environment", nearest: "branch: main" },
    workflow: { why: "AWS sees only subject and audience of Forgejo", nearest: "branch: main" },
    repository_id: { why: "Forgejo's tokens have no ids", nearest: "project: owner/repository alone" },
    repository_owner_id: { why: "Forgejo's tokens have no ids", nearest: "project: owner/repository alone" },
    protected: { why: "AWS sees only subject and audience of Forgejo", nearest: "branch: main" },
  },
  pretend,
  jobEnvironment,
  workspace: "GITHUB_WORKSPACE",
};

function serverOf(issuer: string): string {
  return issuer.replace(/\/api\/actions$/, "");
}

/** The claims of the published example. */
const CLAIMS = new Set(
  "actor aud event_name exp iat iss nbf ref ref_protected ref_type repository repository_owner run_attempt run_id run_number sha sub workflow workflow_ref".split(
    " ",
  ),
);

// The example lives an hour, and is valid from when it was issued.
const LIFE = 3600;

function pretend(whole: PretendedJob): Claims {
  const { environment: _, immutable: __, ...job } = whole;
  const issuer = job.issuer ?? forgejo.pretendedIssuer;
  const audience = job.audience ?? forgejo.defaultAudience({ project: job.project, issuer }) ?? "";
  const theirs = github.pretend({ ...job, issuer, audience, expiresIn: job.expiresIn ?? LIFE });
  const kept = Object.fromEntries(Object.entries(theirs).filter(([name]) => CLAIMS.has(name)));
  const workflow = showClaim(kept, "workflow_ref").replace("/.github/", "/.forgejo/");
  return {
    ...kept,
    nbf: job.issuedAt,
    workflow_ref: workflow,
    ...(job.event === "pull_request" ? { base_ref: "main" } : {}),
  };
}

function jobEnvironment(claims: Claims, token: string, request?: TokenRequest): Readonly<Record<string, string>> {
  return {
    ...github.jobEnvironment(claims, token, request),
    FORGEJO_ACTIONS: "true",
    GITHUB_SERVER_URL: serverOf(showClaim(claims, "iss")),
  };
}
