import type { Condition } from "../core/policy.ts";
import { type Claims, showClaim, textClaim } from "../core/token.ts";
import type { Ci, PretendedJob, Scope, TokenRequest } from "./ci.ts";
import { codefreshJob } from "./job/codefresh.ts";
import { PRETENDED_COMMIT } from "./pretended-id.ts";
import { subjectCondition } from "./subject.ts";
import { BRANCH, projectAs } from "./words.ts";
import { yamlWord } from "./yaml-word.ts";

// Source of this file: codefresh-io/docs.codefresh.io, integrations/oidc-pipelines (claims, examples, subjects by trigger).

const CLOUD = "https://oidc.codefresh.io";
const PLATFORM = "https://g.codefresh.io";

/** Codefresh. */
export const codefresh: Ci = {
  ...codefreshJob,
  file: "codefresh.yml",
  part: "the steps before this one",
  issuer: CLOUD,
  pretendedIssuer: CLOUD,
  defaultAudience: () => PLATFORM,
  snippet: ({ audience }) =>
    `obtain_id_token: { type: obtain-oidc-id-token, arguments: { AUDIENCE: ${yamlWord(audience ?? "sts.amazonaws.com")} } }`,
  scopeParts: ["branch", "pullRequests"],
  projectAlone: true,
  words: {
    project: projectAs("the ids of account and pipeline", "5f30ebd30312313ae7008/64f0c40800aafd1455566"),
    pipeline: projectAs("the ids of account and pipeline", "5f30ebd30312313ae7008/64f0c40800aafd1455566"),
    branch: {
      ...BRANCH,
      about: "builds of pushes to this branch, and those that people start on it; * and ? are wildcards",
    },
    pull_requests: { means: "pullRequests", about: "builds of pull requests", example: "true" },
  },
  unsayable: {
    tag: {
      why: "Codefresh gives a tag the place that a branch has in the subject",
      nearest: "a pipeline of its own that only tags start",
    },
    environment: {
      why: "Codefresh's tokens tell no environment",
      nearest: "a pipeline of its own for the environment",
    },
    protected: { why: "Codefresh does not know which branches are protected", nearest: "branch: main" },
  },
  conditions,
  scopeOf,
  pretend,
  jobEnvironment,
  workspace: "CF_VOLUME_PATH",
  endpoint: { method: "GET", field: "id_token", scheme: false },
};

function pipelineOf(project: string): string {
  const [account = "", pipeline = ""] = project.split("/");
  return `account:${account}:pipeline:${pipeline}`;
}

/** No ref holds a colon, and that of a pull request is not the end of its subject. */
function conditions(issuer: string, { project, branch, pullRequests }: Scope): readonly Condition[] {
  const pipeline = pipelineOf(project);
  if (pullRequests) return [subjectCondition(issuer, `${pipeline}:*:scm_pull_request_target_branch:*`)];
  if (branch !== undefined) return [subjectCondition(issuer, `${pipeline}:*:scm_ref:${branch}`)];
  // Those that time has started have nothing behind the pipeline.
  return [{ ...subjectCondition(issuer, `${pipeline}:*`), values: [pipeline, `${pipeline}:*`] }];
}

function scopeOf(claims: Claims): Scope | null {
  const [, account, pipeline, branch, target] = SUBJECT.exec(textClaim(claims, "sub") ?? "") ?? [];
  if (!account) return null;
  const project = `${account}/${pipeline ?? ""}`;
  if (target) return { project, pullRequests: true };
  return branch ? { project, branch } : { project };
}

const SUBJECT =
  /^account:([^:]+):pipeline:([^:]+)(?::.*?)??(?::scm_ref:([^:]+))?(?::scm_pull_request_target_branch:(.+))?$/s;

const LIFE = 300;
const USER = "codefresh-user";

/** What started the build, as the subject and its claims tell it. */
function trigger({ event = "push", branch }: PretendedJob, url: string): Claims {
  if (event === "cron" || event === "schedule") return {};
  if (event === "manual") return { initiator: USER };
  const isPullRequest = event === "pull_request";
  return {
    scm_user_name: USER,
    scm_repo_url: url,
    scm_ref: branch ?? (isPullRequest ? "codefresh-patch-3" : "main"),
    ...(isPullRequest ? { scm_pull_request_target_branch: "main" } : {}),
  };
}

const SUBJECT_CLAIMS = ["initiator", "scm_repo_url", "scm_user_name", "scm_ref", "scm_pull_request_target_branch"];

function pretend(job: PretendedJob): Claims {
  const [account = "", pipeline = ""] = job.project.split("/");
  const started = trigger(job, `https://github.com/${USER}/oidc-test`);
  const told = SUBJECT_CLAIMS.filter((name) => name in started).map((name) => `:${name}:${showClaim(started, name)}`);
  return {
    sub: `${pipelineOf(job.project)}${told.join("")}`,
    account_id: account,
    account_name: USER,
    pipeline_id: pipeline,
    pipeline_name: "oidc/git-run",
    workflow_id: "64f447c02199f903000gh20",
    ...started,
    aud: job.audience ?? PLATFORM,
    exp: job.issuedAt + (job.expiresIn ?? LIFE),
    iat: job.issuedAt,
    iss: job.issuer ?? CLOUD,
  };
}

/** As a freestyle step has it, without the step that leaves ID_TOKEN. */
function jobEnvironment(claims: Claims, _: string, request?: TokenRequest): Readonly<Record<string, string>> {
  const text = (name: string): string => showClaim(claims, name);
  return {
    CF_BUILD_ID: text("workflow_id"),
    CF_PIPELINE_NAME: text("pipeline_name"),
    CF_REPO_NAME: "oidc-test",
    CF_BRANCH: text("scm_ref"),
    CF_REVISION: PRETENDED_COMMIT,
    ...(request ? { CF_OIDC_REQUEST_URL: request.url, CF_OIDC_REQUEST_TOKEN: request.bearer } : {}),
  };
}
