import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import type { PretendedJob, Scope } from "../../../src/ci/ci.ts";
import { forgejo } from "../../../src/ci/forgejo.ts";
import { github } from "../../../src/ci/github.ts";
import { type Claims, showClaim } from "../../../src/core/token.ts";
import { ask, AUDIENCE, NOW, pretend, shape } from "./examples.ts";

// GitHub's published example of a payload.
const EXAMPLE = JSON.parse(
  '{"jti":"example-id","sub":"repo:octo-org/octo-repo:environment:prod","environment":"prod","aud":"sts.amazonaws.com","ref":"refs/heads/main","sha":"example-sha","repository":"octo-org/octo-repo","repository_owner":"octo-org","actor_id":"12","repository_visibility":"private","repository_id":"74","repository_owner_id":"65","run_id":"1","run_number":"10","run_attempt":"2","runner_environment":"github-hosted","actor":"octocat","workflow":"example-workflow","head_ref":"","base_ref":"","event_name":"workflow_dispatch","enterprise":"avocado-corp","enterprise_id":"2","ref_type":"branch","job_workflow_ref":"octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main","iss":"https://token.actions.githubusercontent.com","nbf":1632492967,"exp":1632493867,"iat":1632493567}',
) as Claims;

// Forgejo's published example.
const FORGEJO = JSON.parse(
  '{"actor":"user1","aud":"sts.amazonaws.com","event_name":"push","exp":1767217099,"iat":1767213499,"iss":"https://example.com/api/actions","nbf":1767213499,"ref":"refs/heads/master","ref_protected":"false","ref_type":"branch","repository":"user1/testing","repository_owner":"user1","run_attempt":"1","run_id":"43","run_number":"43","sha":"76cb2978acb72029ac23277a6192eea1707c6a2c","sub":"repo:user1/testing:ref:refs/heads/master","workflow":"test.yml","workflow_ref":"user1/testing/.forgejo/workflows/test.yml@refs/heads/master"}',
) as Claims;

/** Not in the example, but among the claims that GitHub's documentation lists; ref_protected is unverified. */
const LISTED = ["ref_protected", "workflow_ref", "workflow_sha", "job_workflow_sha", "check_run_id"];

describe("a pretended token of GitHub", () => {
  const claims = github.pretend({
    project: "octo-org@65/octo-repo@74",
    environment: "prod",
    event: "workflow_dispatch",
    audience: "sts.amazonaws.com",
    issuedAt: 1_632_493_567,
  });

  it("has the claims of the published example in its order, each of its type, and those listed besides", () => {
    const common = Object.fromEntries(Object.entries(claims).filter(([name]) => !LISTED.includes(name)));
    expect(shape(common)).toEqual(shape(EXAMPLE));
    expect(Object.keys(claims)).toEqual(expect.arrayContaining(LISTED));
  });

  it("has its values too, but for names of workflows and the form of the subject", () => {
    const made = ["jti", "sha", "sub", "workflow", "job_workflow_ref"];
    const rest = (all: Claims): Claims =>
      Object.fromEntries(Object.entries(all).filter(([name]) => !made.includes(name)));
    expect(claims).toMatchObject(rest(EXAMPLE));
  });

  it.each<[Partial<PretendedJob>, string]>([
    [{}, "repo:o/r:ref:refs/heads/main"],
    [{ branch: "feature/x" }, "repo:o/r:ref:refs/heads/feature/x"],
    [{ tag: "v1" }, "repo:o/r:ref:refs/tags/v1"],
    [{ event: "schedule" }, "repo:o/r:ref:refs/heads/main"],
    [{ event: "pull_request", branch: "feature" }, "repo:o/r:pull_request"],
    [{ event: "pull_request", environment: "prod" }, "repo:o/r:environment:prod"],
    [{ event: "pull_request_target" }, "repo:o/r:ref:refs/heads/main"],
    [{ environment: "Production", branch: "main" }, "repo:o/r:environment:Production"],
    [{ environment: "Production:V1" }, "repo:o/r:environment:Production%3AV1"],
    [{ project: "o@123456/r@456789" }, "repo:o@123456/r@456789:ref:refs/heads/main"],
    [{ project: "o@123456/r@456789", event: "pull_request" }, "repo:o@123456/r@456789:pull_request"],
  ])("of a job %j has the subject %s", (job, sub) => {
    expect(pretend(github, { project: "o/r", ...job })["sub"]).toBe(sub);
  });

  it("has the ids of owner and repository in an immutable subject, as in its claims", () => {
    const immutable = pretend(github, { immutable: true });
    const [owner, repository] = ["repository_owner_id", "repository_id"].map((name) => showClaim(immutable, name));
    expect(immutable["sub"]).toBe(`repo:acme@${owner}/shop@${repository}:ref:refs/heads/main`);
  });

  it("of a pull request has the merged ref, and the branches apart from it", () => {
    expect(pretend(github, { event: "pull_request", branch: "feature" })).toMatchObject({
      ref: "refs/pull/1/merge",
      head_ref: "feature",
      base_ref: "main",
      event_name: "pull_request",
    });
  });

  it("is for the owner when it was asked for without an audience, and lives 300 s", () => {
    const asked = github.pretend({ project: "acme/shop", issuedAt: NOW });
    expect(asked).toMatchObject({ aud: "https://github.com/acme", nbf: NOW - 600, exp: NOW + 300 });
  });

  it("may be of an enterprise's own issuer, of GHE.com and of GHES", () => {
    const server = (issuer: string): string | undefined =>
      github.jobEnvironment(pretend(github, { issuer }), "")["GITHUB_SERVER_URL"];
    const slug = "https://token.actions.githubusercontent.com/avocado";
    expect(pretend(github, { issuer: slug })).toMatchObject({ iss: slug, enterprise: "avocado" });
    expect(server(slug)).toBe("https://github.com");
    expect(server("https://token.actions.acme.ghe.com")).toBe("https://acme.ghe.com");
    expect(server("https://git.acme.test/_services/token")).toBe("https://git.acme.test");
  });
});

describe("a role that trusts GitHub jobs", () => {
  it.each<[Scope, Partial<PretendedJob>]>([
    [
      { project: "o/r", branch: "main" },
      { event: "pull_request", branch: "main" },
    ],
    [
      { project: "o/r", branch: "main" },
      { branch: "main", environment: "prod" },
    ],
    [{ project: "o/r", branch: "*" }, { event: "pull_request" }],
    [{ project: "o/r", branch: "main" }, { immutable: true }],
    [{ project: "o/r", environment: "prod" }, { branch: "main" }],
    [{ project: "o/r", environment: "prod" }, { environment: "Prod" }],
    [{ project: "o/r", pullRequests: true }, { branch: "main" }],
    [{ project: "o@1/r@2", branch: "main" }, { project: "o@1/r@3" }],
  ])("as %j does not trust %j", (scope, job) => {
    expect(ask(github, scope, pretend(github, { project: "o/r", ...job }))).toBe("denied");
  });

  it.each<[string, Scope | null]>([
    ["repo:o/r:ref:refs/heads/main", { project: "o/r", branch: "main" }],
    ["repo:o@1/r@2:ref:refs/tags/v1", { project: "o@1/r@2", tag: "v1" }],
    ["repo:o/r:environment:a%3Ab", { project: "o/r", environment: "a:b" }],
    ["repo:o/r:pull_request", { project: "o/r", pullRequests: true }],
    ["repo:o/r:ref:refs/pull/1/merge", null],
    ["repo:o/r", null],
    ["repository_owner:monalisa:repository_visibility:private", null],
  ])("is told the scope of %s", (sub, scope) => {
    expect(github.scopeOf({ sub })).toEqual(scope);
  });
});

describe("a job of GitHub Actions", () => {
  const env = {
    GITHUB_ACTIONS: "true",
    ACTIONS_ID_TOKEN_REQUEST_URL: "https://x/?a=b",
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: "s3",
  };

  it("asks for its token with the bearer, which is never printed", () => {
    const { ask: source, candidates } = github.findTokens(env);
    expect(source).toMatchObject({ kind: "http", url: "https://x/?a=b", audience: AUDIENCE });
    expect(candidates).toEqual([]);
    expect(inspect(source, { depth: 5, showHidden: true })).not.toContain("s3");
  });

  it("without permission is told which lines to add", () => {
    const { ask: source, rejected } = github.findTokens({ GITHUB_ACTIONS: "true" });
    expect(source).toBeNull();
    expect(rejected.map(({ name }) => name)).toEqual([
      "ACTIONS_ID_TOKEN_REQUEST_URL",
      "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    ]);
    expect(github.snippet({})).toMatch(/^permissions: \{ id-token: write, contents: read \}$/m);
  });

  it("is not one of Forgejo, which sets GITHUB_ACTIONS too", () => {
    expect(github.detect({ ...env, FORGEJO_ACTIONS: "true" })).toBeNull();
    expect(forgejo.detect({ ...env, FORGEJO_ACTIONS: "true" })).toMatchObject({ ci: "forgejo" });
    expect(forgejo.snippet({})).toMatch(/^enable-openid-connect: true/);
  });
});

describe("a pretended token of Forgejo", () => {
  it("has the claims of the published example, each of its type", () => {
    const claims = forgejo.pretend({
      project: "user1/testing",
      branch: "master",
      audience: "sts.amazonaws.com",
      issuer: "https://example.com/api/actions",
      issuedAt: 1_767_213_499,
    });
    const sorted = (all: Claims): unknown => shape(all).toSorted(([one], [other]) => (one < other ? -1 : 1));
    expect(sorted(claims)).toEqual(sorted(FORGEJO));
    expect(claims).toMatchObject({ sub: FORGEJO["sub"], iss: FORGEJO["iss"], nbf: FORGEJO["nbf"] });
  });

  it("has no environment in its subject, and the owner as its audience", () => {
    expect(forgejo.pretend({ project: "a/b", environment: "prod", immutable: true, issuedAt: NOW })).toMatchObject({
      sub: "repo:a/b:ref:refs/heads/main",
      aud: "https://forgejo.example.com/a",
    });
  });
});
