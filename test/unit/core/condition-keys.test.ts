import { describe, expect, it } from "vitest";
import { neverExposed, requestContext } from "../../../src/core/condition-keys.ts";
import type { Context } from "../../../src/core/conditions.ts";
import type { Provider, Question } from "../../../src/core/decide.ts";
import { readSession } from "../../../src/core/session-claims.ts";
import type { Json } from "../../../src/core/token.ts";
import { type Changes, PROVIDER, question, ROLE_ARN, SECONDS, SUBJECT, token } from "./example.ts";

function providerOf(url: string): Provider {
  return { ...PROVIDER, url, arn: `arn:aws:iam::123456789012:oidc-provider/${url}` };
}

function contextOf(changes: Changes, provider: Provider = PROVIDER, more: Partial<Question> = {}): Context {
  const asked = question({ token: token(changes), ...more });
  return requestContext(asked, provider, readSession(asked.token.claims).session);
}

// AWS service authorization reference for STS, state 2026-09-26.
const TABLE: readonly (readonly [issuer: string, claims: readonly string[]])[] = [
  ...[
    "token.actions.githubusercontent.com",
    "token.actions.githubusercontent.com/acme",
    "token.actions.acme.ghe.com",
    "github.com/enterprises/acme",
  ].map(
    (issuer) =>
      [
        issuer,
        [
          ...["actor", "actor_id", "enterprise_id", "environment", "job_workflow_ref"],
          ...["ref", "repository", "repository_id", "repository_owner_id", "workflow"],
        ],
      ] as const,
  ),
  [
    "gitlab.com",
    [
      ...["namespace_id", "project_id", "user_id", "user_login", "user_email"],
      ...["user_access_level", "ref_protected", "pipeline_source", "runner_environment"],
    ],
  ],
  ...["agent.buildkite.com", "agent.acme.buildkite.dev", "agent.acme.buildkite.site"].map(
    (issuer) =>
      [
        issuer,
        [
          ...["build_branch", "cluster_id", "cluster_name", "organization_id"],
          ...["organization_slug", "pipeline_id", "pipeline_slug"],
        ],
      ] as const,
  ),
  ["oidc.circleci.com/org/11111111", ["oidc.circleci.com/project-id"]],
  ["accounts.google.com", ["google/organization_number"]],
  ["idcs-1234.identity.oraclecloud.com", ["rpst_id"]],
];

describe("the claims that AWS shows to trust policies", () => {
  it.each(TABLE)("of %s", (issuer, claims) => {
    const provider = providerOf(issuer);
    const context = contextOf(Object.fromEntries(claims.map((claim) => [claim, `the ${claim}`])), provider);
    for (const claim of claims) {
      expect(context.get(`${issuer}:${claim}`), claim).toEqual([`the ${claim}`]);
      expect(neverExposed(`${issuer}:${claim}`, provider), claim).toBeNull();
    }
  });

  const HIDDEN: readonly (readonly [issuer: string, claims: readonly string[]])[] = [
    [
      "token.actions.githubusercontent.com",
      [
        ...["event_name", "head_ref", "base_ref", "run_id", "runner_environment", "repository_visibility"],
        ...["repository_owner", "workflow_ref", "job_workflow_sha", "ref_type", "sha"],
      ],
    ],
    ["gitlab.com", ["project_path", "ref", "ref_type", "environment"]],
    ["oidc.circleci.com/org/11111111", ["oidc.circleci.com/vcs-ref", "oidc.circleci.com/context-ids"]],
    // Self-managed: the same claims, and none of them is shown.
    ["gitlab.example.com", ["namespace_id", "project_id", "user_login", "ref_protected", "pipeline_source"]],
    ["jenkins.example.com/oidc", ["build_number"]],
    ["github.example.com/_services/token", ["repository", "environment"]],
    ["gitlab.com/subpath", ["project_id"]],
  ];

  it.each(HIDDEN)("of %s are not these", (issuer, claims) => {
    const provider = providerOf(issuer);
    const context = contextOf(Object.fromEntries(claims.map((claim) => [claim, "x"])), provider);
    for (const claim of claims) {
      expect(context.get(`${issuer}:${claim}`), claim).toBeNull();
      expect(neverExposed(`${issuer}:${claim}`, provider)).toBe(`AWS never exposes the claim ${claim} of ${issuer}`);
    }
  });

  it("of every issuer are sub, aud, amr, oaud and email, under its own name with its path", () => {
    const provider = providerOf("jenkins.example.com/oidc");
    const context = contextOf({ amr: ["pwd", "otp"], email: "ci@acme.test", aud: ["one"] }, provider);
    expect(context.get("jenkins.example.com/oidc:sub")).toEqual([SUBJECT]);
    expect(context.get("jenkins.example.com/oidc:aud")).toEqual(["one"]);
    expect(context.get("jenkins.example.com/oidc:oaud")).toEqual(["one"]);
    expect(context.get("jenkins.example.com/oidc:amr")).toEqual(["pwd", "otp"]);
    expect(context.get("jenkins.example.com/oidc:email")).toEqual(["ci@acme.test"]);
    for (const name of ["sub", "aud", "amr", "oaud", "email"]) {
      expect(neverExposed(`jenkins.example.com/oidc:${name}`, provider)).toBeNull();
    }
  });

  it.each(["iss", "azp", "exp", "jti"])("of no issuer are %s", (claim) => {
    expect(contextOf({ azp: "x", jti: "x" }).get(`gitlab.com:${claim}`)).toBeNull();
    expect(neverExposed(`gitlab.com:${claim}`, PROVIDER)).toContain(`never exposes the claim ${claim}`);
  });
});

describe("the values of claims", () => {
  it("are azp for aud where the token has one, and aud for oaud", () => {
    const context = contextOf({ azp: "party", aud: ["one", "two"] });
    expect(context.get("gitlab.com:aud")).toEqual(["party"]);
    expect(context.get("gitlab.com:oaud")).toEqual(["one", "two"]);
  });

  it("of numbers and booleans are text", () => {
    const context = contextOf({ project_id: 20, ref_protected: true, sub: 7 });
    expect(context.get("gitlab.com:project_id")).toEqual(["20"]);
    expect(context.get("gitlab.com:ref_protected")).toEqual(["true"]);
    expect(context.get("gitlab.com:sub")).toEqual(["7"]);
  });

  it("of an object or null where a text belongs are absent", () => {
    const context = contextOf({ project_id: { id: 20 }, user_login: null });
    expect(context.get("gitlab.com:project_id")).toBeNull();
    expect(context.get("gitlab.com:user_login")).toBeNull();
  });

  it("are absent for amr when the token has none, and present without values for an empty list", () => {
    expect(contextOf({}).get("gitlab.com:amr")).toBeNull();
    expect(contextOf({ amr: [] }).get("gitlab.com:amr")).toEqual([]);
    expect(contextOf({ amr: "pwd" }).get("gitlab.com:amr")).toEqual(["pwd"]);
  });

  it("of a claim inside another are found, and a claim whose own name has a slash is found before", () => {
    const google = providerOf("accounts.google.com");
    const nested: Changes = { google: { organization_number: 4711 } };
    expect(contextOf(nested, google).get("accounts.google.com:google/organization_number")).toEqual(["4711"]);
    const both: Changes = { ...nested, "google/organization_number": 8 };
    expect(contextOf(both, google).get("accounts.google.com:google/organization_number")).toEqual(["8"]);
  });

  it("are found whatever the case of the key's name", () => {
    expect(contextOf({}).get("GitLab.com:SUB")).toEqual([SUBJECT]);
  });
});

describe("the keys of the request", () => {
  const request = {
    roleArn: ROLE_ARN,
    sessionName: "gitlab-20",
    sourceIp: "10.0.0.7",
    userAgent: "rolecall/1",
    secureTransport: false,
    region: "eu-central-1",
  };

  it.each([
    ["sts:RoleSessionName", "gitlab-20"],
    ["sts:RoleAuthorizedByIdp", "false"],
    ["aws:CurrentTime", "2026-11-23T12:00:00.000Z"],
    ["aws:EpochTime", String(SECONDS)],
    ["aws:PrincipalAccount", "123456789012"],
    ["aws:ResourceAccount", "123456789012"],
    ["aws:PrincipalType", "User"],
    ["aws:PrincipalIsAWSService", "false"],
    ["aws:userid", PROVIDER.arn],
    ["aws:SourceIp", "10.0.0.7"],
    ["aws:UserAgent", "rolecall/1"],
    ["aws:SecureTransport", "false"],
    ["aws:RequestedRegion", "eu-central-1"],
  ])("%s is %s", (key, value) => {
    expect(contextOf({}, PROVIDER, { request }).get(key)).toEqual([value]);
    expect(neverExposed(key, PROVIDER)).toBeNull();
  });

  it.each([
    "aws:SourceIp",
    "aws:UserAgent",
    "aws:SecureTransport",
    "aws:RequestedRegion",
    "sts:SourceIdentity",
    "aws:TagKeys",
  ])("%s is absent when the request does not say it", (key) => {
    expect(contextOf({}).get(key)).toBeNull();
  });

  it("hold the token's tags and source identity", () => {
    const context = contextOf({
      "https://aws.amazon.com/tags": {
        principal_tags: { Team: ["shop"], Env: ["prod"] },
        transitive_tag_keys: ["Team"],
      },
      "https://aws.amazon.com/source_identity": "jane",
    });
    expect(context.get("aws:RequestTag/team")).toEqual(["shop"]);
    expect(context.get("aws:TagKeys")).toEqual(["Team", "Env"]);
    expect(context.get("sts:TransitiveTagKeys")).toEqual(["Team"]);
    expect(context.get("sts:SourceIdentity")).toEqual(["jane"]);
  });

  it.each(["sts:ExternalId", "sts:DurationSeconds", "aws:PrincipalArn"])("never have %s, and it is said why", (key) => {
    expect(contextOf({}).get(key)).toBeNull();
    expect(neverExposed(key, PROVIDER)).toMatch(/only AssumeRole|no such key|nobody signs/);
    expect(neverExposed(key.toUpperCase(), PROVIDER)).not.toBeNull();
  });
});

describe("a key of another issuer", () => {
  it.each([
    ["gitlab.com:sub", "gitlab.example.com"],
    ["oidc.circleci.com:sub", "oidc.circleci.com/org/1"],
    ["gitlab.com/:sub", "gitlab.com"],
    ["sub", "gitlab.com"],
  ])("%s is never that of %s, and it is said how those begin", (key, issuer) => {
    const provider = providerOf(issuer);
    expect(contextOf({}, provider).get(key) satisfies Json).toBeNull();
    expect(neverExposed(key, provider)).toBe(`keys of this provider begin with ${issuer}:`);
  });
});
