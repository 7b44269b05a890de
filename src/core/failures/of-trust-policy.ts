import { issuerName } from "../arn.ts";
import { showClaim } from "../token.ts";
import { aud, iss, provider, sub, type Failure } from "./failure.ts";

/** What is wrong between the token and the trust policy: mostly the subject. */
export const TRUST_FAILURES = {
  F03: {
    title: "the trust policy asks for another audience than the provider",
    fix: (evidence) => `the trust policy's ${issuerName(iss(evidence))}:aud must be ${aud(evidence)}`,
  },
  F10: {
    title: "the job has an environment, which replaces the branch in sub",
    tell: (evidence) => (/:environment:/.test(sub(evidence)) ? `sub is ${sub(evidence)}` : null),
    fix: (evidence) => `trust ${sub(evidence)}, and put the branch rule on the environment`,
  },
  F11: {
    title: "the job is of a pull request, which has no branch in sub",
    tell: (evidence) => (sub(evidence).endsWith(":pull_request") ? `sub is ${sub(evidence)}` : null),
    fix: (evidence) => `give pull requests a read-only role of their own, which trusts ${sub(evidence)}`,
  },
  F12: {
    title: "the job is of a tag, and the trust policy knows branches only",
    tell: ({ claims }) => (claims["ref_type"] === "tag" ? `ref_type is tag, ref is ${showClaim(claims, "ref")}` : null),
    fix: (evidence) => `trust this sub too: ${sub(evidence)}`,
  },
  F13: {
    title: "the ref is written as another CI writes it",
    concerns: (evidence) => sub(evidence).includes(":ref:"),
    fix: (evidence) => `GitHub has ref:refs/heads/main, GitLab ref:main; this token has ${sub(evidence)}`,
  },
  F15: {
    title: "GitHub's subject has ids in it, and the trust policy knows names only",
    tell: (evidence) => (/^repo:[^/:]+@\d+\//.test(sub(evidence)) ? `sub is ${sub(evidence)}` : null),
    fix: (evidence) => `trust ${sub(evidence)} too; repositories made since July 2026 send this form`,
  },
  F17: {
    title: "upper and lower case differ between sub and policy",
    tell: (evidence) => (/[A-Z]/.test(sub(evidence)) ? "sub has capital letters" : null),
    isWeak: true,
    fix: (evidence) => `copy it from the token: ${sub(evidence)}`,
  },
  F18: {
    title: "a wildcard stands under StringEquals, where * is a plain star",
    fix: () => "put values with * under StringLike",
  },
  F19: {
    title: "repo: in the trust policy is followed by a host or an address",
    concerns: (evidence) => sub(evidence).startsWith("repo:"),
    fix: (evidence) => `it is repo:OWNER/NAME, as in ${sub(evidence)}`,
  },
  F25: {
    title: "the trust policy does not allow this sub: another branch or project, or a customised sub",
    tell: (evidence) => `sub is ${sub(evidence)}`,
    isWeak: true,
    fix: (evidence) => `the trust policy must allow StringEquals ${issuerName(iss(evidence))}:sub = ${sub(evidence)}`,
  },
  F26: {
    title: "the trust policy tests a claim that AWS never sees",
    fix: () => "test sub, which holds project and ref: AWS sees it of every issuer, and of most no other claim",
  },
  F28: {
    title: "a merge request's pipeline has its source branch in sub, never ref_type:mr",
    tell: ({ claims }) =>
      claims["pipeline_source"] === "merge_request_event" ? "pipeline_source is merge_request_event" : null,
    fix: (evidence) => `a read-only role for merge requests may trust ${sub(evidence).replace(/:ref:.*/, ":ref:*")}`,
  },
  F30: {
    title: "the pipeline is of a fork",
    tell: ({ claims }) => {
      const [code, job] = [showClaim(claims, "project_path"), showClaim(claims, "job_project_path")];
      return code && job && code !== job ? `the code is of ${code}, the job of ${job}` : null;
    },
    fix: () => "do not give forks a role; run this job in the project itself",
  },
  F33: {
    title: "the trust policy names another action or provider",
    fix: (evidence) => `it must allow sts:AssumeRoleWithWebIdentity to Federated ${provider(evidence)}`,
  },
  F56: {
    title: "the token carries session tags or a source identity that the trust policy does not allow",
    tell: ({ claims }) => {
      const special = Object.keys(claims).filter((name) =>
        /^https:\/\/aws\.amazon\.com\/(tags|source_identity)/.test(name),
      );
      return special.length > 0 ? `the token has ${special.join(", ")}` : null;
    },
    fix: () => "allow sts:TagSession and sts:SetSourceIdentity in the same statement of the trust policy",
  },
} as const satisfies Record<string, Failure>;
