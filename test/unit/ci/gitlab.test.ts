import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Env, PretendedJob, Scope, TokenSearch } from "../../../src/ci/ci.ts";
import { gitlab } from "../../../src/ci/gitlab.ts";
import { CIS, findCi } from "../../../src/ci/index.ts";
import { decide, type Provider } from "../../../src/core/decide.ts";
import type { Condition } from "../../../src/core/policy.ts";
import { type Claims, type Json, parseToken } from "../../../src/core/token.ts";

const NOW = 1_795_435_200;
const AUDIENCE = "https://shop-deploy.test";

function jwt(claims: Claims): string {
  const part = (value: Json): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256", kid: "1" })}.${part(claims)}.c2lnbmVk`;
}

function pretend(changes: Partial<PretendedJob> = {}): Claims {
  return gitlab.pretend({ project: "acme/shop", branch: "main", audience: AUDIENCE, issuedAt: NOW, ...changes });
}

/** The environment of a job, with the given variables beside GitLab's own. */
function job(variables: Env = {}): Env {
  return { GITLAB_CI: "true", CI_SERVER_URL: "https://gitlab.com", CI_JOB_ID: "302", PATH: "/bin", ...variables };
}

function names({ candidates }: TokenSearch): string[] {
  return candidates.map(({ source }) => (source.kind === "env" ? source.name : source.kind));
}

describe("a GitLab job", () => {
  it("is recognised by GITLAB_CI, and its server is told", () => {
    expect(gitlab.detect(job())).toEqual({
      ci: "gitlab",
      because: ["GITLAB_CI=true", "CI_SERVER_URL=https://gitlab.com"],
    });
    expect(gitlab.detect({ GITLAB_CI: "true" })).toEqual({ ci: "gitlab", because: ["GITLAB_CI=true"] });
  });

  it.each([{}, { GITLAB_CI: "" }, { GITLAB_CI: "false" }, { CI: "true", CI_SERVER_URL: "https://gitlab.com" }])(
    "is not seen in %j",
    (env) => {
      expect(gitlab.detect(env)).toBeNull();
    },
  );

  it("is among the CIs that rolecall knows", () => {
    expect(findCi("gitlab")).toBe(gitlab);
    expect(CIS).toContain(gitlab);
    expect(findCi("travis")).toBeUndefined();
  });

  it("names its session by project, pipeline and job; the run comes last, since the beginning may be cut", () => {
    expect(gitlab.sessionName(job({ CI_PROJECT_ID: "20", CI_PIPELINE_ID: "574" }))).toEqual([
      "gitlab",
      "20",
      "574",
      "302",
    ]);
  });

  it("without a token gets lines for .gitlab-ci.yml, with the audience that it asked for", () => {
    expect(gitlab.file).toBe(".gitlab-ci.yml");
    expect(gitlab.snippet({ audience: AUDIENCE })).toContain(`id_tokens: { ROLECALL_TOKEN: { aud: ${AUDIENCE} } }`);
    expect(gitlab.snippet({}).split("\n")).toEqual([
      "id_tokens: { ROLECALL_TOKEN: { aud: sts.amazonaws.com } }",
      expect.stringMatching(/^# /),
      expect.stringMatching(/^# /),
    ]);
    expect(gitlab.snippet({ audience: "true" })).toContain('{ aud: "true" }');
  });
});

describe("the ID token of a job", () => {
  const own = jwt(pretend());

  it.each(["OIDC_TOKEN", "x", "CI_JOB_JWT_V2", "ROLECALL_TOKEN"])("is found in the variable %s", (name) => {
    const search = gitlab.findTokens(job({ [name]: own, OTHER: "eyJ-not-a-token" }));
    expect(names(search)).toEqual([name]);
    expect(search.candidates[0]?.token.claims["sub"]).toBe(pretend()["sub"]);
  });

  it.each([`${own}\n`, `${own}\r\n`, ` ${own}`])("is found with white space around it", (value) => {
    const search = gitlab.findTokens(job({ OIDC_TOKEN: value }));
    expect(names(search)).toEqual(["OIDC_TOKEN"]);
    expect(search.candidates[0]?.token.raw.reveal()).toBe(own);
  });

  it("is one of several, when the job has several", () => {
    const search = gitlab.findTokens(job({ FIRST: jwt(pretend({ audience: "vault" })), SECOND: own }));
    expect(names(search)).toEqual(["FIRST", "SECOND"]);
  });

  it("is one, when two variables hold the same", () => {
    expect(names(gitlab.findTokens(job({ OIDC_TOKEN: own, WEB_IDENTITY_TOKEN: own })))).toEqual(["OIDC_TOKEN"]);
  });

  it("is not that of another job", () => {
    const search = gitlab.findTokens(job({ OIDC_TOKEN: own, CI_JOB_ID: "303" }));
    expect(search.candidates).toEqual([]);
    expect(search.rejected).toEqual([{ name: "OIDC_TOKEN", reason: "it is of job 302, and this is job 303" }]);
  });

  it("may have its job's id as a number", () => {
    expect(names(gitlab.findTokens(job({ OIDC_TOKEN: jwt({ ...pretend(), job_id: 302 }) })))).toEqual(["OIDC_TOKEN"]);
  });

  it("is not an old CI_JOB_JWT, which has no audience", () => {
    const { aud: _, ...old } = pretend();
    const search = gitlab.findTokens(job({ CI_JOB_JWT: jwt(old) }));
    expect(search.candidates).toEqual([]);
    expect(search.rejected[0]).toMatchObject({
      name: "CI_JOB_JWT",
      reason: expect.stringContaining("no audience") as string,
    });
  });

  it("is not another service's JWT", () => {
    const search = gitlab.findTokens(job({ VAULT_TOKEN: jwt({ iss: "https://vault.test", sub: "x", aud: "y" }) }));
    expect(search.candidates).toEqual([]);
    expect(search.rejected).toEqual([
      { name: "VAULT_TOKEN", reason: "it has no job_id, so it is not a GitLab ID token (iss https://vault.test)" },
    ]);
  });

  it("is not CI_JOB_JWT, which is empty since GitLab 17, and it is said so", () => {
    const search = gitlab.findTokens(job({ CI_JOB_JWT: "", CI_JOB_JWT_V2: "" }));
    expect(search.rejected).toEqual([
      { name: "CI_JOB_JWT", reason: "GitLab 17.0 removed it; use id_tokens:" },
      { name: "CI_JOB_JWT_V2", reason: "GitLab 17.0 removed it; use id_tokens:" },
    ]);
    expect(gitlab.findTokens(job({ CI_JOB_TOKEN: "glcbt-64_x" })).candidates).toEqual([]);
  });

  it("may be of an instance that publishes another issuer, when there is none of the instance itself", () => {
    const custom = jwt(pretend({ issuer: "https://oidc.acme.test" }));
    const env = job({ CI_SERVER_URL: "https://gitlab.acme.test/" });
    expect(names(gitlab.findTokens({ ...env, CUSTOM: custom }))).toEqual(["CUSTOM"]);
    const instance = jwt(pretend({ issuer: "https://gitlab.acme.test" }));
    const search = gitlab.findTokens({ ...env, CUSTOM: custom, OWN: instance });
    expect(names(search)).toEqual(["OWN"]);
    expect(search.rejected).toEqual([
      { name: "CUSTOM", reason: "its issuer is https://oidc.acme.test, not this instance" },
    ]);
  });

  it("is never told in a reason", () => {
    const search = gitlab.findTokens(job({ OIDC_TOKEN: own, CI_JOB_ID: "303", VAULT: jwt({ iss: "x", sub: "y" }) }));
    expect(JSON.stringify(search)).not.toContain("c2lnbmVk");
    expect(search.rejected).toHaveLength(2);
  });

  it("is found by what the job's environment says, for every pretended job", () => {
    const claims = pretend({ issuer: "https://gitlab.acme.test", tag: "v1.0" });
    const env = gitlab.jobEnvironment(claims, jwt(claims));
    expect(gitlab.detect(env)).not.toBeNull();
    expect(gitlab.findTokens(env).candidates.map(({ token }) => token.claims)).toEqual([claims]);
  });
});

describe("the subject", () => {
  it.each([
    [{ branch: "main" }, "project_path:acme/shop:ref_type:branch:ref:main"],
    [{ branch: "feature/x" }, "project_path:acme/shop:ref_type:branch:ref:feature/x"],
    [{ tag: "v1.0.0" }, "project_path:acme/shop:ref_type:tag:ref:v1.0.0"],
    [{ project: "acme/team/shop", branch: "main" }, "project_path:acme/team/shop:ref_type:branch:ref:main"],
  ])("of a job with %j is %s", (changes, sub) => {
    const { branch: _, ...plain } = { branch: "main" };
    expect(
      gitlab.pretend({ project: "acme/shop", audience: AUDIENCE, issuedAt: NOW, ...plain, ...changes })["sub"],
    ).toBe(sub);
  });

  it.each([
    [{ project: "acme/shop", branch: "main" }, "StringEquals", "project_path:acme/shop:ref_type:branch:ref:main"],
    [{ project: "acme/shop", tag: "v1" }, "StringEquals", "project_path:acme/shop:ref_type:tag:ref:v1"],
    [{ project: "acme/shop" }, "StringLike", "project_path:acme/shop:ref_type:branch:ref:*"],
    [{ project: "acme/shop", tag: "v*" }, "StringLike", "project_path:acme/shop:ref_type:tag:ref:v*"],
    [{ project: "acme/*", branch: "main" }, "StringLike", "project_path:acme/*:ref_type:branch:ref:main"],
    [
      { project: "acme/shop", branch: "release-?" },
      "StringLike",
      "project_path:acme/shop:ref_type:branch:ref:release-?",
    ],
  ] satisfies [Scope, string, string][])("that admits %j is tested by %s %s", (scope, operator, value) => {
    expect(gitlab.conditions("https://gitlab.com", scope)).toEqual([
      { operator, key: "gitlab.com:sub", values: [value] },
    ]);
  });

  it("is tested under the instance's own name, path included", () => {
    const [condition] = gitlab.conditions("https://git.acme.test/lab", { project: "a/b", branch: "main" });
    expect(condition?.key).toBe("git.acme.test/lab:sub");
  });

  it("of a pretended job gives the scope back", () => {
    fc.assert(
      fc.property(SCOPES, (scope) => {
        expect(gitlab.scopeOf(pretendScope(scope))).toEqual(scope);
      }),
    );
  });

  it.each([
    "project_path:acme/shop",
    "repo:acme/shop:ref:refs/heads/main",
    "project_path:acme/shop:ref_type:mr:ref:main",
    "project_path:acme/shop:ref_type:branch:ref:",
    "",
  ])("%j is of no scope that rolecall.yaml can say", (sub) => {
    expect(gitlab.scopeOf({ sub })).toBeNull();
    expect(gitlab.scopeOf({ sub: null })).toBeNull();
  });
});

// As far as git and GitLab allow names of groups, projects and refs.
const PROJECTS = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}(\/[a-z][a-z0-9_.-]{0,8}){1,3}$/);
const REFS = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.#/-]{0,16}$/);
const SCOPES: fc.Arbitrary<Scope> = fc.oneof(
  fc.record({ project: PROJECTS, branch: REFS }),
  fc.record({ project: PROJECTS, tag: REFS }),
);

function pretendScope({ project, branch, tag }: Scope): Claims {
  const ref = tag === undefined ? { branch: branch ?? "main" } : { tag };
  return gitlab.pretend({ project, ...ref, audience: AUDIENCE, issuedAt: NOW });
}

describe("a pretended token", () => {
  // GitLab's published example of a payload.
  const EXAMPLE = JSON.parse(
    '{"namespace_id":"72","namespace_path":"my-group","project_id":"20","project_path":"my-group/my-project","job_project_id":"20","job_project_path":"my-group/my-project","job_namespace_id":"72","job_namespace_path":"my-group","user_id":"1","user_login":"sample-user","user_email":"sample-user@example.com","user_access_level":"maintainer","pipeline_id":"574","pipeline_source":"push","job_id":"302","ref":"main","ref_type":"branch","ref_path":"refs/heads/main","ref_protected":"true","environment":"production","environment_protected":"true","deployment_tier":"production","environment_action":"start","runner_id":1,"runner_environment":"gitlab-hosted","sha":"714a629c0b401fdce83e847fc9589983fc6f46bc","project_visibility":"private","ci_config_ref_uri":"gitlab.com/my-group/my-project//.gitlab-ci.yml@refs/heads/main","ci_config_sha":"714a629c0b401fdce83e847fc9589983fc6f46bc","job_source":"push","jti":"235b3a54-b797-45c7-ae9a-f72d7bc6ef5b","iss":"https://gitlab.com","iat":1681395193,"nbf":1681395188,"exp":1681398793,"sub":"project_path:my-group/my-project:ref_type:branch:ref:main","aud":"sts.amazonaws.com"}',
  ) as Claims;

  const pretended = gitlab.pretend({
    project: "my-group/my-project",
    branch: "main",
    environment: "production",
    audience: "sts.amazonaws.com",
    issuedAt: 1_681_395_193,
    expiresIn: 3600,
  });

  it("has the claims of GitLab's published example, in its order, each of its type", () => {
    expect(Object.keys(pretended)).toEqual(Object.keys(EXAMPLE));
    const types = (claims: Claims): string[] => Object.values(claims).map((value) => typeof value);
    expect(types(pretended)).toEqual(types(EXAMPLE));
  });

  it("has its values too, but for ids that GitLab would give out", () => {
    const made = ["namespace_id", "project_id", "job_project_id", "job_namespace_id", "jti", "environment_protected"];
    const rest = (claims: Claims): Claims =>
      Object.fromEntries(Object.entries(claims).filter(([name]) => !made.includes(name)));
    expect(rest(pretended)).toEqual(rest(EXAMPLE));
    expect(pretended["project_id"]).toMatch(/^\d+$/);
    expect(pretended["project_id"]).toBe(pretended["job_project_id"]);
    expect(pretended["namespace_id"]).not.toBe(pretended["project_id"]);
  });

  it("lives 300 s unless told otherwise, and is valid from 5 s before it is issued", () => {
    expect(pretend()).toMatchObject({ iat: NOW, nbf: NOW - 5, exp: NOW + 300 });
    expect(pretend({ expiresIn: -600 })).toMatchObject({ exp: NOW - 600 });
  });

  it("has no claims of an environment without one", () => {
    expect(Object.keys(pretend()).filter((name) => /environment$|^environment|deployment/.test(name))).toEqual([
      "runner_environment",
    ]);
  });

  it("of a tag says so wherever a ref is told, and is not protected", () => {
    const { branch: _, ...tagged } = {
      project: "a/b",
      audience: AUDIENCE,
      issuedAt: NOW,
      tag: "v1",
      branch: undefined,
    };
    expect(gitlab.pretend(tagged)).toMatchObject({
      ref: "v1",
      ref_type: "tag",
      ref_path: "refs/tags/v1",
      ref_protected: "false",
      ci_config_ref_uri: "gitlab.com/a/b//.gitlab-ci.yml@refs/tags/v1",
    });
  });

  it("of the same project has the same ids each time, of another project others", () => {
    expect(pretend({ issuedAt: 1 })["project_id"]).toBe(pretend({ issuedAt: 2 })["project_id"]);
    expect(pretend({ project: "acme/pay" })["project_id"]).not.toBe(pretend()["project_id"]);
    expect(pretend({ project: "acme/pay" })["namespace_id"]).toBe(pretend()["namespace_id"]);
  });

  it("has the issuer of the instance that it is of, and its audiences as given", () => {
    const claims = pretend({ issuer: "https://git.acme.test/lab", audience: ["a", "b"] });
    expect(claims).toMatchObject({ iss: "https://git.acme.test/lab", aud: ["a", "b"] });
    expect(claims["ci_config_ref_uri"]).toMatch(/^git\.acme\.test\/lab\/acme\/shop\/\//);
  });

  it("has a job's variables that agree with it", () => {
    const claims = pretend({ environment: "production" });
    expect(gitlab.jobEnvironment(claims, "the-token")).toMatchObject({
      GITLAB_CI: "true",
      CI_SERVER_URL: "https://gitlab.com",
      CI_SERVER_HOST: "gitlab.com",
      CI_PROJECT_ID: claims["project_id"],
      CI_PROJECT_PATH: "acme/shop",
      CI_PROJECT_NAME: "shop",
      CI_PROJECT_NAMESPACE: "acme",
      CI_JOB_ID: claims["job_id"],
      CI_PIPELINE_ID: claims["pipeline_id"],
      CI_COMMIT_REF_NAME: "main",
      CI_COMMIT_BRANCH: "main",
      CI_ENVIRONMENT_NAME: "production",
      ROLECALL_TOKEN: "the-token",
    });
    const tagged = gitlab.jobEnvironment(pretend({ tag: "v1" }), "t");
    expect(tagged).toMatchObject({ CI_COMMIT_TAG: "v1" });
    expect(tagged).not.toHaveProperty("CI_COMMIT_BRANCH");
    expect(tagged).not.toHaveProperty("CI_ENVIRONMENT_NAME");
  });
});

describe("a role that trusts a scope", () => {
  const ROLE = "arn:aws:iam::123456789012:role/shop-deploy";

  /** Whether STS gives the role, whose only conditions are those of the scope, to a pretended job. */
  function admits(scope: Scope, claims: Claims, issuer = "https://gitlab.com"): boolean {
    const url = issuer.replace("https://", "");
    const arn = `arn:aws:iam::123456789012:oidc-provider/${url}`;
    const provider: Provider = { arn, url, audiences: [AUDIENCE], thumbprints: [] };
    const conditions: readonly Condition[] = gitlab.conditions(issuer, scope);
    const statement = {
      effect: "Allow" as const,
      principals: { Federated: [arn] },
      actions: ["sts:AssumeRoleWithWebIdentity"],
      conditions,
    };
    const decision = decide({
      token: parseToken(jwt(claims), "the pretended token"),
      signature: "valid",
      provider,
      role: { arn: ROLE, trust: { version: "2012-10-17", statements: [statement] }, maxSessionDuration: 3600 },
      request: { roleArn: ROLE, sessionName: "job" },
      now: NOW * 1000,
    });
    return decision.outcome === "allowed";
  }

  it("admits the jobs of that scope and no other's", () => {
    fc.assert(
      fc.property(SCOPES, SCOPES, (scope, other) => {
        expect(admits(scope, pretendScope(scope))).toBe(true);
        expect(admits(scope, pretendScope(other))).toBe(JSON.stringify(scope) === JSON.stringify(other));
      }),
    );
  });

  it("admits by branch no tag of the same name, and by tag no branch", () => {
    fc.assert(
      fc.property(PROJECTS, REFS, (project, ref) => {
        expect(admits({ project, branch: ref }, pretendScope({ project, tag: ref }))).toBe(false);
        expect(admits({ project, tag: ref }, pretendScope({ project, branch: ref }))).toBe(false);
      }),
    );
  });

  it("of every branch admits every branch and no tag", () => {
    fc.assert(
      fc.property(PROJECTS, REFS, (project, ref) => {
        expect(admits({ project }, pretendScope({ project, branch: ref }))).toBe(true);
        expect(admits({ project }, pretendScope({ project, tag: ref }))).toBe(false);
      }),
    );
  });

  it("of a project does not admit one whose name goes on", () => {
    expect(admits({ project: "acme/shop" }, pretendScope({ project: "acme/shop-evil", branch: "main" }))).toBe(false);
    expect(admits({ project: "acme/shop" }, pretendScope({ project: "evil/acme/shop", branch: "main" }))).toBe(false);
    expect(admits({ project: "acme/*", branch: "main" }, pretendScope({ project: "acme/a/b", branch: "main" }))).toBe(
      true,
    );
    expect(admits({ project: "acme/*", branch: "main" }, pretendScope({ project: "evil/acme", branch: "main" }))).toBe(
      false,
    );
  });

  it("of an instance admits its own jobs", () => {
    const issuer = "https://git.acme.test/lab";
    expect(admits({ project: "acme/shop", branch: "main" }, pretend({ issuer }), issuer)).toBe(true);
    expect(admits({ project: "acme/shop", branch: "dev" }, pretend({ issuer }), issuer)).toBe(false);
  });
});
