import type { Condition } from "../core/policy.ts";
import { type Claims, showClaim, textClaim } from "../core/token.ts";
import type { Ci, PretendedJob, Scope } from "./ci.ts";
import { bitbucketJob } from "./job/bitbucket.ts";
import { pretendedUuid, PRETENDED_COMMIT } from "./pretended-id.ts";
import { subjectCondition } from "./subject.ts";

// Sources of this file: Atlassian support, deploy-on-aws-using-bitbucket-pipelines-openid-connect and
// integrate-pipelines-with-resource-servers-using-oidc. The subject's form is second-hand: gravitational/teleport.

/** Bitbucket Pipelines; each workspace has an issuer of its own. */
export const bitbucket: Ci = {
  ...bitbucketJob,
  file: "bitbucket-pipelines.yml",
  issuer: null,
  pretendedIssuer: "https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc",
  defaultAudience: ({ issuer }) => `ari:cloud:bitbucket::workspace/${workspaceOf(issuer ?? bitbucket.pretendedIssuer)}`,
  snippet,
  scopeParts: ["environment"],
  projectAlone: true,
  conditions,
  scopeOf,
  pretend,
  jobEnvironment,
  workspace: "BITBUCKET_CLONE_DIR",
};

function snippet({ audience }: { readonly audience?: string }): string {
  return audience
    ? [
        "oidc:                     # on this step",
        `  audiences: [${JSON.stringify(audience)}]   # one: AWS refuses a token with several`,
      ].join("\n")
    : "oidc: true                # on this step";
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
