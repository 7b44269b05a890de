import type { Condition } from "../core/policy.ts";
import { type Claims, showClaim, textClaim } from "../core/token.ts";
import type { Ci, PretendedJob, Scope } from "./ci.ts";
import { terraformJob } from "./job/terraform.ts";
import { pretendedId } from "./pretended-id.ts";
import { subjectCondition } from "./subject.ts";
import { projectAs } from "./words.ts";

// Source of this file: hashicorp/web-unified-docs, dynamic-provider-credentials/workload-identity-tokens.

const CLOUD = "https://app.terraform.io";

/** HCP Terraform, and Terraform Enterprise, whose host is then the issuer. */
export const terraform: Ci = {
  ...terraformJob,
  file: "the workspace's variables",
  part: "the environment variables",
  issuer: CLOUD,
  pretendedIssuer: CLOUD,
  defaultAudience: () => "aws.workload.identity",
  snippet: ({ audience }) => `TFC_WORKLOAD_IDENTITY_AUDIENCE=${audience ?? "aws.workload.identity"}`,
  scopeParts: ["environment"],
  projectAlone: true,
  words: {
    project: projectAs("organization and workspace, or organization, project and workspace", "acme/shop"),
    workspace: projectAs("organization and workspace, or organization, project and workspace", "acme/shop"),
    run_phase: { means: "environment", about: "runs in this phase alone: plan or apply", example: "apply" },
  },
  unsayable: {
    branch: {
      why: "HCP Terraform's subject has no branch; a workspace follows one",
      nearest: "run_phase: apply, which speculative plans of other branches never are",
    },
    tag: { why: "HCP Terraform's subject has no tag", nearest: "run_phase: apply" },
    environment: {
      why: "HCP Terraform has workspaces",
      nearest: "the workspace that is of the environment: workspace: acme/shop-production",
    },
    pull_requests: {
      why: "HCP Terraform's subject does not tell speculative plans from others",
      nearest: "run_phase: plan",
    },
    protected: { why: "HCP Terraform's subject has no branch", nearest: "run_phase: apply" },
  },
  conditions,
  scopeOf,
  pretend,
  jobEnvironment,
};

const DEFAULT_PROJECT = "Default Project";

/** Workspaces have a name of their own within the organization, so the project may be left out. */
function namesOf(path: string): {
  readonly organization: string;
  readonly project: string | null;
  readonly workspace: string;
} {
  const [organization = "", second = "", third] = path.split("/");
  return { organization, project: third === undefined ? null : second, workspace: third ?? second };
}

/** No name holds a colon, so that a star for the project stands for it alone. */
function conditions(issuer: string, scope: Scope): readonly Condition[] {
  const { organization, project, workspace } = namesOf(scope.project);
  const path = `organization:${organization}:project:${project ?? "*"}:workspace:${workspace}`;
  return [subjectCondition(issuer, `${path}:run_phase:${scope.environment ?? "*"}`)];
}

function scopeOf(claims: Claims): Scope | null {
  const [, organization, workspace, environment] = SUBJECT.exec(textClaim(claims, "sub") ?? "") ?? [];
  return organization && workspace && environment ? { project: `${organization}/${workspace}`, environment } : null;
}

const SUBJECT = /^organization:([^:]+):project:[^:]+:workspace:([^:]+):run_phase:(.+)$/s;

// That of the published example; it follows the timeout of the phase.
const LIFE = 300;

function pretend(job: PretendedJob): Claims {
  const { organization, project, workspace } = namesOf(job.project);
  const path = `organization:${organization}:project:${project ?? DEFAULT_PROJECT}:workspace:${workspace}`;
  const phase = job.environment ?? "apply";
  return {
    jti: `pretended-${job.issuedAt}`,
    iss: job.issuer ?? CLOUD,
    aud: job.audience ?? "aws.workload.identity",
    iat: job.issuedAt,
    nbf: job.issuedAt - 5,
    exp: job.issuedAt + (job.expiresIn ?? LIFE),
    sub: `${path}:run_phase:${phase}`,
    terraform_organization_id: `org-${pretendedId(organization)}`,
    terraform_organization_name: organization,
    terraform_project_id: `prj-${pretendedId(`${organization} project`)}`,
    terraform_project_name: project ?? DEFAULT_PROJECT,
    terraform_workspace_id: `ws-${pretendedId(workspace)}`,
    terraform_workspace_name: workspace,
    terraform_full_workspace: path,
    terraform_run_id: "run-X3n1AUXNGWbfECsJ",
    terraform_run_phase: phase,
  };
}

function jobEnvironment(claims: Claims, token: string): Readonly<Record<string, string>> {
  const text = (name: string): string => showClaim(claims, name);
  return {
    TFC_RUN_ID: text("terraform_run_id"),
    TFC_WORKSPACE_NAME: text("terraform_workspace_name"),
    TFC_WORKSPACE_SLUG: `${text("terraform_organization_name")}/${text("terraform_workspace_name")}`,
    TFC_PROJECT_NAME: text("terraform_project_name"),
    TFC_WORKLOAD_IDENTITY_AUDIENCE: text("aud"),
    TFC_WORKLOAD_IDENTITY_TOKEN: token,
  };
}
