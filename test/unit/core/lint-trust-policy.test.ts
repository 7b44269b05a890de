import { describe, expect, test } from "vitest";
import { lintTrustPolicy } from "../../../src/index.ts";

const NOW = Date.UTC(2026, 10, 28);

/** A trust policy of GitHub's tokens with this condition. */
function trustWith(condition: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: condition,
      },
    ],
  };
}

const host = "token.actions.githubusercontent.com";
const NARROW = trustWith({
  StringEquals: { [`${host}:aud`]: "sts.amazonaws.com", [`${host}:sub`]: "repo:a/b:ref:refs/heads/main" },
});
const WIDE = trustWith({
  StringEquals: { [`${host}:aud`]: "sts.amazonaws.com" },
  StringLike: { [`${host}:sub`]: "repo:*" },
});

describe("a trust policy by itself", () => {
  test("has findings with a token that proves them, as text and as a value", () => {
    const reading = lintTrustPolicy(WIDE, { now: NOW, role: "deploy" });
    if (reading.kind !== "findings") throw new Error(reading.message);
    const [worst] = reading.findings;
    expect(worst).toMatchObject({ severity: "critical", resource: "deploy", proof: { kind: "accepted" } });
    expect(lintTrustPolicy(JSON.stringify(WIDE, null, 2), { now: NOW, role: "deploy" })).toEqual(reading);
  });

  test("has nothing worse than low when it names the branch", () => {
    const reading = lintTrustPolicy(NARROW, { now: NOW });
    if (reading.kind !== "findings") throw new Error(reading.message);
    expect(reading.findings.map(({ rule, severity }) => `${rule} ${severity}`)).toEqual(["T016 low"]);
  });

  test("is not judged when it trusts no OIDC provider", () => {
    const Statement = [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }];
    expect(lintTrustPolicy({ Version: "2012-10-17", Statement }, { now: NOW })).toEqual({
      kind: "findings",
      findings: [],
    });
  });

  test("that cannot be read says why", () => {
    expect(lintTrustPolicy("{", { now: NOW })).toMatchObject({ kind: "unread" });
  });
});
