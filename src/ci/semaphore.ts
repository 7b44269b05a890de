import type { Condition } from "../core/policy.ts";
import { type Claims, showClaim, textClaim } from "../core/token.ts";
import type { Ci, PretendedJob, Scope } from "./ci.ts";
import { semaphoreJob } from "./job/semaphore.ts";
import { pretendedUuid } from "./pretended-id.ts";
import { refOf, scopeOfRef, subjectCondition } from "./subject.ts";
import { BRANCH, projectAs, TAG } from "./words.ts";
import { yamlWord } from "./yaml-word.ts";

// Sources of this file: semaphoreio/semaphore, docs/docs/reference/openid; semaphoreci/docs, security/open-id-connect-aws.
// The life of a token and the ref of a pull request are unverified.

/** Semaphore; each organization has an issuer of its own, which is the default audience too. */
export const semaphore: Ci = {
  ...semaphoreJob,
  file: ".semaphore/semaphore.yml",
  part: "the job",
  issuer: null,
  pretendedIssuer: "https://acme.semaphoreci.com",
  defaultAudience: ({ issuer }) => issuer ?? semaphore.pretendedIssuer,
  snippet,
  scopeParts: ["branch", "tag", "pullRequests"],
  projectAlone: false,
  words: {
    project: projectAs(
      "organization and repository, with the project's id between them where the organization has two of that name",
      "acme/936a5312-a3b8-4921-8b3f-2cec8baac574/web",
    ),
    branch: BRANCH,
    tag: TAG,
    pull_requests: { means: "pullRequests", about: "jobs of pull requests", example: "true" },
  },
  unsayable: {
    environment: {
      why: "Semaphore's subject has no deployment target",
      nearest: "the branch that deploys there: branch: main",
    },
    protected: { why: "Semaphore does not know which branches are protected", nearest: "branch: main" },
    job: { why: "AWS sees no claim of the job", nearest: "branch: main" },
  },
  conditions,
  scopeOf,
  pretend,
  jobEnvironment,
};

/** Only a token with another audience has to be asked for; `oidc_tokens:` is known from Semaphore's source alone. */
function snippet({ audience }: { readonly audience?: string }): string {
  return [
    ...(audience ? [`oidc_tokens: { AWS_OIDC_TOKEN: { aud: ${yamlWord(audience)} } }`] : []),
    "# every job has SEMAPHORE_OIDC_TOKEN for the organization's address, where the plan has OpenID Connect",
  ].join("\n");
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
// A star would cross colons; question marks stand for the id and nothing longer.
const ANY_ID = [8, 4, 4, 4, 12].map((length) => "?".repeat(length)).join("-");

/** `acme/web`, or with the project's id `acme/<id>/web`. */
function namesOf(project: string): { readonly org: string; readonly id: string | null; readonly repo: string } {
  const [org = "", second = "", ...rest] = project.split("/");
  const isId = UUID.test(second) && rest.length > 0;
  return { org, id: isId ? second : null, repo: (isId ? rest : [second, ...rest]).join("/") };
}

function subjectOf(project: string, id: string, type: string, ref: string): string {
  const { org, repo } = namesOf(project);
  return `org:${org}:project:${id}:repo:${repo}:ref_type:${type}:ref:${ref}`;
}

// The page's template says the first, its table of claims the second.
const PULL_REQUEST_TYPES = ["pr", "pull-request"];

function conditions(issuer: string, scope: Scope): readonly Condition[] {
  const id = namesOf(scope.project).id ?? ANY_ID;
  if (!scope.pullRequests) {
    const type = scope.tag === undefined ? "branch" : "tag";
    return [subjectCondition(issuer, subjectOf(scope.project, id, type, refOf(scope)))];
  }
  const values = PULL_REQUEST_TYPES.map((type) => subjectOf(scope.project, id, type, "*"));
  return [{ ...subjectCondition(issuer, values[0] ?? ""), values }];
}

function scopeOf(claims: Claims): Scope | null {
  const [, org, id, repo, type = "", ref = ""] = SUBJECT.exec(textClaim(claims, "sub") ?? "") ?? [];
  if (!org) return null;
  const project = `${org}/${id ?? ""}/${repo ?? ""}`;
  if (PULL_REQUEST_TYPES.includes(type)) return { project, pullRequests: true };
  const named = scopeOfRef(ref);
  return named && { project, ...named };
}

const SUBJECT = /^org:([^:]+):project:([^:]+):repo:([^:]+):ref_type:([^:]+):ref:(.+)$/s;

const LIFE = 3600;
const JOB = "c117e453-1189-4eaf-b03a-dd6538eb49b2";

function pretend(job: PretendedJob): Claims {
  const issuer = job.issuer ?? semaphore.pretendedIssuer;
  const { org, id, repo } = namesOf(job.project);
  const projectId = id ?? pretendedUuid(job.project);
  const isPullRequest = job.event === "pull_request";
  const type = job.tag === undefined ? "branch" : "tag";
  const ref = isPullRequest ? "refs/pull/7/merge" : refOf(job);
  return {
    iss: issuer,
    aud: job.audience ?? issuer,
    sub: subjectOf(job.project, projectId, isPullRequest ? "pr" : type, ref),
    iat: job.issuedAt,
    nbf: job.issuedAt,
    exp: job.issuedAt + (job.expiresIn ?? LIFE),
    jti: `pretended-${job.issuedAt}`,
    branch: isPullRequest ? "main" : (job.branch ?? "main"),
    ...(isPullRequest ? { pr_branch: job.branch ?? "change", pr: "7" } : {}),
    ref,
    ref_type: isPullRequest ? "pull-request" : type,
    ...(job.tag === undefined ? {} : { tag: job.tag }),
    repo,
    repo_slug: `${org}/${repo}`,
    org,
    org_id: pretendedUuid(org),
    prj: repo,
    prj_id: projectId,
    wf_id: pretendedUuid(`${job.project} workflow`),
    ppl_id: pretendedUuid(`${job.project} pipeline`),
    job_type: "pipeline_job",
    job_id: JOB,
    trg: "h:f-i:f",
  };
}

function jobEnvironment(claims: Claims, token: string): Readonly<Record<string, string>> {
  const text = (name: string): string => showClaim(claims, name);
  return {
    CI: "true",
    SEMAPHORE: "true",
    SEMAPHORE_ORGANIZATION_URL: text("iss"),
    SEMAPHORE_PROJECT_NAME: text("prj"),
    SEMAPHORE_PROJECT_ID: text("prj_id"),
    SEMAPHORE_WORKFLOW_ID: text("wf_id"),
    SEMAPHORE_PIPELINE_ID: text("ppl_id"),
    SEMAPHORE_JOB_ID: text("job_id"),
    SEMAPHORE_GIT_REF: text("ref"),
    SEMAPHORE_GIT_REF_TYPE: text("ref_type"),
    SEMAPHORE_GIT_BRANCH: text("branch"),
    SEMAPHORE_GIT_REPO_SLUG: text("repo_slug"),
    SEMAPHORE_OIDC_TOKEN: token,
  };
}
