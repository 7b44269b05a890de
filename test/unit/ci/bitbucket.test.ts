import { describe, expect, it } from "vitest";
import { bitbucket } from "../../../src/ci/bitbucket.ts";
import { type Claims, showClaim } from "../../../src/core/token.ts";
import { ask, jwt, pretend, shape } from "./examples.ts";

const REPOSITORY = "{aaaaaaaa-2222-4333-8444-555555555555}";
const ENVIRONMENT = "{bbbbbbbb-2222-4333-8444-555555555555}";

// Put together from Atlassian's claim list.
const EXAMPLE = JSON.parse(
  '{"iss":"https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc","aud":"ari:cloud:bitbucket::workspace/11111111-2222-4333-8444-555555555555","sub":"{aaaaaaaa-2222-4333-8444-555555555555}:{bbbbbbbb-2222-4333-8444-555555555555}:{cccccccc-2222-4333-8444-555555555555}","iat":1700000000,"exp":1700003600,"workspaceUuid":"{11111111-2222-4333-8444-555555555555}","repositoryUuid":"{aaaaaaaa-2222-4333-8444-555555555555}","pipelineUuid":"{dddddddd-2222-4333-8444-555555555555}","stepUuid":"{cccccccc-2222-4333-8444-555555555555}","deploymentEnvironmentUuid":"{bbbbbbbb-2222-4333-8444-555555555555}","branchName":"main"}',
) as Claims;

describe("a pretended token of Bitbucket", () => {
  const job = { project: REPOSITORY, environment: ENVIRONMENT, issuedAt: 1_700_000_000 };
  const claims = bitbucket.pretend(job);

  it("has the claims of the example in its order, each of its type, and the values but for made up ids", () => {
    expect(shape(claims)).toEqual(shape(EXAMPLE));
    const { repositoryUuid, deploymentEnvironmentUuid, iss, iat, exp, branchName } = EXAMPLE;
    expect(claims).toMatchObject({ repositoryUuid, deploymentEnvironmentUuid, iss, iat, exp, branchName });
    expect(showClaim(claims, "sub").split(":").slice(0, 2)).toEqual(showClaim(EXAMPLE, "sub").split(":").slice(0, 2));
    expect(showClaim(claims, "sub").split(":")[2]).toBe(claims["stepUuid"]);
    expect(claims["aud"]).toBe(`ari:cloud:bitbucket::workspace/${showClaim(claims, "workspaceUuid").slice(1, -1)}`);
  });

  it("of another run is of another step", () => {
    expect(bitbucket.pretend({ ...job, issuedAt: 1_700_000_001 })["stepUuid"]).not.toBe(claims["stepUuid"]);
  });

  it("gives back its scope", () => {
    expect(bitbucket.scopeOf(claims)).toEqual({ project: REPOSITORY, environment: ENVIRONMENT });
    expect(bitbucket.scopeOf(bitbucket.pretend({ project: REPOSITORY, issuedAt: 1 }))).toEqual({ project: REPOSITORY });
    expect(bitbucket.scopeOf({ sub: "x" })).toBeNull();
  });
});

describe("a role that trusts a Bitbucket repository", () => {
  it("may name its UUID without braces", () => {
    const [condition] = bitbucket.conditions(bitbucket.pretendedIssuer, { project: REPOSITORY.slice(1, -1) });
    expect(condition?.values).toEqual([`${REPOSITORY}:*`]);
  });

  it("for one environment trusts neither another nor none", () => {
    const scope = { project: REPOSITORY, environment: ENVIRONMENT };
    expect(ask(bitbucket, scope, pretend(bitbucket, scope))).toBe("allowed");
    expect(ask(bitbucket, scope, pretend(bitbucket, { project: REPOSITORY }))).toBe("denied");
    expect(ask(bitbucket, scope, pretend(bitbucket, { project: REPOSITORY, environment: "other" }))).toBe("denied");
  });
});

describe("a step of Bitbucket Pipelines", () => {
  it.each(["BITBUCKET_BUILD_NUMBER", "BITBUCKET_PIPELINE_UUID"])("is recognised by %s", (name) => {
    expect(bitbucket.detect({ [name]: "7" })).toEqual({ ci: "bitbucket", because: [`${name}=7`] });
  });

  it("has its token in one variable, or is told the line to add", () => {
    const token = jwt(EXAMPLE);
    expect(bitbucket.findTokens({ BITBUCKET_STEP_OIDC_TOKEN: token }).candidates).toHaveLength(1);
    expect(bitbucket.findTokens({}).rejected).toEqual([{ name: "BITBUCKET_STEP_OIDC_TOKEN", reason: "it is not set" }]);
    expect(bitbucket.snippet({})).toMatch(/^oidc: true/);
    expect(bitbucket.snippet({ audience: "a" })).toContain('audiences: ["a"]');
  });
});
