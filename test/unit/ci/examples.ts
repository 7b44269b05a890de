import type { Ci, PretendedJob, Scope } from "../../../src/ci/ci.ts";
import { decide, type Decision, type Provider } from "../../../src/core/decide.ts";
import { issuerName, providerArn } from "../../../src/core/arn.ts";
import { buildTrust, type TrustDocument } from "../../../src/account/trust.ts";
import { readTrustPolicy } from "../../../src/core/policy.ts";
import { type Claims, type Json, parseToken } from "../../../src/core/token.ts";

export const ACCOUNT = "123456789012";
export const AUDIENCE = "sts.amazonaws.com";
export const NOW = 1_795_435_200;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/shop-deploy`;

export function jwt(claims: Claims): string {
  const part = (value: Json): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256", kid: "1" })}.${part(claims)}.c2lnbmVk`;
}

export function pretend(ci: Ci, job: Partial<PretendedJob> = {}): Claims {
  return ci.pretend({ project: "acme/shop", audience: AUDIENCE, issuedAt: NOW, ...job });
}

/** The job that a scope is of. */
export function jobOf({ pullRequests, ...scope }: Scope): Partial<PretendedJob> {
  return pullRequests ? { ...scope, event: "pull_request" } : scope;
}

/** The trust policy of a role that trusts a scope, as `rolecall apply` writes it. */
export function trustOf(ci: Ci, scope: Scope, issuer = ci.pretendedIssuer): TrustDocument {
  return buildTrust({ ci, issuer, audience: AUDIENCE, allow: [scope], account: ACCOUNT, partition: "aws" });
}

/** What STS says to a token with these claims, where the role trusts a scope. */
export function ask(ci: Ci, scope: Scope, claims: Claims, issuer = ci.pretendedIssuer): Decision["outcome"] {
  const reading = readTrustPolicy(JSON.parse(JSON.stringify(trustOf(ci, scope, issuer))) as Json);
  if (reading.kind === "malformed") throw new Error(reading.message);
  const provider: Provider = {
    arn: providerArn(issuer, ACCOUNT),
    url: issuerName(issuer),
    audiences: [AUDIENCE],
    thumbprints: [],
  };
  return decide({
    token: parseToken(jwt(claims), "the example"),
    signature: "valid",
    provider,
    role: { arn: ROLE, trust: reading.policy, maxSessionDuration: 3600 },
    request: { roleArn: ROLE, sessionName: "job-1" },
    now: NOW * 1000,
  }).outcome;
}

/** Type of each claim, by name, in order. */
export function shape(claims: Claims): readonly (readonly [string, string])[] {
  return Object.entries(claims).map(([name, value]) => [name, Array.isArray(value) ? "list" : typeof value]);
}
