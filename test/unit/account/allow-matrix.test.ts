import { describe, expect, it } from "vitest";

import { parseConfig } from "../../../src/account/config.ts";
import { type Desired, desiredState } from "../../../src/account/desired.ts";
import { policySize } from "../../../src/account/trust.ts";
import type { Ci, PretendedJob } from "../../../src/ci/ci.ts";
import { CIS, findCi } from "../../../src/ci/index.ts";
import { issuerName } from "../../../src/core/arn.ts";
import { decide, type Decision } from "../../../src/core/decide.ts";
import { lint } from "../../../src/core/lint.ts";
import { type Policy, readTrustPolicy } from "../../../src/core/policy.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { Claims, Json } from "../../../src/core/token.ts";
import { ACCOUNT } from "./example.ts";

// Every kind of entry against the jobs that it means and those that look like them, by the trust policy
// that the file's text becomes and the decision that the local STS makes.

const NOW = 1_800_000_000;
const PROJECT_ID = "cccccccc-1111-4222-8333-dddddddddddd";
const OTHER_ID = "dddddddd-1111-4222-8333-dddddddddddd";
const REPOSITORY = "{aaaaaaaa-2222-4333-8444-555555555555}";
const OTHER_REPOSITORY = "{aaaaaaaa-2222-4333-8444-666666666666}";
const PRODUCTION = "{bbbbbbbb-2222-4333-8444-555555555555}";
const STAGING = "{bbbbbbbb-2222-4333-8444-666666666666}";

/** A job, and claims of its token that differ from those that the CI would give it. */
type Job = Partial<PretendedJob> & { readonly claims?: Claims };

interface Row {
  readonly ci: string;
  readonly issuer?: string;
  /** As in the file. */
  readonly allow: string;
  readonly allowed: Readonly<Record<string, Job>>;
  readonly refused: Readonly<Record<string, Job>>;
}

interface Made {
  readonly ci: Ci;
  /** The issuer that the file is for. */
  readonly own: string;
  readonly desired: Desired;
}

const MADE = new Map<Row, Made>();

/** What the file's text becomes, once for all jobs of a row. */
function made(row: Row): Made {
  const known = MADE.get(row) ?? makeDesired(row);
  MADE.set(row, known);
  return known;
}

function makeDesired({ ci: id, issuer, allow }: Row): Made {
  const ci = findCi(id);
  if (!ci) throw new Error(`there is no ${id}`);
  const own = issuer ?? ci.pretendedIssuer;
  const lines = ["version: 1", "roles:", "  shop:", `    ci: ${id}`, `    issuer: ${own}`, `    allow: [{ ${allow} }]`];
  const config = parseConfig(lines.join("\n"), "rolecall.yaml");
  return { ci, own, desired: desiredState(config, { account: ACCOUNT, partition: "aws" }) };
}

function readTrust(document: Json): Policy {
  const reading = readTrustPolicy(document);
  if (reading.kind === "malformed") throw new Error("IAM would not save the trust policy");
  return reading.policy;
}

/** The claims of a job's token. */
function tokenOf(row: Row, { claims, ...job }: Job): Claims {
  const { ci, own, desired } = made(row);
  const audience = desired.roles[0]?.source.audience ?? "";
  return { ...ci.pretend({ project: "acme/shop", audience, issuer: own, issuedAt: NOW, ...job }), ...claims };
}

function outcome(row: Row, job: Job): Decision["outcome"] {
  const { providers, roles } = made(row).desired;
  const [role] = roles;
  const [provider] = providers;
  if (!role || !provider) throw new Error("there is no role");
  const claims = tokenOf(row, job);
  return decide({
    token: { raw: new Secret(""), header: { alg: "RS256" }, claims },
    signature: "valid",
    // A token of another issuer meets no provider.
    provider: claims["iss"] === provider.url ? { ...provider, url: issuerName(provider.url), thumbprints: [] } : null,
    role: { arn: role.arn, trust: readTrust(role.trust), maxSessionDuration: role.maxSessionDuration },
    request: { roleArn: role.arn, sessionName: "test" },
    now: NOW * 1000,
  }).outcome;
}

const GITHUB_IDS = { repository_id: "74", repository_owner_id: "65" };
const WORKFLOW = "acme/ops/.github/workflows/deploy.yml@refs/heads/main";

const ROWS: readonly Row[] = [
  {
    ci: "gitlab",
    allow: "project: acme/shop, branch: main",
    allowed: { main: { branch: "main" }, "main by schedule": { branch: "main", event: "schedule" } },
    refused: {
      "a branch that begins so": { branch: "main-2" },
      "another case": { branch: "Main" },
      "a tag of that name": { tag: "main" },
      "a branch below it": { branch: "main/x" },
      "a project that begins so": { project: "acme/shop-2", branch: "main" },
      "a project in other letters": { project: "Acme/shop", branch: "main" },
      "a project of a sub-group": { project: "acme/shop/shop", branch: "main" },
      "a group that ends so": { project: "evil/acme/shop", branch: "main" },
      "a fork": { project: "mallory/shop", branch: "main" },
      "another audience": { branch: "main", audience: "https://gitlab.com" },
      "a self-managed GitLab": { branch: "main", issuer: "https://gitlab.example.com" },
    },
  },
  {
    ci: "gitlab",
    allow: 'project: acme/shop, tag: "v*"',
    allowed: { "v1.0": { tag: "v1.0" }, "v with a slash": { tag: "v/1" } },
    refused: {
      "a branch named like a tag": { branch: "v1.0" },
      "a tag that does not begin so": { tag: "rv1" },
      "a tag in other letters": { tag: "V1" },
      "the tag of a fork": { project: "mallory/shop", tag: "v1.0" },
    },
  },
  {
    ci: "gitlab",
    allow: 'project: acme/team/shop, branch: "release/*"',
    allowed: { "release/1": { project: "acme/team/shop", branch: "release/1" } },
    refused: {
      release: { project: "acme/team/shop", branch: "release" },
      "release-1": { project: "acme/team/shop", branch: "release-1" },
      "the group's own project": { project: "acme/shop", branch: "release/1" },
    },
  },
  {
    ci: "gitlab",
    allow: "project: acme/shop, branch: main, protected: true",
    allowed: { "protected main": { branch: "main", claims: { ref_protected: "true" } } },
    refused: {
      "main when it is not protected": { branch: "main", claims: { ref_protected: "false" } },
      "another protected branch": { branch: "dev", claims: { ref_protected: "true" } },
    },
  },
  {
    ci: "gitlab",
    allow: "project: acme/shop, pull_requests: true",
    allowed: { "a merge request": { branch: "feature", event: "merge_request_event" } },
    refused: {
      "a push to the branch": { branch: "feature", event: "push" },
      "a merge request of a fork": { project: "mallory/shop", branch: "feature", event: "merge_request_event" },
    },
  },
  {
    ci: "gitlab",
    allow: "project: acme/shop, branch: main, project_id: 20, namespace_id: 72",
    allowed: { "the project": { branch: "main", claims: { project_id: "20", namespace_id: "72" } } },
    refused: {
      "a project that took the name": { branch: "main", claims: { project_id: "21", namespace_id: "72" } },
      "a group that took the name": { branch: "main", claims: { project_id: "20", namespace_id: "73" } },
      "another project's name": { project: "acme/x", branch: "main", claims: { project_id: "20", namespace_id: "72" } },
    },
  },
  {
    ci: "gitlab",
    issuer: "https://git.example.com/lab",
    allow: "project: acme/shop, branch: main",
    allowed: { main: { branch: "main" } },
    refused: { "gitlab.com": { branch: "main", issuer: "https://gitlab.com" }, dev: { branch: "dev" } },
  },
  {
    ci: "github",
    allow: "project: acme/shop, branch: main",
    allowed: { main: { branch: "main" }, "by schedule": { branch: "main", event: "schedule" } },
    refused: {
      "a branch that begins so": { branch: "main2" },
      "a tag of that name": { tag: "main" },
      "a pull request": { branch: "main", event: "pull_request" },
      "an environment on main": { branch: "main", environment: "production" },
      "an owner in other letters": { project: "Acme/shop", branch: "main" },
      "a fork": { project: "mallory/shop", branch: "main" },
      "a repository that begins so": { project: "acme/shop2", branch: "main" },
      "the form with ids": { branch: "main", immutable: true },
      "an enterprise's own issuer": { branch: "main", issuer: "https://token.actions.githubusercontent.com/acme" },
    },
  },
  {
    ci: "github",
    allow: 'repository: acme/shop, tag: "v*"',
    allowed: { v1: { tag: "v1" } },
    refused: { "a branch named like a tag": { branch: "v1" }, "another tag": { tag: "x1" } },
  },
  {
    ci: "github",
    allow: "project: acme/shop, environment: production",
    allowed: {
      "of any branch": { branch: "x", environment: "production" },
      "of a pull request": { event: "pull_request", environment: "production" },
    },
    refused: {
      "another environment": { environment: "production-eu" },
      "in other letters": { environment: "Production" },
      "a branch of that name": { branch: "production" },
      "an environment that goes on like a subject": { environment: "production:x" },
      none: { branch: "main" },
    },
  },
  {
    ci: "github",
    allow: "project: acme/shop, environment: production, branch: main",
    allowed: { both: { branch: "main", environment: "production" } },
    refused: {
      "the branch alone": { branch: "main" },
      "the environment on another branch": { branch: "dev", environment: "production" },
      "the environment on a tag of that name": { tag: "main", environment: "production" },
      "the environment of a pull request": { branch: "main", event: "pull_request", environment: "production" },
    },
  },
  {
    ci: "github",
    allow: "project: acme/shop, pull_requests: true",
    allowed: { "a pull request": { event: "pull_request" } },
    refused: {
      push: { branch: "main" },
      "a branch of that name": { branch: "pull_request" },
      "another repository's": { project: "acme/x", event: "pull_request" },
      "one with an environment": { event: "pull_request", environment: "preview" },
    },
  },
  {
    ci: "github",
    allow: `project: acme/shop, branch: main, workflow: ${WORKFLOW}`,
    allowed: { "the reusable workflow": { branch: "main", claims: { job_workflow_ref: WORKFLOW } } },
    refused: {
      "its own workflow": { branch: "main" },
      "it at another ref": { branch: "main", claims: { job_workflow_ref: WORKFLOW.replace("main", "dev") } },
      "it on another branch": { branch: "dev", claims: { job_workflow_ref: WORKFLOW } },
      "it called by another repository": { project: "acme/x", branch: "main", claims: { job_workflow_ref: WORKFLOW } },
    },
  },
  {
    ci: "github",
    allow: "project: acme/shop, branch: main, workflow: deploy.yml",
    allowed: { "its own workflow": { branch: "main" } },
    refused: {
      "another file": {
        branch: "main",
        claims: { job_workflow_ref: "acme/shop/.github/workflows/x.yml@refs/heads/main" },
      },
      "a file of another repository": {
        branch: "main",
        claims: { job_workflow_ref: "mallory/shop/.github/workflows/deploy.yml@refs/heads/main" },
      },
    },
  },
  {
    ci: "github",
    allow: "project: acme/shop, branch: main, repository_id: 74, repository_owner_id: 65",
    allowed: {
      "with the old subject": { branch: "main", claims: GITHUB_IDS },
      "with the subject that has ids": { project: "acme@65/shop@74", branch: "main" },
    },
    refused: {
      "a repository that took the name": { branch: "main", claims: { ...GITHUB_IDS, repository_id: "75" } },
      "an owner that took the name": { branch: "main", claims: { ...GITHUB_IDS, repository_owner_id: "66" } },
      "another repository's ids in the subject": { project: "acme@65/shop@75", branch: "main" },
      "another branch": { branch: "dev", claims: GITHUB_IDS },
    },
  },
  {
    ci: "github",
    allow: "project: acme/shop, branch: main, repository_id: 74, repository_owner_id: 65, immutable: true",
    allowed: { "with the subject that has ids": { project: "acme@65/shop@74", branch: "main" } },
    refused: { "with the old subject": { branch: "main", claims: GITHUB_IDS } },
  },
  {
    ci: "github",
    allow: "project: acme@65/shop@74, branch: main",
    allowed: { "with the subject that has ids": { project: "acme@65/shop@74", branch: "main" } },
    refused: {
      "with the old subject": { branch: "main", claims: GITHUB_IDS },
      "a branch with an @": { project: "acme@65/evil@2", branch: "x@74" },
    },
  },
  {
    ci: "forgejo",
    allow: "project: acme/shop, branch: main",
    allowed: { main: { branch: "main" } },
    refused: {
      "a pull request": { branch: "main", event: "pull_request" },
      "a tag of that name": { tag: "main" },
      "another case": { branch: "MAIN" },
    },
  },
  {
    ci: "forgejo",
    allow: 'repository: acme/shop, tag: "v?"',
    allowed: { v1: { tag: "v1" } },
    refused: { v10: { tag: "v10" }, "a branch named like a tag": { branch: "v1" } },
  },
  {
    ci: "forgejo",
    allow: "project: acme/shop, pull_requests: true",
    allowed: { "a pull request": { event: "pull_request" } },
    refused: { push: { branch: "main" }, "a fork's": { project: "mallory/shop", event: "pull_request" } },
  },
  {
    ci: "circleci",
    allow: `project: ${PROJECT_ID}/github.com/acme/shop, branch: main`,
    allowed: { main: { project: `${PROJECT_ID}/github.com/acme/shop`, branch: "main" } },
    refused: {
      "a branch that begins so": { project: `${PROJECT_ID}/github.com/acme/shop`, branch: "main-2" },
      "a tag of that name": { project: `${PROJECT_ID}/github.com/acme/shop`, tag: "main" },
      "a fork that is built": { project: `${PROJECT_ID}/github.com/mallory/shop`, branch: "main" },
      "another project": { project: `${OTHER_ID}/github.com/acme/shop`, branch: "main" },
      "a branch that goes on like a subject": {
        project: `${PROJECT_ID}/github.com/mallory/shop`,
        branch: "x/vcs-origin/github.com/acme/shop/vcs-ref/refs/heads/main",
      },
      "another organization": {
        project: `${PROJECT_ID}/github.com/acme/shop`,
        branch: "main",
        issuer: `https://oidc.circleci.com/org/${OTHER_ID}`,
      },
    },
  },
  {
    ci: "circleci",
    allow: `project: ${PROJECT_ID}/github.com/acme/shop, tag: "v*"`,
    allowed: { v1: { project: `${PROJECT_ID}/github.com/acme/shop`, tag: "v1" } },
    refused: {
      "a branch named like a tag": { project: `${PROJECT_ID}/github.com/acme/shop`, branch: "v1" },
      "a tag of a fork": { project: `${PROJECT_ID}/github.com/mallory/shop`, tag: "v1" },
    },
  },
  {
    ci: "circleci",
    allow: `project: ${PROJECT_ID}`,
    allowed: {
      "any branch": { project: PROJECT_ID, branch: "x" },
      "a short token": { project: PROJECT_ID, flags: { subject: "v1" } },
    },
    refused: { "another project": { project: OTHER_ID, branch: "x" } },
  },
  {
    ci: "buildkite",
    allow: "pipeline: acme-inc/shop, branch: main",
    allowed: { main: { project: "acme-inc/shop", branch: "main" } },
    refused: {
      "a branch that begins so": { project: "acme-inc/shop", branch: "main-2" },
      "a tag of that name": { project: "acme-inc/shop", tag: "main" },
      "another organization": { project: "acme/shop", branch: "main" },
      "a pipeline that begins so": { project: "acme-inc/shop-2", branch: "main" },
      "a subject of the pipeline's id": {
        project: "acme-inc/shop",
        branch: "main",
        flags: { "subject-claim": "pipeline_id" },
      },
    },
  },
  {
    ci: "buildkite",
    allow: `project: acme-inc/shop, tag: "v*", pipeline_id: ${PROJECT_ID}`,
    allowed: { v1: { project: "acme-inc/shop", tag: "v1", claims: { pipeline_id: PROJECT_ID } } },
    refused: {
      "without the claim": { project: "acme-inc/shop", tag: "v1" },
      "a pipeline that took the name": { project: "acme-inc/shop", tag: "v1", claims: { pipeline_id: OTHER_ID } },
    },
  },
  {
    ci: "bitbucket",
    allow: `repository: "${REPOSITORY}", deployment: "${PRODUCTION}"`,
    allowed: { production: { project: REPOSITORY, environment: PRODUCTION } },
    refused: {
      staging: { project: REPOSITORY, environment: STAGING },
      none: { project: REPOSITORY },
      "another repository": { project: OTHER_REPOSITORY, environment: PRODUCTION },
    },
  },
  {
    ci: "buildkite",
    allow: `pipeline: acme-inc/shop, branch: "*", organization_id: ${PROJECT_ID}`,
    allowed: { main: { project: "acme-inc/shop", branch: "main", claims: { organization_id: PROJECT_ID } } },
    refused: {
      "an organization that took the name": {
        project: "acme-inc/shop",
        branch: "main",
        claims: { organization_id: OTHER_ID },
      },
      "a tag": { project: "acme-inc/shop", tag: "main", claims: { organization_id: PROJECT_ID } },
    },
  },
  {
    ci: "bitbucket",
    allow: `repository: "${REPOSITORY}", environment: "${STAGING}"`,
    allowed: { staging: { project: REPOSITORY, environment: STAGING } },
    refused: { production: { project: REPOSITORY, environment: PRODUCTION } },
  },
  {
    ci: "bitbucket",
    allow: `project: "${REPOSITORY}"`,
    allowed: { "any step": { project: REPOSITORY }, "any deployment": { project: REPOSITORY, environment: STAGING } },
    refused: { "another repository": { project: OTHER_REPOSITORY } },
  },
  {
    ci: "jenkins",
    allow: "job: deploy/shop",
    allowed: { "the job": { project: "deploy/shop" } },
    refused: {
      "a job below it": { project: "deploy/shop/main" },
      "a job that begins so": { project: "deploy/shop-2" },
      "in another folder": { project: "evil/deploy/shop" },
      "in other letters": { project: "Deploy/shop" },
    },
  },
  {
    ci: "jenkins",
    allow: 'project: shop, branch: "release/*"',
    allowed: { "release/1": { project: "shop", branch: "release/1" } },
    refused: {
      release: { project: "shop", branch: "release" },
      "another project's": { project: "tool", branch: "release/1" },
    },
  },
  {
    ci: "azure",
    allow: "pipeline: acme/Shop Site/deploy",
    allowed: { "the pipeline": { project: "acme/Shop Site/deploy" } },
    refused: {
      "another pipeline": { project: "acme/Shop Site/deploy-2" },
      "another project": { project: "acme/Shop/deploy" },
      "a service connection of that name": { project: "acme/Shop Site", environment: "deploy" },
    },
  },
  {
    ci: "azure",
    allow: "project: acme/shop, service_connection: aws-production",
    allowed: { "the connection": { project: "acme/shop", environment: "aws-production" } },
    refused: {
      "another connection": { project: "acme/shop", environment: "aws-production-2" },
      "one of another project": { project: "acme/shop-2", environment: "aws-production" },
      "a pipeline of that name": { project: "acme/shop/aws-production" },
    },
  },
  {
    ci: "semaphore",
    allow: `project: acme/${PROJECT_ID}/web, branch: main`,
    allowed: { main: { project: `acme/${PROJECT_ID}/web`, branch: "main" } },
    refused: {
      "a branch that begins so": { project: `acme/${PROJECT_ID}/web`, branch: "main-2" },
      "a tag of that name": { project: `acme/${PROJECT_ID}/web`, tag: "main" },
      "a pull request": { project: `acme/${PROJECT_ID}/web`, branch: "main", event: "pull_request" },
      "another project of that name": { project: `acme/${OTHER_ID}/web`, branch: "main" },
    },
  },
  {
    ci: "semaphore",
    allow: 'project: acme/web, tag: "v*"',
    allowed: { "v1 of any id": { project: `acme/${OTHER_ID}/web`, tag: "v1" } },
    refused: {
      "a branch named like a tag": { project: "acme/web", branch: "v1" },
      "another repository": { project: "acme/web2", tag: "v1" },
    },
  },
  {
    ci: "semaphore",
    allow: "project: acme/web, pull_requests: true",
    allowed: { "a pull request": { project: "acme/web", event: "pull_request" } },
    refused: {
      push: { project: "acme/web", branch: "main" },
      "another repository's": { project: "acme/x", event: "pull_request" },
    },
  },
  {
    ci: "codefresh",
    allow: "pipeline: acc/pip, branch: main",
    allowed: { "a push": { project: "acc/pip", branch: "main" } },
    refused: {
      "another branch": { project: "acc/pip", branch: "main-2" },
      "a pull request into it": { project: "acc/pip", event: "pull_request" },
      "another pipeline": { project: "acc/pip2", branch: "main" },
      "one that time has started": { project: "acc/pip", event: "cron" },
    },
  },
  {
    ci: "codefresh",
    allow: "project: acc/pip, pull_requests: true",
    allowed: { "a pull request": { project: "acc/pip", event: "pull_request" } },
    refused: {
      "a push": { project: "acc/pip", branch: "main" },
      "another pipeline's": { project: "acc/x", event: "pull_request" },
    },
  },
  {
    ci: "spacelift",
    allow: "stack: production/infra, access: write",
    allowed: { "a tracked run": { project: "production/infra" } },
    refused: {
      "a proposed run": { project: "production/infra", event: "proposed" },
      "another stack": { project: "production/infra2" },
      "a module of that name": { project: "production/module/infra" },
      "another space": { project: "staging/infra" },
    },
  },
  {
    ci: "terraform",
    allow: "workspace: acme/Default Project/shop, run_phase: apply",
    allowed: { apply: { project: "acme/shop", environment: "apply" } },
    refused: {
      plan: { project: "acme/shop", environment: "plan" },
      "another workspace": { project: "acme/shop2", environment: "apply" },
      "another organization": { project: "acme2/shop", environment: "apply" },
      "another project's": { project: "acme/Other/shop", environment: "apply" },
    },
  },
  {
    ci: "vercel",
    allow: "project: acme/web, environment: production",
    allowed: { production: { project: "acme/web", environment: "production" } },
    refused: {
      preview: { project: "acme/web", environment: "preview" },
      "another project": { project: "acme/web2", environment: "production" },
      "another team": { project: "acme2/web", environment: "production" },
    },
  },
  {
    ci: "fly",
    allow: "app: acme/web",
    allowed: { "a machine": { project: "acme/web" } },
    refused: { "another app": { project: "acme/web2" }, "another organization": { project: "acme2/web" } },
  },
  ...["eks", "kubernetes"].map((ci) => ({
    ci,
    allow: "service_account: ci/runner",
    allowed: { "its pods": { project: "ci/runner" } },
    refused: {
      "another service account": { project: "ci/runner2" },
      "another namespace": { project: "ci2/runner" },
      "another cluster": { project: "ci/runner", issuer: "https://other.example.com" },
    },
  })),
  {
    ci: "custom",
    issuer: "https://ci.example.com",
    allow: "subject: spiffe://ci/shop",
    allowed: { "the subject": { project: "spiffe://ci/shop" } },
    refused: {
      "one that goes on": { project: "spiffe://ci/shop/x" },
      "in other letters": { project: "spiffe://ci/Shop" },
    },
  },
];

describe.each(ROWS.map((row) => [row.ci, row.allow, row] as const))("ci: %s, allow: { %s }", (_, __, row) => {
  it.each(Object.entries(row.allowed))("allows %s", (___, job) => {
    expect(outcome(row, job)).toBe("allowed");
  });

  it.each(Object.entries(row.refused))("refuses %s", (___, job) => {
    expect(outcome(row, job)).toBe("denied");
  });
});

/** Texts that only look like one. */
function lookalikes(text: string): readonly string[] {
  const other = text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase();
  return [`${text}-2`, `${text}2`, `${text}/x`, `x${text}`, `x/${text}`, text.slice(0, -1), other].filter(
    (one) => one !== text && one !== "",
  );
}

/** The word of the entry that says this of a job, when it says it without a wildcard. */
function isExact({ ci, allow }: Row, means: string): boolean {
  const words = Object.entries(findCi(ci)?.words ?? {}).filter(([, word]) => word.means === means);
  return words.some(([word]) => new RegExp(`(^| )${word}: (?!"[^"]*[*?])`).test(allow));
}

/** Jobs that differ from an allowed one in a single thing that its entry names. */
function neighboursOf(row: Row, job: Job): readonly Job[] {
  const { project = "acme/shop", branch, tag, environment } = job;
  const audience = made(row).desired.roles[0]?.source.audience ?? "";
  const named = (means: string, value: string | undefined): readonly string[] =>
    value !== undefined && isExact(row, means) ? lookalikes(value) : [];
  const { branch: _, tag: __, ...others } = job;
  return [
    // Behind CircleCI's id and a slash stands the repository, which an entry may leave open.
    ...lookalikes(project)
      .filter((one) => row.ci !== "circleci" || one !== `${project}/x`)
      .map((one) => ({ ...job, project: one })),
    ...lookalikes(audience).map((one) => ({ ...job, audience: one })),
    ...named("branch", branch).map((one) => ({ ...job, branch: one })),
    ...(named("branch", branch).length > 0 ? [{ ...others, tag: branch ?? "" }] : []),
    ...named("tag", tag).map((one) => ({ ...job, tag: one })),
    ...(tag !== undefined && / tag:/.test(row.allow) ? [{ ...others, branch: tag }] : []),
    ...named("environment", environment).map((one) => ({ ...job, environment: one })),
    { ...job, issuer: "https://issuer-of-somebody.test" },
  ];
}

/** True for what the CI takes for another job: GitHub knows no `acme/shop/x`, so that is `acme/shop` to it. */
function isAnother(row: Row, job: Job, neighbour: Job): boolean {
  const [one = {}, other = {}] = [job, neighbour].map((each) => tokenOf(row, each));
  return ["iss", "aud", "sub"].some((claim) => one[claim] !== other[claim]);
}

describe("every look-alike of an allowed job", () => {
  it.each(ROWS.map((row) => [row.ci, row.allow, row] as const))("is refused: %s, { %s }", (_, __, row) => {
    const jobs = Object.values(row.allowed).flatMap((job) =>
      neighboursOf(row, job).filter((one) => isAnother(row, job, one)),
    );
    expect(jobs.length).toBeGreaterThan(10);
    expect(jobs.filter((job) => outcome(row, job) !== "denied")).toEqual([]);
  });
});

/** What is flagged because the file asks for it, and when it does. */
const ASKED_FOR: Readonly<Record<string, (row: Row, notes: string) => boolean>> = {
  // A wildcard, and jobs of pull requests.
  T005: ({ allow }) => /[*?]"/.test(allow),
  T008: ({ allow }) => /[*?]"/.test(allow),
  T006: ({ allow }) => allow.includes("pull_requests"),
  // A name without its id: noted, unless AWS sees no id of it, or only where the job asks for one.
  T016: ({ ci, issuer, allow }, notes) =>
    !allow.includes("_id:") && (/ its name alone,/.test(notes) || issuer !== undefined || /forgejo|buildkite/.test(ci)),
  T004: (_, notes) => / is every project of /.test(notes),
  // An issuer that its vendor gives up.
  P006: ({ ci }) => ci === "azure",
};

describe("what lint says of the trust policy", () => {
  it.each(ROWS.map((row) => [row.ci, row.allow, row] as const))("is asked for: %s, { %s }", (_, __, row) => {
    const { providers, roles, notes } = made(row).desired;
    const { findings, judged } = lint({
      from: "rolecall.yaml",
      now: NOW * 1000,
      allProviders: true,
      providers: providers.map((one) => ({ ...one, url: issuerName(one.url), thumbprints: [] })),
      roles: roles.map(({ arn, trust, maxSessionDuration }) => ({
        resource: arn,
        from: "rolecall.yaml",
        trust: readTrust(trust),
        size: policySize(trust),
        maxSessionDuration,
        permissions: { policies: [], boundary: null, unread: [] },
      })),
    });
    const noted = notes.map(({ text }) => text).join("\n");
    expect(judged).toBe(1);
    expect(findings.filter(({ rule }) => ASKED_FOR[rule]?.(row, noted) !== true)).toEqual([]);
  });
});

describe("the matrix", () => {
  it("has a row for every word of every CI, aliases of project apart", () => {
    const narrowing = CIS.flatMap(({ id, words }) =>
      Object.entries(words).flatMap(([word, { means }]) => (means === "project" ? [] : [[id, word] as const])),
    );
    const missing = narrowing.filter(
      ([id, word]) => !ROWS.some(({ ci, allow }) => ci === id && new RegExp(`(^| )${word}:`).test(allow)),
    );
    expect(missing).toEqual([]);
  });
});
