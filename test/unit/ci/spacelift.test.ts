import { describe, expect, it } from "vitest";
import { spacelift } from "../../../src/ci/spacelift.ts";
import { ask, jwt, pretend, shape } from "./examples.ts";

// Put together from Spacelift's page: its claims and its subject.
const EXAMPLE =
  '{"iss":"https://demo.app.spacelift.io","aud":"demo.app.spacelift.io","sub":"space:legacy:stack:infra:run_type:TRACKED:scope:write","iat":1700000000,"nbf":1700000000,"exp":1700003600,"jti":"x","spaceId":"legacy","callerType":"stack","callerId":"infra","runType":"TRACKED","runId":"01H","scope":"write"}';

describe("a pretended token of Spacelift", () => {
  it("has the claims of the page, each of its type, and its values", () => {
    const claims = spacelift.pretend({ project: "legacy/infra", issuedAt: 1_700_000_000 });
    const { jti: _, runId: __, ...values } = JSON.parse(EXAMPLE) as Record<string, string>;
    expect(shape(claims)).toEqual(shape(JSON.parse(EXAMPLE) as Record<string, string>));
    expect(claims).toMatchObject(values);
  });

  it.each([
    [{ event: "proposed" }, "space:legacy:stack:infra:run_type:PROPOSED:scope:read"],
    [{ event: "TASK" }, "space:legacy:stack:infra:run_type:TASK:scope:write"],
    [{ project: "legacy/module/vpc" }, "space:legacy:module:vpc:run_type:TRACKED:scope:write"],
  ])("of %j has the subject %s", (job, sub) => {
    expect(pretend(spacelift, { project: "legacy/infra", ...job })["sub"]).toBe(sub);
  });

  it("is of the scope that its subject names, unless a template made another", () => {
    const sub = "space:legacy:module:vpc:run_type:TESTING:scope:write";
    expect(spacelift.scopeOf({ sub })).toEqual({ project: "legacy/module/vpc", environment: "write" });
    expect(spacelift.scopeOf({ sub: "stack-infra" })).toBeNull();
  });
});

describe("a role that trusts a stack with write access", () => {
  const scope = { project: "legacy/infra", environment: "write" };

  it.each([
    [{ event: "PROPOSED" }, "denied"],
    [{ event: "TRACKED" }, "allowed"],
    [{ project: "legacy/infra2" }, "denied"],
    [{ project: "other/infra" }, "denied"],
    [{ project: "legacy/module/infra" }, "denied"],
  ])("answers a run of %j: %s", (job, outcome) => {
    expect(ask(spacelift, scope, pretend(spacelift, { project: "legacy/infra", ...job }))).toBe(outcome);
  });
});

describe("a run of Spacelift", () => {
  it("has its token in the variable, else in the workspace's file", () => {
    const token = jwt(pretend(spacelift));
    expect(spacelift.findTokens({ SPACELIFT_OIDC_TOKEN: token })).toMatchObject({
      candidates: [{ source: { name: "SPACELIFT_OIDC_TOKEN" } }],
      ask: null,
    });
    expect(spacelift.findTokens({}).ask).toEqual({ kind: "file", path: "/mnt/workspace/spacelift.oidc" });
  });
});
