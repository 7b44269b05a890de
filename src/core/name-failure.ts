import { issuerName } from "./arn.ts";
import { neverExposed } from "./condition-keys.ts";
import type { Check, Decision, Question } from "./decide.ts";
import type { FailureId } from "./failures.ts";
import { decisiveCheck } from "./fixes.ts";
import { matchGlob, parseGlob } from "./glob.ts";
import type { StsCause } from "./sts-answers.ts";
import { showClaim, textClaim, type Token } from "./token.ts";

type Denied = Extract<Decision, { outcome: "denied" }>;

/** Causes that are one entry of the catalogue, whatever the token and the policy say. */
const BY_CAUSE: { readonly [Cause in StsCause]?: FailureId } = {
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
 */
export function nameFailure(decision: Denied, question: Question): FailureId | null {
  const { token } = question;
  if (decision.cause === "no-provider") return nameMissingProvider(token);
  if (decision.cause === "wrong-audience") return nameWrongAudience(question);
  if (decision.cause !== "not-authorized") return BY_CAUSE[decision.cause] ?? null;
  const check = decisiveCheck(decision);
  if (!check || check.kind === "role") return "F36";
  if (check.action !== undefined && check.action !== "sts:AssumeRoleWithWebIdentity") return "F56";
  if (check.kind === "principal" || check.kind === "action") return "F33";
  return check.kind === "condition" ? nameCondition(check, question) : null;
}

function nameMissingProvider({ claims }: Token): FailureId {
  const issuer = textClaim(claims, "iss") ?? "";
  if (claims["project_path"] !== undefined && issuer !== "https://gitlab.com") return "F09";
  return "F05";
}

/** Texts that a person would take for the same: letter case, scheme and a final slash aside. */
function squash(text: string): string {
  return text
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/\/$/, "");
}

function nameWrongAudience({ token, provider, request }: Question): FailureId {
  const got = textClaim(token.claims, "azp") ?? showClaim(token.claims, "aud");
  if (request.roleArn.startsWith("arn:aws-cn:") && /^sts\.amazonaws\.com$/.test(got)) return "F60";
  const near = (provider?.audiences ?? []).some((one) => squash(one) === squash(got));
  return near || /^sts\.amazon\.com|amazonaws\.com\//.test(got) ? "F02" : "F01";
}

function nameCondition(check: Check, question: Question): FailureId | null {
  const { provider, token } = question;
  const key = check.subject.toLowerCase();
  const name = key.slice(key.lastIndexOf(":") + 1);
  const expected = issuerName(textClaim(token.claims, "iss") ?? "").toLowerCase();
  // A key of another issuer, or of this one with its path cut off.
  if (key !== `${expected}:${name}` && ["sub", "aud"].includes(name)) return "F07";
  if (provider && neverExposed(check.subject, provider) !== null) return "F26";
  if (name === "aud") return "F03";
  return name === "sub" ? nameSubject(check, question) : null;
}

/** What kind of difference there is between a subject and the patterns that it should have matched. */
function nameSubject(check: Check, { token, role }: Question): FailureId {
  const got = showClaim(token.claims, "sub");
  const conditions = role?.trust.statements[check.statement ?? 0]?.conditions ?? [];
  const tried = conditions.filter(({ key }) => key.toLowerCase() === check.subject.toLowerCase());
  const values = tried.flatMap((condition) => condition.values);
  const literal = tried.filter(({ operator }) => !/Like/i.test(operator)).flatMap((condition) => condition.values);
  const matches = (value: string, text: string): boolean => matchGlob(parseGlob(value), text);
  if (literal.some((value) => /[*?]/.test(value) && matches(value, got))) return "F18";
  if (values.some((value) => matches(value.toLowerCase(), got.toLowerCase()))) return "F17";
  return SUBJECTS.find(([, tells]) => tells(got, values, token))?.[0] ?? "F25";
}

type Tells = (got: string, wanted: readonly string[], token: Token) => boolean;

const IMMUTABLE = /^repo:[^/:]+@\d+\//;
const isTag = (subject: string): boolean => /:ref_type:tag:|:ref:refs\/tags\//.test(subject);
const isBranch = (subject: string): boolean => /:ref_type:branch:|:ref:refs\/heads\//.test(subject);

/** The differences that have a name, the most telling first. Source: the failure catalogue, section B. */
const SUBJECTS: readonly (readonly [FailureId, Tells])[] = [
  ["F15", (got, wanted) => IMMUTABLE.test(got) && !wanted.some((one) => IMMUTABLE.test(one))],
  ["F10", (got, wanted) => /:environment:/.test(got) && wanted.every((one) => !/:environment:/.test(one))],
  ["F11", (got, wanted) => got.endsWith(":pull_request") && wanted.every((one) => !one.endsWith(":pull_request"))],
  ["F28", (_, wanted) => wanted.some((one) => /ref_type:(mr|merge_request)\b/.test(one))],
  ["F30", (_, __, { claims }) => isOfFork(claims)],
  ["F12", (got, wanted) => isTag(got) && wanted.every((one) => isBranch(one))],
  ["F13", (got, wanted) => wanted.some((one) => refForm(one) !== null && refForm(got) !== refForm(one))],
  ["F19", (_, wanted) => wanted.some((one) => /^repo:([\w-]+\.[\w.-]+\/|.*\/\/)/.test(one))],
];

function isOfFork(claims: Token["claims"]): boolean {
  const [code, job] = [showClaim(claims, "project_path"), showClaim(claims, "job_project_path")];
  return code !== "" && job !== "" && code !== job;
}

/** GitHub writes `ref:refs/heads/main`, GitLab `ref:main`; null when the subject has no ref to compare. */
function refForm(subject: string): "full" | "short" | null {
  if (/:ref:refs\/(heads|tags)\//.test(subject)) return "full";
  return /:ref:[^*]/.test(subject) ? "short" : null;
}
