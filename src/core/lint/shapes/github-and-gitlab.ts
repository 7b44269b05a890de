import type { Claims } from "../../token.ts";
import type { Ids, Parts, Shape } from "./shape.ts";

function githubClaims({ tenant, project, tail }: Parts, ids: Ids): Claims {
  const [owner = "", ownerId = ids.tenant] = tenant.split("@");
  const [name = "", repositoryId = ids.project] = project.split("@");
  const environment = /^environment:([^:]+)/.exec(tail)?.[1];
  const ref = /^ref:([^:]+)/.exec(tail)?.[1] ?? (tail === "pull_request" ? "refs/pull/1/merge" : "refs/heads/main");
  return {
    repository: `${owner}/${name}`,
    repository_id: repositoryId,
    repository_owner_id: ownerId,
    ref,
    ...(environment === undefined ? {} : { environment }),
    workflow: "rolecall-probe",
    job_workflow_ref: `${owner}/${name}/.github/workflows/rolecall-probe.yml@${ref}`,
    actor: "rolecall-probe",
    actor_id: "999003",
    enterprise_id: "999004",
  };
}

function gitlabClaims({ tail }: Parts, ids: Ids): Claims {
  const isMain = tail === "ref_type:branch:ref:main";
  return {
    namespace_id: ids.tenant,
    project_id: ids.project,
    user_id: "999003",
    user_login: "rolecall-probe",
    user_email: "rolecall-probe@example.com",
    user_access_level: "developer",
    ref_protected: String(isMain),
    pipeline_source: "push",
    runner_environment: "gitlab-hosted",
  };
}

/** GitHub, and GitHub Enterprise Server; without the issuer. */
export const GITHUB: Omit<Shape, "id"> = {
  lead: "repo:",
  afterTenant: "/",
  afterProject: ":",
  sample: { tenant: "acme", project: "shop", tail: "ref:refs/heads/main" },
  runs: [
    { kind: "branch", tail: "ref:refs/heads/rolecall-probe", claims: {} },
    { kind: "tag", tail: "ref:refs/tags/rolecall-probe", claims: {} },
    { kind: "pull-request", tail: "pull_request", claims: {} },
  ],
  pullSubject: true,
  template: true,
  identity: [
    "repository",
    "repository_id",
    "repository_owner_id",
    "job_workflow_ref",
    "actor",
    "actor_id",
    "enterprise_id",
  ],
  tenantWord: "organization",
  claims: githubClaims,
};

/** gitlab.com, and self-managed GitLab; without the issuer. */
export const GITLAB: Omit<Shape, "id"> = {
  lead: "project_path:",
  afterTenant: "/",
  afterProject: ":",
  sample: { tenant: "acme", project: "shop", tail: "ref_type:branch:ref:main" },
  runs: [
    { kind: "branch", tail: "ref_type:branch:ref:rolecall-probe", claims: {} },
    { kind: "tag", tail: "ref_type:tag:ref:rolecall-probe", claims: {} },
    {
      kind: "pull-request",
      tail: "ref_type:branch:ref:rolecall-probe",
      claims: { pipeline_source: "merge_request_event" },
    },
  ],
  identity: ["namespace_id", "project_id", "user_id", "user_login", "user_email"],
  tenantWord: "group",
  claims: gitlabClaims,
};
