import {
  AttachRolePolicyCommand,
  CreateServiceLinkedRoleCommand,
  DeleteRoleCommand,
  DeleteServiceLinkedRoleCommand,
  GetRoleCommand,
  GetServiceLinkedRoleDeletionStatusCommand,
  ListAttachedRolePoliciesCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";

import { ACCOUNT, iamClient, refusal, setUp, startCloud, trustPolicy } from "./support.ts";

const batch = { RoleName: "AWSServiceRoleForBatch" };

describe("a service-linked role", () => {
  it("has the path, trust policy and attached policy of its service", async () => {
    const iam = iamClient(await startCloud());
    const AWSServiceName = "batch.amazonaws.com";
    const { Role: role } = await iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName }));
    const Arn = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/${AWSServiceName}/AWSServiceRoleForBatch`;
    expect(role).toMatchObject({ ...batch, Arn, Path: `/aws-service-role/${AWSServiceName}/` });
    // The answer to its making has lists, as an example of the AWS CLI's reference has.
    expect(JSON.parse(decodeURIComponent(role?.AssumeRolePolicyDocument ?? ""))).toEqual({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: [AWSServiceName] }, Action: ["sts:AssumeRole"] }],
    });
    const { Role: kept } = await iam.send(new GetRoleCommand(batch));
    expect(kept).toMatchObject({ Arn, MaxSessionDuration: 3600, RoleLastUsed: {} });
    expect(JSON.parse(decodeURIComponent(kept?.AssumeRolePolicyDocument ?? ""))).toEqual({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: AWSServiceName }, Action: "sts:AssumeRole" }],
    });
    expect((await iam.send(new ListAttachedRolePoliciesCommand(batch))).AttachedPolicies).toEqual([
      {
        PolicyName: "BatchServiceRolePolicy",
        PolicyArn: "arn:aws:iam::aws:policy/aws-service-role/BatchServiceRolePolicy",
      },
    ]);
    expect(await refusal(iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName })))).toEqual({
      code: "InvalidInput",
      status: 400,
      message:
        "Service role name AWSServiceRoleForBatch has been taken in this account, please try a different suffix.",
    });
  });

  it("takes a suffix where its service allows one", async () => {
    const iam = iamClient(await startCloud());
    const create = (AWSServiceName: string): Promise<unknown> =>
      iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName, CustomSuffix: "x" }));
    expect(await create("autoscaling.amazonaws.com")).toMatchObject({
      Role: { RoleName: "AWSServiceRoleForAutoScaling_x" },
    });
    expect(await refusal(create("batch.amazonaws.com"))).toMatchObject({
      code: "InvalidInput",
      message: "Custom suffix is not allowed for batch.amazonaws.com",
    });
  });

  it("is changed and deleted by its service's calls alone", async () => {
    const iam = await setUp(await startCloud());
    await iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: "batch.amazonaws.com" }));
    const PolicyArn = "arn:aws:iam::aws:policy/AdministratorAccess";
    for (const call of [
      iam.send(new DeleteRoleCommand(batch)),
      iam.send(new AttachRolePolicyCommand({ ...batch, PolicyArn })),
      iam.send(new UpdateAssumeRolePolicyCommand({ ...batch, PolicyDocument: trustPolicy() })),
    ]) {
      expect(await refusal(call)).toEqual({
        code: "UnmodifiableEntity",
        status: 400,
        message:
          "Cannot perform the operation on the protected role 'AWSServiceRoleForBatch' - this role is only modifiable by AWS",
      });
    }
    const { DeletionTaskId } = await iam.send(new DeleteServiceLinkedRoleCommand(batch));
    expect(DeletionTaskId).toMatch(
      /^task\/aws-service-role\/batch\.amazonaws\.com\/AWSServiceRoleForBatch\/[0-9a-f-]{36}$/,
    );
    expect(await iam.send(new GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId }))).toMatchObject({
      Status: "SUCCEEDED",
    });
    const never = DeletionTaskId?.replace(/[^/]+$/, "0f0e0d0c-0b0a-4908-8706-050403020100");
    const unknown = iam.send(new GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId: never }));
    expect(await refusal(unknown)).toMatchObject({ code: "NoSuchEntity", status: 404 });
    expect(await refusal(iam.send(new GetRoleCommand(batch)))).toMatchObject({ code: "NoSuchEntity" });
    expect(await refusal(iam.send(new DeleteServiceLinkedRoleCommand({ RoleName: "deploy" })))).toMatchObject({
      code: "NoSuchEntity",
    });
  });
});
