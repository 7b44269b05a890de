import { describe, expect, it } from "vitest";
import { codefresh } from "../../../src/ci/codefresh.ts";
import type { Claims } from "../../../src/core/token.ts";
import { ask, jwt, NOW, pretend, shape } from "./examples.ts";

// Codefresh's published example.
const EXAMPLE = JSON.parse(
  '{"sub":"account:5f30ebd30312313ae7008:pipeline:64f0c40800aafd1455566:scm_repo_url:https://github.com/codefresh-user/oidc-test:scm_user_name:codefresh-user:scm_ref:codefresh-patch-3","account_id":"5f30ebd30312313ae7008","account_name":"codefresh-user","pipeline_id":"64f0c40800aafd1455566","pipeline_name":"oidc/git-run","workflow_id":"64f447c02199f903000gh20","scm_user_name":"codefresh-user","scm_repo_url":"https://github.com/codefresh-user/oidc-test","scm_ref":"codefresh-patch-3","aud":"https://g.codefresh.io","exp":1693731108,"iat":1693730808,"iss":"https://oidc.codefresh.io"}',
) as Claims;

const PROJECT = "5f30ebd30312313ae7008/64f0c40800aafd1455566";

describe("a pretended token of Codefresh", () => {
  it("is the published example", () => {
    const claims = codefresh.pretend({ project: PROJECT, branch: "codefresh-patch-3", issuedAt: 1_693_730_808 });
    expect(shape(claims)).toEqual(shape(EXAMPLE));
    expect(claims).toEqual(EXAMPLE);
  });

  it.each([
    [{ event: "cron" }, "account:a:pipeline:p", { project: "a/p" }],
    [{ event: "manual" }, "account:a:pipeline:p:initiator:codefresh-user", { project: "a/p" }],
    [{ branch: "main" }, null, { project: "a/p", branch: "main" }],
    [{ event: "pull_request" }, null, { project: "a/p", pullRequests: true }],
  ])("of %j has the subject of its trigger", (job, sub, scope) => {
    const claims = pretend(codefresh, { project: "a/p", ...job });
    if (sub !== null) expect(claims["sub"]).toBe(sub);
    expect(codefresh.scopeOf(claims)).toEqual(scope);
  });

  it("of another subject is of no scope", () => {
    expect(codefresh.scopeOf({ sub: "account:a" })).toBeNull();
  });
});

describe("a role that trusts Codefresh", () => {
  it.each([
    [{ branch: "main" }, { branch: "main", event: "pull_request" }, "denied"],
    [{ branch: "main" }, { branch: "dev" }, "denied"],
    [{ branch: "main" }, { event: "cron" }, "denied"],
    [{ pullRequests: true } as const, { branch: "main" }, "denied"],
    [{}, { event: "cron" }, "allowed"],
    [{}, { event: "manual" }, "allowed"],
    [{}, { project: "a/p2", event: "cron" }, "denied"],
  ])("by %j answers %j: %s", (scope, job, outcome) => {
    expect(ask(codefresh, { project: "a/p", ...scope }, pretend(codefresh, { project: "a/p", ...job }))).toBe(outcome);
  });
});

describe("a step of Codefresh", () => {
  const step = {
    CF_BUILD_ID: "1",
    CF_OIDC_REQUEST_URL: "https://oidc.codefresh.io/token",
    CF_OIDC_REQUEST_TOKEN: "secret",
  };

  it("has the token that the step obtain-oidc-id-token left, and asks for others with the bare token", () => {
    const { candidates, ask: source } = codefresh.findTokens({ ...step, ID_TOKEN: jwt(pretend(codefresh)) }, "a");
    expect(candidates).toMatchObject([{ source: { kind: "env", name: "ID_TOKEN" } }]);
    expect(source).toMatchObject({
      from: "CF_OIDC_REQUEST_URL",
      method: "GET",
      query: { audience: "a" },
      field: "id_token",
    });
    expect(source?.kind === "request" && source.authorization?.reveal()).toBe("secret");
  });

  it("without either is told the step to add, for its audience", () => {
    expect(codefresh.findTokens({ CF_BUILD_ID: "1" })).toMatchObject({
      ask: null,
      rejected: [{ name: "CF_OIDC_REQUEST_URL" }, { name: "CF_OIDC_REQUEST_TOKEN" }],
    });
    expect(codefresh.snippet({ audience: "aws" })).toBe(
      "obtain_id_token: { type: obtain-oidc-id-token, arguments: { AUDIENCE: aws } }",
    );
  });

  it("lives five minutes unless told otherwise", () => {
    expect(codefresh.pretend({ project: "a/p", issuedAt: NOW })["exp"]).toBe(NOW + 300);
  });
});
