import { describe, expect, it } from "vitest";
import { semaphore } from "../../../src/ci/semaphore.ts";
import { showClaim } from "../../../src/core/token.ts";
import { ask, jwt, pretend } from "./examples.ts";

const ID = "936a5312-a3b8-4921-8b3f-2cec8baac574";
const WEB = `acme/${ID}/web`;

describe("a pretended token of Semaphore", () => {
  it("has the subject and the claims of the documented example", () => {
    const claims = semaphore.pretend({ project: WEB, issuedAt: 1_660_317_851 });
    expect(claims).toMatchObject({
      iss: "https://acme.semaphoreci.com",
      aud: "https://acme.semaphoreci.com",
      sub: `org:acme:project:${ID}:repo:web:ref_type:branch:ref:refs/heads/main`,
      iat: 1_660_317_851,
      nbf: 1_660_317_851,
      branch: "main",
      ref: "refs/heads/main",
      ref_type: "branch",
      repo: "web",
      repo_slug: "acme/web",
      org: "acme",
      prj_id: ID,
      job_type: "pipeline_job",
    });
    expect(claims).not.toHaveProperty("tag");
  });

  it.each([
    [{ branch: "main" }, { branch: "main" }],
    [{ tag: "v1" }, { tag: "v1" }],
    [{ event: "pull_request" }, { pullRequests: true }],
  ])("of %j is of the scope %j", (job, scope) => {
    expect(semaphore.scopeOf(pretend(semaphore, { project: WEB, ...job }))).toEqual({ project: WEB, ...scope });
  });

  it("of another subject is of none", () => {
    expect(semaphore.scopeOf({ sub: "org:acme" })).toBeNull();
  });
});

describe("a role that trusts a branch in Semaphore", () => {
  const other = "aaaaaaaa-a3b8-4921-8b3f-2cec8baac574";

  it("by the project's id trusts that project alone", () => {
    const scope = { project: WEB, branch: "main" };
    expect(ask(semaphore, scope, pretend(semaphore, { project: WEB }))).toBe("allowed");
    expect(ask(semaphore, scope, pretend(semaphore, { project: `acme/${other}/web` }))).toBe("denied");
    expect(ask(semaphore, scope, pretend(semaphore, { project: WEB, event: "pull_request", branch: "main" }))).toBe(
      "denied",
    );
  });

  it("without the id trusts that repository of the organization, whatever the id, and no other", () => {
    const scope = { project: "acme/web", branch: "main" };
    expect(ask(semaphore, scope, pretend(semaphore, { project: WEB }))).toBe("allowed");
    expect(ask(semaphore, scope, pretend(semaphore, { project: `acme/${ID}/web2` }))).toBe("denied");
    expect(ask(semaphore, scope, pretend(semaphore, { project: `evil/${ID}/web` }))).toBe("denied");
  });

  it.each(["pr", "pull-request"])("trusts pull requests in the word %s of Semaphore's page", (type) => {
    const claims = {
      ...pretend(semaphore, { project: WEB }),
      sub: `org:acme:project:${ID}:repo:web:ref_type:${type}:ref:x`,
    };
    expect(ask(semaphore, { project: WEB, pullRequests: true }, claims)).toBe("allowed");
  });
});

describe("a job of Semaphore", () => {
  const own = pretend(semaphore, { project: WEB, audience: "https://acme.semaphoreci.com" });
  const job = { SEMAPHORE: "true", SEMAPHORE_JOB_ID: showClaim(own, "job_id") };

  it("has its token in the variable, and those of oidc_tokens: by the job's id", () => {
    const sts = jwt({ ...own, aud: "sts.amazonaws.com" });
    const foreign = jwt({ ...own, job_id: "another" });
    const env = { ...job, SEMAPHORE_OIDC_TOKEN: jwt(own), AWS_OIDC_TOKEN: sts, OLD: foreign };
    const names = semaphore.findTokens(env).candidates.map(({ source }) => source);
    expect(names).toEqual([
      { kind: "env", name: "SEMAPHORE_OIDC_TOKEN" },
      { kind: "env", name: "AWS_OIDC_TOKEN" },
    ]);
  });

  it("has one token in two variables once", () => {
    expect(semaphore.findTokens({ ...job, SEMAPHORE_OIDC_TOKEN: jwt(own), COPY: jwt(own) }).candidates).toHaveLength(1);
  });

  it("asks for another audience by a line in its file", () => {
    expect(semaphore.snippet({ audience: "sts.amazonaws.com" }).split("\n")[0]).toBe(
      "oidc_tokens: { AWS_OIDC_TOKEN: { aud: sts.amazonaws.com } }",
    );
  });
});
