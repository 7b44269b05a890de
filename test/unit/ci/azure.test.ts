import { describe, expect, it } from "vitest";
import { azure } from "../../../src/ci/azure.ts";
import type { Claims } from "../../../src/core/token.ts";
import { ask, pretend, shape } from "./examples.ts";

// Put together from the variables that the claims are (stackitcloud/terraform-provider-stackit#1321).
const EXAMPLE = JSON.parse(
  '{"jti":"x","sub":"p://acme/shop/deploy","aud":"api://AzureADTokenExchange","iss":"https://vstoken.dev.azure.com/aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb","nbf":1700000000,"iat":1700000000,"exp":1700000600,"org_id":"aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb","prj_id":"cccccccc-1111-4222-8333-dddddddddddd","def_id":"12","rpo_id":"acme/shop","rpo_uri":"https://github.com/acme/shop","rpo_ver":"714a629c0b401fdce83e847fc9589983fc6f46bc","rpo_ref":"refs/heads/main","run_id":"345"}',
) as Claims;

describe("a pretended token of Azure Pipelines", () => {
  it("has the claims of the example in its order, each of its type", () => {
    const claims = azure.pretend({ project: "acme/shop/deploy", issuedAt: 1_700_000_000 });
    expect(shape(claims)).toEqual(shape(EXAMPLE));
    const { sub, aud, iss, exp, org_id: org, rpo_ref: ref } = EXAMPLE;
    expect(claims).toMatchObject({ sub, aud, iss, exp, org_id: org, rpo_ref: ref });
  });

  it("of a service connection has its subject, and says nothing of the pipeline", () => {
    const claims = azure.pretend({ project: "acme/shop/deploy", environment: "aws", issuedAt: 1_700_000_000 });
    expect(claims["sub"]).toBe("sc://acme/shop/aws");
    expect(Object.keys(claims)).toEqual(["jti", "sub", "aud", "iss", "nbf", "iat", "exp"]);
  });

  it.each([
    ["p://acme/shop/deploy", { project: "acme/shop/deploy" }],
    ["p://acme/shop/deploy/nightly", { project: "acme/shop/deploy/nightly" }],
    ["sc://acme/shop/aws", { project: "acme/shop", environment: "aws" }],
    ["repo:acme/shop:ref:x", null],
  ])("of %s is of the scope %j", (sub, scope) => {
    expect(azure.scopeOf({ sub })).toEqual(scope);
  });
});

describe("a role that trusts Azure Pipelines", () => {
  it.each([
    { project: "acme/shop/other" },
    { project: "acme/shop2/deploy" },
    { project: "acme/shop/deploy", environment: "aws" },
  ])("by its pipeline does not trust %j", (job) => {
    expect(ask(azure, { project: "acme/shop/deploy" }, pretend(azure, job))).toBe("denied");
  });

  it("by its project trusts every pipeline of it, and no service connection", () => {
    const scope = { project: "acme/shop" };
    expect(ask(azure, scope, pretend(azure, { project: "acme/shop/any" }))).toBe("allowed");
    expect(ask(azure, scope, pretend(azure, { project: "acme/shop", environment: "aws" }))).toBe("denied");
  });
});

describe("a job of Azure Pipelines", () => {
  const job = {
    TF_BUILD: "True",
    SYSTEM_OIDCREQUESTURI: "https://dev.azure.com/x/oidctoken",
    SYSTEM_ACCESSTOKEN: "the-access-token",
  };

  it("asks by a POST with the access token that the step maps, in the version that Microsoft's own clients use", () => {
    const { ask: source } = azure.findTokens(job);
    expect(source).toMatchObject({
      kind: "request",
      from: "SYSTEM_OIDCREQUESTURI",
      method: "POST",
      url: job.SYSTEM_OIDCREQUESTURI,
      query: { "api-version": "7.1" },
      headers: { "x-tfs-fedauthredirect": "Suppress" },
      field: "oidcToken",
    });
    expect(source?.kind === "request" && source.authorization?.reveal()).toBe("Bearer the-access-token");
    expect(JSON.stringify(source)).not.toContain("the-access-token");
  });

  it("asks for a service connection's token when it is told the connection's id", () => {
    const { ask: source } = azure.findTokens({ ...job, ROLECALL_SERVICE_CONNECTION_ID: "c-1" });
    expect(source).toMatchObject({ query: { "api-version": "7.1", serviceConnectionId: "c-1" } });
  });

  it("without the access token is told to map it", () => {
    const { ask: source, rejected } = azure.findTokens({ ...job, SYSTEM_ACCESSTOKEN: "" });
    expect(source).toBeNull();
    expect(rejected.map(({ name }) => name)).toEqual(["SYSTEM_ACCESSTOKEN"]);
    expect(azure.snippet({})).toBe("env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }");
  });
});
