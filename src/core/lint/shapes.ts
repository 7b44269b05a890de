import { matchGlob, parseGlob } from "../glob.ts";
import { SHARED_ISSUERS } from "../shared-issuers.ts";
import type { Claims } from "../token.ts";
import { fill, isPattern } from "./wildcards.ts";

/** A subject in its parts, or the parts of a pattern for subjects. */
export interface Parts {
  readonly tenant: string;
  readonly project: string;
  /** Which of the project's runs; empty where the issuer does not tell. */
  readonly tail: string;
}

/** Ids beside the names. */
export interface Ids {
  readonly tenant: string;
  readonly project: string;
}

export type RunKind = "branch" | "tag" | "pull-request";

/** A run of the right project that is not the one that was meant. */
export interface Run {
  readonly kind: RunKind;
  readonly tail: string;
  readonly claims: Claims;
}

/** How the subjects of an issuer are built, and which claims say who somebody is. */
export interface Shape {
  readonly id: string;
  /** The provider's URL; subjects alone tell where each customer has another. */
  readonly issuer?: RegExp;
  /** Begins every subject. */
  readonly lead: string;
  /** Ends the tenant; null where the issuer has one tenant. */
  readonly afterTenant: string | null;
  /** Ends the project; null where nothing follows. */
  readonly afterProject: string | null;
  readonly sample: Parts;
  readonly runs: readonly Run[];
  /** Pull requests have a subject of their own. */
  readonly pullSubject?: true;
  /** Repositories can choose what their subjects are made of. */
  readonly template?: true;
  /** Claims beside `sub` that say which customer or project it is. */
  readonly identity: readonly string[];
  /** The claim that the tenant is pinned by, where it is not `sub`. */
  readonly tenancy?: "aud" | "sts:RoleSessionName";
  /** Where the customers end. */
  readonly tenantWord: string;
  readonly claims?: (parts: Parts, ids: Ids) => Claims;
}

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

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
  const isMain = tail.endsWith(":ref:main");
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

const GITHUB: Omit<Shape, "id"> = {
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

const GITLAB: Omit<Shape, "id"> = {
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
    claims: ({ tenant, project }, ids) => ({
      organization_slug: tenant,
      organization_id: ids.tenant,
      pipeline_slug: project,
      pipeline_id: ids.project,
      build_branch: "main",
    }),
  },
  {
    id: "terraform",
    issuer: /^app\.terraform\.io$/,
    lead: "organization:",
    afterTenant: ":",
    afterProject: ":run_phase:",
    sample: { tenant: "acme", project: "project:shop:workspace:prod", tail: "apply" },
    runs: [],
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

/** Issuers that a customer runs, told by what their subjects begin with; the last takes any. */
const PRIVATE_SHAPES: readonly Shape[] = [
  { id: "github-server", ...GITHUB },
  { id: "gitlab-server", ...GITLAB },
  {
    id: "semaphore",
    lead: "org:",
    afterTenant: ":project:",
    afterProject: ":",
    sample: {
      tenant: "acme",
      project: "22222222-2222-4222-8222-222222222222",
      tail: "repo:shop:ref_type:branch:ref:refs/heads/main",
    },
    runs: [],
    identity: [],
    tenantWord: "organization",
  },
  {
    id: "kubernetes",
    lead: "system:serviceaccount:",
    afterTenant: ":",
    afterProject: null,
    sample: { tenant: "default", project: "shop", tail: "" },
    runs: [],
    identity: [],
    tenantWord: "namespace",
  },
  {
    id: "any",
    lead: "",
    afterTenant: null,
    afterProject: null,
    sample: { tenant: "", project: "rolecall-subject", tail: "" },
    runs: [],
    identity: [],
    tenantWord: "issuer",
  },
];

/** The shape of a provider's subjects, by its URL or else by the subjects that a policy tests. */
export function shapeOf(url: string, subjects: readonly string[]): Shape {
  const known = SHAPES.find(({ issuer }) => issuer?.test(url));
  if (known) return known;
  const fitting = PRIVATE_SHAPES.find(({ lead }) => subjects.some((subject) => subject.startsWith(lead)));
  return fitting ?? ANY;
}

const ANY = PRIVATE_SHAPES.at(-1) as Shape;

/** True when customers who do not know each other have this issuer. */
export function isShared(url: string): boolean {
  return (
    url === "accounts.google.com" ||
    SHARED_ISSUERS.some(({ issuer, byPrefix }) => (byPrefix ? url.startsWith(issuer) : url === issuer)) ||
    /^agent\.[^./]+\.buildkite\.(dev|site)$/.test(url)
  );
}

/** Takes a subject, or a pattern, apart; null when it does not begin as this issuer's do. Parts that are not there are empty. */
export function readParts(shape: Shape, text: string): Parts | null {
  const lead = text.slice(0, shape.lead.length);
  // `?epo:` is `repo:` to every token of this issuer.
  if (lead.includes("*") || !matchGlob(parseGlob(lead), shape.lead)) return null;
  const rest = text.slice(shape.lead.length);
  const { afterTenant, afterProject } = shape;
  const end = afterProject === null ? -1 : rest.indexOf(afterProject);
  if (afterTenant === null) return { tenant: "", project: rest, tail: "" };
  const at = rest.indexOf(afterTenant);
  // `repo:*:ref:…`: the tail begins before there is a project.
  if (at < 0 || (end >= 0 && end < at && !afterTenant.startsWith(":"))) {
    const cut = afterTenant.startsWith(":") ? -1 : end;
    return cut < 0
      ? { tenant: rest, project: "", tail: "" }
      : { tenant: rest.slice(0, cut), project: "", tail: rest.slice(cut + (afterProject ?? "").length) };
  }
  const tenant = rest.slice(0, at);
  const behind = rest.slice(at + afterTenant.length);
  const next = afterProject === null ? -1 : behind.indexOf(afterProject);
  return next < 0
    ? { tenant, project: behind, tail: "" }
    : { tenant, project: behind.slice(0, next), tail: behind.slice(next + (afterProject ?? "").length) };
}

/** The subject that is made of these parts. */
export function writeSubject(shape: Shape, { tenant, project, tail }: Parts): string {
  const { lead, afterTenant, afterProject } = shape;
  const first = afterTenant === null ? lead : `${lead}${tenant}${afterTenant}`;
  return afterProject === null || tail === "" ? `${first}${project}` : `${first}${project}${afterProject}${tail}`;
}

/** Concrete parts for those of a pattern: what its author had in mind. */
export function meantParts(shape: Shape, pattern: Parts): Parts {
  return {
    tenant: meant(pattern.tenant, shape.sample.tenant),
    project: meant(pattern.project, shape.sample.project),
    tail: meantTail(pattern.tail, shape),
  };
}

function meant(pattern: string, sample: string): string {
  if (pattern === "") return sample;
  // Of `acme@*` the number is open, and of `*@5` the name.
  const pieces = pattern.split("@").map((piece, index) => fill(piece, index === 0 ? sample : "1"));
  return pieces.join("@");
}

function meantTail(pattern: string, { sample, runs }: Shape): string {
  if (!isPattern(pattern)) return pattern === "" ? sample.tail : pattern;
  const glob = parseGlob(pattern);
  const known = [sample.tail, ...runs.map(({ tail }) => tail)].find((one) => matchGlob(glob, one));
  return known ?? pattern.replaceAll("*", "x").replaceAll("?", "x");
}
