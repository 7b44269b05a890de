import { describe, expect, it } from "vitest";
import { vercel } from "../../../src/ci/vercel.ts";
import { ask, jwt, pretend } from "./examples.ts";

describe("a pretended token of Vercel", () => {
  it("has the claims of Vercel's reference, for the team", () => {
    const claims = vercel.pretend({ project: "acme/web", issuedAt: 1_700_000_000 });
    expect(claims).toMatchObject({
      iss: "https://oidc.vercel.com/acme",
      aud: "https://vercel.com/acme",
      sub: "owner:acme:project:web:environment:production",
      owner: "acme",
      owner_id: expect.stringMatching(/^team_/) as string,
      project: "web",
      project_id: expect.stringMatching(/^prj_/) as string,
      environment: "production",
      iat: 1_700_000_000,
      nbf: 1_700_000_000,
    });
  });

  it("is of its environment", () => {
    const claims = pretend(vercel, { project: "acme/web", environment: "preview" });
    expect(vercel.scopeOf(claims)).toEqual({ project: "acme/web", environment: "preview" });
    expect(vercel.scopeOf({ sub: "owner:acme" })).toBeNull();
  });
});

describe("a role that trusts an environment of Vercel", () => {
  const scope = { project: "acme/web", environment: "production" };

  it.each(["development", "preview"])("does not trust %s", (environment) => {
    expect(ask(vercel, scope, pretend(vercel, { project: "acme/web", environment }))).toBe("denied");
  });

  it("is never of a whole project, whose development tokens are on laptops", () => {
    expect(vercel.projectAlone).toBe(false);
  });
});

describe("a build of Vercel", () => {
  it("has its token in a variable", () => {
    const token = jwt(pretend(vercel));
    expect(vercel.findTokens({ VERCEL_OIDC_TOKEN: token }).candidates).toHaveLength(1);
    expect(vercel.findTokens({ VERCEL_OIDC_TOKEN: "x" }).rejected).toEqual([
      { name: "VERCEL_OIDC_TOKEN", reason: "it is not a JWT" },
    ]);
  });
});
