import { describe, expect, it } from "vitest";
import { lint } from "../../../src/core/lint.ts";
import { readLintDocument } from "../../../src/doctor/lint-documents.ts";

const NOW = Date.parse("2026-11-25T00:00:00Z");
const GITHUB = "token.actions.githubusercontent.com";
const ARN = `arn:aws:iam::123456789012:oidc-provider/${GITHUB}`;

function trust(subject: string, federated: unknown = ARN): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: federated },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com" },
          StringLike: { [`${GITHUB}:sub`]: subject },
        },
      },
    ],
  };
}

function judged(text: string, from = "file"): readonly (readonly [string, string])[] {
  const { roles, providers } = readLintDocument(text, from);
  const { findings } = lint({ roles, providers, allProviders: false, from, now: NOW });
  return findings
    .filter(({ severity }) => severity !== "low" && severity !== "info")
    .map(({ rule, resource }) => [rule, resource]);
}

describe("JSON that the AWS CLI saves", () => {
  it("is read from a trust policy", () => {
    expect(judged(JSON.stringify(trust("repo:*")), "trust.json")).toEqual([["T002", "trust.json"]]);
  });

  it("is read from get-role, its document URL-encoded or not", () => {
    const Arn = "arn:aws:iam::123456789012:role/x";
    const encoded = encodeURIComponent(JSON.stringify(trust("repo:acme*")));
    expect(judged(JSON.stringify({ Role: { Arn, AssumeRolePolicyDocument: encoded } }))).toEqual([["T003", Arn]]);
    expect(judged(JSON.stringify({ Role: { Arn, AssumeRolePolicyDocument: trust("repo:acme/*") } }))).toEqual([
      ["T004", Arn],
    ]);
  });

  it("has the default version of a managed policy for its roles", () => {
    const Arn = "arn:aws:iam::123456789012:role/x";
    const policy = "arn:aws:iam::123456789012:policy/all";
    const statement = (Action: string): object => ({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action, Resource: "*" }],
    });
    const account = (isDefault: boolean): string =>
      JSON.stringify({
        RoleDetailList: [
          {
            RoleName: "x",
            Arn,
            AssumeRolePolicyDocument: trust("repo:acme@1/shop@2:environment:prod"),
            AttachedManagedPolicies: [{ PolicyName: "all", PolicyArn: policy }],
          },
        ],
        Policies: [
          {
            Arn: policy,
            PolicyVersionList: [
              { VersionId: "v1", IsDefaultVersion: isDefault, Document: statement("*") },
              {
                VersionId: "v2",
                IsDefaultVersion: !isDefault,
                Document: encodeURIComponent(JSON.stringify(statement("s3:Get*"))),
              },
            ],
          },
        ],
      });
    expect(judged(account(true))).toEqual([["R001", Arn]]);
    expect(judged(account(false))).toEqual([]);
  });
});

describe("a Terraform plan", () => {
  const provider = {
    address: "aws_iam_openid_connect_provider.github",
    mode: "managed",
    type: "aws_iam_openid_connect_provider",
    values: { url: `https://${GITHUB}`, client_id_list: ["sts.amazonaws.com"] },
  };

  it("is read with its modules, and policies of their own resources", () => {
    const role = {
      address: "module.ci.aws_iam_role.deploy",
      mode: "managed",
      type: "aws_iam_role",
      values: { name: "deploy", assume_role_policy: JSON.stringify(trust("repo:acme/shop:environment:prod")) },
    };
    const attachment = {
      address: "module.ci.aws_iam_role_policy_attachment.admin",
      mode: "managed",
      type: "aws_iam_role_policy_attachment",
      values: { role: "deploy", policy_arn: "arn:aws:iam::aws:policy/AdministratorAccess" },
    };
    const plan = {
      format_version: "1.2",
      planned_values: { root_module: { resources: [provider], child_modules: [{ resources: [role, attachment] }] } },
    };
    expect(judged(JSON.stringify(plan))).toEqual([["R001", "module.ci.aws_iam_role.deploy"]]);
  });

  it("has the provider's audiences also where a policy names another account", () => {
    const other = `arn:aws:iam::999988887777:oidc-provider/${GITHUB}`;
    const values = {
      name: "deploy",
      assume_role_policy: JSON.stringify(trust("repo:acme/shop:environment:prod", other)),
    };
    const wrong = { ...provider, values: { ...provider.values, client_id_list: ["https://github.com/acme"] } };
    const resources = [wrong, { address: "aws_iam_role.deploy", mode: "managed", type: "aws_iam_role", values }];
    const plan = { format_version: "1.2", planned_values: { root_module: { resources } } };
    expect(judged(JSON.stringify(plan))).toEqual([["P001", "aws_iam_role.deploy"]]);
  });

  it("tells the statements of a data source where the policy is not known before the provider is", () => {
    const plan = {
      format_version: "1.2",
      planned_values: {
        root_module: {
          resources: [
            provider,
            { address: "aws_iam_role.deploy", mode: "managed", type: "aws_iam_role", values: { name: "deploy" } },
          ],
        },
      },
      resource_changes: [
        {
          address: "data.aws_iam_policy_document.trust",
          change: {
            actions: ["read"],
            after: {
              statement: [
                {
                  effect: null,
                  actions: ["sts:AssumeRoleWithWebIdentity"],
                  principals: [{ type: "Federated" }],
                  condition: [
                    { test: "StringEquals", variable: `${GITHUB}:aud`, values: ["sts.amazonaws.com"] },
                    { test: "StringLike", variable: `${GITHUB}:sub`, values: ["repo:acme/*"] },
                  ],
                },
              ],
            },
          },
        },
      ],
      configuration: {
        root_module: {
          resources: [
            {
              type: "aws_iam_role",
              name: "deploy",
              expressions: {
                assume_role_policy: {
                  references: ["data.aws_iam_policy_document.trust.json", "data.aws_iam_policy_document.trust"],
                },
              },
            },
          ],
        },
      },
    };
    expect(judged(JSON.stringify(plan))).toEqual([["T004", "aws_iam_role.deploy"]]);
  });

  it("says which role it could not judge", () => {
    const resources = [{ address: "aws_iam_role.x", mode: "managed", type: "aws_iam_role", values: { name: "x" } }];
    const { unread } = readLintDocument(
      JSON.stringify({ format_version: "1.2", planned_values: { root_module: { resources } } }),
      "plan.json",
    );
    expect(unread).toEqual([{ resource: "aws_iam_role.x", reason: "its trust policy is not known yet" }]);
  });
});

const TEMPLATE = `AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Org: { Type: String, Default: acme }
  Repo: { Type: String }
Conditions:
  Wide: !Equals [!Ref Org, acme]
Resources:
  GitHub:
    Type: AWS::IAM::OIDCProvider
    Properties:
      Url: https://${GITHUB}
      ClientIdList: [sts.amazonaws.com]
  Deploy:
    Type: AWS::IAM::Role
    Properties:
      MaxSessionDuration: 3600
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: { Federated: PRINCIPAL }
            Action: sts:AssumeRoleWithWebIdentity
            Condition:
              StringEquals: { "${GITHUB}:aud": sts.amazonaws.com }
              StringLike: { "${GITHUB}:sub": SUBJECT }
`;

describe("a CloudFormation template", () => {
  it.each([
    ["!Ref GitHub", '!Sub "repo:${Org}/*"', "T004"],
    ["!GetAtt GitHub.Arn", '!Join ["", ["repo:", !Ref Org, "*"]]', "T003"],
    [
      `!Sub "arn:\${AWS::Partition}:iam::\${AWS::AccountId}:oidc-provider/${GITHUB}"`,
      '!Sub ["repo:${O}:*", { O: "*" }]',
      "T002",
    ],
    ["{ Ref: GitHub }", '{ "Fn::Select": [1, ["x", "repo:*/x:*"]] }', "T002"],
    ["!Ref GitHub", '!If [Wide, "repo:*", "repo:acme/shop:*"]', "T002"],
  ])("with %s and %s is %s", (principal, subject, rule) => {
    const text = TEMPLATE.replace("PRINCIPAL", principal).replace("SUBJECT", subject);
    expect(judged(text, "template.yaml")).toEqual([[rule, "Deploy"]]);
  });

  it("takes a parameter without a default for a name, and says so", () => {
    const text = TEMPLATE.replace("PRINCIPAL", "!Ref GitHub").replace(
      "SUBJECT",
      '!Sub "repo:${Org}/${Repo}:environment:prod"',
    );
    expect(judged(text, "template.yaml")).toEqual([]);
    expect(readLintDocument(text, "template.yaml").assumed).toEqual([
      "the parameter Org has its default",
      "the parameter Repo is a text without wildcards",
    ]);
  });

  it("may hold the trust policy as one text, which lets keys have functions", () => {
    const policy = JSON.stringify(trust("repo:*")).replaceAll("123456789012", "${AWS::AccountId}");
    const template = {
      Resources: { X: { Type: "AWS::IAM::Role", Properties: { AssumeRolePolicyDocument: { "Fn::Sub": policy } } } },
    };
    expect(judged(JSON.stringify(template))).toEqual([["T002", "X"]]);
  });
});

it.each(["{}", "[]", "a: b", '{"Statement":[{"Effect":"Maybe"}]}', "{"])(
  "refuses %s, which is none of them",
  (text) => {
    expect(() => readLintDocument(text, "x.json")).toThrowWithCode("config", /^x\.json/);
  },
);
