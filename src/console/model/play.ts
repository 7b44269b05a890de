import { scopeWords } from "../../ci/scope-words.ts";
import type { Role } from "../../core/decide.ts";
import { issuerName } from "../../core/arn.ts";
import { Secret } from "../../core/secret.ts";
import type { Claims, Token } from "../../core/token.ts";
import { type Explanation, explain } from "../../doctor/explain.ts";
import { type Account, type AccountRole, providerOf, roleOf, trustDocument } from "./account.ts";
import { ciOf, claimsOf, issuerOf, type Job } from "./job.ts";

/** What a job would get, and why. */
export interface Play {
  /** Null where the job would have no token. */
  readonly claims: Claims | null;
  readonly explanation: Explanation | null;
  readonly role: Role | null;
}

/** Asks the one decision about a job and a role, and what it would take to have another answer. */
export function play(job: Job, target: AccountRole | null, account: Account, now: number): Play {
  const claims = claimsOf(job, account, now);
  if (!claims) return { claims, explanation: null, role: target && roleOf(target) };
  const ci = ciOf(job);
  const scope = ci.scopeOf(claims);
  const role = target && roleOf(target);
  const roleArn = target?.arn ?? missingRole(job, account);
  const explanation = explain({
    token: unsigned(claims),
    view: {
      role,
      roleArn,
      provider: providerOf(account, issuerOf(job)),
      from: `IAM of account ${account.account}`,
      source: "iam",
      document: target && trustDocument(target),
      assumed: [],
      otherProviders: account.providers.map(({ url }) => url).filter((url) => url !== issuerName(issuerOf(job))),
    },
    sessionName: SESSION,
    region: "us-east-1",
    duration: durationOf(job),
    now,
    ci,
    allowEntry: scope ? scopeWords(ci, scope) : null,
    signature: { state: "unchecked", says: "" },
  });
  return { claims, explanation, role };
}

/** The session name of exchanges that are tried here. */
export const SESSION = "rolecall-console";

/** Seconds; undefined where nothing sensible was typed, so that STS's default counts. */
export function durationOf({ duration }: Pick<Job, "duration">): number | undefined {
  return /^\d{1,6}$/.test(duration) ? Number(duration) : undefined;
}

function missingRole({ role }: Job, { account }: Account): string {
  return role === "" ? `arn:aws:iam::${account}:role/no-such-role` : role;
}

/** A token that nobody has signed: its text is needed by nothing that decides. */
export function unsigned(claims: Claims): Token {
  return { raw: new Secret(""), header: { alg: "RS256", typ: "JWT" }, claims };
}
