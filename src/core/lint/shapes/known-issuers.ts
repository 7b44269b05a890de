import { GITHUB, GITLAB } from "./github-and-gitlab.ts";
import type { Shape } from "./shape.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/** A shared issuer of whose subjects only the tenant's place is known. */
function byTenant(id: string, issuer: RegExp, lead: string, separator: string, project: string): Shape {
  return {
    id,
    issuer,
    lead,
    afterTenant: separator,
    afterProject: null,
    sample: { tenant: "acme", project, tail: "" },
    runs: [],
    identity: [],
    tenantWord: "account",
  };
}

function byOtherKey(id: string, issuer: RegExp, tenancy: "aud" | "sts:RoleSessionName"): Shape {
  return {
    id,
    issuer,
    lead: "",
    afterTenant: null,
    afterProject: null,
    sample: { tenant: "", project: "rolecall-user", tail: "" },
    runs: [],
    identity: [],
    tenancy,
    tenantWord: "application",
  };
}

/**
 * Where the tenant ends in each issuer's subjects. Source: AWS's sample resource control policy
 * Shared-Issuers.json (aws-samples/resource-control-policy-examples), and each vendor's own pages, as in `src/ci/`.
 */
export const SHAPES: readonly Shape[] = [
  { id: "github", issuer: /^token\.actions\.githubusercontent\.com(\/|$)/, ...GITHUB },
  { id: "github-legacy", issuer: /^vstoken\.actions\.githubusercontent\.com$/, ...GITHUB },
  { id: "gitlab", issuer: /^gitlab\.com$/, ...GITLAB },
  {
    id: "buildkite",
    issuer: /^agent\.(buildkite\.com|[^./]+\.buildkite\.(dev|site))$/,
    lead: "organization:",
    afterTenant: ":pipeline:",
    afterProject: ":",
    sample: { tenant: "acme", project: "shop", tail: `ref:refs/heads/main:commit:${COMMIT}:step:build` },
    runs: [
      {
        kind: "branch",
        tail: `ref:refs/heads/rolecall-probe:commit:${COMMIT}:step:build`,
        claims: { build_branch: "rolecall-probe" },
      },
      { kind: "tag", tail: `ref:refs/tags/rolecall-probe:commit:${COMMIT}:step:build`, claims: {} },
    ],
    identity: ["organization_id", "organization_slug", "pipeline_id", "pipeline_slug", "cluster_id"],
    tenantWord: "organization",
    claims: ({ tenant, project, tail }, ids) => ({
      organization_slug: tenant,
      organization_id: ids.tenant,
      pipeline_slug: project,
      pipeline_id: ids.project,
      build_branch: /^ref:refs\/heads\/([^:]+)/.exec(tail)?.[1] ?? "main",
    }),
  },
  {
    id: "terraform",
    issuer: /^app\.terraform\.io$/,
    lead: "organization:",
    afterTenant: ":",
    afterProject: ":run_phase:",
    sample: { tenant: "acme", project: "project:shop:workspace:prod", tail: "apply" },
    runs: [{ kind: "plan", tail: "plan", claims: {} }],
    identity: [],
    tenantWord: "organization",
  },
  {
    id: "circleci",
    issuer: /^oidc\.circleci\.com\/org\/[^/]+$/,
    lead: "org/",
    afterTenant: "/project/",
    afterProject: "/",
    sample: {
      tenant: "11111111-1111-4111-8111-111111111111",
      project: "22222222-2222-4222-8222-222222222222",
      tail: "user/33333333-3333-4333-8333-333333333333",
    },
    runs: [],
    identity: ["oidc.circleci.com/project-id"],
    tenantWord: "organization",
    claims: ({ project }) => ({ "oidc.circleci.com/project-id": project }),
  },
  byTenant("codefresh", /^oidc\.codefresh\.io$/, "account:", ":", "pipeline:shop:initiator:user"),
  byTenant("datachain", /^studio\.datachain\.ai\/api$/, "credentials:", "/", "shop"),
  byTenant("scalr", /^scalr\.io$/, "account:", ":", "environment:prod:workspace:shop"),
  byTenant("shisho", /^tokens\.cloud\.shisho\.dev$/, "job:", ":", "shop"),
  byTenant("upbound", /^proidc\.upbound\.io$/, "mcp:", ":", "shop:provider:provider-aws"),
  byTenant(
    "turbonomic",
    /^(rh-oidc\.s3\.us-east-1\.amazonaws\.com|oidc\.op1\.openshiftapps\.com)\//,
    "system:serviceaccount:",
    ":",
    "shop",
  ),
  byTenant(
    "github-audit-log",
    /^oidc-configuration\.audit-log\.githubusercontent\.com$/,
    "https://github.com/",
    "/",
    "",
  ),
  byOtherKey("cognito", /^cognito-identity\.amazonaws\.com$/, "aud"),
  byOtherKey("pulumi", /^api\.pulumi\.com\/oidc$/, "aud"),
  byOtherKey("sandboxes", /^sandboxes\.cloud$/, "aud"),
  byOtherKey("vercel", /^oidc\.vercel\.com$/, "aud"),
  byOtherKey("google", /^accounts\.google\.com$/, "aud"),
  byOtherKey("sentinel", /^sts\.windows\.net\/33e01921-4d64-4f8c-a055-5bdaffd5e33d$/, "sts:RoleSessionName"),
];
