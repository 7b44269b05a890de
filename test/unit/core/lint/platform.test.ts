import { describe, expect, it } from "vitest";
import { lintRole } from "../../../../src/core/lint.ts";
import type { LintRole } from "../../../../src/core/lint/finding.ts";
import { isUpTo, type PlatformFacts, type ProjectFacts } from "../../../../src/core/lint/platform.ts";
import { AUD, GITHUB, github, gitlab, NOW, roleWith, statement } from "./cases.ts";

const MAIN = "repo:acme/shop:ref:refs/heads/main";
const CIRCLE = "oidc.circleci.com/org/11111111-1111-4111-8111-111111111111";
const PROJECT = "22222222-2222-4222-8222-222222222222";

function of(subject: string, more: object = {}): LintRole {
  return roleWith([github({ StringEquals: { "C.aud": AUD, "C.sub": subject, ...more } })]);
}

function rules(role: LintRole, platform: PlatformFacts): readonly string[] {
  const found = lintRole(role, { providers: [], allProviders: false, now: NOW, platform });
  return found.map(({ rule }) => rule).filter((rule) => /^S|T017|T018|T021|T022/.test(rule));
}

function ofShop(more: Partial<ProjectFacts>): PlatformFacts {
  return { projects: [{ issuer: GITHUB, project: "acme/shop", ...more }] };
}

describe("without what the CI's settings tell", () => {
  it("nothing is found of them", () => {
    expect(rules(of(MAIN), {})).toEqual([]);
    expect(rules(of(MAIN), ofShop({}))).toEqual([]);
  });

  it("nothing is found of another project's", () => {
    const other = { issuer: GITHUB, project: "acme/shop-2", state: "gone" } as const;
    expect(rules(of(MAIN), { projects: [other] })).toEqual([]);
  });
});

describe("a project that is gone", () => {
  it("is found whoever writes the names in which case", () => {
    expect(rules(of(MAIN), { projects: [{ issuer: GITHUB, project: "Acme/Shop", state: "gone" }] })).toEqual(["T017"]);
  });

  it("is nobody's when the policy holds its ids", () => {
    expect(rules(of("repo:acme@7/shop@9:ref:refs/heads/main"), ofShop({ state: "owner-gone" }))).toEqual([]);
  });

  it("is worse when its owner is gone too", () => {
    const severity = (state: "gone" | "owner-gone"): string | undefined =>
      lintRole(of(MAIN), { providers: [], allProviders: false, now: NOW, platform: ofShop({ state }) }).find(
        ({ rule }) => rule === "T017",
      )?.severity;
    expect([severity("gone"), severity("owner-gone")]).toEqual(["high", "critical"]);
  });
});

describe("a repository's own subjects", () => {
  it("are told from its prefix", () => {
    expect(rules(of(MAIN), ofShop({ subjectPrefix: "repo:acme@7/shop@9" }))).toEqual(["T018"]);
    expect(rules(of(MAIN), ofShop({ subjectPrefix: "repo:acme/shop" }))).toEqual([]);
  });

  it("are made of the claims of its template, with colons escaped", () => {
    expect(rules(of(MAIN), ofShop({ subjectClaims: ["repo", "context"] }))).toEqual([]);
    expect(rules(of(MAIN), ofShop({ subjectClaims: ["repo", "ref"] }))).toEqual([]);
    expect(rules(of(MAIN), ofShop({ subjectClaims: ["repo"] }))).toEqual(["T021"]);
  });
});

describe("what is protected", () => {
  it("is read with its wildcards", () => {
    const platform = ofShop({ protectedBranches: ["ma*"], protectedTags: [] });
    expect(rules(of(MAIN), platform)).toEqual([]);
    expect(rules(of("repo:acme/shop:ref:refs/tags/main"), platform)).toEqual(["S002"]);
  });

  it("is an environment that is there, with a rule", () => {
    const prod = of("repo:acme/shop:environment:prod");
    expect(rules(prod, ofShop({ environments: [] }))).toEqual(["S001"]);
    expect(rules(prod, ofShop({ environments: [{ name: "Prod", protected: true }] }))).toEqual(["S001"]);
    expect(
      rules(of("repo:acme/shop:environment:prod", { "C.ref": "refs/heads/main" }), ofShop({ environments: [] })),
    ).toEqual([]);
  });
});

describe("forks", () => {
  it("have CircleCI's tokens where they are passed to them", () => {
    const role = roleWith([
      statement(CIRCLE, {
        StringLike: { "C.sub": `org/11111111-1111-4111-8111-111111111111/project/${PROJECT}/*` },
        StringEquals: { "C.aud": "11111111-1111-4111-8111-111111111111" },
      }),
    ]);
    const project = { issuer: CIRCLE, project: `11111111-1111-4111-8111-111111111111/${PROJECT}` };
    expect(rules(role, { projects: [{ ...project, forksGetTokens: true }] })).toEqual(["S004"]);
    expect(rules(role, { projects: [{ ...project, forksGetTokens: false }] })).toEqual([]);
  });

  it("have subjects of their own on gitlab.com, and since GitLab 18.2.2", () => {
    const subject = { "C.sub": "project_path:acme/shop:ref_type:branch:ref:main", "C.aud": AUD };
    const project = { project: "acme/shop", forksGetTokens: true };
    expect(
      rules(roleWith([gitlab({ StringEquals: subject })]), { projects: [{ issuer: "gitlab.com", ...project }] }),
    ).toEqual([]);
    const issuer = "gitlab.example.com";
    const own = roleWith([statement(issuer, { StringEquals: subject })]);
    const at = (version: string): PlatformFacts => ({
      projects: [{ issuer, ...project }],
      servers: [{ issuer, version }],
    });
    expect(rules(own, at("18.2.1"))).toEqual(["S004"]);
    expect(rules(own, at("18.2.2"))).toEqual([]);
  });
});

describe("an environment's name with a colon", () => {
  const issuer = "github.example.com/_services/token";
  const role = roleWith([
    statement(issuer, {
      StringEquals: { "C.aud": AUD },
      StringLike: { "C.sub": "repo:acme/shop:*:ref:refs/heads/main" },
    }),
  ]);

  it("is of servers up to 3.18", () => {
    expect(rules(role, { servers: [{ issuer, version: "3.18.12" }] })).toEqual(["T022"]);
    expect(rules(role, { servers: [{ issuer, version: "3.19.0" }] })).toEqual([]);
  });

  it("is assumed where the server's version is not known", () => {
    const [found] = lintRole(role, { providers: [], allProviders: false, now: NOW }).filter(
      ({ rule }) => rule === "T022",
    );
    expect(found?.proof).toMatchObject({ assumed: "the server is GitHub Enterprise Server 3.18 or older" });
  });
});

it("compares versions by their numbers", () => {
  expect(["3.9", "3.18", "3.18.99", "2.99"].map((version) => isUpTo(version, "3.18"))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(["3.19", "4.0", "18.2.2"].map((version) => isUpTo(version, "3.18"))).toEqual([false, false, false]);
});
