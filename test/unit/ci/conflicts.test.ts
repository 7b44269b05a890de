import { describe, expect, it } from "vitest";
import type { Env } from "../../../src/ci/ci.ts";
import { CIS } from "../../../src/ci/index.ts";
import { JOB_CIS } from "../../../src/ci/job/index.ts";
import { jwt, pretend } from "./examples.ts";

/** What a runner may stand on: variables that the job inherits and that are somebody else's. */
const GROUNDS: Readonly<Record<string, Env>> = {
  "a pod of EKS with a role (IRSA)": {
    KUBERNETES_SERVICE_HOST: "10.100.0.1",
    AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/node",
    AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
  },
  "a pod of another cluster with a projected token": {
    KUBERNETES_SERVICE_HOST: "10.96.0.1",
    AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/secrets/tokens/aws",
  },
  "a Machine of Fly.io": {
    FLY_APP_NAME: "runners",
    FLY_MACHINE_ID: "148e21ea7e46e8",
    AWS_WEB_IDENTITY_TOKEN_FILE: "/.fly/oidc_token",
  },
  "a shell where vercel build runs": { VERCEL: "1", VERCEL_ENV: "production", CI: "1" },
  "a runner that Jenkins started": { JENKINS_URL: "https://jenkins.example.com/", BUILD_ID: "7", BUILD_NUMBER: "7" },
};

// Each of these is itself what others stand on, or before it in the order.
const ALSO_GROUNDS = new Set(["jenkins", "vercel", "fly", "eks", "kubernetes"]);
const JOBS = CIS.filter(({ id }) => id !== "custom" && !ALSO_GROUNDS.has(id));

function environmentOf(id: string): Env {
  const ci = CIS.find((one) => one.id === id);
  if (!ci) throw new Error(`no CI ${id}`);
  const claims = pretend(ci);
  return ci.jobEnvironment(claims, jwt(claims), { url: "https://ci.example.com/token?a=b", bearer: "the-bearer" });
}

function detect(env: Env): string | undefined {
  return JOB_CIS.find((ci) => ci.detect(env))?.id;
}

describe.each(Object.entries(GROUNDS))("a job whose runner is in %s", (_, ground) => {
  it.each(JOBS.map(({ id }) => id))("is still of %s, and takes no token of the runner's", (id) => {
    const env = { ...ground, ...environmentOf(id) };
    expect(detect(env)).toBe(id);
    const { candidates, ask } = JOB_CIS.find((one) => one.id === id)?.findTokens(env) ?? {};
    const sources = JSON.stringify([candidates?.map(({ source }) => source), ask]);
    expect(sources).not.toMatch(/AWS_WEB_IDENTITY|\/var\/run\/secrets|\.fly/);
  });
});

describe("what may be taken for each other", () => {
  const pod = GROUNDS["a pod of EKS with a role (IRSA)"];

  it.each<[string, Env, string]>([
    ["Forgejo, which sets GITHUB_ACTIONS", { GITHUB_ACTIONS: "true", FORGEJO_ACTIONS: "true" }, "forgejo"],
    ["Gitea, which sets GITHUB_ACTIONS", { GITHUB_ACTIONS: "true", GITEA_ACTIONS: "true" }, "forgejo"],
    ["GitLab's runner in EKS", { ...pod, GITLAB_CI: "true" }, "gitlab"],
    ["a GitHub job with the pod's IRSA variables", { ...pod, GITHUB_ACTIONS: "true" }, "github"],
    ["a Jenkins agent in EKS", { ...pod, JENKINS_URL: "https://j/", BUILD_ID: "1" }, "jenkins"],
    [
      "a Jenkins agent on a Machine of Fly.io",
      { FLY_APP_NAME: "a", FLY_MACHINE_ID: "m", JENKINS_URL: "https://j/", BUILD_ID: "1" },
      "jenkins",
    ],
    ["a GitHub job that is told the app of Fly.io", { FLY_APP_NAME: "a", GITHUB_ACTIONS: "true" }, "github"],
    ["a GitHub job that starts runs of HCP Terraform", { TFC_RUN_ID: "run-1", GITHUB_ACTIONS: "true" }, "github"],
    ["a pod of EKS alone", pod ?? {}, "eks"],
    ["a shell that is told the app of Fly.io", { FLY_APP_NAME: "a" }, "none"],
    ["a shell with a token's file alone", { AWS_WEB_IDENTITY_TOKEN_FILE: "/tmp/token" }, "none"],
    ["Azure's agent variables without TF_BUILD", { SYSTEM_ACCESSTOKEN: "x", BUILD_BUILDID: "1" }, "none"],
  ])("%s", (_, env, id) => {
    expect(detect(env) ?? "none").toBe(id);
  });

  it("the evidence names variables, and no secret", () => {
    for (const { id } of JOBS) {
      const because = JOB_CIS.find((ci) => ci.id === id)?.detect(environmentOf(id))?.because ?? [];
      expect(because.join("\n")).toMatch(/^[A-Za-z_]+=/);
      expect(because.join("\n")).not.toMatch(/eyJ|the-bearer/);
    }
  });
});
