import type { Provider } from "../../../../src/core/decide.ts";
import type { LintRole } from "../../../../src/core/lint/finding.ts";
import type { PlatformFacts, ProjectFacts } from "../../../../src/core/lint/platform.ts";
import type { Severity } from "../../../../src/core/lint/severity.ts";
import type { Json } from "../../../../src/core/token.ts";
import {
  ACCOUNT,
  allowing,
  arnOf,
  AUD,
  GITHUB,
  github,
  gitlab,
  NOW,
  providerAt,
  roleWith,
  statement,
} from "./cases.ts";

/** A role that a rule is about, and one that differs from it in that one thing. */
export interface RuleCase {
  readonly rule: string;
  readonly bad: LintRole;
  readonly good: LintRole;
  readonly severity: Severity;
  /** What the proof's token, call or text must have in it. */
  readonly proof: RegExp;
  readonly providers?: readonly Provider[];
  /** Of the good one, where it is the account that was mended. */
  readonly goodProviders?: readonly Provider[];
  readonly subjects?: readonly string[];
  readonly platform?: PlatformFacts;
  /** Of the good one, where it is the CI's settings that were mended. */
  readonly goodPlatform?: PlatformFacts;
}

const MAIN = "repo:acme/shop:ref:refs/heads/main";
const PROD = "repo:acme/shop:environment:prod";
const aud = { "C.aud": AUD };

/** GitHub, with an audience and the subject under an operator. */
function sub(operator: string, values: Json): LintRole {
  return roleWith([github(merge({ StringEquals: aud }, { [operator]: { "C.sub": values } }))]);
}

function merge(one: { readonly [key: string]: Json }, other: { readonly [key: string]: Json }): Json {
  const all = Object.entries(other).map(([operator, keys]) => [
    operator,
    { ...(one[operator] as object), ...(keys as object) },
  ]);
  return { ...one, ...Object.fromEntries(all) } as Json;
}

const good = sub("StringEquals", MAIN);

/** A subject that makes the whole policy so many characters long. */
function ofLength(size: number): string {
  const own = sub("StringEquals", `${MAIN}-`).size ?? 0;
  return `${MAIN}-${"x".repeat(size - own)}`;
}
const tfc = (value: string): LintRole =>
  roleWith([
    statement("app.terraform.io", {
      StringLike: { "C.sub": value },
      StringEquals: { "C.aud": "aws.workload.identity" },
    }),
  ]);
const CIRCLE = "oidc.circleci.com/org/11111111-1111-4111-8111-111111111111";
const circle = (value: string): LintRole =>
  roleWith([
    statement(CIRCLE, {
      StringLike: { "C.sub": value },
      StringEquals: { "C.aud": "11111111-1111-4111-8111-111111111111" },
    }),
  ]);
const cognito = (condition: Json): LintRole => roleWith([statement("cognito-identity.amazonaws.com", condition)]);
const DAY = 24 * 3600 * 1000;
const OWN = `repo:acme@7/shop@9:ref:refs/heads/main`;
const jenkins = (condition: Json, more: { readonly [key: string]: Json } = {}): LintRole =>
  roleWith([statement("jenkins.example.com/oidc", condition, more)]);
const JENKINS = { StringEquals: { "C.sub": "https://jenkins.example.com/job/shop/", "C.aud": AUD } };

const GITLAB_MAIN = "project_path:acme/shop:ref_type:branch:ref:main";
const GHES = "github.example.com/_services/token";
const ghes = (value: string): LintRole =>
  roleWith([statement(GHES, { StringEquals: aud, StringLike: { "C.sub": value } })]);
const WORKFLOW = { path: ".github/workflows/deploy.yml", triggers: ["push"], idToken: "job", jobs: 2 } as const;
const known = (more: Partial<ProjectFacts>): PlatformFacts => ({
  projects: [{ issuer: GITHUB, project: "acme/shop", ...more }],
});
const OWN_GITLAB = "gitlab.example.com";
const ownGitlab = roleWith([statement(OWN_GITLAB, { StringEquals: { ...aud, "C.sub": GITLAB_MAIN } })]);
const ofOwnGitlab = (more: Partial<ProjectFacts>): PlatformFacts => ({
  projects: [{ issuer: OWN_GITLAB, project: "acme/shop", ...more }],
});

export const RULE_CASES: readonly RuleCase[] = [
  {
    rule: "T001",
    severity: "critical",
    proof: /repo:rolecall-stranger\//,
    bad: roleWith([github({ StringEquals: aud })]),
    good,
  },
  {
    rule: "T002",
    severity: "critical",
    proof: /repo:rolecall-stranger\//,
    bad: sub("StringLike", "repo:*"),
    good: sub("StringLike", "repo:acme/*"),
  },
  {
    rule: "T003",
    severity: "critical",
    proof: /repo:acme-evil\//,
    bad: sub("StringLike", "repo:acme*"),
    good: sub("StringLike", "repo:acme/*"),
  },
  {
    rule: "T004",
    severity: "high",
    proof: /repo:acme\/rolecall-probe:/,
    bad: sub("StringLike", "repo:acme/*"),
    good: sub("StringLike", "repo:acme/shop:*"),
  },
  {
    rule: "T005",
    severity: "medium",
    proof: /refs\/heads\/rolecall-probe/,
    bad: sub("StringLike", "repo:acme/shop:*"),
    good: sub("StringLike", "repo:acme/shop:environment:*"),
  },
  {
    rule: "T006",
    severity: "medium",
    proof: /repo:acme\/shop:pull_request/,
    bad: sub("StringEquals", "repo:acme/shop:pull_request"),
    good,
  },
  {
    rule: "T007",
    severity: "high",
    proof: /evil@999002:ref:refs\/heads\/shop@/,
    bad: sub("StringLike", "repo:acme@*/shop@*"),
    good: sub("StringLike", "repo:acme@1/shop@*"),
  },
  {
    rule: "T008",
    severity: "medium",
    proof: /main-rolecall-probe/,
    bad: sub("StringLike", "repo:acme/shop:ref:refs/heads/main*"),
    good,
  },
  { rule: "T009", severity: "critical", proof: /repo:rolecall-stranger\//, bad: sub("StringNotEquals", MAIN), good },
  {
    rule: "T010",
    severity: "medium",
    proof: /"sub":""/,
    bad: sub("ForAllValues:StringLike", "repo:acme/shop:environment:*"),
    good: sub("ForAnyValue:StringLike", "repo:acme/shop:environment:*"),
  },
  {
    rule: "T011",
    severity: "high",
    proof: /refs\/heads\/(main|rolecall-probe)/,
    bad: roleWith([
      github({
        StringLike: { "C.sub": "repo:acme/shop:*" },
        StringEquals: aud,
        StringEqualsIfExists: { "C.environment": "prod" },
      }),
    ]),
    good: roleWith([
      github({ StringLike: { "C.sub": "repo:acme/shop:*" }, StringEquals: { ...aud, "C.environment": "prod" } }),
    ]),
  },
  {
    rule: "T012",
    severity: "medium",
    proof: /event_name/,
    bad: roleWith([github({ StringEquals: { ...aud, "C.sub": MAIN, "C.event_name": "push" } })]),
    good: roleWith([github({ StringEquals: { ...aud, "C.sub": MAIN, "C.ref": "refs/heads/main" } })]),
  },
  {
    rule: "T013",
    severity: "low",
    proof: /rolecall-probe\.example/,
    bad: roleWith([github({ StringEquals: { "C.sub": MAIN } })]),
    good,
  },
  {
    rule: "T015",
    severity: "medium",
    proof: /another-client/,
    bad: roleWith([github({ StringEquals: { "C.sub": MAIN }, StringLike: { "C.aud": "*" } })]),
    good: roleWith([github({ StringEquals: { "C.sub": MAIN }, StringLike: { "C.aud": AUD } })]),
    providers: [providerAt(GITHUB, [AUD, "another-client"])],
  },
  { rule: "T016", severity: "low", proof: /"repository_id":"999002"/, bad: good, good: sub("StringEquals", OWN) },
  {
    rule: "T018",
    severity: "medium",
    proof: /repo:acme@7\/shop@9/,
    bad: good,
    good: sub("StringEquals", [MAIN, OWN]),
    subjects: [OWN],
  },
  {
    rule: "T019",
    severity: "medium",
    proof: /"job_workflow_ref":"acme\/flows/,
    bad: roleWith([
      github({ StringEquals: { ...aud, "C.job_workflow_ref": "acme/flows/.github/workflows/a.yml@refs/heads/main" } }),
    ]),
    good: roleWith([
      github({
        StringEquals: {
          ...aud,
          "C.sub": PROD,
          "C.job_workflow_ref": "acme/flows/.github/workflows/a.yml@refs/heads/main",
        },
      }),
    ]),
  },
  {
    rule: "T020",
    severity: "high",
    proof: /"sub":"environment:prod"/,
    bad: sub("StringEquals", "environment:prod"),
    good: sub("StringEquals", PROD),
  },
  {
    rule: "T023",
    severity: "critical",
    proof: /999999999999/,
    bad: roleWith([
      github({ StringEquals: { ...aud, "C.sub": MAIN } }),
      { Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" },
    ]),
    good: roleWith([
      github({ StringEquals: { ...aud, "C.sub": MAIN } }),
      {
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:PrincipalAccount": ACCOUNT } },
      },
    ]),
  },
  {
    rule: "T024",
    severity: "medium",
    proof: /gitlab\.com/,
    providers: [providerAt(GITHUB, [AUD]), providerAt("gitlab.com", [AUD])],
    bad: roleWith([
      statement(
        GITHUB,
        { StringEquals: { ...aud, "C.sub": MAIN } },
        { Principal: { Federated: [arnOf(GITHUB), arnOf("gitlab.com")] } },
      ),
    ]),
    good,
  },
  {
    rule: "T025",
    severity: "medium",
    proof: /"subject":"Action"/,
    bad: roleWith([github({ StringEquals: { ...aud, "C.sub": MAIN } }, { Action: "sts:AssumeRole" })]),
    good,
  },
  {
    rule: "T026",
    severity: "medium",
    proof: /StringEquals repo:acme\/shop:\*/,
    bad: sub("StringEquals", "repo:acme/shop:*"),
    good: sub("StringLike", "repo:acme/shop:*"),
  },
  {
    rule: "T027",
    severity: "medium",
    proof: /repo:acme\/shop:ref:refs\/heads\/main/,
    bad: sub("StringEquals", "repo:acme/shop:ref:main"),
    good,
  },
  {
    rule: "T028",
    severity: "medium",
    proof: /"subject":"token\.actions\.githubusercontent\.com:sub"/,
    bad: roleWith([
      github({ StringEquals: { ...aud, "C.sub": PROD }, StringLike: { "C.sub": "repo:acme/other:ref:*" } }),
    ]),
    good: roleWith([github({ StringEquals: { ...aud, "C.sub": PROD }, StringLike: { "C.sub": "repo:acme/shop:*" } })]),
  },
  {
    rule: "T029",
    severity: "high",
    proof: /organization:acme:project:rolecall-probe/,
    bad: tfc("organization:acme:*"),
    good: tfc("organization:acme:project:shop:workspace:prod:run_phase:apply"),
  },
  {
    rule: "T030",
    severity: "high",
    proof: /project\/rolecall-probe/,
    bad: circle("org/11111111-1111-4111-8111-111111111111/*"),
    good: circle("org/11111111-1111-4111-8111-111111111111/project/22222222-2222-4222-8222-222222222222/*"),
  },
  {
    rule: "T031",
    severity: "critical",
    proof: /rolecall-other-client/,
    bad: cognito({ "ForAnyValue:StringLike": { "C.amr": "authenticated" } }),
    good: cognito({
      StringEquals: { "C.aud": "us-east-1:pool" },
      "ForAnyValue:StringLike": { "C.amr": "authenticated" },
    }),
  },
  {
    rule: "T032",
    severity: "critical",
    proof: /rolecall-other-client/,
    bad: roleWith([statement("accounts.google.com", { StringLike: { "C.sub": "*" } })]),
    good: roleWith([
      statement("accounts.google.com", {
        StringLike: { "C.sub": "*" },
        StringEquals: { "C.aud": "acme.apps.example.com" },
      }),
    ]),
  },
  {
    rule: "T033",
    severity: "critical",
    proof: /repo:rolecall-stranger\//,
    bad: sub("StringEquals", `\${${GITHUB}:sub}`),
    good,
  },
  {
    rule: "T034",
    severity: "low",
    proof: /principal_tags/,
    bad: jenkins(JENKINS, { Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"] }),
    good: jenkins(JENKINS),
  },
  {
    rule: "T035",
    severity: "medium",
    proof: /ACLSizePerRole/,
    bad: sub("StringEquals", ofLength(2049)),
    good: sub("StringEquals", ofLength(2048)),
  },
  {
    rule: "T036",
    severity: "info",
    proof: /which is not scoped to all/,
    bad: sub("StringLike", "*:acme/shop:*"),
    good: sub("StringLike", "repo:acme/shop:*"),
  },
  {
    rule: "P001",
    severity: "medium",
    proof: /"kind":"audience"/,
    bad: good,
    good,
    providers: [providerAt(GITHUB, ["https://github.com/acme"])],
    goodProviders: [providerAt(GITHUB, ["https://github.com/acme", AUD])],
  },
  {
    rule: "P002",
    severity: "medium",
    proof: /"kind":"provider"/,
    bad: good,
    good,
    providers: [providerAt("gitlab.com", [AUD])],
    goodProviders: [providerAt(GITHUB, [AUD])],
  },
  {
    rule: "P003",
    severity: "low",
    proof: /none of the roles/,
    bad: good,
    good,
    providers: [providerAt(GITHUB, [AUD]), providerAt("gitlab.com", [AUD])],
    goodProviders: [providerAt(GITHUB, [AUD])],
  },
  {
    rule: "P004",
    severity: "low",
    proof: /https:\/\/github\.com\/acme/,
    bad: good,
    good: sub("StringEquals", MAIN),
    providers: [providerAt(GITHUB, [AUD, "https://github.com/acme"])],
    goodProviders: [providerAt(GITHUB, [AUD])],
  },
  {
    rule: "P005",
    severity: "info",
    proof: /6938fd4d98bab03faadb97b34396831e3780aea1/,
    bad: good,
    good,
    providers: [providerAt(GITHUB, [AUD], ["6938fd4d98bab03faadb97b34396831e3780aea1"])],
    goodProviders: [providerAt(GITHUB, [AUD])],
  },
  {
    rule: "P006",
    severity: "medium",
    proof: /signs no tokens/,
    bad: good,
    good,
    providers: [providerAt("vstoken.actions.githubusercontent.com", [AUD])],
    goodProviders: [providerAt(GITHUB, [AUD])],
  },
  {
    rule: "P007",
    severity: "medium",
    proof: /acme-oidc\.s3/,
    bad: roleWith([
      statement("acme-oidc.s3.eu-west-1.amazonaws.com/prod", {
        StringEquals: { "C.sub": "system:serviceaccount:shop:deploy", "C.aud": AUD },
      }),
    ]),
    good: roleWith([
      statement("acme-oidc.s3.eu-west-1.amazonaws.com/prod", {
        StringEquals: { "C.sub": "system:serviceaccount:shop:deploy", "C.aud": "nobody" },
      }),
    ]),
    providers: [providerAt("acme-oidc.s3.eu-west-1.amazonaws.com/prod", [AUD])],
  },
  {
    rule: "R001",
    severity: "high",
    proof: /iam:AttachUserPolicy/,
    bad: {
      ...good,
      permissions: { policies: [], boundary: null, unread: ["arn:aws:iam::aws:policy/AdministratorAccess"] },
    },
    good: {
      ...good,
      permissions: { policies: [], boundary: null, unread: [`arn:aws:iam::${ACCOUNT}:policy/AdministratorAccess`] },
    },
  },
  {
    rule: "R002",
    severity: "high",
    proof: /iam:PassRole/,
    bad: { ...good, permissions: allowing(["iam:PassRole"]) },
    good: { ...good, permissions: allowing(["iam:PassRole"], `arn:aws:iam::${ACCOUNT}:role/cfn-*`) },
  },
  {
    rule: "R003",
    severity: "low",
    proof: /iam:CreateRole/,
    bad: { ...good, permissions: allowing(["iam:CreateRole"]) },
    good: {
      ...good,
      permissions: allowing(["iam:CreateRole"], "*", {
        version: "2012-10-17",
        statements: [{ effect: "Allow", actions: ["iam:*"], resources: ["*"], conditions: [] }],
      }),
    },
  },
  {
    rule: "R004",
    severity: "medium",
    proof: /"duration":43200/,
    bad: { ...good, maxSessionDuration: 43_200 },
    good: { ...good, maxSessionDuration: 3600 },
  },
  {
    rule: "R005",
    severity: "low",
    proof: /91 days/,
    bad: { ...good, lastUsed: NOW - 91 * DAY },
    good: { ...good, lastUsed: NOW - 90 * DAY },
  },
  {
    rule: "R006",
    severity: "medium",
    proof: /pull_request/,
    bad: sub("StringEquals", [MAIN, "repo:acme/shop:pull_request"]),
    good: sub("StringEquals", ["repo:acme/shop:pull_request"]),
  },
  {
    rule: "R007",
    severity: "medium",
    proof: /environment:dev/,
    bad: sub("StringEquals", [PROD, "repo:acme/shop:environment:dev"]),
    good: sub("StringEquals", [PROD, "repo:acme/shop:environment:production"]),
  },
  {
    rule: "T014",
    severity: "info",
    proof: /"aud":"https:\/\/gitlab\.com"/,
    bad: roleWith([gitlab({ StringEquals: { "C.sub": GITLAB_MAIN, "C.aud": "https://gitlab.com" } })]),
    good: roleWith([gitlab({ StringEquals: { "C.sub": GITLAB_MAIN, "C.aud": "https://gitlab.com/acme" } })]),
  },
  {
    rule: "T017",
    severity: "critical",
    proof: /"repository_owner_id":"999001"/,
    bad: good,
    good: roleWith([github({ StringEquals: { ...aud, "C.sub": MAIN, "C.repository_owner_id": "7" } })]),
    platform: known({ state: "owner-gone" }),
  },
  {
    rule: "T021",
    severity: "medium",
    proof: /"sub":"repository_owner_id:1001:/,
    bad: good,
    good,
    platform: known({ subjectClaims: ["repository_owner_id", "repo", "context"] }),
    goodPlatform: known({ subjectClaims: ["repo", "context"] }),
  },
  {
    rule: "T022",
    severity: "medium",
    proof: /environment:rolecall-probe:ref:refs\/heads\/main/,
    bad: ghes("repo:acme/shop:*:ref:refs/heads/main"),
    good: ghes("repo:acme/shop:ref:refs/heads/main"),
    platform: { servers: [{ issuer: GHES, version: "3.18.4" }] },
  },
  {
    rule: "P008",
    severity: "info",
    proof: /"iss":"https:\/\/token\.actions\.githubusercontent\.com"/,
    bad: good,
    good,
    platform: { enterprises: [{ owner: "acme", slug: "acme-corp" }] },
    goodPlatform: { enterprises: [{ owner: "acme-evil", slug: "acme-corp" }] },
  },
  {
    rule: "S001",
    severity: "high",
    proof: /"ref":"refs\/heads\/rolecall-probe"/,
    bad: sub("StringEquals", PROD),
    good: sub("StringEquals", PROD),
    platform: known({ environments: [{ name: "prod", protected: false }] }),
    goodPlatform: known({ environments: [{ name: "prod", protected: true }] }),
  },
  {
    rule: "S002",
    severity: "medium",
    proof: /"ref_protected":"false"/,
    bad: roleWith([gitlab({ StringEquals: { "C.sub": GITLAB_MAIN, "C.aud": AUD } })]),
    good: roleWith([gitlab({ StringEquals: { "C.sub": GITLAB_MAIN, "C.aud": AUD, "C.ref_protected": "true" } })]),
    platform: { projects: [{ issuer: "gitlab.com", project: "acme/shop", protectedBranches: ["release/*"] }] },
  },
  {
    rule: "S003",
    severity: "high",
    proof: /"sub":"repo:acme\/shop:ref:refs\/heads\/main"/,
    bad: good,
    good: sub("StringEquals", PROD),
    platform: known({ workflows: [{ ...WORKFLOW, triggers: ["push", "pull_request_target"] }] }),
  },
  {
    rule: "S004",
    severity: "medium",
    proof: /"assumed":"the server is GitLab 18\.2\.1 or older"/,
    bad: ownGitlab,
    good: ownGitlab,
    platform: ofOwnGitlab({ forksGetTokens: true }),
    goodPlatform: ofOwnGitlab({ forksGetTokens: false }),
  },
  {
    rule: "S005",
    severity: "low",
    proof: /"sub":"repo:acme\/shop:ref:refs\/heads\/main"/,
    bad: good,
    good,
    platform: known({ workflows: [{ ...WORKFLOW, idToken: "workflow" }] }),
    goodPlatform: known({ workflows: [{ ...WORKFLOW, idToken: "job" }] }),
  },
  {
    rule: "S006",
    severity: "high",
    proof: /AWS_SECRET_ACCESS_KEY/,
    bad: good,
    good,
    platform: known({ keyVariables: ["AWS_SECRET_ACCESS_KEY"] }),
    goodPlatform: known({ keyVariables: [] }),
  },
  {
    rule: "S007",
    severity: "low",
    proof: /issued 7140 seconds ago/,
    bad: ownGitlab,
    good: ownGitlab,
    platform: ofOwnGitlab({ jobTimeout: 7200 }),
    goodPlatform: ofOwnGitlab({ jobTimeout: 3600 }),
  },
];
