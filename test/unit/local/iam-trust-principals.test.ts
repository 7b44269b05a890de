import {
  CreateRoleCommand,
  CreateUserCommand,
  DeleteUserCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";

import type { Json } from "../../../src/core/token.ts";
import { ACCOUNT, iamClient, refusal, startCloud } from "./support.ts";

const own = (kind: string): string => `arn:aws:iam::${ACCOUNT}:${kind}`;

function trust(Principal: Json): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Principal, Action: "sts:AssumeRole" } });
}

async function make(Principal: Json): Promise<unknown> {
  const iam = iamClient(await startCloud());
  const command = new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: trust(Principal) });
  return refusal(iam.send(command));
}

describe("a role that trusts somebody who is not there", () => {
  it.each([
    ["AWS", own("user/ann")],
    ["AWS", own("role/other")],
    ["AWS", own("role/deploy")],
    ["AWS", own("group/devs")],
    ["AWS", own("role/*")],
    ["AWS", "arn:aws:iam:::user/ann"],
    ["AWS", "AIDAQQQQQQQQQQQQQQQQQ"],
    ["AWS", "ann"],
    ["Service", "amazonaws.com"],
    ["Service", "ec2"],
  ])("is not made: %s %s", async (type, name) => {
    expect(await make({ Service: "ec2.amazonaws.com", [type]: name })).toMatchObject({
      code: "MalformedPolicyDocument",
      message: `Invalid principal in policy: "${type.toUpperCase()}":"${name}"`,
    });
  });

  it("is told of the first of them", async () => {
    expect(await make({ AWS: [ACCOUNT, own("user/ann"), own("user/bob")] })).toMatchObject({
      message: `Invalid principal in policy: "AWS":"${own("user/ann")}"`,
    });
  });
});

describe("a role that trusts somebody", () => {
  it.each([
    { AWS: "*" },
    { AWS: [ACCOUNT, own("root"), own("user/admin")] },
    { AWS: "arn:aws:iam::210987654321:role/team/deploy" },
    { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/job-1` },
    { Service: ["ec2.amazonaws.com", "delivery.logs.amazonaws.com", "ec2.amazonaws.com.cn"] },
    { Federated: own("oidc-provider/gitlab.example.com") },
  ])("is made: %j", async (principal) => {
    const iam = iamClient(await startCloud());
    const command = new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: trust(principal) });
    expect((await iam.send(command)).Role?.Arn).toBe(own("role/deploy"));
  });

  it("may trust itself, once it is there", async () => {
    const iam = iamClient(await startCloud());
    await iam.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: trust({ AWS: ACCOUNT }) }));
    const itself = { RoleName: "deploy", PolicyDocument: trust({ AWS: own("role/deploy") }) };
    expect((await iam.send(new UpdateAssumeRolePolicyCommand(itself))).$metadata.httpStatusCode).toBe(200);
  });

  it("may name a user by id, as long as the user is there", async () => {
    const iam = iamClient(await startCloud());
    const { User: user } = await iam.send(new CreateUserCommand({ UserName: "ann" }));
    const byId = trust({ AWS: user?.UserId ?? "" });
    await iam.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: byId }));
    await iam.send(new DeleteUserCommand({ UserName: "ann" }));
    const again = new UpdateAssumeRolePolicyCommand({ RoleName: "deploy", PolicyDocument: byId });
    expect(await refusal(iam.send(again))).toMatchObject({
      message: `Invalid principal in policy: "AWS":"${user?.UserId}"`,
    });
  });
});
