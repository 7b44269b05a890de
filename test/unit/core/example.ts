import type { Check, Decision, Provider, Question, Role } from "../../../src/core/decide.ts";
import { type Policy, readTrustPolicy } from "../../../src/core/policy.ts";
import { type Claims, type Json, parseToken, type Token } from "../../../src/core/token.ts";

/** 2026-11-23T12:00:00Z, in milliseconds and in seconds. */
export const NOW = Date.UTC(2026, 10, 23, 12);
export const SECONDS = NOW / 1000;

export const ACCOUNT = "123456789012";
export const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/shop-deploy`;
export const AUDIENCE = "https://shop-deploy.test";
export const SUBJECT = "project_path:acme/shop:ref_type:branch:ref:main";

export const PROVIDER: Provider = {
  arn: `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com`,
  url: "gitlab.com",
  audiences: [AUDIENCE],
  thumbprints: [],
};

/** What a claim is changed to; undefined takes it away. */
export type Changes = Readonly<Record<string, Json | undefined>>;

/** The claims of a GitLab job of acme/shop on main, as far as a decision reads them. */
export function claims(changes: Changes = {}): Claims {
  const all: Changes = {
    iss: "https://gitlab.com",
    sub: SUBJECT,
    aud: AUDIENCE,
    iat: SECONDS,
    nbf: SECONDS - 5,
    exp: SECONDS + 300,
    project_path: "acme/shop",
    ...changes,
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, Json] => entry[1] !== undefined));
}

/** A JWT's text; nobody signed it. */
export function jwt(payload: Json, header: Json = { alg: "RS256", kid: "1" }, signature = "c2lnbmVk"): string {
  return `${part(header)}.${part(payload)}.${signature}`;
}

function part(value: Json): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

export function token(changes: Changes = {}, header: Json = { alg: "RS256", kid: "1" }): Token {
  return parseToken(jwt(claims(changes), header), "the example");
}

/** A statement that lets a provider's tokens in; `more` replaces or adds elements. */
export function statement(more: { readonly [element: string]: Json } = {}): Json {
  return {
    Effect: "Allow",
    Principal: { Federated: PROVIDER.arn },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: { StringEquals: { "gitlab.com:sub": SUBJECT } },
    ...more,
  };
}

/** A trust policy that IAM would save. */
export function trust(...statements: readonly Json[]): Policy {
  const reading = readTrustPolicy({ Version: "2012-10-17", Statement: statements });
  if (reading.kind === "malformed") throw new Error(reading.message);
  return reading.policy;
}

export function role(policy: Policy = trust(statement()), maxSessionDuration = 3600): Role {
  return { arn: ROLE_ARN, trust: policy, maxSessionDuration };
}

/** A question that is answered with yes, with these changes. */
export function question(changes: Partial<Question> = {}): Question {
  return {
    token: token(),
    signature: "valid",
    provider: PROVIDER,
    role: role(),
    request: { roleArn: ROLE_ARN, sessionName: "gitlab-20-574-302" },
    now: NOW,
    ...changes,
  };
}

export type Denied = Extract<Decision, { outcome: "denied" }>;

/** A decision that must be a refusal. */
export function denied(decision: Decision): Denied {
  if (decision.outcome === "allowed") throw new Error("expected a refusal, and it was allowed");
  return decision;
}

/** The last check that failed: the reason of a refusal. */
export function reason(decision: Decision): Check {
  const check = decision.checks.findLast(({ pass }) => !pass);
  if (!check) throw new Error("expected a check that failed");
  return check;
}
