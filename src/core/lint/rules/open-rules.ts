import { issuerClaims } from "../../condition-keys.ts";
import type { Found } from "../finding.ts";
import type { Accepted } from "../judge.ts";
import type { Unit } from "../unit.ts";
import { isMoreForeign } from "../trial.ts";
import { acceptedProof } from "../proof.ts";
import { conditionPath, type Rule, type RoleFacts } from "../rule.ts";
import { canEscalate } from "./permissions.ts";

/** The findings of tokens that were accepted for this reason: one for each condition, with the most foreign such token. */
function acceptedFor(id: string): (facts: RoleFacts) => readonly Found[] {
  return ({ accepted, role }) => {
    const worst = new Map<string, Accepted>();
    for (const one of accepted) {
      if (one.cause.rule !== id) continue;
      const { condition } = one.cause;
      const key = `${one.unit.index} ${one.unit.provider.arn} ${condition?.operator ?? ""} ${condition?.key ?? ""}`;
      const before = worst.get(key);
      if (!before || isMoreForeign(one.probe.kind, before.probe.kind)) worst.set(key, one);
    }
    return [...worst.values()].map((one) => found(one, RAISED.has(id) && canEscalate(role)));
  };
}

/** What is worse where the role can make itself an administrator. */
const RAISED: ReadonlySet<string> = new Set(["T005", "T006"]);

function found({ unit, probe, cause }: Accepted, raise: boolean): Found {
  const { condition, severity } = cause;
  const tested = condition ? ` although ${condition.operator} on ${condition.key} is there` : "";
  return {
    severity: raise ? "high" : severity,
    statement: unit.index,
    path: condition ? conditionPath(unit.index, condition.operator, condition.key) : `Statement[${unit.index}]`,
    message: `${probe.who} gets the role${tested}`,
    proof: acceptedProof(unit, probe),
    ...(cause.rule === "T016" ? { fix: idsFor(unit) } : {}),
  };
}

const IDS = ["repository_id", "repository_owner_id", "project_id", "organization_id", "pipeline_id"];

/** Which ids a trust policy can test depends on the issuer; of servers of one's own AWS sees none. */
function idsFor({ provider, shape }: Unit): string {
  const ids = issuerClaims(provider.url).filter((claim) => IDS.includes(claim));
  const inSubject = shape.id === "github" ? ", or the subject with ids" : "";
  return ids.length > 0
    ? `add the ids: ${ids.join(" and ")}${inSubject}`
    : "AWS sees no id of this issuer's tokens: delete the role before the project or its owner gives up the name";
}

function rule(row: Omit<Rule, "role">): Rule {
  return { ...row, role: acceptedFor(row.id) };
}

const PIN = "say whose jobs: StringEquals on sub with repo:acme/shop:ref:refs/heads/main, or what the CI in use sends";

/** Trust policies that let in whom they should not. */
export const OPEN_RULES: readonly Rule[] = [
  rule({
    id: "T001",
    name: "missing-sub",
    severity: "critical",
    title: "nothing says whose jobs may take the role",
    probe: "a job of another customer of the issuer",
    fix: PIN,
    source:
      "Datadog Security Labs 2023-07-27, No keys attached; AWS IAM guide, id_roles_providers_oidc_secure-by-default",
  }),
  rule({
    id: "T002",
    name: "sub-any",
    severity: "critical",
    title: "the subject's pattern is open before the organization ends",
    probe: "a job of an organization with another name",
    fix: PIN,
    source: "AWS IAM guide, identity-provider controls; Checkov CKV_AWS_358",
  }),
  rule({
    id: "T003",
    name: "org-prefix-open",
    severity: "critical",
    title: "the organization's name has no end: acme* is acme-evil too",
    probe: "a job of an organization whose name begins or ends the same",
    fix: "write the separator behind the name: repo:acme/…",
    source: "Checkov CKV_AWS_358, comment on repo:myOrg*; Tinder engineering",
  }),
  rule({
    id: "T004",
    name: "org-wide",
    severity: "high",
    title: "every project of the organization may take the role",
    probe: "a job of another project of the same organization",
    fix: "list the projects, or test repository_owner_id and job_workflow_ref together",
    source: "Unit 42, OH-MY-DC",
  }),
  rule({
    id: "T005",
    name: "any-ref",
    severity: "medium",
    title: "every branch of the project may take the role",
    probe: "a job of the right project on another branch",
    fix: "name the branch, the tag or the environment",
    source: "Datadog Security Labs; AWS Security Blog on IAM roles for GitHub Actions",
  }),
  rule({
    id: "T006",
    name: "pr-subject",
    severity: "medium",
    title: "pull requests may take the role, before anybody has reviewed them",
    probe: "a pull request's job of the right project",
    fix: "one role for pull requests that only reads, another for what writes",
    source: "Unit 42, poisoned pipeline execution; GitHub docs, OpenID Connect reference",
  }),
  rule({
    id: "T007",
    name: "wildcard-middle",
    severity: "high",
    title: "a wildcard in the middle takes the rest of the pattern from a branch's name",
    probe: "another project's job on a branch that is named like the rest of the pattern",
    fix: "list the subjects; a wildcard stands only at the end",
    source: "AWS IAM guide, condition operators: * crosses / and :",
  }),
  rule({
    id: "T008",
    name: "ref-prefix-open",
    severity: "medium",
    title: "refs whose names only begin right may take the role",
    probe: "a job on main-rolecall-probe, or on a tag of any name",
    fix: "name the ref, or end the prefix with a slash and protect it in the CI: release/*",
    source: "GitHub docs, rulesets; GitLab docs, protected branches",
  }),
  rule({
    id: "T009",
    name: "negative-match",
    severity: "critical",
    title: "only a negated operator stands between strangers and the role",
    probe: "a job of anybody who is not named",
    fix: "say who may, with StringEquals or StringLike",
    source: "AWS IAM guide, condition operators: a negated operator is true of what is not named, or not there",
  }),
  rule({
    id: "T010",
    name: "forallvalues",
    severity: "high",
    title: "ForAllValues is true of a claim that is not there",
    probe: "a token without the claim, or with an empty one",
    fix: "drop ForAllValues: the claim has one value",
    source:
      "AWS IAM guide, single-valued and multi-valued keys; IAM Access Analyzer FORALLVALUES_WITH_SINGLE_VALUED_KEY",
  }),
  rule({
    id: "T011",
    name: "ifexists",
    severity: "high",
    title: "IfExists is true of a claim that is not there",
    probe: "a token of the right project without the claim",
    fix: "drop IfExists",
    source: "AWS IAM guide, condition operators, IfExists",
  }),
  rule({
    id: "T013",
    name: "aud-missing",
    severity: "low",
    title: "no condition on the audience: a token for any client of the provider will do",
    probe: "a token for another audience of the provider",
    fix: "test the audience with StringEquals",
    source: "AWS IAM guide, create a role for OIDC federation; terraform-module/terraform-aws-github-oidc-provider#87",
  }),
  rule({
    id: "T015",
    name: "aud-wildcard",
    severity: "medium",
    title: "the audience's pattern takes tokens for other clients",
    probe: "a token for another audience of the provider",
    fix: "name the audience with StringEquals",
    source: "AWS IAM guide, condition operators",
  }),
  rule({
    id: "T016",
    name: "mutable-name-only",
    severity: "low",
    title: "names are tested and no id: whoever gets the name later gets the role",
    probe: "a project of the same name with other ids",
    fix: "add the ids that AWS sees of the issuer's tokens: repository_id, project_id, pipeline_id; where it sees none, delete the role before the name is given up",
    source: "Astrix, Sub:jugation; GitHub docs, immutable subjects",
  }),
  rule({
    id: "T019",
    name: "job_workflow_ref-loose",
    severity: "medium",
    title: "the trusted workflow is one at any ref, or one that anybody may call",
    probe: "the workflow at another ref, or called by another organization",
    fix: "name the workflow with its ref, and say who may call it: repository_owner_id or sub",
    source: "GitHub docs, OpenID Connect with reusable workflows; Unit 42",
  }),
  rule({
    id: "T020",
    name: "user-controlled-claim-first",
    severity: "high",
    title: "the subject holds only what a workflow's author chooses",
    probe: "another organization's job with the same subject template",
    fix: "put repo first in the subject's template, and in the policy",
    source: "Checkov, gh_abusable_claims; Unit 42",
  }),
  rule({
    id: "T029",
    name: "tfc-workspace-open",
    severity: "high",
    title: "every workspace of the organization may take the role, or plans that nobody has approved",
    probe: "another workspace of the same organization; the same one in its plan phase",
    fix: "name the workspace and the phase: …:workspace:shop:run_phase:apply",
    source: "HCP Terraform docs, dynamic provider credentials; Wiz",
  }),
  rule({
    id: "T030",
    name: "circleci-no-project",
    severity: "high",
    title: "every project of the CircleCI organization may take the role",
    probe: "another project of the same organization",
    fix: "org/<organization>/project/<project>/*, or a condition on oidc.circleci.com/project-id",
    source: "CircleCI docs, OpenID Connect tokens; Unit 42",
  }),
  rule({
    id: "T031",
    name: "cognito-aud",
    severity: "critical",
    title: "identity pools of other accounts may take the role, or guests of the right one",
    probe: "an identity of another pool; one that has not logged in",
    fix: "test cognito-identity.amazonaws.com:aud, and amr for authenticated",
    source: "Amazon Cognito guide, role trust and permissions",
  }),
  rule({
    id: "T032",
    name: "tenancy-not-sub",
    severity: "critical",
    title: "this issuer tells its customers apart by another claim than sub, and nothing tests it",
    probe: "a token for another application of the issuer",
    fix: "test the claim that AWS's table names: aud, or sts:RoleSessionName",
    source: "AWS IAM guide, id_roles_providers_oidc_secure-by-default",
  }),
  rule({
    id: "T033",
    name: "self-referencing-variable",
    severity: "critical",
    title: "the claim is compared with itself",
    probe: "a job of another customer",
    fix: "write the value out",
    source: "AWS IAM guide, policy variables",
  }),
  rule({
    id: "T034",
    name: "tag-session",
    severity: "low",
    title: "jobs may choose the session's tags, and with them what policies that look at tags allow",
    probe: "a token with session tags",
    fix: "take sts:TagSession away, or test aws:RequestTag and aws:TagKeys",
    source: "AWS IAM guide, id_session-tags",
  }),
];
