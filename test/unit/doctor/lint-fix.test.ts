import { describe, expect, it } from "vitest";
import { readLintDocument } from "../../../src/doctor/lint-documents.ts";
import { type FileFix, fixDocument } from "../../../src/doctor/lint-fix.ts";
import { locateFindings } from "../../../src/doctor/lint-regions.ts";
import { lint } from "../../../src/core/lint.ts";

const NOW = Date.parse("2026-11-25T00:00:00Z");
const GITHUB = "token.actions.githubusercontent.com";
const ARN = `arn:aws:iam::123456789012:oidc-provider/${GITHUB}`;
const SUB = "repo:acme@7/shop@9:ref:refs/heads/main";

function fixed(text: string, from: string, subjects: readonly string[] = []): FileFix {
  const document = readLintDocument(text, from);
  const context = { providers: document.providers, allProviders: false, now: NOW };
  const wanted = ({ severity }: { readonly severity: string }): boolean => severity !== "info";
  return fixDocument(text, document, { context, told: { subjects, audiences: [] }, wanted });
}

function policy(operator: string, subject: string = SUB): object {
  const Condition = {
    StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com" },
    [operator]: { [`${GITHUB}:sub`]: subject },
  };
  const statement = {
    Effect: "Allow",
    Principal: { Federated: ARN },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition,
  };
  return { Version: "2012-10-17", Statement: [statement] };
}

const role = (name: string, document: unknown): object => ({
  RoleName: name,
  Arn: `arn:aws:iam::123456789012:role/${name}`,
  AssumeRolePolicyDocument: document,
});

describe("the file of", () => {
  it.each<readonly [string, (document: unknown) => object]>([
    ["a trust policy", (document) => document as object],
    ["aws iam get-role", (document) => ({ Role: role("a", document) })],
    ["aws iam list-roles", (document) => ({ Roles: [role("b", policy("StringLike")), role("a", document)] })],
  ])("%s has the new policy, and nothing else is another", (_, wrap) => {
    const text = `${JSON.stringify(wrap(policy("ForAllValues:StringLike")), null, 2)}\n`;
    const { after, roles } = fixed(text, "x.json");
    expect(after).toBe(text.replace("ForAllValues:StringLike", "StringLike"));
    expect(roles.flatMap(({ narrowed }) => narrowed.mended.map(({ finding }) => finding.rule))).toEqual(["T010"]);
    expect(fixed(after, "x.json").after).toBe(after);
  });

  it("an answer of IAM's own, whose policy is one text, stays, and the policy is told", () => {
    const encoded = encodeURIComponent(JSON.stringify(policy("ForAllValues:StringLike")));
    const { before, after, roles } = fixed(JSON.stringify({ Role: role("a", encoded) }), "x.json");
    expect(after).toBe(before);
    expect(roles[0]?.byHand).toMatch(/one text/);
    expect(roles[0]?.policy).toEqual(policy("StringLike"));
  });

  it("a saved account stays: its policies are written down by audit", () => {
    const text = JSON.stringify({ RoleDetailList: [role("a", policy("ForAllValues:StringLike"))], Policies: [] });
    const { after, roles } = fixed(text, "account.json");
    expect(after).toBe(text);
    expect(roles[0]?.byHand).toMatch(/rolecall audit --file FILE --fix --out DIR/);
  });

  it("a Terraform plan stays, and the policy is told", () => {
    const values = { name: "a", assume_role_policy: JSON.stringify(policy("ForAllValues:StringLike")) };
    const resource = { address: "aws_iam_role.a", mode: "managed", type: "aws_iam_role", values };
    const plan = { format_version: "1.2", planned_values: { root_module: { resources: [resource] } } };
    const { before, after, roles } = fixed(JSON.stringify(plan), "plan.json");
    expect(after).toBe(before);
    expect(roles[0]?.byHand).toMatch(/^a plan is made of the configuration/);
    expect(roles[0]?.policy).toEqual(policy("StringLike"));
  });
});

const TEMPLATE = `# what the shop may
Parameters: { Org: { Type: String, Default: acme } }
Resources:
  GitHub:
    Type: AWS::IAM::OIDCProvider
    Properties: { Url: "https://${GITHUB}", ClientIdList: [sts.amazonaws.com] }
  Deploy:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: { Federated: !Ref GitHub }
            Action: sts:AssumeRoleWithWebIdentity
            Condition:
              StringEquals:
                "${GITHUB}:aud": sts.amazonaws.com # the default
              ForAllValues:StringLike: # no
                "${GITHUB}:sub": !Sub "repo:\${Org}/shop:environment:prod"
`;

describe("a template", () => {
  it("keeps its functions and comments", () => {
    const { after } = fixed(TEMPLATE, "template.yaml");
    expect(after).toBe(TEMPLATE.replace("ForAllValues:StringLike: # no", "StringLike: # no"));
  });

  it("is left alone where a function is in the way", () => {
    const text = TEMPLATE.replace(
      "ForAllValues:StringLike: # no",
      "StringEqualsIfExists: { x: y }\n              ForAllValues:StringEquals:",
    ).replace(
      '                "token.actions.githubusercontent.com:aud": sts.amazonaws.com # the default\n',
      `                "${GITHUB}:aud": sts.amazonaws.com\n                "${GITHUB}:environment": prod\n`,
    );
    // Beside StringEquals that is there, the condition would have to be written out.
    const { before, after, roles } = fixed(text, "template.yaml");
    expect(after).toBe(before);
    expect(roles[0]?.byHand).toMatch(/by functions/);
  });

  it("is told as lines and columns", () => {
    const { roles, providers, at } = readLintDocument(TEMPLATE, "template.yaml");
    const { findings } = lint({ roles, providers, allProviders: false, from: "template.yaml", now: NOW });
    const [finding] = locateFindings(findings, TEMPLATE, at).filter(({ rule }) => rule === "T010");
    const lines = TEMPLATE.split("\n");
    const line = lines.findIndex((one) => one.includes(":sub")) + 1;
    const column = (lines[line - 1] ?? "").indexOf('"') + 1;
    expect(finding?.line).toBe(line);
    expect(finding?.region).toEqual({ line, column, endLine: line, endColumn: (lines[line - 1] ?? "").length + 1 });
  });
});

it("tells lines and columns of JSON, of a statement that is no list, and of a role as a whole", () => {
  const { Statement, ...rest } = policy("StringLike", "repo:*") as { readonly Statement: readonly object[] };
  const text = JSON.stringify(
    { Role: { ...role("a", { ...rest, Statement: Statement[0] }), MaxSessionDuration: 43_200 } },
    null,
    2,
  );
  const { roles, at } = readLintDocument(text, "x.json");
  const { findings } = lint({ roles, providers: [], allProviders: false, from: "x.json", now: NOW });
  const found = locateFindings(findings, text, at).map(({ rule, region }) => {
    const line = text.split("\n")[(region?.line ?? 0) - 1] ?? "";
    return [
      rule,
      line.slice(
        (region?.column ?? 0) - 1,
        region?.line === region?.endLine ? (region?.endColumn ?? 0) - 1 : undefined,
      ),
    ];
  });
  expect(found).toContainEqual(["T002", `"${GITHUB}:sub": "repo:*"`]);
  expect(found).toContainEqual(["R004", '"Role"']);
});
