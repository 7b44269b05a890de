import type { Condition } from "../core/policy.ts";
import { type Claims, showClaim, textClaim } from "../core/token.ts";
import type { Ci, PretendedJob, Scope } from "./ci.ts";
import { buildkiteJob } from "./job/buildkite.ts";
import { pretendedUuid, PRETENDED_COMMIT } from "./pretended-id.ts";
import { idConditions, refOf, scopeOfRef, subjectCondition } from "./subject.ts";
import { BRANCH, idOf, projectAs, TAG } from "./words.ts";

// Sources of this file: buildkite/docs, pages/agent/cli/reference/oidc (claims, example) and pages/pipelines/security/oidc/aws.

const CLOUD = "https://agent.buildkite.com";

/** Buildkite. */
export const buildkite: Ci = {
  ...buildkiteJob,
  file: ".buildkite/pipeline.yml",
  issuer: CLOUD,
  pretendedIssuer: CLOUD,
  defaultAudience: ({ project }) => `https://buildkite.com/${project.split("/")[0] ?? ""}`,
  snippet: () =>
    "# every job can ask buildkite-agent (3.104 or later keeps tokens out of the log); in a container, mount the agent",
  scopeParts: ["branch", "tag"],
  projectAlone: false,
  words: {
    project: projectAs("organization and pipeline", "acme-inc/shop"),
    pipeline: projectAs("organization and pipeline", "acme-inc/shop"),
    branch: BRANCH,
    tag: TAG,
    // Unverified: that AWS has these keys also for tokens that were asked for without --claim.
    pipeline_id: idOf(
      "the pipeline's UUID; jobs ask with --claim pipeline_id",
      "pipeline_id",
      "aaaaaaaa-2222-4333-8444-555555555555",
    ),
    organization_id: idOf(
      "the organization's UUID; jobs ask with --claim organization_id",
      "organization_id",
      "aaaaaaaa-2222-4333-8444-555555555555",
    ),
  },
  unsayable: {
    step: {
      why: "whoever may change the pipeline's file may give any step any key",
      nearest: "a pipeline of its own for what needs the role: pipeline: acme-inc/deploy",
    },
    environment: { why: "Buildkite's tokens tell no environment", nearest: "branch: main" },
    pull_requests: {
      why: "Buildkite's subject has a pull request's branch and not that it is one",
      nearest: "branch:; builds of forks are off unless the pipeline allows them",
    },
    protected: { why: "Buildkite does not know which branches are protected", nearest: "branch: main" },
    queue: { why: "AWS sees the cluster of a job and not its queue", nearest: "branch: main" },
  },
  conditions,
  scopeOf,
  pretend,
  jobEnvironment,
  workspace: "BUILDKITE_BUILD_CHECKOUT_PATH",
  standIn: "buildkite-agent",
};

/** No name or ref holds a colon, so that the star stands for commit and step alone. */
function conditions(issuer: string, scope: Scope): readonly Condition[] {
  const [organization = "", pipeline = ""] = scope.project.split("/");
  const subject = `organization:${organization}:pipeline:${pipeline}:ref:${refOf(scope)}:commit:*`;
  return [subjectCondition(issuer, subject), ...idConditions(issuer, scope)];
}

function scopeOf(claims: Claims): Scope | null {
  const [, organization, pipeline, name = ""] = SUBJECT.exec(textClaim(claims, "sub") ?? "") ?? [];
  const ref = scopeOfRef(name);
  return ref && { project: `${organization ?? ""}/${pipeline ?? ""}`, ...ref };
}

const SUBJECT = /^organization:([^:]+):pipeline:([^:]+):ref:([^:]+):commit:[^:]+:step:.*$/s;

const LIFE = 300;

function pretend(job: PretendedJob): Claims {
  const [organization = "", pipeline = ""] = job.project.split("/");
  const issuer = job.issuer ?? CLOUD;
  const ids = idsOf(organization, pipeline);
  const own: Claims = {
    organization_slug: organization,
    pipeline_slug: pipeline,
    build_number: 1,
    build_branch: job.branch ?? "main",
    ...(job.tag === undefined ? {} : { build_tag: job.tag }),
    build_commit: PRETENDED_COMMIT,
    step_key: "build",
    job_id: ids.job_id,
    agent_id: ids.agent_id,
    build_source: job.event ?? "webhook",
    runner_environment: "buildkite-hosted",
  };
  const subject = `organization:${organization}:pipeline:${pipeline}:ref:${refOf(job)}:commit:${PRETENDED_COMMIT}:step:build`;
  const { flags = {} } = job;
  return {
    iss: issuer,
    // One of the ids alone: no branch is in such a subject.
    sub: new Map(Object.entries(ids)).get(flags["subject-claim"] ?? "") ?? subject,
    aud: job.audience ?? `https://buildkite.com/${organization}`,
    iat: job.issuedAt,
    nbf: job.issuedAt,
    exp: job.issuedAt + (job.expiresIn ?? lifetimeOf(flags) ?? LIFE),
    ...own,
    ...Object.fromEntries(pick({ ...ids, cluster_name: "default", queue_key: "default", ...own }, flags["claim"])),
    ...sessionTags({ ...ids, ...own }, flags["aws-session-tag"]),
  };
}

function idsOf(organization: string, pipeline: string) {
  return {
    organization_id: pretendedUuid(organization),
    pipeline_id: pretendedUuid(`${organization}/${pipeline}`),
    cluster_id: pretendedUuid(`${organization} cluster`),
    queue_id: pretendedUuid(`${organization} queue`),
    build_id: pretendedUuid(`${pipeline} build`),
    job_id: "0184990a-477b-4fa8-9968-496074483cee",
    agent_id: "0184990a-4782-42b5-afc1-16715b10b8ff",
  } as const;
}

function lifetimeOf({ lifetime }: Readonly<Record<string, string>>): number | null {
  return lifetime !== undefined && /^[1-9]\d{0,4}$/.test(lifetime) ? Number(lifetime) : null;
}

type Entries = readonly (readonly [string, Claims[string]])[];

/** The claims of a list like `organization_id,pipeline_id`. */
function pick(claims: Claims, list = ""): Entries {
  const names = list.split(",").map((name) => name.trim());
  return Object.entries(claims).filter(([name]) => names.includes(name));
}

/** As session tags numbers become text. */
function sessionTags(claims: Claims, list: string | undefined): Claims {
  const tags = pick(claims, list).map(([name]) => [name, [showClaim(claims, name)]] as const);
  return tags.length === 0 ? {} : { "https://aws.amazon.com/tags": { principal_tags: Object.fromEntries(tags) } };
}

function jobEnvironment(claims: Claims): Readonly<Record<string, string>> {
  const text = (name: string): string => showClaim(claims, name);
  return {
    CI: "true",
    BUILDKITE: "true",
    BUILDKITE_ORGANIZATION_SLUG: text("organization_slug"),
    BUILDKITE_PIPELINE_SLUG: text("pipeline_slug"),
    BUILDKITE_BUILD_NUMBER: text("build_number"),
    BUILDKITE_BRANCH: text("build_branch"),
    BUILDKITE_TAG: text("build_tag"),
    BUILDKITE_COMMIT: text("build_commit"),
    BUILDKITE_STEP_KEY: text("step_key"),
    BUILDKITE_JOB_ID: text("job_id"),
    BUILDKITE_AGENT_ID: text("agent_id"),
    BUILDKITE_SOURCE: text("build_source"),
  };
}
