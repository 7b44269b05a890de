import { describe, expect, it } from "vitest";
import { readDocument } from "../../../src/doctor/role-view.ts";
import { AUDIENCE, claims, PROVIDER, ROLE_ARN, statement } from "../core/example.ts";

const POLICY = { Version: "2012-10-17", Statement: [statement()] };
const CONTEXT = { from: "role.json", claims: claims(), audiences: [], roleArn: undefined };

describe("the AWS side in a saved document", () => {
  it.for([
    ["a trust policy", POLICY],
    ["what get-role answers", { Role: { Arn: ROLE_ARN, AssumeRolePolicyDocument: POLICY } }],
    [
      "what IAM itself answers, URL-encoded",
      { Role: { Arn: ROLE_ARN, AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(POLICY)) } },
    ],
  ] as const)("is read from %s", ([, document]) => {
    const view = readDocument(JSON.stringify(document), CONTEXT);
    expect(view.role?.trust.statements).toHaveLength(1);
    expect(view.provider).toEqual({ ...PROVIDER, audiences: [AUDIENCE] });
    expect(view.assumed.join("\n")).toContain("the provider has the token's audience");
  });

  it("is one role of what get-account-authorization-details answers", () => {
    const other = { Arn: `${ROLE_ARN}-2`, AssumeRolePolicyDocument: POLICY, MaxSessionDuration: 3600 };
    const own = { ...other, Arn: ROLE_ARN, MaxSessionDuration: 7200 };
    const text = JSON.stringify({ RoleDetailList: [other, own] });
    expect(readDocument(text, { ...CONTEXT, roleArn: ROLE_ARN }).role).toMatchObject({
      arn: ROLE_ARN,
      maxSessionDuration: 7200,
    });
    expect(readDocument(text, { ...CONTEXT, roleArn: `${ROLE_ARN}-3` }).role).toBeNull();
    expect(() => readDocument(text, CONTEXT)).toThrow("role.json has 2 roles: expected --role ARN");
  });

  it("takes the audiences that it is told", () => {
    const view = readDocument(JSON.stringify(POLICY), { ...CONTEXT, audiences: ["a", "b"] });
    expect(view.provider?.audiences).toEqual(["a", "b"]);
    expect(view.assumed.join("\n")).not.toContain("audience");
  });

  it.for([
    ["{", "role.json is not JSON"],
    ["[]", "role.json: expected a JSON object"],
    ["{}", "role.json: expected a trust policy, or what aws iam get-role"],
    [JSON.stringify({ Statement: [{ Effect: "Maybe" }] }), "a trust policy that IAM would not save"],
  ] as const)("is not in %s", ([text, words]) => {
    expect(() => readDocument(text, CONTEXT)).toThrow(words);
  });
});
