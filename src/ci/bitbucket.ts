import type { Condition } from "../core/policy.ts";
import { type Claims, showClaim, textClaim } from "../core/token.ts";
import type { Ci, PretendedJob, Scope, Word } from "./ci.ts";
import { bitbucketJob } from "./job/bitbucket.ts";
import { pretendedUuid, PRETENDED_COMMIT } from "./pretended-id.ts";
import { subjectCondition } from "./subject.ts";
import { projectAs } from "./words.ts";

// Sources of this file: Atlassian support, deploy-on-aws-using-bitbucket-pipelines-openid-connect and
// integrate-pipelines-with-resource-servers-using-oidc. The subject's form is second-hand: gravitational/teleport.

const DEPLOYMENT: Word = {
  means: "environment",
  about: "steps with this deployment environment, by its UUID",
  example: "{bbbbbbbb-2222-4333-8444-555555555555}",
};

/** Bitbucket Pipelines; each workspace has an issuer of its own. */
export const bitbucket: Ci = {
  ...bitbucketJob,
  file: "bitbucket-pipelines.yml",
  part: "the step",
  issuer: null,
  pretendedIssuer: "https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc",
  defaultAudience: ({ issuer }) => `ari:cloud:bitbucket::workspace/${workspaceOf(issuer ?? bitbucket.pretendedIssuer)}`,
  snippet,
  scopeParts: ["environment"],
  projectAlone: true,
  words: {
    project: projectAs("the repository's UUID", "{aaaaaaaa-2222-4333-8444-555555555555}"),
    repository: projectAs("the repository's UUID", "{aaaaaaaa-2222-4333-8444-555555555555}"),
    environment: DEPLOYMENT,
    deployment: DEPLOYMENT,
  },
  unsayable: {
    branch: {
      why: "Bitbucket's subject has no branch, and AWS sees no claim of it",
      nearest: "a deployment environment that Bitbucket limits to the branch: deployment: its UUID",
    },
    tag: {
      why: "Bitbucket's subject has no tag, and AWS sees no claim of it",
      nearest: "a deployment environment for the steps of tags: deployment: its UUID",
    },
    pull_requests: {
      why: "Bitbucket's subject does not tell pull requests",
      nearest: "a deployment environment for those who may, so that pull requests are left out: deployment: its UUID",
    },
    protected: { why: "Bitbucket's subject has no branch", nearest: "deployment: its UUID" },
  },
  conditions,
  scopeOf,
  pretend,
  jobEnvironment,
  workspace: "BITBUCKET_CLONE_DIR",
};

function snippet({ audience }: { readonly audience?: string }): string {
  return audience
    ? `oidc: { audiences: [${JSON.stringify(audience)}] }\n# one audience: AWS refuses a token with several`
    : "oidc: true";
}

/** Made up: the workspace's name is in the issuer, its id nowhere. */
function workspaceOf(issuer: string): string {
  return pretendedUuid(/\/workspaces\/([^/]+)\//.exec(issuer)?.[1] ?? issuer);
}

const UUID = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/;

/** Bitbucket writes ids in braces; of a name the id is made up. */
function braced(name: string): string {
  return `{${UUID.exec(name)?.[1] ?? pretendedUuid(name)}}`;
}

/** The step's id is another on every run, so that the subject can only be a pattern; no branch is in it. */
function conditions(issuer: string, { project, environment }: Scope): readonly Condition[] {
  const narrowed = environment === undefined ? "" : `${braced(environment)}:`;
  return [subjectCondition(issuer, `${braced(project)}:${narrowed}*`)];
}

function scopeOf(claims: Claims): Scope | null {
  const [, project, environment] = SUBJECT.exec(textClaim(claims, "sub") ?? "") ?? [];
  if (!project) return null;
  return environment ? { project, environment } : { project };
}

const SUBJECT = /^(\{[0-9a-f-]{36}\}):(?:(\{[0-9a-f-]{36}\}):)?\{[0-9a-f-]{36}\}$/;

const LIFE = 3600;

function pretend(job: PretendedJob): Claims {
  const issuer = job.issuer ?? bitbucket.pretendedIssuer;
  const repository = braced(job.project);
  const environment = job.environment === undefined ? null : braced(job.environment);
  const step = braced(`step ${job.issuedAt}`);
  const workspace = workspaceOf(issuer);
  return {
    iss: issuer,
    aud: job.audience ?? `ari:cloud:bitbucket::workspace/${workspace}`,
    sub: [repository, ...(environment === null ? [] : [environment]), step].join(":"),
    iat: job.issuedAt,
    exp: job.issuedAt + (job.expiresIn ?? LIFE),
    workspaceUuid: `{${workspace}}`,
    repositoryUuid: repository,
    pipelineUuid: braced(`pipeline ${job.issuedAt}`),
    stepUuid: step,
    ...(environment === null ? {} : { deploymentEnvironmentUuid: environment }),
    branchName: job.branch ?? "main",
  };
}

function jobEnvironment(claims: Claims, token: string): Readonly<Record<string, string>> {
  const text = (name: string): string => showClaim(claims, name);
  return {
    CI: "true",
    BITBUCKET_BUILD_NUMBER: "7",
    BITBUCKET_PIPELINE_UUID: text("pipelineUuid"),
    BITBUCKET_STEP_UUID: text("stepUuid"),
    BITBUCKET_REPO_UUID: text("repositoryUuid"),
    BITBUCKET_REPO_SLUG: "rolecall",
    BITBUCKET_WORKSPACE: /\/workspaces\/([^/]+)\//.exec(text("iss"))?.[1] ?? "",
    BITBUCKET_BRANCH: text("branchName"),
    BITBUCKET_COMMIT: PRETENDED_COMMIT,
    ...(claims["deploymentEnvironmentUuid"] === undefined
      ? {}
      : { BITBUCKET_DEPLOYMENT_ENVIRONMENT_UUID: text("deploymentEnvironmentUuid") }),
    BITBUCKET_STEP_OIDC_TOKEN: token,
  };
}
