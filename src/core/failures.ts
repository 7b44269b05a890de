import { issuerName, type RoleArn } from "./arn.ts";
import { addAudienceCommand, createProviderCommand } from "./aws-commands.ts";
import { audiencesOf, type Claims, showClaim, textClaim, timeClaim } from "./token.ts";

/** What is known in a job when STS refuses: no policy, only both sides of the call. */
export interface JobEvidence {
  readonly claims: Claims;
  readonly role: RoleArn;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** STS's clock, where it told it. */
  readonly stsDate: Date | null;
}

/** One way in which it goes wrong. Ids are stable. */
export interface Failure {
  readonly title: string;
  /** Evidence for it in this token, in words; null when there is none. */
  readonly tell?: (evidence: JobEvidence) => string | null;
  /** Every such token has the evidence, so that it says little. */
  readonly isWeak?: boolean;
  /** False of a token that cannot be refused for this. */
  readonly concerns?: (evidence: JobEvidence) => boolean;
  readonly fix: (evidence: JobEvidence) => string;
}

/** What STS compares with the provider's audiences: `azp` where there is one. */
const aud = ({ claims }: JobEvidence): string => textClaim(claims, "azp") ?? audiencesOf(claims)[0] ?? "";
const iss = ({ claims }: JobEvidence): string => textClaim(claims, "iss") ?? "";
const sub = ({ claims }: JobEvidence): string => showClaim(claims, "sub");
const provider = (evidence: JobEvidence): string =>
  `arn:${evidence.role.partition}:iam::${evidence.role.account}:oidc-provider/${issuerName(iss(evidence))}`;

/**
 * Ways in which an exchange is refused. `tell` reads what the token alone can show.
 * Sources stand with each id in the project's failure catalogue; GitLab's in its AWS and ID-token pages.
 */
export const FAILURES = {
  F01: {
    title: "the token's audience is not one of the provider's",
    fix: (evidence) => addAudienceCommand(provider(evidence), aud(evidence)),
  },
  F02: {
    title: "the audience is mistyped",
    tell: (evidence) => {
      if (aud(evidence).endsWith("/")) return `${aud(evidence)} ends in a slash`;
      return /^sts\.amazon\.com|amazonaws\.com\//.test(aud(evidence))
        ? `${aud(evidence)} is nearly sts.amazonaws.com`
        : null;
    },
    fix: () => "copy the audience letter by letter from the IAM provider into the CI file",
  },
  F03: {
    title: "the trust policy asks for another audience than the provider",
    fix: (evidence) => `the trust policy's ${issuerName(iss(evidence))}:aud must be ${aud(evidence)}`,
  },
  F04: {
    title: "the token is another than the job's ID token",
    fix: () => "take the variable that id_tokens: names; CI_JOB_TOKEN and the old CI_JOB_JWT are no ID tokens",
  },
  F05: {
    title: "there is no provider for this issuer in the role's account",
    fix: (evidence) => createProviderCommand(iss(evidence), aud(evidence), evidence.role.account),
  },
  F07: {
    title: "the issuer has a path, and the provider or the condition keys leave it out",
    tell: (evidence) => (issuerName(iss(evidence)).includes("/") ? `the issuer is ${iss(evidence)}` : null),
    fix: (evidence) => `provider and condition keys must begin with ${issuerName(iss(evidence))}`,
  },
  F09: {
    title: "a self-managed instance needs a provider of its own",
    tell: ({ claims }) => {
      const issuer = textClaim(claims, "iss") ?? "";
      return claims["project_path"] !== undefined && issuer !== "https://gitlab.com"
        ? `the issuer is ${issuer}, not gitlab.com`
        : null;
    },
    fix: (evidence) => `create the provider ${iss(evidence)}; condition keys begin with ${issuerName(iss(evidence))}`,
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
  F36: {
    title: "there is no such role in that account, or it is spelt otherwise",
    fix: ({ role }) => `aws iam get-role --role-name ${role.name}   # in account ${role.account}`,
  },
  F37: {
    title: "the session name has characters that STS does not take",
    fix: () => "leave --session-name out, or use letters, digits and _+=,.@-",
  },
  F40: {
    title: "the ID token is past its end",
    tell: ({ claims, now }) => {
      const exp = timeClaim(claims["exp"]);
      return exp !== null && exp * 1000 < now ? `it ended ${Math.round(now / 1000 - exp)} s ago` : null;
    },
    fix: () => "GitLab's token lives as long as the job's timeout: raise timeout: in the job, or exchange earlier",
  },
  F43: {
    title: "the duration is above the role's maximum",
    fix: ({ role }) =>
      `ask for less with --duration, or: aws iam update-role --role-name ${role.name} --max-session-duration 43200`,
  },
  F46: {
    title: "AWS cannot reach the issuer's keys from the internet",
    tell: (evidence) =>
      /^https:\/\/(gitlab\.com|token\.actions\.githubusercontent\.com)/.test(iss(evidence))
        ? null
        : `the issuer is ${iss(evidence)}`,
    fix: (evidence) =>
      `${iss(evidence)}/.well-known/openid-configuration must answer on the public internet within 5 s`,
  },
  F48: {
    title: "the key was rotated, and the published keys lack the token's kid",
    fix: (evidence) => `compare the token's kid with the jwks_uri of ${iss(evidence)}`,
  },
  F50: {
    title: "the certificate of the keys' host is not the one of the provider's thumbprint",
    fix: () => "public CAs need no thumbprint; for a private CA give the provider the new one",
  },
  F52: {
    title: "provider or role were made a moment ago; IAM takes up to a minute",
    fix: () => "wait 20 s and try again",
  },
  F53: {
    title: "clocks differ",
    tell: ({ now, stsDate }) => {
      const skew = stsDate ? Math.round((now - stsDate.getTime()) / 1000) : 0;
      return Math.abs(skew) > 60
        ? `this machine's clock is ${Math.abs(skew)} s ${skew > 0 ? "ahead of" : "behind"} AWS's`
        : null;
    },
    fix: () => "set the clock of the runner, or of the GitLab server, by NTP",
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
  F60: {
    title: "China has an audience of its own",
    tell: (evidence) =>
      evidence.role.partition === "aws-cn" && !aud(evidence).endsWith(".cn")
        ? `the audience is ${aud(evidence)}`
        : null,
    fix: () => "use sts.amazonaws.com.cn in the provider and in the CI file",
  },
} as const satisfies Record<string, Failure>;

export type FailureId = keyof typeof FAILURES;

interface StsText {
  readonly code?: string;
  readonly text: RegExp;
  /** Most likely first, when the token does not say otherwise. */
  readonly candidates: readonly FailureId[];
}

/** From STS's text to the causes that it may stand for. Both generations of texts. */
export const STS_TEXTS: readonly StsText[] = [
  {
    code: "AccessDenied",
    text: /^Not authorized to perform sts:AssumeRoleWithWebIdentity/,
    candidates: [
      "F25",
      "F15",
      "F10",
      "F11",
      "F12",
      "F28",
      "F30",
      "F56",
      "F17",
      "F03",
      "F36",
      "F18",
      "F26",
      "F33",
      "F13",
      "F19",
      "F52",
    ],
  },
  {
    text: /could not be validated\. See the AssumeRoleWithWebIdentity/,
    candidates: ["F01", "F05", "F02", "F07", "F09", "F60"],
  },
  { text: /^Incorrect token audience/, candidates: ["F01", "F02", "F60"] },
  { text: /^No OpenIDConnect provider found/, candidates: ["F05", "F07", "F09"] },
  { text: /^Couldn't retrieve verification key/, candidates: ["F46", "F48"] },
  { text: /doesn't match configured thumbprint/, candidates: ["F50"] },
  { text: /^Token issued in the future|^Token not yet valid/, candidates: ["F53"] },
  { text: /^Token expired/, candidates: ["F40", "F53"] },
  { text: /^Missing a required claim|is not a valid JWT/, candidates: ["F04"] },
  { text: /^Request ARN is invalid/, candidates: ["F36"] },
  { text: /roleSessionName/, candidates: ["F37"] },
  { text: /DurationSeconds exceeds the MaxSessionDuration/, candidates: ["F43"] },
  { text: /sts:TagSession/, candidates: ["F56"] },
];

/** A cause, with the evidence that this token gives for it. */
export interface Candidate {
  readonly id: FailureId;
  readonly title: string;
  readonly evidence: string | null;
  readonly fix: string;
}

/** Every cause that a text may stand for, likeliest first, where the token is not known. */
export function causesOf(code: string, text: string): readonly Pick<Candidate, "id" | "title">[] {
  return rowOf(code, text).map((id) => ({ id, title: FAILURES[id].title }));
}

function rowOf(code: string, text: string): readonly FailureId[] {
  return (
    STS_TEXTS.find((one) => (one.code === undefined || one.code === code) && one.text.test(text))?.candidates ?? []
  );
}

/**
 * The causes that a refusal may have, likeliest first: those that the token shows, then those that it
 * cannot show. One whose evidence was looked for and not found is left out.
 */
export function candidatesFor(code: string, text: string, evidence: JobEvidence): readonly Candidate[] {
  const judged = rowOf(code, text).flatMap((id): Candidate[] => {
    const { title, tell, fix, concerns }: Failure = FAILURES[id];
    const told = tell?.(evidence) ?? null;
    const isOut = (tell !== undefined && told === null) || concerns?.(evidence) === false;
    return isOut ? [] : [{ id, title, evidence: told, fix: fix(evidence) }];
  });
  return judged.toSorted((a, b) => weight(b) - weight(a));
}

/** What only some tokens show says most; what cannot be shown by a token comes last. */
function weight({ id, evidence }: Candidate): number {
  const { isWeak = false }: Failure = FAILURES[id];
  return evidence === null ? 0 : isWeak ? 1 : 2;
}
