import {
  AttachRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListPoliciesCommand,
  ListPolicyVersionsCommand,
  PutRolePermissionsBoundaryCommand,
  SimulatePrincipalPolicyCommand,
  type SimulatePrincipalPolicyCommandInput,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";

import { readIdentityPolicy } from "../../../src/core/policy.ts";
import { awsPolicies } from "../../../src/local/managed-policy-table.ts";
import { documentInForce, isAttachableOfAws } from "../../../src/local/managed-policies.ts";
import { refusal, ROLE, setUp, startCloud } from "./support.ts";

function arn(name: string): string {
  return `arn:aws:iam::aws:policy/${name}`;
}

async function documentOf(iam: IAMClient, name: string): Promise<unknown> {
  const { Policy: policy } = await iam.send(new GetPolicyCommand({ PolicyArn: arn(name) }));
  const version = { PolicyArn: arn(name), VersionId: policy?.DefaultVersionId };
  const { PolicyVersion: inForce } = await iam.send(new GetPolicyVersionCommand(version));
  return JSON.parse(decodeURIComponent(inForce?.Document ?? ""));
}

describe("an AWS-managed policy", () => {
  it("is told of as AWS tells of it", async () => {
    const iam = await setUp(await startCloud());
    const S3 = arn("AmazonS3FullAccess");
    expect((await iam.send(new GetPolicyCommand({ PolicyArn: S3 }))).Policy).toEqual({
      PolicyName: "AmazonS3FullAccess",
      PolicyId: "ANPAIFIR6V6BVTRAHWINE",
      Arn: S3,
      Path: "/",
      DefaultVersionId: "v2",
      AttachmentCount: 0,
      PermissionsBoundaryUsageCount: 0,
      IsAttachable: true,
      Description: "Provides full access to all buckets via the AWS Management Console.",
      CreateDate: new Date("2015-02-06T18:40:58Z"),
      UpdateDate: new Date("2021-09-27T20:16:37Z"),
      Tags: [],
    });
    expect((await iam.send(new ListPolicyVersionsCommand({ PolicyArn: S3 }))).Versions).toEqual([
      { VersionId: "v2", IsDefaultVersion: true, CreateDate: new Date("2021-09-27T20:16:37Z") },
    ]);
  });

  // AWS managed policy reference.
  it.each([
    ["AdministratorAccess", [{ Effect: "Allow", Action: "*", Resource: "*" }]],
    [
      "service-role/AWSLambdaBasicExecutionRole",
      [
        {
          Effect: "Allow",
          Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
          Resource: "*",
        },
      ],
    ],
    [
      "service-role/AmazonECSTaskExecutionRolePolicy",
      [
        {
          Effect: "Allow",
          Action: [
            "ecr:GetAuthorizationToken",
            "ecr:BatchCheckLayerAvailability",
            "ecr:GetDownloadUrlForLayer",
            "ecr:BatchGetImage",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
          ],
          Resource: "*",
        },
      ],
    ],
    [
      "IAMUserChangePassword",
      [
        {
          Effect: "Allow",
          Action: ["iam:ChangePassword"],
          Resource: ["arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"],
        },
        { Effect: "Allow", Action: ["iam:GetAccountPasswordPolicy"], Resource: "*" },
      ],
    ],
  ])("%s says what it says at AWS", async (name, Statement) => {
    const iam = await setUp(await startCloud());
    expect(await documentOf(iam, name)).toEqual({ Version: "2012-10-17", Statement });
  });

  it("grants what it says, to whom it is attached, and under its conditions", async () => {
    const iam = await setUp(await startCloud());
    const decisions = async (input: Omit<SimulatePrincipalPolicyCommandInput, "PolicySourceArn">) => {
      const asked = await iam.send(new SimulatePrincipalPolicyCommand({ PolicySourceArn: ROLE, ...input }));
      return asked.EvaluationResults?.map(({ EvalDecision }) => EvalDecision);
    };
    for (const name of ["AmazonS3ReadOnlyAccess", "AmazonEC2FullAccess"]) {
      await iam.send(new AttachRolePolicyCommand({ RoleName: "deploy", PolicyArn: arn(name) }));
    }
    const ActionNames = ["s3:GetObject", "s3:PutObject", "ec2:RunInstances"];
    expect(await decisions({ ActionNames })).toEqual(["allowed", "implicitDeny", "allowed"]);
    const linkedFor = (service: string) =>
      decisions({
        ActionNames: ["iam:CreateServiceLinkedRole"],
        ContextEntries: [
          { ContextKeyName: "iam:AWSServiceName", ContextKeyType: "string", ContextKeyValues: [service] },
        ],
      });
    expect(await linkedFor("spot.amazonaws.com")).toEqual(["allowed"]);
    expect(await linkedFor("rds.amazonaws.com")).toEqual(["implicitDeny"]);
  });

  it("that reads everything reads no secrets", async () => {
    const iam = await setUp(await startCloud());
    await iam.send(new AttachRolePolicyCommand({ RoleName: "deploy", PolicyArn: arn("ReadOnlyAccess") }));
    const { EvaluationResults: results } = await iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: ROLE,
        ActionNames: ["ec2:DescribeInstances", "s3:GetObject", "secretsmanager:GetSecretValue", "sts:AssumeRole"],
      }),
    );
    expect(results?.map(({ EvalDecision }) => EvalDecision)).toEqual([
      "allowed",
      "allowed",
      "implicitDeny",
      "implicitDeny",
    ]);
  });
});

describe("attaching a policy of AWS's", () => {
  it("takes one that has no content here", async () => {
    const iam = await setUp(await startCloud());
    const PolicyArn = arn("AmazonSageMakerFullAccess");
    await iam.send(new AttachRolePolicyCommand({ RoleName: "deploy", PolicyArn }));
    const boundary = { RoleName: "deploy", PermissionsBoundary: arn("job-function/SystemAdministrator") };
    await iam.send(new PutRolePermissionsBoundaryCommand(boundary));
    const { AttachedPolicies: held } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: "deploy" }));
    expect(held).toEqual([{ PolicyName: "AmazonSageMakerFullAccess", PolicyArn }]);
  });

  // A slip of the pen, and the path forgotten.
  it.each(["AmazonEC2ReadonlyAccess", "AWSLambdaBasicExecutionRole", "service-role/ReadOnlyAccess"])(
    "does not take %s, which AWS has not",
    async (name) => {
      const iam = await setUp(await startCloud());
      const PolicyArn = arn(name);
      expect(await refusal(iam.send(new AttachRolePolicyCommand({ RoleName: "deploy", PolicyArn })))).toEqual({
        code: "NoSuchEntity",
        status: 404,
        message: `Policy ${PolicyArn} does not exist or is not attachable.`,
      });
      const boundary = new PutRolePermissionsBoundaryCommand({ RoleName: "deploy", PermissionsBoundary: PolicyArn });
      expect(await refusal(iam.send(boundary))).toMatchObject({
        code: "NoSuchEntity",
        message: `Scope ARN: ${PolicyArn} does not exist or is not attachable.`,
      });
    },
  );

  it("keeps a service's own policy for its role", async () => {
    const iam = await setUp(await startCloud());
    const PolicyArn = arn("aws-service-role/BatchServiceRolePolicy");
    expect(await refusal(iam.send(new AttachRolePolicyCommand({ RoleName: "deploy", PolicyArn })))).toEqual({
      code: "PolicyNotAttachable",
      status: 400,
      message: "Cannot attach a Service Role Policy to a Customer Role.",
    });
  });

  it("takes each that has a content here", () => {
    expect(awsPolicies().filter((policy) => !isAttachableOfAws(policy.arn))).toEqual([]);
  });
});

describe("the list of AWS's policies", () => {
  it("is narrowed by path", async () => {
    const iam = await setUp(await startCloud());
    const { Policies: policies = [] } = await iam.send(
      new ListPoliciesCommand({ Scope: "AWS", PathPrefix: "/service-role/" }),
    );
    expect(policies.map(({ Arn }) => Arn)).toContain(arn("service-role/AWSLambdaRole"));
    expect(new Set(policies.map(({ Path }) => Path))).toEqual(new Set(["/service-role/"]));
  });

  it("has nothing of the account's own, and all of it fits on a page", async () => {
    const iam = await setUp(await startCloud());
    const { Policies: policies = [], IsTruncated } = await iam.send(
      new ListPoliciesCommand({ Scope: "AWS", MaxItems: 1000 }),
    );
    expect(policies).toHaveLength(awsPolicies().length);
    expect(IsTruncated).toBe(false);
  });

  it.each(awsPolicies().map((policy) => [policy.arn.slice(arn("").length), policy] as const))(
    "%s is whole",
    (named, policy) => {
      expect(policy).toMatchObject({
        id: expect.stringMatching(/^ANPA[A-Z0-9]{17}$/) as string,
        inForce: `v${policy.newest}`,
      });
      expect(`${policy.path}${policy.name}`).toBe(`/${named}`);
      expect(policy.created).toBeGreaterThanOrEqual(Date.parse("2015-01-01"));
      expect(policy.updated).toBeGreaterThanOrEqual(policy.created);
      expect(readIdentityPolicy(documentInForce(policy))).toMatchObject({ kind: "policy" });
    },
  );

  it("has no two of one ARN or id", () => {
    const all = awsPolicies();
    expect(new Set(all.map((policy) => policy.arn)).size).toBe(all.length);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });
});
