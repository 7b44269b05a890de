import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateUserCommand,
  GenerateServiceLastAccessedDetailsCommand,
  GetServiceLastAccessedDetailsCommand,
  GetServiceLastAccessedDetailsWithEntitiesCommand,
  ListPoliciesGrantingServiceAccessCommand,
  ListRolesCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";

import { ACCOUNT, iamClient, refusal, startCloud } from "./support.ts";

const ci = { UserName: "ci" };
const Arn = `arn:aws:iam::${ACCOUNT}:user/ci`;
const PolicyArn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";
const DOCUMENT = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}';

describe("service last accessed details", () => {
  it("tell of each service that may be used whether and where it was", async () => {
    const cloud = await startCloud();
    const iam = iamClient(cloud);
    await iam.send(new CreateUserCommand(ci));
    await iam.send(new AttachUserPolicyCommand({ ...ci, PolicyArn }));
    await iam.send(new PutUserPolicyCommand({ ...ci, PolicyName: "shop", PolicyDocument: DOCUMENT }));
    const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand(ci));
    const keys = { accessKeyId: key?.AccessKeyId ?? "", secretAccessKey: key?.SecretAccessKey ?? "" };
    await iamClient(cloud, keys).send(new ListRolesCommand({}));

    const { JobId } = await iam.send(new GenerateServiceLastAccessedDetailsCommand({ Arn }));
    const details = await iam.send(new GetServiceLastAccessedDetailsCommand({ JobId }));
    expect(details).toMatchObject({ JobStatus: "COMPLETED", JobType: "SERVICE_LEVEL", IsTruncated: false });
    expect(details.ServicesLastAccessed).toEqual([
      {
        ServiceName: "AWS Identity and Access Management",
        ServiceNamespace: "iam",
        LastAuthenticated: expect.any(Date) as Date,
        LastAuthenticatedEntity: Arn,
        LastAuthenticatedRegion: "us-east-1",
        TotalAuthenticatedEntities: 1,
      },
      { ServiceName: "Amazon S3", ServiceNamespace: "s3", TotalAuthenticatedEntities: 0 },
    ]);

    const policy = await iam.send(new GenerateServiceLastAccessedDetailsCommand({ Arn: PolicyArn }));
    expect(await iam.send(new GetServiceLastAccessedDetailsCommand({ JobId: policy.JobId }))).toMatchObject({
      ServicesLastAccessed: [{ ServiceNamespace: "iam", LastAuthenticatedEntity: Arn }],
    });
    const entities = { JobId: policy.JobId, ServiceNamespace: "iam" };
    expect((await iam.send(new GetServiceLastAccessedDetailsWithEntitiesCommand(entities))).EntityDetailsList).toEqual([
      {
        EntityInfo: {
          Arn,
          Name: "ci",
          Type: "USER",
          Id: expect.stringMatching(/^AIDA/) as string,
          Path: "/",
        },
        LastAuthenticated: expect.any(Date) as Date,
      },
    ]);
    const granting = new ListPoliciesGrantingServiceAccessCommand({ Arn, ServiceNamespaces: ["iam", "s3", "ec2"] });
    expect((await iam.send(granting)).PoliciesGrantingServiceAccess).toEqual([
      {
        ServiceNamespace: "iam",
        Policies: [{ PolicyName: "IAMReadOnlyAccess", PolicyType: "MANAGED", PolicyArn }],
      },
      {
        ServiceNamespace: "s3",
        Policies: [{ PolicyName: "shop", PolicyType: "INLINE", EntityType: "USER", EntityName: "ci" }],
      },
      { ServiceNamespace: "ec2", Policies: [] },
    ]);
  });

  it("are refused for what is not there", async () => {
    const iam = iamClient(await startCloud());
    expect(await refusal(iam.send(new GenerateServiceLastAccessedDetailsCommand({ Arn })))).toMatchObject({
      code: "NoSuchEntity",
      message: "The user with name ci cannot be found.",
    });
    const unknown = new GetServiceLastAccessedDetailsCommand({ JobId: randomUUID() });
    expect(await refusal(iam.send(unknown))).toMatchObject({ code: "NoSuchEntity" });
  });
});
