import { describe, expect, it } from "vitest";

import { type Assumer, evaluateAssumeTrust } from "../../../src/core/assume-role.ts";
import { Context } from "../../../src/core/conditions.ts";
import { readPolicy } from "../../../src/core/policy.ts";
import type { Json } from "../../../src/core/token.ts";

const ACCOUNT = "123456789012";
const USER: Assumer = { arn: `arn:aws:iam::${ACCOUNT}:user/ann`, roleArn: null, account: ACCOUNT };
const ROLE = `arn:aws:iam::${ACCOUNT}:role/ci/build`;
const SESSION: Assumer = {
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/build/job-1`,
  roleArn: ROLE,
  account: ACCOUNT,
};

function ask(statements: readonly Record<string, Json>[], assumer: Assumer, context = new Context()): string {
  const Statement = statements.map((one) => ({ Effect: "Allow", Action: "sts:AssumeRole", ...one }));
  const reading = readPolicy({ Version: "2012-10-17", Statement });
  if (reading.kind !== "policy") throw new Error(reading.message);
  return evaluateAssumeTrust(reading.policy, assumer, "sts:AssumeRole", context);
}

describe("a trust policy for AWS principals", () => {
  it.each([
    ["the account's number", ACCOUNT, SESSION, "account"],
    ["the account's root", `arn:aws:iam::${ACCOUNT}:root`, USER, "account"],
    ["another account", "210987654321", USER, "none"],
    ["the root of another account", "arn:aws:iam::210987654321:root", USER, "none"],
    ["the user itself", USER.arn, USER, "direct"],
    ["another user", `arn:aws:iam::${ACCOUNT}:user/bob`, USER, "none"],
    ["the session's role", ROLE, SESSION, "direct"],
    ["the session itself", SESSION.arn, SESSION, "direct"],
    ["a session of the same role", `${SESSION.arn}2`, SESSION, "none"],
    ["the session's role without its path", `arn:aws:iam::${ACCOUNT}:role/build`, SESSION, "none"],
    ["part of an ARN and a wildcard", `arn:aws:iam::${ACCOUNT}:role/ci/*`, SESSION, "none"],
    ["everybody", "*", SESSION, "direct"],
  ])("that names %s", (_, principal, assumer, grant) => {
    expect(ask([{ Principal: { AWS: principal } }], assumer)).toBe(grant);
  });

  it("does not take a web identity provider or a service for an AWS principal", () => {
    expect(ask([{ Principal: { Federated: SESSION.arn } }, { Principal: { Service: SESSION.arn } }], SESSION)).toBe(
      "none",
    );
  });

  it("prefers the statement that names the principal, wherever it stands", () => {
    const both = [{ Principal: { AWS: ACCOUNT } }, { Principal: { AWS: [ROLE] } }];
    expect(ask(both, SESSION)).toBe("direct");
    expect(ask(both.toReversed(), SESSION)).toBe("direct");
  });

  it("lets a Deny win that applies, of the whole account too", () => {
    const allow = { Principal: { AWS: ROLE } };
    const deny = {
      Effect: "Deny",
      Principal: { AWS: ACCOUNT },
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    };
    expect(ask([allow, deny], SESSION, new Context([["aws:SecureTransport", "false"]]))).toBe("explicit-deny");
    expect(ask([allow, deny], SESSION, new Context([["aws:SecureTransport", "true"]]))).toBe("direct");
  });

  it("holds the external id against its condition, and does not match without one", () => {
    const statement = { Principal: { AWS: ACCOUNT }, Condition: { StringEquals: { "sts:ExternalId": "42" } } };
    expect(ask([statement], USER, new Context([["sts:ExternalId", "42"]]))).toBe("account");
    expect(ask([statement], USER, new Context([["sts:ExternalId", "43"]]))).toBe("none");
    expect(ask([statement], USER)).toBe("none");
  });

  it("speaks of the action that it names only", () => {
    expect(ask([{ Action: "sts:TagSession", Principal: { AWS: ROLE } }], SESSION)).toBe("none");
    expect(ask([{ Action: "sts:Assume*", Principal: { AWS: ROLE } }], SESSION)).toBe("direct");
  });
});
