import type { Claims } from "../../../../../src/core/token.ts";

// What issuers put into tokens, as far as somebody hostile can arrange it; written without the linter's own tables.

export const AUDIENCE = "sts.amazonaws.com";
export const OTHER_AUDIENCE = "another-client";

/** Whose the policies are. The ids are those of the tokens and of subjects that hold ids. */
export const OWNER = { tenant: "octo", project: "web", tenantId: "7", projectId: "9" } as const;

/** A job, by what its token tells. */
export interface Job {
  readonly tenant: string;
  readonly project: string;
  readonly tenantId: string;
  readonly projectId: string;
  /** What a subject ends in. */
  readonly run: string;
  /** GitHub alone: the subject holds the ids too. */
  readonly withIds?: boolean;
}

export interface Issuer {
  readonly url: string;
  /** What a run's end of the subject may be, the first as the owner means it; `*` is any name. */
  readonly runs: readonly string[];
  readonly subject: (job: Job) => string;
  /** The job that a subject is of; null when the issuer never writes such a subject. */
  readonly read: (subject: string) => Job | null;
  readonly claims: (job: Job) => Claims;
}

/** A name in another case is the same name to GitHub and GitLab. */
function isOwners(tenant: string, project: string): boolean {
  return tenant.toLowerCase() === OWNER.tenant && project.toLowerCase() === OWNER.project;
}

const NO_IDS = { tenantId: "", projectId: "" };
// Git's own rule for refs, as far as the generated names can break it.
const REF = /^(?!.*(?:\.\.|\/\/|@\{|\.lock$|\/$))[^\s~^:?*[\\/][^\s~^:?*[\\]*$/;

function githubJob(url: string): Issuer {
  const subject = /^repo:([A-Za-z0-9-]{1,39})(?:@(\d+))?\/([\w.-]{1,100})(?:@(\d+))?:(.+)$/;
  const isRun = (run: string): boolean =>
    run === "pull_request" ||
    /^environment:[^:*?]+$/.test(run) ||
    (/^ref:refs\/(heads|tags)\/./.test(run) && REF.test(run.replace(/^ref:refs\/(heads|tags)\//, "")));
  return {
    url,
    runs: ["ref:refs/heads/*", "ref:refs/tags/*", "pull_request", "environment:*"],
    subject: ({ tenant, project, tenantId, projectId, run, withIds }) =>
      withIds ? `repo:${tenant}@${tenantId}/${project}@${projectId}:${run}` : `repo:${tenant}/${project}:${run}`,
    read: (text) => {
      const [, tenant = "", tenantId, project = "", projectId, run = ""] = subject.exec(text) ?? [];
      // Both ids or none: a subject is of one form.
      if (tenant === "" || (tenantId === undefined) !== (projectId === undefined) || !isRun(run)) return null;
      return tenantId === undefined || projectId === undefined
        ? { tenant, project, ...NO_IDS, run }
        : { tenant, project, tenantId, projectId, run, withIds: true };
    },
    claims: ({ tenant, project, tenantId, projectId, run }) => ({
      repository: `${tenant}/${project}`,
      repository_owner_id: tenantId,
      repository_id: projectId,
      ref: run.startsWith("ref:")
        ? run.slice("ref:".length)
        : run === "pull_request"
          ? "refs/pull/7/merge"
          : "refs/heads/mine",
      ...(run.startsWith("environment:") ? { environment: run.slice("environment:".length) } : {}),
      workflow: "CI",
      job_workflow_ref: `${tenant}/${project}/.github/workflows/ci.yml@refs/heads/mine`,
      actor: "mallory",
    }),
  };
}

function gitlabJob(url: string): Issuer {
  const subject = /^project_path:([\w.-]+)\/([\w.-]+(?:\/[\w.-]+)*):(ref_type:(?:branch|tag):ref:(.+))$/;
  return {
    url,
    runs: ["ref_type:branch:ref:*", "ref_type:tag:ref:*"],
    subject: ({ tenant, project, run }) => `project_path:${tenant}/${project}:${run}`,
    read: (text) => {
      const [, tenant = "", project = "", run = "", ref = ""] = subject.exec(text) ?? [];
      return tenant === "" || !REF.test(ref) ? null : { tenant, project, ...NO_IDS, run };
    },
    claims: ({ tenant, project, tenantId, projectId, run }) => ({
      namespace_id: tenantId,
      project_id: projectId,
      // Of a project of one's own every branch can be protected.
      ref_protected: String(!isOwners(tenant, project) || run === "ref_type:branch:ref:main"),
      pipeline_source: "push",
    }),
  };
}

const BUILDKITE: Issuer = {
  url: "agent.buildkite.com",
  runs: ["ref:refs/heads/*:commit:abc:step:build"],
  subject: ({ tenant, project, run }) => `organization:${tenant}:pipeline:${project}:${run}`,
  read: (text) => {
    const parts = /^organization:([\w-]+):pipeline:([\w-]+):(ref:refs\/heads\/([^:]+):commit:\w+:step:\w+)$/.exec(text);
    const [, tenant = "", project = "", run = "", ref = ""] = parts ?? [];
    return tenant === "" || !REF.test(ref) ? null : { tenant, project, ...NO_IDS, run };
  },
  claims: ({ tenant, project, tenantId, projectId, run }) => ({
    organization_slug: tenant,
    organization_id: tenantId,
    pipeline_slug: project,
    pipeline_id: projectId,
    build_branch: /refs\/heads\/([^:]*)/.exec(run)?.[1] ?? "",
  }),
};

const TERRAFORM: Issuer = {
  url: "app.terraform.io",
  runs: ["run_phase:apply", "run_phase:plan"],
  // The project and its workspace are one here: `web` is its workspace prod.
  subject: ({ tenant, project, run }) => {
    const [name = "", workspace = "prod"] = project.split("/");
    return `organization:${tenant}:project:${name}:workspace:${workspace}:${run}`;
  },
  read: (text) => {
    const parts = /^organization:([\w-]+):project:([\w -]+):workspace:([\w-]+):(run_phase:(?:plan|apply))$/.exec(text);
    const [, tenant = "", name = "", workspace = "", run = ""] = parts ?? [];
    const project = workspace === "prod" ? name : `${name}/${workspace}`;
    return tenant === "" ? null : { tenant, project, ...NO_IDS, run };
  },
  claims: () => ({}),
};

export const GITHUB = "token.actions.githubusercontent.com";
export const GITLAB = "gitlab.com";

/** Shared issuers, and the same on a server of one's own. */
export const ISSUERS: readonly Issuer[] = [
  githubJob(GITHUB),
  gitlabJob(GITLAB),
  githubJob("github.example.com/_services/token"),
  gitlabJob("gitlab.example.com"),
  BUILDKITE,
  TERRAFORM,
];
