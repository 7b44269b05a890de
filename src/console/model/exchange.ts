import { CIS } from "../../ci/index.ts";
import type { Decision } from "../../core/decide.ts";
import { shellWord } from "../../core/shell-word.ts";
import { audiencesOf, type Claims, showClaim, textClaim } from "../../core/token.ts";
import { FIRST_JOB, type Job } from "./job.ts";

/** An exchange as the cloud tells of it (`GET /_rolecall/exchanges`); the token is not in it. */
export interface Exchange {
  readonly time: string;
  readonly requestId: string;
  readonly roleArn: string | null;
  readonly sessionName: string | null;
  readonly header: { readonly alg: string; readonly kid?: string } | null;
  readonly claims: Claims | null;
  readonly decision: Decision | null;
  readonly answer: { readonly status: number; readonly code: string | null; readonly message: string | null };
  readonly session: string | null;
  readonly event: Readonly<Record<string, unknown>> | null;
}

/** One line of the list. */
export interface ExchangeRow {
  readonly exchange: Exchange;
  /** Name of the CI, or the issuer of a token of none that is known. */
  readonly ci: string;
  /** `acme/shop@main`, or the subject. */
  readonly who: string;
  readonly role: string;
  readonly allowed: boolean;
  readonly code: string;
}

export function rowOf(exchange: Exchange): ExchangeRow {
  const { claims, roleArn, answer } = exchange;
  return {
    exchange,
    ci: claims ? (ciOfClaims(claims)?.name ?? textClaim(claims, "iss") ?? "") : "",
    who: claims ? whoOf(claims) : "",
    role: roleArn?.slice(roleArn.lastIndexOf("/") + 1) ?? "",
    allowed: answer.status === 200,
    code: answer.code ?? "",
  };
}

function ciOfClaims(claims: Claims) {
  const issuer = textClaim(claims, "iss");
  return (
    CIS.find((ci) => ci.issuer === issuer || ci.pretendedIssuer === issuer) ??
    CIS.find((ci) => ci.id !== "custom" && ci.scopeOf(claims) !== null)
  );
}

function whoOf(claims: Claims): string {
  const scope = ciOfClaims(claims)?.scopeOf(claims);
  if (!scope) return showClaim(claims, "sub");
  const { project, branch, tag, environment, pullRequests } = scope;
  const ref = branch ?? tag ?? (environment === undefined ? (pullRequests ? "pull_request" : undefined) : environment);
  return ref === undefined ? project : `${project}@${ref}`;
}

export type Verdict = "all" | "allowed" | "refused";

/** The rows with a verdict, in which every word of a text is found somewhere. */
export function filterRows(rows: readonly ExchangeRow[], text: string, verdict: Verdict): readonly ExchangeRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ allowed, ci, who, role, code, exchange }) => {
    if (verdict !== "all" && allowed !== (verdict === "allowed")) return false;
    const all = [
      ci,
      who,
      role,
      code,
      exchange.requestId,
      exchange.session ?? "",
      showClaim(exchange.claims ?? {}, "sub"),
    ];
    return words.every((word) => all.some((one) => one.toLowerCase().includes(word)));
  });
}

/** The job of an exchange as the playground would have it; null where no CI's grammar reads the token. */
export function replayOf({ claims, roleArn }: Exchange): Job | null {
  const ci = claims ? ciOfClaims(claims) : undefined;
  const scope = claims && ci ? ci.scopeOf(claims) : null;
  if (!claims || !ci || !scope) return null;
  const issuer = textClaim(claims, "iss") ?? "";
  const event = textClaim(claims, "event_name") ?? textClaim(claims, "pipeline_source") ?? "";
  const ref = textClaim(claims, "ref")?.replace(/^refs\/(heads|tags)\//, "");
  const isTag = scope.tag !== undefined || textClaim(claims, "ref_type") === "tag";
  return {
    ...FIRST_JOB,
    ci: ci.id,
    project: scope.project,
    ref: isTag ? "tag" : "branch",
    name: scope.tag ?? scope.branch ?? ref ?? "main",
    environment: scope.environment ?? textClaim(claims, "environment") ?? "",
    event: event === "push" ? "" : event,
    audience: textClaim(claims, "azp") ?? audiencesOf(claims)[0] ?? "",
    issuer: issuer === ci.pretendedIssuer ? "" : issuer,
    immutable: scope.project.includes("@"),
    role: roleArn ?? "",
  };
}

/** The same call by the AWS CLI; the token is where the job has it, never in the command. */
export function awsCommand({ roleArn, sessionName }: Exchange, endpoint: string): string {
  return [
    "aws sts assume-role-with-web-identity",
    `--endpoint-url ${endpoint}`,
    `--role-arn ${shellWord(roleArn ?? "ROLE_ARN")}`,
    `--role-session-name ${shellWord(sessionName ?? "SESSION")}`,
    "--web-identity-token file://token.jwt",
  ].join(" \\\n  ");
}
