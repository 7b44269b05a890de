import fc from "fast-check";
import { expect, it } from "vitest";
import { isRolecallError } from "../../../src/core/errors.ts";
import { lint } from "../../../src/core/lint.ts";
import { readLintDocument } from "../../../src/doctor/lint-documents.ts";

// Words that the readers look for, in places where nobody would put them.
const KEYS = [
  "Statement Effect Principal Federated Action Condition StringLike StringEquals Null Version RoleDetailList Role Roles Arn",
  "RoleName AssumeRolePolicyDocument Policies PolicyVersionList Document IsDefaultVersion RolePolicyList PolicyDocument",
  "PermissionsBoundary RoleLastUsed Url ClientIDList OpenIDConnectProviders format_version planned_values root_module",
  "resources child_modules values address type mode assume_role_policy resource_changes change after statement condition",
  "configuration expressions references Resources Type Properties Parameters Default Ref Fn::Sub Fn::GetAtt Fn::Join Fn::If",
  "Fn::Select Fn::Split Fn::FindInMap ManagedPolicyArns __proto__ constructor gitlab.com:sub gitlab.com:aud",
].flatMap((line) => line.split(" "));
const TEXTS = [
  "arn:aws:iam::123456789012:oidc-provider/gitlab.com",
  "arn:aws:iam::123456789012:role/x",
  "sts:AssumeRoleWithWebIdentity",
  "Allow",
  "2012-10-17",
  "AWS::IAM::Role",
  "AWS::IAM::OIDCProvider",
  "aws_iam_role",
  "aws_iam_openid_connect_provider",
  "project_path:*",
  "%7B%",
  "${A.B}",
  "${gitlab.com:sub}",
  "*",
  "",
];

const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 7, depthSize: "large" },
    fc.constantFrom<unknown>(...TEXTS, null, true, 1, 1.5),
    fc.array(tie("json"), { maxLength: 3 }),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom(...KEYS), tie("json")), { maxLength: 5, selector: ([key]) => key })
      .map(asText),
  ),
}));

/** As text first: in an object literal `__proto__` would be no member. */
function asText(entries: readonly (readonly [string, unknown])[]): unknown {
  return JSON.parse(`{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`);
}

const statement = fc.record({ Effect: json, Principal: json, Action: json, Condition: json }, { requiredKeys: [] });
const document = fc.oneof(
  json,
  fc.record({ Statement: fc.array(statement, { maxLength: 2 }) }),
  fc.record({ RoleDetailList: fc.array(json, { maxLength: 3 }), Policies: json }),
  fc.record({ format_version: fc.constant("1.2"), planned_values: json, configuration: json, resource_changes: json }),
  fc.record({
    Resources: fc.dictionary(
      fc.constantFrom("A", "B", "__proto__"),
      fc.record({ Type: fc.constantFrom("AWS::IAM::Role", "AWS::IAM::OIDCProvider"), Properties: json }),
    ),
    Parameters: json,
  }),
);

it("judges whatever is in a file, or says what it expected, and leaves nothing behind", () => {
  fc.assert(
    fc.property(document, (value) => {
      try {
        const { roles, providers } = readLintDocument(JSON.stringify(value), "x.json");
        lint({ roles, providers, allProviders: true, from: "x.json", now: 0 });
      } catch (error) {
        if (!isRolecallError(error)) throw error;
        expect(error.code).toBe("config");
      }
      expect(Object.keys(Object.prototype)).toEqual([]);
    }),
    { numRuns: 3000 },
  );
}, 120_000);

it("ends for a template whose resources refer to each other", () => {
  const Resources = {
    A: { Type: "AWS::IAM::OIDCProvider", Properties: { Url: { "Fn::GetAtt": ["B", "Arn"] } } },
    B: { Type: "AWS::IAM::Role", Properties: { RoleName: { Ref: "A" } } },
  };
  expect(readLintDocument(JSON.stringify({ Resources }), "x.json").providers).toHaveLength(1);
});
