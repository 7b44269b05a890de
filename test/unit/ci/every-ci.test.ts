import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Ci, Scope } from "../../../src/ci/ci.ts";
import { CIS } from "../../../src/ci/index.ts";
import { JOB_CIS } from "../../../src/ci/job/index.ts";
import { checkSharedIssuers } from "../../../src/core/shared-issuers.ts";
import { readTrustPolicy } from "../../../src/core/policy.ts";
import type { Json } from "../../../src/core/token.ts";
import { ask, jobOf, jwt, pretend, trustOf } from "./examples.ts";

const SLUG = /^[a-z][a-z0-9-]{0,8}$/;
const PROJECTS = fc.tuple(fc.stringMatching(SLUG), fc.stringMatching(SLUG)).map((names) => names.join("/"));
const REFS = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,8}(\/[a-z0-9][a-z0-9._-]{0,8}){0,2}$/);

/** Every scope that a CI's tokens can be told apart by. */
function scopesOf(ci: Ci): fc.Arbitrary<Scope> {
  const parts = ci.scopeParts.map((part) =>
    part === "pullRequests"
      ? PROJECTS.map((project): Scope => ({ project, pullRequests: true }))
      : fc.record({ project: PROJECTS, [part]: REFS }),
  ) as fc.Arbitrary<Scope>[];
  return fc.oneof(...parts, ...(ci.projectAlone ? [fc.record({ project: PROJECTS })] : []));
}

/** Whether a scope admits what another is; of a project alone it is every job. */
function covers(scope: Scope, other: Scope): boolean {
  if (scope.project !== other.project) return false;
  const { project: _, ...parts } = scope;
  const { project: __, ...others } = other;
  return Object.keys(parts).length === 0 || JSON.stringify(parts) === JSON.stringify(others);
}

describe.each(CIS.map((ci) => [ci.id, ci] as const))("a pretended job of %s", (_, ci) => {
  it("is let in by the trust policy of its own scope, which IAM would save", () => {
    fc.assert(
      fc.property(scopesOf(ci), (scope) => {
        expect(ask(ci, scope, pretend(ci, jobOf(scope)))).toBe("allowed");
        const reading = readTrustPolicy(JSON.parse(JSON.stringify(trustOf(ci, scope))) as Json);
        expect(reading.kind === "policy" && checkSharedIssuers(reading.policy)).toBeNull();
      }),
    );
  });

  it("is not let in by a neighbour's", () => {
    fc.assert(
      fc.property(scopesOf(ci), scopesOf(ci), (scope, other) => {
        // A project alone in Jenkins is another job than a branch's below it.
        fc.pre(!covers(scope, other) && !(ci.id === "jenkins" && sameJenkinsJob(scope, other)));
        expect(ask(ci, scope, pretend(ci, jobOf(other)))).toBe("denied");
      }),
    );
  });

  it("lives as long as it is told to, and names its issuer", () => {
    const claims = pretend(ci, { expiresIn: -60, issuer: "https://ci.example.com/x" });
    expect(claims).toMatchObject({ iss: "https://ci.example.com/x" });
    expect(Number(claims["exp"]) - Number(claims["iat"])).toBe(-60);
  });
});

function sameJenkinsJob(one: Scope, other: Scope): boolean {
  const path = ({ project, branch }: Scope): string => [project, ...(branch === undefined ? [] : [branch])].join("/");
  return path(one) === path(other);
}

const request = { url: "http://127.0.0.1:1/token?ci=x", bearer: "the-bearer" };

describe.each(JOB_CIS.map((ci) => [ci.id, ci] as const))("the environment of a job of %s", (id, job) => {
  const ci = CIS.find((one) => one.id === id);
  const claims = ci ? pretend(ci) : {};
  const env = ci?.jobEnvironment(claims, jwt(claims), request) ?? {};
  const files = (ci?.jobFiles?.("") ?? []).map(({ variable, file }) => [variable, `/tmp/${file}`]);
  const whole = { ...env, ...(Object.fromEntries(files) as Record<string, string>) };

  it("is recognised as its own and no other's", () => {
    expect(JOB_CIS.filter((one) => one.detect(whole)).map((one) => one.id)).toEqual([id]);
  });

  // What a pod is, its own variables say.
  it.skipIf(["eks", "kubernetes"].includes(id))(
    "is recognised as its own on an agent in EKS, whose pod has a role of its own",
    () => {
      const pod = {
        AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/node",
        AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
      };
      expect(JOB_CIS.find((one) => one.detect({ ...pod, ...env }))?.id).toBe(id);
      const { candidates, ask: source } = job.findTokens({ ...env, ...pod, KUBERNETES_SERVICE_HOST: "10.100.0.1" });
      expect(JSON.stringify([candidates, source])).not.toContain("/var/run/secrets");
    },
  );

  it("is not recognised without the CI's variable, nor in an empty environment", () => {
    expect(job.detect({ CI: "true", PATH: "/bin" })).toBeNull();
  });

  it("has a token, or says where one can be asked for", () => {
    const { candidates, ask: source } = job.findTokens(whole, "aud");
    expect(candidates.length > 0 || source !== null).toBe(true);
    expect(JSON.stringify(source)).not.toContain("the-bearer");
  });

  it("names a session by the CI first", () => {
    expect(job.sessionName(whole)[0]).toBe(id);
    expect(job.sessionName(whole).slice(1).join("")).not.toBe("");
  });
});
