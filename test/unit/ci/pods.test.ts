import { describe, expect, it } from "vitest";
import { eks } from "../../../src/ci/eks.ts";
import { kubernetes } from "../../../src/ci/kubernetes.ts";
import { ask, NOW, pretend } from "./examples.ts";

const IRSA = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";

describe("a pretended token of a pod", () => {
  it("has the claims of a projected token of EKS, whose audience is a list", () => {
    expect(eks.pretend({ project: "ci/runner", issuedAt: NOW })).toEqual({
      aud: ["sts.amazonaws.com"],
      iss: "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
      sub: "system:serviceaccount:ci:runner",
      iat: NOW,
      nbf: NOW,
      exp: NOW + 86_400,
      "kubernetes.io": {
        namespace: "ci",
        pod: { name: "runner-0", uid: expect.stringMatching(/-/) as string },
        serviceaccount: { name: "runner", uid: expect.stringMatching(/-/) as string },
      },
    });
  });

  it("of another cluster has that one's issuer, and the hour that the kubelet asks for", () => {
    const claims = kubernetes.pretend({ project: "ci/runner", audience: "a", issuedAt: NOW });
    expect(claims).toMatchObject({ iss: "https://kubernetes.example.com", aud: ["a"], exp: NOW + 3600 });
  });

  it("is of its service account", () => {
    expect(eks.scopeOf(pretend(eks, { project: "ci/runner" }))).toEqual({ project: "ci/runner" });
    expect(eks.scopeOf({ sub: "system:node:x" })).toBeNull();
  });
});

describe("a role that trusts a service account", () => {
  it.each(["ci/runner2", "prod/runner"])("does not trust %s", (project) => {
    expect(ask(eks, { project: "ci/runner" }, pretend(eks, { project }))).toBe("denied");
  });
});

describe("a pod", () => {
  it("of EKS is told by the path that EKS gives it, with or without the cluster's own variables", () => {
    const because = [`AWS_WEB_IDENTITY_TOKEN_FILE=${IRSA}`];
    expect(eks.detect({ AWS_WEB_IDENTITY_TOKEN_FILE: IRSA })).toEqual({ ci: "eks", because });
    expect(kubernetes.detect({ AWS_WEB_IDENTITY_TOKEN_FILE: IRSA, KUBERNETES_SERVICE_HOST: "10.0.0.1" })).toBeNull();
  });

  it("of another cluster is told by the address of its API", () => {
    const pod = { KUBERNETES_SERVICE_HOST: "10.0.0.1", AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/secrets/aws/token" };
    expect(kubernetes.detect(pod)?.because).toEqual([
      "KUBERNETES_SERVICE_HOST=10.0.0.1",
      "AWS_WEB_IDENTITY_TOKEN_FILE=/var/run/secrets/aws/token",
    ]);
    expect(eks.detect(pod)).toBeNull();
    expect(kubernetes.detect({ AWS_WEB_IDENTITY_TOKEN_FILE: "/tmp/token" })).toBeNull();
  });

  it("has its token in that file, and never takes the one for the cluster's own API", () => {
    expect(eks.findTokens({ AWS_WEB_IDENTITY_TOKEN_FILE: IRSA }).ask).toEqual({ kind: "file", path: IRSA });
    const { ask: source, rejected } = kubernetes.findTokens({ KUBERNETES_SERVICE_HOST: "10.0.0.1" });
    expect(source).toBeNull();
    expect(rejected[0]?.reason).toContain("for the cluster's own API");
  });
});
