import { issuerName } from "./arn.ts";
import { neverExposed } from "./condition-keys.ts";
import type { Check, Decision, Question } from "./decide.ts";
import { decisiveCheck } from "./fixes.ts";
import { matchGlob, parseGlob } from "./glob.ts";
import type { Condition } from "./policy.ts";
import type { StsCause } from "./sts-answers.ts";
import { showClaim, textClaim, type Token } from "./token.ts";

type Denied = Extract<Decision, { outcome: "denied" }>;
type Allowed = Extract<Decision, { outcome: "allowed" }>;

/** An id of the failure catalogue: `F18`. */
export type FailureName = `F${number}`;

/** Causes that are one entry of the catalogue, whatever the token and the policy say. */
const BY_CAUSE: { readonly [Cause in StsCause]?: FailureName } = {
  "not-a-jwt": "F04",
  "missing-claim": "F04",
  "empty-audience": "F04",
  "several-audiences": "F01",
  "no-key": "F48",
  "bad-signature": "F48",
  "not-yet-issued": "F53",
  "not-yet-valid": "F53",
  expired: "F40",
  "duration-over-maximum": "F43",
  "bad-tags": "F56",
  "bad-source-identity": "F56",
};

/**
 * Which entry of the failure catalogue a refusal is, when both sides are known: the token and the policy. Null where
 * the catalogue has none.
 *
 * @param providers names of the account's other providers, where they are known
 */
export function nameFailure(
  decision: Denied,
  question: Question,
  providers: readonly string[] = [],
): FailureName | null {
  const { token } = question;
  if (decision.cause === "no-provider") return nameMissingProvider(token, providers);
  if (decision.cause === "wrong-audience") return nameWrongAudience(question);
  if (question.signature === "unreachable" && decision.cause === "no-key") return "F46";
  if (decision.cause !== "not-authorized") return BY_CAUSE[decision.cause] ?? null;
  const check = decisiveCheck(decision);
  if (!check || check.kind === "role") return "F36";
  if (check.action !== undefined && check.action !== "sts:AssumeRoleWithWebIdentity") return "F56";
  if (check.kind === "principal") return nameProviderOf(check, question) ?? "F33";
  if (check.kind === "action") return "F33";
  return check.kind === "condition" ? nameCondition(check, question) : null;
}

function nameMissingProvider({ claims }: Token, providers: readonly string[]): FailureName {
  const issuer = textClaim(claims, "iss") ?? "";
  const mistaken = providers.map((one) => nameMistakenIssuer(one, issuerName(issuer))).find((one) => one !== null);
  if (mistaken) return mistaken;
  if (claims["project_path"] !== undefined && issuer !== "https://gitlab.com") return "F09";
  return "F05";
}

/** The provider that a statement trusts, when it is this issuer's in another spelling. */
function nameProviderOf({ wanted }: Check, { token }: Question): FailureName | null {
  const issuer = issuerName(textClaim(token.claims, "iss") ?? "");
  const trusted = wanted.split(", ").flatMap((arn) => arn.split(":oidc-provider/")[1] ?? []);
  return trusted.map((one) => nameMistakenIssuer(one, issuer)).find((one) => one !== null) ?? null;
}

const OLD_GITHUB = "vstoken.actions.githubusercontent.com";

/** How a provider's name or a key's prefix was meant to be an issuer's and is not. */
function nameMistakenIssuer(written: string, issuer: string): FailureName | null {
  const [name, wanted] = [written.toLowerCase(), issuer.toLowerCase()];
  if (name === wanted) return null;
  if (name === `${wanted}/`) return "F06";
  if (name.startsWith(OLD_GITHUB)) return wanted.startsWith("token.actions.") ? "F08" : null;
  return name.split("/")[0] === wanted.split("/")[0] ? "F07" : null;
}

/**
 * Which entry a policy is that allows more than it was meant to; null where it is none that is known.
 *
 * @param others whether it lets in others beside the job asked about
 */
export function nameAllowance({ statement }: Allowed, { token, role }: Question, others: boolean): FailureName | null {
  if (showClaim(token.claims, "event_name") === "pull_request_target") return "F24";
  const conditions = role?.trust.statements[statement]?.conditions ?? [];
  if (conditions.some(({ operator }) => operator.startsWith("ForAllValues:"))) return "F27";
  const subjects = conditions.filter(({ key }) => key.toLowerCase().endsWith(":sub")).flatMap(({ values }) => values);
  if (!others) return null;
  if (subjects.length === 0 || subjects.some((one) => /^[^:]*\*/.test(one))) return "F84";
  return subjects.some((one) => /:ref_type:branch:ref:.*\*/.test(one)) ? "F29" : null;
}

/** Texts that a person would take for the same: letter case, scheme and a final slash aside. */
function squash(text: string): string {
  return text
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/\/$/, "");
}

function nameWrongAudience({ token, provider, request }: Question): FailureName {
  const got = textClaim(token.claims, "azp") ?? showClaim(token.claims, "aud");
  if (request.roleArn.startsWith("arn:aws-cn:") && /^sts\.amazonaws\.com$/.test(got)) return "F60";
  const near = (provider?.audiences ?? []).some((one) => squash(one) === squash(got));
  return near || /^sts\.amazon\.com|amazonaws\.com\//.test(got) ? "F02" : "F01";
}

function nameCondition(check: Check, question: Question): FailureName | null {
  const { provider, token } = question;
  const key = check.subject.toLowerCase();
  const name = key.slice(key.lastIndexOf(":") + 1);
  const expected = issuerName(textClaim(token.claims, "iss") ?? "").toLowerCase();
  // A key of another issuer, or of this one with its path cut off.
  const prefix = key.slice(0, key.lastIndexOf(":"));
  if (prefix !== expected && ["sub", "aud"].includes(name)) return nameMistakenIssuer(prefix, expected) ?? "F07";
  if (provider && neverExposed(check.subject, provider) !== null) return "F26";
  if (name === "aud") return "F03";
  return name === "sub" ? nameSubject(check, question) : null;
}

/** What kind of difference there is between a subject and the patterns that it should have matched. */
function nameSubject(check: Check, { token, role }: Question): FailureName {
  const got = showClaim(token.claims, "sub");
  const conditions = role?.trust.statements[check.statement ?? 0]?.conditions ?? [];
  const tried = conditions.filter(({ key }) => key.toLowerCase() === check.subject.toLowerCase());
  const values = tried.flatMap((condition) => condition.values);
  const literal = tried.filter(({ operator }) => !/Like/i.test(operator)).flatMap((condition) => condition.values);
  const matches = (value: string, text: string): boolean => matchGlob(parseGlob(value), text);
  if (literal.some((value) => /[*?]/.test(value) && matches(value, got))) return "F18";
  if (values.some((value) => matches(value.toLowerCase(), got.toLowerCase()))) return "F17";
  return SUBJECTS.find(([, tells]) => tells(got, values, token))?.[0] ?? (idFits(conditions, token) ? "F16" : "F25");
}

const ID_CLAIM = /:((?:repository|project)_id)$/i;

/** The number that outlives names is as the policy wants it: only the name is another. */
function idFits(conditions: readonly Condition[], { claims }: Token): boolean {
  return conditions.some(({ key, values }) => {
    const claim = ID_CLAIM.exec(key)?.[1];
    return claim !== undefined && values.includes(showClaim(claims, claim.toLowerCase()));
  });
}

type Tells = (got: string, wanted: readonly string[], token: Token) => boolean;

const IMMUTABLE = /^repo:[^/:]+@\d+\//;
const isTag = (subject: string): boolean => /:ref_type:tag:|:ref:refs\/tags\//.test(subject);
const isBranch = (subject: string): boolean => /:ref_type:branch:|:ref:refs\/heads\//.test(subject);

/** The differences that have a name, the most telling first. Source: the failure catalogue, section B. */
const SUBJECTS: readonly (readonly [FailureName, Tells])[] = [
  ["F15", (got, wanted) => IMMUTABLE.test(got) && !wanted.some((one) => IMMUTABLE.test(one))],
  ["F10", (got, wanted) => /:environment:/.test(got) && wanted.every((one) => !/:environment:/.test(one))],
  ["F11", (got, wanted) => got.endsWith(":pull_request") && wanted.every((one) => !one.endsWith(":pull_request"))],
  ["F14", (got) => /:ref:refs\/heads\/gh-readonly-queue\//.test(got)],
  ["F31", (got, wanted) => isOfCircle(got) && wanted.some((one) => isOfCircle(one) && hasRef(one) !== hasRef(got))],
  [
    "F32",
    (got, wanted) => /^https?:\/\//.test(got) && wanted.some((one) => squash(one).replace(/\*$/, "") === squash(got)),
  ],
  ["F28", (_, wanted) => wanted.some((one) => /ref_type:(mr|merge_request)\b/.test(one))],
  ["F30", (_, __, { claims }) => isOfFork(claims)],
  ["F12", (got, wanted) => isTag(got) && wanted.every((one) => isBranch(one))],
  ["F13", (got, wanted) => wanted.some((one) => refForm(one) !== null && refForm(got) !== refForm(one))],
  ["F19", (_, wanted) => wanted.some((one) => /^repo:([\w-]+\.[\w.-]+\/|.*\/\/)/.test(one))],
];

const isOfCircle = (subject: string): boolean => /^org\/[^/]+\/project\//.test(subject);
const hasRef = (subject: string): boolean => subject.includes("/vcs-ref/");

function isOfFork(claims: Token["claims"]): boolean {
  const [code, job] = [showClaim(claims, "project_path"), showClaim(claims, "job_project_path")];
  return code !== "" && job !== "" && code !== job;
}

/** GitHub writes `ref:refs/heads/main`, GitLab `ref:main`; null when the subject has no ref to compare. */
function refForm(subject: string): "full" | "short" | null {
  if (/:ref:refs\/(heads|tags)\//.test(subject)) return "full";
  return /:ref:[^*]/.test(subject) ? "short" : null;
}
