import { describe, expect, it } from "vitest";
import { jenkins } from "../../../src/ci/jenkins.ts";
import { ask, jwt, NOW, pretend } from "./examples.ts";

const ISSUER = "https://jenkins.acme.com/oidc";

describe("a pretended token of Jenkins", () => {
  it("is the example, claim by claim", () => {
    const job = { project: "my-job", audience: "sts.amazonaws.com", issuer: ISSUER, issuedAt: 1_700_000_000 };
    expect(jenkins.pretend(job)).toEqual(
      JSON.parse(
        '{"iss":"https://jenkins.acme.com/oidc","aud":["sts.amazonaws.com"],"iat":1700000000,"exp":1700003600,"sub":"https://jenkins.acme.com/job/my-job/","build_number":123}',
      ),
    );
  });

  it.each([
    [{ project: "folder/my-job" }, "https://jenkins.acme.com/job/folder/job/my-job/"],
    [{ project: "repo", branch: "main" }, "https://jenkins.acme.com/job/repo/job/main/"],
    [{ project: "repo", branch: "feature/x" }, "https://jenkins.acme.com/job/repo/job/feature%252Fx/"],
    [{ project: "my job" }, "https://jenkins.acme.com/job/my%20job/"],
    [{ project: "a/b", issuer: `${ISSUER}/job/a` }, "https://jenkins.acme.com/job/a/job/b/"],
    [{ project: "b", issuer: "https://acme.com/ci/oidc" }, "https://acme.com/ci/job/b/"],
  ])("of %j has the URL %s as its subject", (job, sub) => {
    expect(pretend(jenkins, { issuer: ISSUER, ...job })["sub"]).toBe(sub);
  });

  it("has no audience where the credential has none, which AWS always refuses", () => {
    expect(jenkins.pretend({ project: "a", issuedAt: NOW })).not.toHaveProperty("aud");
  });

  it("of a job is of the scope that its URL names", () => {
    expect(jenkins.scopeOf(pretend(jenkins, { project: "folder/my job" }))).toEqual({ project: "folder/my job" });
    expect(jenkins.scopeOf({ iss: ISSUER, sub: "jenkins:my-job:main" })).toBeNull();
  });
});

describe("a role that trusts a Jenkins job", () => {
  it.each(["folder/my-job", "my-job2", "my-job/x", "MY-JOB"])("does not trust the job %s", (project) => {
    expect(ask(jenkins, { project: "my-job" }, pretend(jenkins, { project }))).toBe("denied");
  });

  it("may trust every branch of a multibranch project, whatever its name", () => {
    const scope = { project: "repo", branch: "*" };
    expect(ask(jenkins, scope, pretend(jenkins, { project: "repo", branch: "feature/x" }))).toBe("allowed");
    expect(ask(jenkins, scope, pretend(jenkins, { project: "repo" }))).toBe("denied");
  });
});

describe("a build of Jenkins", () => {
  const env = {
    JENKINS_URL: "https://jenkins.acme.com/",
    BUILD_ID: "7",
    JOB_URL: "https://jenkins.acme.com/job/my-job/",
  };
  const own = jwt(pretend(jenkins, { project: "my-job", issuer: ISSUER }));

  it("needs both variables to be recognised", () => {
    expect(jenkins.detect(env)).toEqual({
      ci: "jenkins",
      because: ["JENKINS_URL=https://jenkins.acme.com/", "BUILD_ID=7"],
    });
    expect(jenkins.detect({ JENKINS_URL: "x" })).toBeNull();
  });

  it("has its token in a variable of any name", () => {
    expect(jenkins.findTokens({ ...env, IDTOKEN: own }).candidates).toMatchObject([{ source: { name: "IDTOKEN" } }]);
  });

  it("may have a custom issuer, when the subject is the job's", () => {
    const custom = jwt(pretend(jenkins, { project: "my-job", issuer: "https://oidc.acme.com" }));
    expect(jenkins.findTokens({ ...env, T: custom }).candidates).toEqual([]);
    const sub = env.JOB_URL;
    expect(jenkins.findTokens({ ...env, T: jwt({ iss: "https://oidc.acme.com", sub }) }).candidates).toHaveLength(1);
  });

  it.each([{ AWS_WEB_IDENTITY_TOKEN_FILE: "/ws/secret" }, { ANY: "/ws@tmp/secretFiles/1/id_token" }])(
    "has it in the file of the binding %j",
    (binding) => {
      expect(jenkins.findTokens({ ...env, ...binding }).ask).toEqual({ kind: "file", path: Object.values(binding)[0] });
    },
  );

  it("does not take the pod's token for its own", () => {
    const path = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";
    const search = jenkins.findTokens({ ...env, AWS_WEB_IDENTITY_TOKEN_FILE: path });
    expect(search.ask).toBeNull();
    expect(search.rejected).toEqual([
      { name: "AWS_WEB_IDENTITY_TOKEN_FILE", reason: "it is the pod's token, not this build's" },
    ]);
  });

  it("without a binding is told how to bind the credential, and that its audience must be filled", () => {
    expect(jenkins.snippet({})).toContain("AWS_WEB_IDENTITY_TOKEN_FILE = credentials('aws-jwt')");
    expect(jenkins.snippet({ audience: "a" })).toContain("with the audience a");
  });
});
