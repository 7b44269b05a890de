import { action, type Entries, GITHUB_OIDC, GITLAB_AWS, GITLAB_TOKEN, NOT_AUTHORIZED } from "./entry.ts";

const NO_TOKEN = "Could not load credentials from any providers";

/** Subject, permission and trust policy. */
export const SUBJECT: Entries = {
  F10: {
    texts: [NOT_AUTHORIZED],
    cause: "A GitHub job with environment: has repo:OWNER/NAME:environment:NAME as sub; the branch is gone from it.",
    tell: "sub has :environment:, and the policy has :ref:",
    fixes: ["trust the sub with the environment, and put the branch rule on the environment or on the ref key"],
    sources: [...action(1024, 452, 454, 1238, 511), "github/docs#24300"],
  },
  F11: {
    texts: [NOT_AUTHORIZED],
    cause: "A GitHub job of a pull request has repo:OWNER/NAME:pull_request as sub, whatever its branch.",
    tell: "sub ends in :pull_request",
    fixes: ["a read-only role of its own for pull requests, which trusts exactly that sub"],
    sources: ["ministryofjustice/modernisation-platform#3909", GITHUB_OIDC],
  },
  F12: {
    texts: [NOT_AUTHORIZED],
    cause: "The job is of a tag: refs/tags/v1 on GitHub, ref_type:tag on GitLab. The policy has branches only.",
    tell: "ref_type is tag",
    fixes: ["trust the tag, or a pattern of tags under StringLike"],
    sources: [...action(690), GITLAB_AWS],
  },
  F13: {
    texts: [NOT_AUTHORIZED],
    cause: "GitHub has ref:refs/heads/main, GitLab ref:main; the policy was copied from the other.",
    tell: "the policy's value is the other CI's form of the same ref",
    fixes: ["write the ref as the token has it"],
    sources: [GITLAB_TOKEN, GITHUB_OIDC],
  },
  F14: {
    title: "the job is of GitHub's merge queue, whose branch is its own",
    texts: [NOT_AUTHORIZED],
    cause: "A merge_group runs on refs/heads/gh-readonly-queue/…; that this is the form in sub is unverified.",
    tell: "the ref begins with gh-readonly-queue/",
    fixes: ["trust that sub in a read-only role alone"],
    sources: ["govuk-one-login/life-events-platform#500"],
  },
  F15: {
    texts: [NOT_AUTHORIZED],
    cause:
      "Repositories made, renamed or transferred since 2026-07-15, and those that opted in, send repo:OWNER@ID/NAME@ID:…; no pattern with names alone fits it.",
    tell: "sub has @ and digits before a slash, and no value of the policy has",
    fixes: ["trust both forms exactly; gh api repos/OWNER/NAME tells the ids"],
    sources: [...action(1889, 1890), "terraform-aws-modules/terraform-aws-iam#659", "GitHub changelog, 2026-04-23"],
  },
  F16: {
    title: "project or group were renamed or moved, and the policy has the old name",
    texts: [NOT_AUTHORIZED],
    cause: "sub has the new path. The number that AWS sees beside it, where the policy tests one, is still the same.",
    tell: "repository_id or project_id is as the policy wants it, and sub is not",
    fixes: ["trust the new sub; test the number too, so that nobody gets the role with the old name"],
    sources: ["femiwiki/femiwiki#546", "gitlab-org/gitlab!248942"],
  },
  F17: {
    texts: [NOT_AUTHORIZED],
    cause: "StringEquals and StringLike tell upper from lower case, and so do the CI's own names.",
    tell: "both are equal in lower case",
    fixes: ["copy the name from the token", "StringEqualsIgnoreCase"],
    sources: action(1100, 686, 318),
  },
  F18: {
    texts: [NOT_AUTHORIZED],
    cause: "Under StringEquals a star is a star and no wildcard.",
    tell: "a value under StringEquals has * or ?",
    fixes: ["trust the exact sub", "put that value, and no other, under StringLike"],
    sources: [...action(1137, 454), GITLAB_AWS],
  },
  F19: {
    texts: [NOT_AUTHORIZED],
    cause: "repo:github.com/OWNER/NAME or a git address was taken for the form of sub.",
    tell: "a dot or // behind repo:",
    fixes: ["repo:OWNER/NAME, as the token has it"],
    sources: [...action(721), "jenkinsci/oidc-provider-plugin#18"],
  },
  F20: {
    title: "the job lacks permissions: id-token: write",
    texts: [
      NO_TOKEN,
      "Credentials could not be loaded, please check your action inputs: …",
      "Did you mean to set the `id-token` permission?",
    ],
    cause: "GitHub gives a job no token without it. A permissions block of the job replaces the workflow's.",
    tell: "GITHUB_ACTIONS is true, and ACTIONS_ID_TOKEN_REQUEST_URL is not set",
    fixes: ["permissions: { id-token: write, contents: read } on the job"],
    sources: action(512, 460, 770, 282),
  },
  F21: {
    title: "a reusable workflow asks for id-token, and its caller does not grant it",
    texts: ["The nested job '…' is requesting 'id-token: write', but is only allowed 'id-token: none'."],
    cause:
      "The caller's permissions are the most that the called workflow gets; the whole workflow is invalid and nothing runs.",
    tell: "caller and called workflow, read side by side",
    fixes: ["permissions: { id-token: write, contents: read } on the calling job"],
    sources: ["metal3-io/project-infra#1171", "grafana/loki#22151", "wazuh/wazuh-indexer#1721"],
  },
  F22: {
    title: "the pull request is of a fork, which GitHub gives no token",
    texts: [NO_TOKEN],
    cause: "Whatever the workflow says, a job of a fork's pull request may not ask for ID tokens.",
    tell: "the event's head.repo.fork is true",
    fixes: [
      "build in the pull request and deploy after the merge; not pull_request_target with a checkout of the head",
    ],
    sources: [...action(564), "risingwavelabs/risingwave#2081"],
  },
  F23: {
    title: "role or keys come from a secret that this run does not see",
    texts: [NO_TOKEN, "Request ARN is invalid"],
    cause: "Dependabot's runs have secrets of their own, and called workflows none without secrets: inherit.",
    tell: "the input is empty; the actor is dependabot[bot]",
    fixes: ["keep role ARNs in variables (vars), since they are no secrets"],
    sources: action(202, 990, 460),
  },
  F24: {
    title: "pull_request_target runs with the base branch's identity",
    texts: [],
    cause: "It works, and a run that a fork set off has the role of the trusted branch. Its exact sub is unverified.",
    tell: "the event is pull_request_target, and the role trusts the base branch",
    fixes: ["take no role in such a workflow, or only behind an environment with reviewers"],
    sources: [...action(188), "GitHub Security Lab, preventing pwn requests"],
  },
  F25: {
    texts: [NOT_AUTHORIZED],
    cause:
      "Another branch, project or environment than the policy has; or the subject's template was changed (GitHub include_claim_keys, GitLab ci_id_token_sub_claim_components).",
    tell: "the received sub beside the allowed values",
    fixes: [
      "trust this very sub, if this job is meant to have the role",
      "with a template: write the policy in its form",
    ],
    sources: [...action(454, 746), "ministryofjustice/modernisation-platform#9766"],
  },
  F26: {
    texts: [NOT_AUTHORIZED],
    cause:
      "AWS shows a trust policy aud, sub, amr, email and oaud, and of a few issuers some claims more; the condition names another one, which is always absent.",
    tell: "the key is none of the issuer's",
    fixes: ["drop the condition, and trust the exact sub, which says the same"],
    sources: [...action(306, 701, 912), "AWS service authorization reference for STS, 2026-09-26"],
  },
  F27: {
    title: "ForAllValues on a claim with one value is true when the claim is absent",
    texts: [],
    cause: "It works, and also for tokens that lack the claim or where the key is mistyped: a hole.",
    tell: "the operator's prefix in a statement that allows",
    fixes: ["StringEquals or StringLike without the prefix"],
    sources: [...action(452, 318), "github/docs#12137"],
  },
  F28: {
    texts: [NOT_AUTHORIZED],
    cause: "GitLab's ref_type is branch or tag and nothing else; a merge request's pipeline has its source branch.",
    tell: "the policy has ref_type:mr or ref_type:merge_request",
    fixes: ["a read-only role for ref_type:branch:ref:*", "on gitlab.com: test gitlab.com:pipeline_source"],
    sources: [GITLAB_TOKEN, "gitlab-org/gitlab!208271"],
  },
  F29: {
    title: "a pattern of branches is taken for protection",
    texts: [],
    cause:
      "It works, and whoever may push release/x gets what release/* gets: the default subject does not say that a branch is protected.",
    tell: "a wildcard in the ref of a policy for GitLab",
    fixes: [
      "exact refs",
      "on gitlab.com: gitlab.com:ref_protected; elsewhere from 18.7: ref_protected as a component of sub",
    ],
    sources: [GITLAB_TOKEN],
  },
  F30: {
    texts: [NOT_AUTHORIZED],
    cause:
      "The pipeline is of a fork, or runs in the parent with a fork's code; from GitLab 18.2.2 project_path names the fork.",
    tell: "project_path is not job_project_path",
    fixes: ["give forks no role; run the job in the project itself"],
    sources: ["gitlab-org/gitlab#561735"],
  },
  F31: {
    title: "the policy is for CircleCI's other token",
    texts: [NOT_AUTHORIZED],
    cause:
      "CIRCLE_OIDC_TOKEN has org/O/project/P/user/U as sub; CIRCLE_OIDC_TOKEN_V2 has /vcs-origin/…/vcs-ref/… behind it.",
    tell: "/vcs-ref/ is in the sub or in the policy, and not in both",
    fixes: ["take CIRCLE_OIDC_TOKEN_V2 for rules about branches; any user is a star"],
    sources: ["CircleCI support, article 13832176226203"],
  },
  F32: {
    title: "Jenkins' subject is the job's address",
    texts: [NOT_AUTHORIZED],
    cause:
      "It is https://HOST/job/FOLDER/job/NAME/, slash at the end included, unless the plugin has a template for sub.",
    tell: "sub begins with https:// and the policy's value does not, or lacks the slash",
    fixes: ["trust the address as the token has it"],
    sources: [
      "jenkinsci/oidc-provider-plugin, README",
      "jenkinsci/oidc-provider-plugin#14",
      "jenkinsci/oidc-provider-plugin#187",
    ],
  },
  F33: {
    texts: [NOT_AUTHORIZED],
    cause:
      "The statement allows sts:AssumeRole, or trusts Principal AWS, or a provider of another account or partition.",
    tell: "the statement's Action and Principal",
    fixes: ["sts:AssumeRoleWithWebIdentity to the Federated provider of this account"],
    sources: ["danilop/LambdAuth#4", "aws/aws-sdk-js-v3#3427"],
  },
  F34: {
    title: "IAM does not save the trust policy",
    texts: [
      "MalformedPolicyDocument: Trust policy with trusted principal … must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase, … which is not scoped to all.",
    ],
    cause: "For issuers that many customers share IAM wants a condition that says who the customer is.",
    tell: "a shared issuer, and no condition on sub, or one with a star alone",
    fixes: ["a condition on sub that begins with the owner's name"],
    sources: ["unfunco/terraform-aws-oidc-github#57", "AWS IAM guide, id_roles_providers_oidc_secure-by-default"],
  },
};
