import type { Condition } from "../core/policy.ts";
import { type Claims, showClaim, textClaim } from "../core/token.ts";
import type { Ci, JobFile, PretendedJob, Scope, TokenRequest } from "./ci.ts";
import { githubJob } from "./job/github.ts";
import { pretendedId, PRETENDED_COMMIT } from "./pretended-id.ts";
import { claimCondition, idConditions, refOf, scopeOfRef, subjectCondition } from "./subject.ts";
import { BRANCH, idOf, projectAs, TAG } from "./words.ts";

// Sources of this file: GitHub docs, actions/reference/security/oidc, and its published example of a
// payload, as of November 2026.

const CLOUD = "https://token.actions.githubusercontent.com";

/** GitHub Actions, on github.com, GHE.com and GHES. */
export const github: Ci = {
  ...githubJob,
  file: ".github/workflows/*.yml",
  part: "the job",
  issuer: CLOUD,
  pretendedIssuer: CLOUD,
  defaultAudience: ({ project }) => `https://github.com/${namesOf(project).owner}`,
  snippet,
  scopeParts: ["branch", "tag", "environment", "pullRequests"],
  projectAlone: false,
  words: {
    project: projectAs("owner and repository", "octo-org/octo-repo"),
    repository: projectAs("owner and repository", "octo-org/octo-repo"),
    branch: BRANCH,
    tag: TAG,
    environment: {
      means: "environment",
      about: "jobs with this environment, of any branch and tag unless one is named as well",
      example: "production",
    },
    pull_requests: { means: "pullRequests", about: "jobs of pull requests without an environment", example: "true" },
    workflow: {
      means: "workflow",
      claim: "job_workflow_ref",
      about: "jobs that this workflow defines: a file of .github/workflows, or one of another repository with its ref",
      example: "octo-org/ops/.github/workflows/deploy.yml@refs/heads/main",
    },
    repository_id: idOf("the repository's number", "repository_id", "74"),
    repository_owner_id: idOf("the owner's number", "repository_owner_id", "65"),
    immutable: {
      means: "immutable",
      about: "true: only subjects with the numbers in them; false: only those without; both when left out",
      example: "true",
    },
  },
  unsayable: {
    event: {
      why: "AWS sees no claim of what started the workflow",
      nearest: "pull_requests: true, or the environment or branch that the event's jobs have",
    },
    actor: {
      why: "whoever may push may act",
      nearest: "an environment with required reviewers: environment: production",
    },
    job: { why: "no claim has the job's name", nearest: "an environment of its own: environment: production" },
    protected: {
      why: "AWS does not see ref_protected of GitHub",
      nearest: "environment: with GitHub's rule that only protected branches deploy to it",
    },
  },
  conditions,
  scopeOf,
  pretend,
  jobEnvironment,
  workspace: "GITHUB_WORKSPACE",
  jobFiles,
};

function snippet(): string {
  return [
    "permissions: { id-token: write, contents: read }",
    "# the job's block replaces the workflow's, and what is not named in it is taken away",
    "# a reusable workflow needs both on its caller; pull requests from forks and Dependabot get no token",
  ].join("\n");
}

/**
 * What follows the repository in the subject. An environment replaces the ref, and a pull request's
 * ref is never told. Source: GitHub docs, example subject claims.
 */
function context({ branch, tag, environment, pullRequests }: Omit<Scope, "project">): string {
  if (environment !== undefined) return `environment:${environment.replaceAll(":", "%3A")}`;
  if (pullRequests) return "pull_request";
  if (branch === undefined && tag === undefined) return "*";
  return `ref:${refOf({ ...(branch === undefined ? {} : { branch }), ...(tag === undefined ? {} : { tag }) })}`;
}

/** @param project `octo-org/octo-repo`, or with the ids of an immutable subject `octo-org@65/octo-repo@74` */
function subject(project: string, scope: Omit<Scope, "project">): string {
  return `repo:${project}:${context(scope)}`;
}

function conditions(issuer: string, scope: Scope): readonly Condition[] {
  const [first = "", ...others] = subjectsOf(scope);
  const condition = subjectCondition(issuer, first);
  const { branch, tag, environment, workflow } = scope;
  const hasRef = branch !== undefined || tag !== undefined;
  return [
    { ...condition, values: [...condition.values, ...others] },
    // The environment has taken the ref's place in the subject.
    ...(environment !== undefined && hasRef ? [claimCondition(issuer, "ref", refOf(scope))] : []),
    ...(workflow === undefined ? [] : [claimCondition(issuer, "job_workflow_ref", workflowOf(workflow, scope))]),
    ...idConditions(issuer, scope),
  ];
}

/**
 * The subject in the form without ids and, where the ids are known, in the one with them: a repository
 * sends one today and the other after it was renamed, moved or opted in. Source: GitHub docs, immutable subjects.
 */
function subjectsOf(scope: Scope): readonly string[] {
  const { project, ids = {}, immutable } = scope;
  const plain = subject(project, scope);
  const { repository_id: repositoryId, repository_owner_id: ownerId } = ids;
  if (project.includes("@") || !repositoryId || !ownerId) return [plain];
  const [owner = "", name = ""] = project.split("/");
  const numbered = subject(`${owner}@${ownerId}/${name}@${repositoryId}`, scope);
  if (immutable === undefined) return [plain, numbered];
  return [immutable ? numbered : plain];
}

/** A file of the repository's own runs at the ref of the job; one of another repository names its ref itself. */
function workflowOf(workflow: string, scope: Scope): string {
  if (workflow.includes("@")) return workflow;
  return `${namesOf(scope.project).repository}/.github/workflows/${workflow}@${refOf(scope)}`;
}

function scopeOf(claims: Claims): Scope | null {
  const [, project, kind, name = ""] = SUBJECT.exec(textClaim(claims, "sub") ?? "") ?? [];
  if (!project) return null;
  if (kind === "pull_request") return { project, pullRequests: true };
  if (kind === "environment:") return { project, environment: name.replaceAll("%3A", ":") };
  const ref = scopeOfRef(name);
  return ref && { project, ...ref };
}

// The default form; a repository may have another (include_claim_keys).
const SUBJECT = /^repo:([^:/]+\/[^:/]+):(pull_request$|environment:(?=.)|ref:)(.*)$/s;

interface Names {
  readonly owner: string;
  readonly repository: string;
  readonly ownerId: string;
  readonly repositoryId: string;
  /** With ids: `octo-org@65/octo-repo@74`. */
  readonly immutable: string;
}

/** `@` cannot occur in names of owners and repositories, so ids behind it are the immutable form. */
function namesOf(project: string): Names & { readonly hasIds: boolean } {
  const [first = "", second = ""] = project.split("/");
  const [owner = "", ownerId = pretendedId(owner)] = first.split("@");
  const repository = `${owner}/${second.split("@")[0] ?? ""}`;
  const repositoryId = second.split("@")[1] ?? pretendedId(repository);
  const immutable = `${owner}@${ownerId}/${second.split("@")[0] ?? ""}@${repositoryId}`;
  return { owner, repository, ownerId, repositoryId, immutable, hasIds: project.includes("@") };
}

const LIFE = 300;

/** The claims of an ID token, in the shape of GitHub's published example; all are text, as there. */
function pretend(job: PretendedJob): Claims {
  const names = namesOf(job.project);
  const { owner, repository } = names;
  const issuer = job.issuer ?? CLOUD;
  const isPull = job.event?.startsWith("pull_request") ?? false;
  const ref = isPull ? "refs/pull/1/merge" : refOf(job);
  const workflow = `${repository}/.github/workflows/deploy.yml@${ref}`;
  return {
    jti: `pretended-${names.repositoryId}-${job.issuedAt}`,
    sub: pretendedSubject(job, names.hasIds || job.immutable ? names.immutable : repository, isPull),
    ...(job.environment === undefined ? {} : { environment: job.environment }),
    aud: job.audience ?? `https://github.com/${owner}`,
    ref,
    sha: PRETENDED_COMMIT,
    repository,
    repository_owner: owner,
    actor_id: "12",
    repository_visibility: "private",
    repository_id: names.repositoryId,
    repository_owner_id: names.ownerId,
    run_id: "1",
    run_number: "10",
    run_attempt: "2",
    runner_environment: "github-hosted",
    actor: "octocat",
    workflow: "deploy",
    head_ref: isPull ? (job.branch ?? "feature") : "",
    base_ref: isPull ? "main" : "",
    event_name: job.event ?? "push",
    enterprise: enterpriseOf(issuer),
    enterprise_id: "2",
    ref_type: job.tag === undefined ? "branch" : "tag",
    ref_protected: String(ref === "refs/heads/main"),
    workflow_ref: workflow,
    workflow_sha: PRETENDED_COMMIT,
    job_workflow_ref: workflow,
    job_workflow_sha: PRETENDED_COMMIT,
    check_run_id: "1001",
    iss: issuer,
    nbf: job.issuedAt - 600,
    exp: job.issuedAt + (job.expiresIn ?? LIFE),
    iat: job.issuedAt,
  };
}

// Unverified: the subject of pull_request_target, which runs as the base branch, so as a push would have it.
function pretendedSubject(job: PretendedJob, project: string, isPull: boolean): string {
  if (job.environment !== undefined) return subject(project, { environment: job.environment });
  if (isPull && job.event !== "pull_request_target") return subject(project, { pullRequests: true });
  return `repo:${project}:ref:${refOf(job)}`;
}

/** The slug that an enterprise may have put behind the issuer. */
function enterpriseOf(issuer: string): string {
  return /^https:\/\/token\.actions\.[^/]+\/([^/]+)$/.exec(issuer)?.[1] ?? "avocado-corp";
}

/** The web address of the GitHub that an issuer is of. */
function serverOf(issuer: string): string {
  const [, tenant] = /^https:\/\/token\.actions\.(.+\.ghe\.com)(?:\/|$)/.exec(issuer) ?? [];
  if (tenant) return `https://${tenant}`;
  return issuer.startsWith(CLOUD) ? "https://github.com" : issuer.replace(/\/_services\/token$/, "");
}

function jobEnvironment(claims: Claims, _token: string, request?: TokenRequest): Readonly<Record<string, string>> {
  const text = (name: string): string => showClaim(claims, name);
  const copied = Object.entries(COPIED).map(([variable, claim]) => [variable, text(claim)] as const);
  return {
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_SERVER_URL: serverOf(text("iss")),
    GITHUB_REF_NAME: text("ref").replace(/^refs\/(heads|tags|pull)\//, ""),
    GITHUB_JOB: "rolecall",
    // What GitHub calls a step of `run:`; aws-actions/configure-aws-credentials refuses to work without it.
    GITHUB_ACTION: "__run",
    ...Object.fromEntries(copied),
    ...(request ? { ACTIONS_ID_TOKEN_REQUEST_URL: request.url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: request.bearer } : {}),
  };
}

/** Variables that repeat a claim. */
const COPIED = {
  GITHUB_ACTOR: "actor",
  GITHUB_ACTOR_ID: "actor_id",
  GITHUB_BASE_REF: "base_ref",
  GITHUB_EVENT_NAME: "event_name",
  GITHUB_HEAD_REF: "head_ref",
  GITHUB_REF: "ref",
  GITHUB_REF_PROTECTED: "ref_protected",
  GITHUB_REF_TYPE: "ref_type",
  GITHUB_REPOSITORY: "repository",
  GITHUB_REPOSITORY_ID: "repository_id",
  GITHUB_REPOSITORY_OWNER: "repository_owner",
  GITHUB_REPOSITORY_OWNER_ID: "repository_owner_id",
  GITHUB_RUN_ATTEMPT: "run_attempt",
  GITHUB_RUN_ID: "run_id",
  GITHUB_RUN_NUMBER: "run_number",
  GITHUB_SHA: "sha",
  GITHUB_WORKFLOW: "workflow",
  GITHUB_WORKFLOW_REF: "workflow_ref",
  RUNNER_ENVIRONMENT: "runner_environment",
} as const;

/** What a step writes for later steps. */
function jobFiles(): readonly JobFile[] {
  return ["GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"].map((variable) => ({
    variable,
    file: variable.toLowerCase(),
    text: "",
  }));
}
