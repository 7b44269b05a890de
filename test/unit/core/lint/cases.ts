import type { Provider } from "../../../../src/core/decide.ts";
import type { LintRole, Permissions } from "../../../../src/core/lint/finding.ts";
import { readPolicy } from "../../../../src/core/policy.ts";
import type { Json } from "../../../../src/core/token.ts";

export const NOW = Date.parse("2026-11-25T00:00:00Z");
export const ACCOUNT = "123456789012";
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/ci`;

export const GITHUB = "token.actions.githubusercontent.com";
export const GITLAB = "gitlab.com";
export const AUD = "sts.amazonaws.com";

export function arnOf(url: string): string {
  return `arn:aws:iam::${ACCOUNT}:oidc-provider/${url}`;
}

export function providerAt(url: string, audiences: readonly string[], thumbprints: readonly string[] = []): Provider {
  return { arn: arnOf(url), url, audiences, thumbprints };
}

const BUILT_IN = ["cognito-identity.amazonaws.com", "accounts.google.com"];

/** A statement for one issuer; `C.sub` of a condition block stands for `<issuer>:sub`. */
export function statement(url: string, condition: Json | undefined, more: { readonly [key: string]: Json } = {}): Json {
  const principal = BUILT_IN.includes(url) ? url : arnOf(url);
  return {
    Effect: "Allow",
    Principal: { Federated: principal },
    Action: "sts:AssumeRoleWithWebIdentity",
    ...(condition === undefined
      ? {}
      : { Condition: JSON.parse(JSON.stringify(condition).replaceAll("C.", `${url}:`)) as Json }),
    ...more,
  };
}

export function roleWith(statements: readonly Json[], more: Partial<LintRole> = {}): LintRole {
  return { ...roleWithTrust({ Version: "2012-10-17", Statement: statements }), ...more };
}

export function roleWithTrust(document: Json): LintRole {
  const reading = readPolicy(document);
  if (reading.kind !== "policy") throw new Error(`no policy: ${reading.message}`);
  return {
    resource: ROLE,
    from: "test",
    trust: reading.policy,
    size: JSON.stringify(document).length,
    maxSessionDuration: null,
    permissions: null,
  };
}

export function allowing(
  actions: readonly string[],
  resource = "*",
  boundary: Permissions["boundary"] = null,
): Permissions {
  const reading = readPolicy({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: actions, Resource: resource }],
  });
  if (reading.kind !== "policy") throw new Error(`no policy: ${reading.message}`);
  return { policies: [reading.policy], boundary, unread: [] };
}

export function github(condition: Json, more: { readonly [key: string]: Json } = {}): Json {
  return statement(GITHUB, condition, more);
}

export function gitlab(condition: Json): Json {
  return statement(GITLAB, condition);
}
