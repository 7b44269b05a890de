import { describe, expect, it } from "vitest";
import type { PretendedJob } from "../../../src/ci/ci.ts";
import { circleci } from "../../../src/ci/circleci.ts";
import type { Claims } from "../../../src/core/token.ts";
import { ask, jwt, NOW, pretend } from "./examples.ts";

const ORG = "aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb";
const ID = "cccccccc-1111-4222-8333-dddddddddddd";
const PROJECT = `${ID}/github.com/my-org/my-repo`;

// Put together from CircleCI's claim list.
const EXAMPLE = JSON.parse(
  '{"iss":"https://oidc.circleci.com/org/aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb","sub":"org/aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb/project/cccccccc-1111-4222-8333-dddddddddddd/user/eeeeeeee-1111-4222-8333-ffffffffffff/vcs-origin/github.com/my-org/my-repo/vcs-ref/refs/heads/main","aud":"aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb","iat":1700000000,"exp":1700003600,"oidc.circleci.com/project-id":"cccccccc-1111-4222-8333-dddddddddddd","oidc.circleci.com/context-ids":["99999999-1111-4222-8333-000000000000"],"oidc.circleci.com/vcs-origin":"github.com/my-org/my-repo","oidc.circleci.com/vcs-ref":"refs/heads/main","oidc.circleci.com/ssh-rerun":false}',
) as Claims;

describe("a pretended token of CircleCI", () => {
  it("is the example, claim by claim", () => {
    const claims = circleci.pretend({ project: PROJECT, branch: "main", issuedAt: 1_700_000_000 });
    expect(claims).toEqual(EXAMPLE);
    expect(Object.keys(claims)).toEqual(Object.keys(EXAMPLE));
  });

  it("has the short subject where CIRCLE_OIDC_TOKEN is meant, and a tag's ref", () => {
    const flags = circleci.otherTokens?.["CIRCLE_OIDC_TOKEN"] ?? {};
    expect(pretend(circleci, { project: PROJECT, flags })["sub"]).toMatch(/\/user\/[^/]+$/);
    expect(pretend(circleci, { project: PROJECT, tag: "v1" })["sub"]).toMatch(/\/vcs-ref\/refs\/tags\/v1$/);
  });

  it("has the audience that circleci run oidc get was given, and nothing else of it", () => {
    const claims = circleci.pretend({ project: PROJECT, issuedAt: NOW, flags: { claims: '{"aud":"a","sub":"x"}' } });
    expect(claims).toMatchObject({ aud: "a", sub: EXAMPLE["sub"] });
    expect(circleci.pretend({ project: PROJECT, issuedAt: NOW, flags: { claims: "no json" } })["aud"]).toBe(ORG);
  });
});

describe("a role that trusts a branch of a CircleCI project", () => {
  const scope = { project: PROJECT, branch: "main" };

  it("is trusted by the project's id, and by the subject with the user alone left open", () => {
    expect(circleci.conditions(circleci.pretendedIssuer, scope)).toEqual([
      {
        operator: "StringLike",
        key: `oidc.circleci.com/org/${ORG}:sub`,
        values: [
          `org/${ORG}/project/${ID}/user/????????-????-????-????-????????????/vcs-origin/github.com/my-org/my-repo/vcs-ref/refs/heads/main`,
        ],
      },
      {
        operator: "StringEquals",
        key: `oidc.circleci.com/org/${ORG}:oidc.circleci.com/project-id`,
        values: [ID],
      },
    ]);
  });

  it.each<[string, Partial<PretendedJob>]>([
    [
      "a branch whose name goes on like a subject",
      { branch: "x/vcs-origin/github.com/my-org/my-repo/vcs-ref/refs/heads/main" },
    ],
    ["a branch whose name ends like the ref", { branch: "x/vcs-ref/refs/heads/main" }],
    ["a fork", { project: `${ID}/github.com/fork/my-repo` }],
    ["a tag of that name", { tag: "main" }],
    ["the short subject", { flags: { subject: "v1" } }],
  ])("does not trust %s", (_, job) => {
    expect(ask(circleci, scope, pretend(circleci, { ...scope, ...job }))).toBe("denied");
    expect(ask(circleci, scope, pretend(circleci, scope))).toBe("allowed");
  });

  it("trusts every job when it names the project alone", () => {
    expect(ask(circleci, { project: ID }, pretend(circleci, { ...scope, flags: { subject: "v1" } }))).toBe("allowed");
    expect(circleci.scopeOf(EXAMPLE)).toEqual(scope);
    expect(circleci.scopeOf({ sub: `org/${ORG}/project/${ID}/user/u` })).toEqual({ project: ID });
  });
});

describe("a job of CircleCI", () => {
  const held = jwt(EXAMPLE);

  it("has a token for its organization, and asks its command for any other audience", () => {
    const search = circleci.findTokens({ CIRCLECI: "true", CIRCLE_OIDC_TOKEN_V2: held, CIRCLE_OIDC_TOKEN: held }, "a");
    expect(search.candidates.map(({ source }) => source)).toEqual([{ kind: "env", name: "CIRCLE_OIDC_TOKEN_V2" }]);
    expect(search.ask).toEqual({
      kind: "command",
      command: ["circleci", "run", "oidc", "get", "--claims", '{"aud":"a"}'],
    });
  });

  it("of a fork has neither variable, and is told so", () => {
    const search = circleci.findTokens({ CIRCLECI: "true", CIRCLE_OIDC_TOKEN: "", CIRCLE_OIDC_TOKEN_V2: "" });
    expect(search.candidates).toEqual([]);
    expect(search.rejected).toHaveLength(2);
    expect(circleci.snippet({})).toContain("Pass secrets to builds from forked pull requests");
  });
});
