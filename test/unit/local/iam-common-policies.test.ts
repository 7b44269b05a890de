import {
  AttachRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  ListPoliciesCommand,
  SimulatePrincipalPolicyCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";

import { ROLE, setUp, startCloud } from "./support.ts";

const READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";

describe("an AWS-managed policy that people attach", () => {
  it("can be read, listed by its path, and grants what it says", async () => {
    const iam = await setUp(await startCloud());
    const { Policy: policy } = await iam.send(new GetPolicyCommand({ PolicyArn: READ }));
    expect(policy).toMatchObject({
      PolicyName: "AmazonS3ReadOnlyAccess",
      PolicyId: "ANPAIZTJ4DXE7G6AGAE6M",
      Path: "/",
    });
    const version = new GetPolicyVersionCommand({ PolicyArn: READ, VersionId: policy?.DefaultVersionId });
    const { PolicyVersion: inForce } = await iam.send(version);
    expect(decodeURIComponent(inForce?.Document ?? "")).toContain('"s3:Get*"');
    const { Policies: listed } = await iam.send(
      new ListPoliciesCommand({ Scope: "AWS", PathPrefix: "/service-role/" }),
    );
    expect(listed).toMatchObject([
      {
        PolicyName: "AWSLambdaBasicExecutionRole",
        Arn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
      },
    ]);
    await iam.send(new AttachRolePolicyCommand({ RoleName: "deploy", PolicyArn: READ }));
    const simulated = await iam.send(
      new SimulatePrincipalPolicyCommand({ PolicySourceArn: ROLE, ActionNames: ["s3:GetObject", "s3:PutObject"] }),
    );
    expect(simulated.EvaluationResults?.map(({ EvalDecision }) => EvalDecision)).toEqual(["allowed", "implicitDeny"]);
  });
});
