import { describe, expect, it } from "vitest";
import { buildkite } from "../../../src/ci/buildkite.ts";
import { custom } from "../../../src/ci/custom.ts";
import type { Claims } from "../../../src/core/token.ts";
import { ask, AUDIENCE, NOW, pretend, shape } from "./examples.ts";

// Buildkite's published example.
const EXAMPLE = JSON.parse(
  '{"iss":"https://agent.buildkite.com","sub":"organization:acme-inc:pipeline:super-duper-app:ref:refs/heads/main:commit:9f3182061f1e2cca4702c368cbc039b7dc9d4485:step:build","aud":"sts.amazonaws.com","iat":1669014898,"nbf":1669014898,"exp":1669015198,"organization_slug":"acme-inc","pipeline_slug":"super-duper-app","build_number":1,"build_branch":"main","build_commit":"9f3182061f1e2cca4702c368cbc039b7dc9d4485","step_key":"build","job_id":"0184990a-477b-4fa8-9968-496074483cee","agent_id":"0184990a-4782-42b5-afc1-16715b10b8ff","build_source":"ui","runner_environment":"buildkite-hosted","https://aws.amazon.com/tags":{"principal_tags":{"organization_slug":["acme-inc"],"organization_id":["f892efa9-103e-4d28-97a1-3b8616a0994d"]}}}',
) as Claims;

const JOB = { project: "acme-inc/super-duper-app", branch: "main", event: "ui", issuedAt: 1_669_014_898 };

describe("a pretended token of Buildkite", () => {
  it("has the claims of the published example in its order, each of its type, and its values", () => {
    const flags = { "aws-session-tag": "organization_slug,organization_id" };
    const claims = buildkite.pretend({ ...JOB, audience: AUDIENCE, flags });
    expect(shape(claims)).toEqual(shape(EXAMPLE));
    const { sub: _, build_commit: __, "https://aws.amazon.com/tags": ___, ...values } = EXAMPLE;
    expect(claims).toMatchObject(values);
    expect(claims["https://aws.amazon.com/tags"]).toMatchObject({
      principal_tags: { organization_slug: ["acme-inc"] },
    });
    expect(claims["sub"]).toMatch(
      /^organization:acme-inc:pipeline:super-duper-app:ref:refs\/heads\/main:commit:\w+:step:build$/,
    );
  });

  it("has what buildkite-agent was asked for: optional claims, a life, another subject", () => {
    const flags = { claim: "organization_id,pipeline_id", lifetime: "60", "subject-claim": "pipeline_id" };
    const claims = buildkite.pretend({ ...JOB, flags });
    expect(claims["sub"]).toBe(claims["pipeline_id"]);
    expect(claims).toMatchObject({ exp: JOB.issuedAt + 60, organization_id: expect.stringMatching(/-/) as string });
  });

  it("is for the organization when asked for without an audience; a tag wins over the branch", () => {
    const claims = buildkite.pretend({ ...JOB, tag: "v1" });
    expect(claims).toMatchObject({ aud: "https://buildkite.com/acme-inc", build_tag: "v1", build_branch: "main" });
    expect(buildkite.scopeOf(claims)).toEqual({ project: JOB.project, tag: "v1" });
    expect(buildkite.scopeOf({ sub: "x" })).toBeNull();
  });
});

describe("a role that trusts a branch of a pipeline", () => {
  const scope = { project: "acme/shop", branch: "main" };

  it.each([{ branch: "main2" }, { branch: "x/main" }, { tag: "main" }, { project: "acme/shop2" }])(
    "does not trust %j",
    (job) => {
      expect(ask(buildkite, scope, pretend(buildkite, { ...scope, ...job }))).toBe("denied");
    },
  );

  it("is trusted by the real form of the ref, refs/heads/ included", () => {
    expect(buildkite.conditions("https://agent.buildkite.com", scope)[0]?.values).toEqual([
      "organization:acme:pipeline:shop:ref:refs/heads/main:commit:*",
    ]);
  });
});

describe("a job of Buildkite", () => {
  it("asks its agent, for the audience that is wanted", () => {
    expect(buildkite.findTokens({ BUILDKITE: "true" }, "a").ask).toEqual({
      kind: "command",
      command: ["buildkite-agent", "oidc", "request-token", "--audience", "a"],
    });
    expect(buildkite.snippet({})).toContain("buildkite-agent");
  });
});

describe("a token of another CI", () => {
  it("has the project as its whole subject", () => {
    const claims = custom.pretend({
      project: "spiffe://ci/x",
      issuer: "https://ci.test",
      issuedAt: NOW,
      audience: "a",
    });
    expect(claims).toEqual({
      iss: "https://ci.test",
      sub: "spiffe://ci/x",
      aud: "a",
      iat: NOW,
      nbf: NOW,
      exp: NOW + 300,
    });
    expect(custom.scopeOf(claims)).toEqual({ project: "spiffe://ci/x" });
    expect(custom.scopeOf({})).toBeNull();
  });

  it("is never found by itself", () => {
    expect(custom.detect({ CI: "true" })).toBeNull();
    expect(custom.findTokens({})).toEqual({ candidates: [], ask: null, rejected: [] });
  });
});
