import type { Condition } from "../core/policy.ts";
import { type Claims, showClaim, textClaim } from "../core/token.ts";
import type { Ci, PretendedJob, Scope, TokenRequest } from "./ci.ts";
import { azureJob } from "./job/azure.ts";
import { pretendedId, pretendedUuid, PRETENDED_COMMIT } from "./pretended-id.ts";
import { refOf, subjectCondition } from "./subject.ts";
import { projectAs } from "./words.ts";

// Sources of this file: learn.microsoft.com, REST "Oidctoken - Create" and predefined variables; AWS blog, how to
// federate into AWS from Azure DevOps. The claims are second-hand: stackitcloud/terraform-provider-stackit#1321.

// Microsoft retires this issuer on 2027-07-01: aws/aws-toolkit-azure-devops#614. What follows it here is unverified.
const ISSUERS = "https://vstoken.dev.azure.com/";

// Fixed by Azure DevOps.
const AUDIENCE = "api://AzureADTokenExchange";

/** Azure Pipelines; each organization of Azure DevOps has an issuer of its own. */
export const azure: Ci = {
  ...azureJob,
  file: "azure-pipelines.yml",
  part: "the step",
  issuer: null,
  pretendedIssuer: `${ISSUERS}aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb`,
  defaultAudience: () => AUDIENCE,
  fixedAudience: true,
  snippet: () => "env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }",
  scopeParts: ["environment"],
  projectAlone: true,
  words: {
    project: projectAs("organization and project, and for one pipeline its name behind them", "acme/shop/deploy"),
    pipeline: projectAs("organization, project and pipeline", "acme/shop/deploy"),
    service_connection: {
      means: "environment",
      about: "jobs that ask with the id of this service connection (ROLECALL_SERVICE_CONNECTION_ID), by its name",
      example: "aws-production",
    },
  },
  unsayable: {
    branch: {
      why: "Azure DevOps' subject has no branch, and AWS sees no claim of it",
      nearest: "a service connection whose branch control lets only that branch use it: service_connection: its name",
    },
    tag: {
      why: "Azure DevOps' subject has no tag, and AWS sees no claim of it",
      nearest: "a service connection for the pipelines that deploy: service_connection: its name",
    },
    environment: {
      why: "Azure DevOps' subject has no environment",
      nearest: "a service connection with the same approvals: service_connection: its name",
    },
    pull_requests: {
      why: "Azure DevOps' subject does not tell pull requests",
      nearest: "a pipeline of its own for them: pipeline: acme/shop/check",
    },
    protected: { why: "Azure DevOps' subject has no branch", nearest: "service_connection: its name" },
  },
  conditions,
  scopeOf,
  pretend,
  jobEnvironment,
  workspace: "BUILD_SOURCESDIRECTORY",
  endpoint: { method: "POST", field: "oidcToken", scheme: true },
};

function namesOf(project: string): { readonly organization: string; readonly team: string; readonly pipeline: string } {
  const [organization = "", team = "", ...pipeline] = project.split("/");
  return { organization, team, pipeline: pipeline.join("/") };
}

/** `p://` is a pipeline, `sc://` a service connection; names of organizations and projects hold no slash. */
function subject({ project, environment }: Pick<Scope, "project" | "environment">, anyPipeline: string): string {
  const { organization, team, pipeline } = namesOf(project);
  if (environment !== undefined) return `sc://${organization}/${team}/${environment}`;
  return `p://${organization}/${team}/${pipeline || anyPipeline}`;
}

function conditions(issuer: string, scope: Scope): readonly Condition[] {
  return [subjectCondition(issuer, subject(scope, "*"))];
}

function scopeOf(claims: Claims): Scope | null {
  const [, kind, project, name] = SUBJECT.exec(textClaim(claims, "sub") ?? "") ?? [];
  if (!project || !name) return null;
  return kind === "sc" ? { project, environment: name } : { project: `${project}/${name}` };
}

const SUBJECT = /^(p|sc):\/\/([^/]+\/[^/]+)\/(.+)$/s;

// As in the published answers; the life itself is documented nowhere.
const LIFE = 600;

function pretend(job: PretendedJob): Claims {
  const issuer = job.issuer ?? azure.pretendedIssuer;
  const { organization, team } = namesOf(job.project);
  const connection = job.environment ?? job.flags?.["serviceConnectionId"];
  const named = connection === undefined ? {} : { environment: connection };
  const common: Claims = {
    jti: `pretended-${job.issuedAt}`,
    sub: subject({ project: job.project, ...named }, "rolecall"),
    aud: job.audience ?? AUDIENCE,
    iss: issuer,
    nbf: job.issuedAt,
    iat: job.issuedAt,
    exp: job.issuedAt + (job.expiresIn ?? LIFE),
  };
  // A service connection's token has no more than these.
  if (connection !== undefined) return common;
  return {
    ...common,
    org_id: issuer.slice(issuer.lastIndexOf("/") + 1),
    prj_id: pretendedUuid(`${organization}/${team}`),
    def_id: pretendedId(job.project),
    rpo_id: `${organization}/${team}`,
    rpo_uri: `https://github.com/${organization}/${team}`,
    rpo_ver: PRETENDED_COMMIT,
    rpo_ref: refOf(job),
    run_id: "345",
  };
}

function jobEnvironment(claims: Claims, _: string, request?: TokenRequest): Readonly<Record<string, string>> {
  const text = (name: string): string => showClaim(claims, name);
  const [organization = "", team = "", pipeline = ""] = text("sub")
    .replace(/^\w+:\/\//, "")
    .split("/");
  return {
    CI: "true",
    TF_BUILD: "True",
    SYSTEM_COLLECTIONURI: `https://dev.azure.com/${organization}/`,
    SYSTEM_TEAMPROJECT: team,
    SYSTEM_TEAMPROJECTID: text("prj_id"),
    SYSTEM_DEFINITIONID: text("def_id"),
    SYSTEM_JOBID: "12f1170f-54f2-53f3-20dd-22fc7dff55f9",
    BUILD_BUILDID: text("run_id"),
    BUILD_DEFINITIONNAME: pipeline,
    BUILD_SOURCEBRANCH: text("rpo_ref"),
    BUILD_SOURCEVERSION: PRETENDED_COMMIT,
    ...(request ? { SYSTEM_OIDCREQUESTURI: request.url, SYSTEM_ACCESSTOKEN: request.bearer } : {}),
  };
}
