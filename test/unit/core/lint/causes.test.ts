import { describe, expect, it } from "vitest";
import { lintRole } from "../../../../src/core/lint.ts";
import type { Finding, LintRole } from "../../../../src/core/lint/finding.ts";
import type { Json } from "../../../../src/core/token.ts";
import { allowing, AUD, GITHUB, github, NOW, roleWith, statement } from "./cases.ts";

function found(role: LintRole): readonly Finding[] {
  return lintRole(role, { providers: [], allProviders: false, now: NOW });
}

function places(statements: readonly Json[]): readonly string[] {
  const all = found(roleWith(statements)).filter(({ severity }) => severity !== "low" && severity !== "info");
  return all.map(({ rule, path = "" }) => `${rule} ${path.replaceAll(GITHUB, "C")}`);
}

describe("the condition that should have kept a token out", () => {
  it("is the one with IfExists, where it would have without", () => {
    const block = {
      StringEquals: { "C.aud": AUD },
      StringLike: { "C.sub": "repo:acme/shop:ref:*" },
      StringEqualsIfExists: { "C.environment": "prod" },
    };
    expect(places([github(block)])).toEqual([`T011 Statement[0].Condition.StringEqualsIfExists["C:environment"]`]);
  });

  it("is none of them where an id pins the organization and the subject is open", () => {
    const block = { StringEquals: { "C.aud": AUD, "C.repository_owner_id": "65" }, StringLike: { "C.sub": "repo:*" } };
    expect(places([github(block)])).toEqual([`T004 Statement[0].Condition.StringLike["C:sub"]`]);
  });

  it("is of the statement that lets the token in, each by itself", () => {
    const open = { StringEquals: { "C.aud": AUD }, StringLike: { "C.sub": "repo:acme*" } };
    const wide = { StringEquals: { "C.aud": AUD }, StringLike: { "C.sub": "repo:acme/*" } };
    expect(places([github(wide), github(open)])).toEqual([
      `T003 Statement[1].Condition.StringLike["C:sub"]`,
      `T004 Statement[0].Condition.StringLike["C:sub"]`,
    ]);
  });
});

describe("a Deny", () => {
  const open = github({ StringEquals: { "C.aud": AUD } });

  it("that keeps every stranger out leaves only what it lets through", () => {
    const denial = statement(GITHUB, { StringNotLike: { "C.sub": "repo:acme/*" } }, { Effect: "Deny" });
    expect(places([open, denial])).toEqual(["T004 Statement[0]"]);
  });

  it("that names one stranger keeps no other out, also not one called like a probe", () => {
    const denial = statement(GITHUB, { StringLike: { "C.sub": "repo:rolecall-stranger/*" } }, { Effect: "Deny" });
    expect(places([open, denial])).toEqual(["T001 Statement[0]"]);
  });
});

describe("what a role may do", () => {
  const pull = github({ StringEquals: { "C.aud": AUD, "C.sub": "repo:acme/shop:pull_request" } });
  const severityOf = (role: LintRole): string | undefined => found(role).find(({ rule }) => rule === "T006")?.severity;

  it("makes a pull request's role worse when it can escalate", () => {
    expect(severityOf(roleWith([pull]))).toBe("medium");
    expect(severityOf(roleWith([pull], { permissions: allowing(["s3:GetObject"]) }))).toBe("medium");
    expect(severityOf(roleWith([pull], { permissions: allowing(["iam:PassRole"]) }))).toBe("high");
  });

  it("is not known behind a boundary that was not read", () => {
    const ids = (role: LintRole): readonly string[] => found(role).map(({ rule }) => rule);
    expect(ids(roleWith([pull], { permissions: allowing(["*"]) }))).toContain("R001");
    expect(ids(roleWith([pull], { permissions: allowing(["*"], "*", "unread") }))).not.toContain("R001");
  });
});

describe("a workspace of HCP Terraform", () => {
  const phases = (...values: readonly string[]): readonly string[] => {
    const subjects = values.map((phase) => `organization:acme:project:shop:workspace:prod:run_phase:${phase}`);
    const block = { StringLike: { "C.sub": subjects }, StringEquals: { "C.aud": "aws.workload.identity" } };
    return found(roleWith([statement("app.terraform.io", block)])).map(({ rule, severity }) => `${rule} ${severity}`);
  };

  it("has a role for plans and another for what was approved", () => {
    expect(phases("apply")).toEqual([]);
    expect(phases("plan")).toEqual([]);
    expect(phases("*")).toEqual(["T029 high"]);
    expect(phases("apply", "plan")).toEqual(["T029 high"]);
  });
});

describe("a pool of Cognito", () => {
  const amr = (value: string | null): readonly string[] => {
    const wanted = value === null ? {} : { "ForAnyValue:StringLike": { "C.amr": value } };
    const block = { StringEquals: { "C.aud": "us-east-1:pool" }, ...wanted };
    return found(roleWith([statement("cognito-identity.amazonaws.com", block)])).map(
      ({ rule, severity, message }) => `${rule} ${severity} ${message}`,
    );
  };

  it("has guests, and a role that they may take says so", () => {
    expect(amr("authenticated")).toEqual([]);
    expect(amr("unauthenticated")).toEqual([]);
    expect(amr(null)).toEqual(["T031 high a guest of the pool, who has not logged in, gets the role"]);
  });
});

describe("an issuer's name", () => {
  const open = { StringEquals: { "C.aud": AUD, "C.sub": "repo:acme/shop:ref:refs/heads/main" } };
  const misnamed = (url: string): readonly (string | undefined)[] =>
    found(roleWith([statement(url, open)]))
      .filter(({ rule }) => rule === "P002")
      .map(({ message }) => message);

  it.each([
    "token.actions.githubusercontent.com.example.net",
    "token.actions.githubuser.content.com",
    "https://token.actions.githubusercontent.com",
    "token.actions.githubusercontent.com/",
  ])("%s is not GitHub's", (url) => {
    expect(misnamed(url)).toEqual([
      `tokens have the issuer https://token.actions.githubusercontent.com, and the provider is for ${url}`,
    ]);
  });

  it.each([GITHUB, `${GITHUB}/acme-corp`, "github.example.com/_services/token", "gitlab.com.example.net"])(
    "%s is taken as it is",
    (url) => {
      expect(misnamed(url)).toEqual([]);
    },
  );
});

it("says nothing of a cluster's role for one service account", () => {
  const url = "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF";
  const one = { StringEquals: { "C.sub": "system:serviceaccount:shop:deploy", "C.aud": AUD } };
  const any = { StringLike: { "C.sub": "system:serviceaccount:shop:*" }, StringEquals: { "C.aud": AUD } };
  expect(found(roleWith([statement(url, one)]))).toEqual([]);
  expect(found(roleWith([statement(url, any)])).map(({ rule, severity }) => [rule, severity])).toEqual([
    ["T004", "medium"],
  ]);
});

it("says nothing of principals of the role's own account, and tells those of another", () => {
  const main = github({ StringEquals: { "C.aud": AUD, "C.sub": "repo:acme/shop:ref:refs/heads/main" } });
  const also = (account: string): readonly string[] =>
    places([main, { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: "sts:AssumeRole" }]);
  expect(also("123456789012")).toEqual([]);
  expect(also("999999999999")).toEqual(["T023 Statement[1].Principal.AWS"]);
});

it("knows that a branch of one's own is not protected on gitlab.com", () => {
  const any = (more: object): readonly string[] =>
    places([
      statement("gitlab.com", {
        StringLike: { "C.sub": "project_path:acme/shop:ref_type:branch:*" },
        StringEquals: { "C.aud": AUD, ...more },
      }),
    ]);
  expect(any({ "C.ref_protected": "true" })).toEqual([]);
  expect(any({}).map((place) => place.slice(0, 4))).toEqual(["T005"]);
});
