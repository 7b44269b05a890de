import { issuerName } from "../core/arn.ts";
import type { Condition } from "../core/policy.ts";
import { type Claims, showClaim, textClaim } from "../core/token.ts";
import type { Ci, PretendedJob, Scope } from "./ci.ts";
import { gitlabJob } from "./job/gitlab.ts";
import { pretendedId, PRETENDED_COMMIT } from "./pretended-id.ts";
import { claimCondition, idConditions, subjectCondition } from "./subject.ts";
import { BRANCH, idOf, PROJECT, TAG } from "./words.ts";
import { yamlWord } from "./yaml-word.ts";

// Sources of this file: GitLab docs ci/secrets/id_token_authentication and ci/cloud_services/aws,
// GitLab source lib/gitlab/ci/jwt*.rb, as of November 2026.

const SAAS = "https://gitlab.com";

/** GitLab CI, on gitlab.com and self-managed. */
export const gitlab: Ci = {
  ...gitlabJob,
  file: ".gitlab-ci.yml",
  part: "the job",
  issuer: SAAS,
  pretendedIssuer: SAAS,
  defaultAudience: () => null,
  snippet,
  scopeParts: ["branch", "tag"],
  projectAlone: false,
  words: {
    project: PROJECT,
    branch: BRANCH,
    tag: TAG,
    pull_requests: {
      means: "pullRequests",
      claim: "pipeline_source",
      about: "jobs of merge requests, whatever their branch",
      example: "true",
    },
    protected: {
      means: "protected",
      claim: "ref_protected",
      about: "jobs of protected branches and tags alone",
      example: "true",
    },
    project_id: idOf("the project's number", "project_id", "20"),
    namespace_id: idOf("the group's number", "namespace_id", "72"),
  },
  unsayable: {
    environment: {
      why: "GitLab's subject has no environment, and AWS sees no claim of it",
      nearest: "the branch that deploys there, protected in GitLab: branch: main, protected: true",
    },
    job: { why: "no claim has the job's name", nearest: "branch: or tag: of what runs it" },
    user: { why: "who started a pipeline may change", nearest: "a protected branch, which only some may push to" },
  },
  conditions,
  scopeOf,
  pretend,
  jobEnvironment,
  workspace: "CI_PROJECT_DIR",
};

function snippet({ audience = "sts.amazonaws.com" }: { readonly audience?: string }): string {
  return [
    `id_tokens: { ROLECALL_TOKEN: { aud: ${yamlWord(audience)} } }`,
    "# ROLECALL_TOKEN may have any name, and aud is an audience of the IAM provider; for every job: under default:",
    "# CI_JOB_TOKEN is no ID token, and CI_JOB_JWT was removed in GitLab 17.0",
  ].join("\n");
}

/** `sub` is built of the project's path and the ref; a merge request has its source branch. */
function subject({ project, branch, tag }: Scope): string {
  const [type, ref] = tag === undefined ? ["branch", branch ?? "*"] : ["tag", tag];
  return `project_path:${project}:ref_type:${type}:ref:${ref}`;
}

function conditions(issuer: string, scope: Scope): readonly Condition[] {
  return [
    subjectCondition(issuer, subject(scope)),
    ...(scope.pullRequests ? [claimCondition(issuer, "pipeline_source", "merge_request_event")] : []),
    ...(scope.protected ? [claimCondition(issuer, "ref_protected", "true")] : []),
    ...idConditions(issuer, scope),
  ];
}

function scopeOf(claims: Claims): Scope | null {
  const [, project, type, ref] = SUBJECT.exec(textClaim(claims, "sub") ?? "") ?? [];
  if (!project || !ref) return null;
  return type === "tag" ? { project, tag: ref } : { project, branch: ref };
}

// The default components; a project may have set others (ci_id_token_sub_claim_components).
const SUBJECT = /^project_path:([^:]+):ref_type:(branch|tag):ref:(.+)$/;

// What GitLab gives a job without a timeout of its own. GitLab docs, id_token_authentication.
const DEFAULT_LIFE = 300;
const PIPELINE = "574";

/** The claims of an ID token, in the shape of GitLab's published example; ids are text, as there. */
function pretend(job: PretendedJob): Claims {
  const issuer = job.issuer ?? SAAS;
  const namespace = job.project.split("/").slice(0, -1).join("/");
  const type = job.tag === undefined ? "branch" : "tag";
  const ref = job.tag ?? job.branch ?? "main";
  const path = type === "tag" ? `refs/tags/${ref}` : `refs/heads/${ref}`;
  const config = `${issuerName(issuer)}/${job.project}//.gitlab-ci.yml@${path}`;
  const projectId = pretendedId(job.project);
  const namespaceId = pretendedId(namespace);
  return {
    namespace_id: namespaceId,
    namespace_path: namespace,
    project_id: projectId,
    project_path: job.project,
    job_project_id: projectId,
    job_project_path: job.project,
    job_namespace_id: namespaceId,
    job_namespace_path: namespace,
    user_id: "1",
    user_login: "sample-user",
    user_email: "sample-user@example.com",
    user_access_level: "maintainer",
    pipeline_id: PIPELINE,
    pipeline_source: job.event ?? "push",
    job_id: "302",
    ref,
    ref_type: type,
    ref_path: path,
    ref_protected: String(type === "branch" && ref === "main"),
    ...environmentClaims(job.environment),
    runner_id: 1,
    runner_environment: "gitlab-hosted",
    sha: PRETENDED_COMMIT,
    project_visibility: "private",
    ci_config_ref_uri: config,
    ci_config_sha: PRETENDED_COMMIT,
    job_source: job.event ?? "push",
    jti: `pretended-${projectId}-${job.issuedAt}`,
    iss: issuer,
    iat: job.issuedAt,
    nbf: job.issuedAt - 5,
    exp: job.issuedAt + (job.expiresIn ?? DEFAULT_LIFE),
    sub: subject({ project: job.project, ...(type === "tag" ? { tag: ref } : { branch: ref }) }),
    aud: job.audience ?? issuer,
  };
}

function environmentClaims(environment: string | undefined): Claims {
  if (environment === undefined) return {};
  return {
    environment,
    environment_protected: "false",
    deployment_tier: environment === "production" ? "production" : "other",
    environment_action: "start",
  };
}

/** The token's variable is named as in the snippet that rolecall prints. */
function jobEnvironment(claims: Claims, token: string): Readonly<Record<string, string>> {
  const text = (name: string): string => showClaim(claims, name);
  const project = text("project_path");
  const issuer = text("iss");
  return {
    CI: "true",
    GITLAB_CI: "true",
    CI_SERVER_URL: issuer,
    CI_SERVER_HOST: issuer.replace(/^https?:\/\//, "").replace(/\/.*$/, ""),
    CI_PROJECT_ID: text("project_id"),
    CI_PROJECT_PATH: project,
    CI_PROJECT_NAMESPACE: text("namespace_path"),
    CI_PROJECT_NAME: project.split("/").at(-1) ?? "",
    CI_PROJECT_URL: `${issuer}/${project}`,
    CI_PIPELINE_ID: text("pipeline_id"),
    CI_PIPELINE_SOURCE: text("pipeline_source"),
    CI_JOB_ID: text("job_id"),
    CI_JOB_NAME: "rolecall",
    CI_COMMIT_SHA: text("sha"),
    CI_COMMIT_REF_NAME: text("ref"),
    CI_COMMIT_REF_PROTECTED: text("ref_protected"),
    ...(text("ref_type") === "tag" ? { CI_COMMIT_TAG: text("ref") } : { CI_COMMIT_BRANCH: text("ref") }),
    ...(claims["environment"] === undefined ? {} : { CI_ENVIRONMENT_NAME: text("environment") }),
    ROLECALL_TOKEN: token,
  };
}
