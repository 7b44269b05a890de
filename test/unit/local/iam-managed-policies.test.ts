import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  type IAMClient,
  ListEntitiesForPolicyCommand,
  ListPoliciesCommand,
  type ListPoliciesCommandInput,
  ListPolicyTagsCommand,
  ListPolicyVersionsCommand,
  PutRolePermissionsBoundaryCommand,
  SetDefaultPolicyVersionCommand,
  TagPolicyCommand,
  UntagPolicyCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";

import { awsPolicies } from "../../../src/local/managed-policy-table.ts";
import { ACCOUNT, iamClient, refusal, startCloud, trustPolicy } from "./support.ts";

const DATE: unknown = expect.any(Date);
const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);

const PolicyArn = `arn:aws:iam::${ACCOUNT}:policy/team/deploy`;
const READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess";

function document(action: string): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action: action, Resource: "*" } });
}

async function withPolicy(): Promise<IAMClient> {
  const iam = iamClient(await startCloud());
  await iam.send(
    new CreatePolicyCommand({
      PolicyName: "deploy",
      Path: "/team/",
      PolicyDocument: document("s3:Get*"),
      Description: "what a deployment may do",
      Tags: [{ Key: "team", Value: "shop" }],
    }),
  );
  return iam;
}

describe("a customer managed policy", () => {
  it("is made as AWS was seen to make it", async () => {
    const iam = iamClient(await startCloud());
    const { Policy: made } = await iam.send(
      new CreatePolicyCommand({ PolicyName: "deploy", PolicyDocument: document("s3:Get*") }),
    );
    expect(made).toEqual({
      Arn: `arn:aws:iam::${ACCOUNT}:policy/deploy`,
      AttachmentCount: 0,
      CreateDate: DATE,
      DefaultVersionId: "v1",
      IsAttachable: true,
      Path: "/",
      PermissionsBoundaryUsageCount: 0,
      PolicyId: like(/^ANPA[A-Z2-7]{17}$/),
      PolicyName: "deploy",
      UpdateDate: DATE,
    });
  });

  it("is told with description and tags, which are its own", async () => {
    const iam = await withPolicy();
    await iam.send(new TagPolicyCommand({ PolicyArn, Tags: [{ Key: "Team", Value: "x" }] }));
    await iam.send(new UntagPolicyCommand({ PolicyArn, TagKeys: ["team"] }));
    const Tags = [{ Key: "Team", Value: "x" }];
    expect((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy).toMatchObject({
      Path: "/team/",
      Description: "what a deployment may do",
      Tags,
    });
    expect(await iam.send(new ListPolicyTagsCommand({ PolicyArn }))).toMatchObject({ Tags, IsTruncated: false });
  });

  it("has its tags listed with the short keys first", async () => {
    const iam = await withPolicy();
    // Recorded, 2026-02.
    const Tags = ["abc", "b", "z", "a"].map((Key) => ({ Key, Value: "" }));
    await iam.send(new TagPolicyCommand({ PolicyArn, Tags }));
    const { Tags: listed = [] } = await iam.send(new ListPolicyTagsCommand({ PolicyArn }));
    expect(listed.map(({ Key }) => Key)).toEqual(["a", "b", "z", "abc", "team"]);
  });

  it("is refused when its name is taken, when IAM would not save it, and when it is too long", async () => {
    const iam = await withPolicy();
    const create = (PolicyName: string, PolicyDocument: string): Promise<object> =>
      refusal(iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument })));
    expect(await create("Deploy", document("s3:*"))).toEqual({
      code: "EntityAlreadyExists",
      status: 409,
      message: "A policy called Deploy already exists. Duplicate names are not allowed.",
    });
    expect(await create("p", "{")).toMatchObject({
      code: "MalformedPolicyDocument",
      message: "Syntax errors in policy.",
    });
    expect(await create("p", trustPolicy())).toMatchObject({ code: "MalformedPolicyDocument" });
    expect(await create("p", document(`s3:${"x".repeat(6144)}`))).toEqual({
      code: "LimitExceeded",
      status: 409,
      message: "Cannot exceed quota for PolicySize: 6144",
    });
  });

  it("that is not there is missed by its ARN", async () => {
    const iam = iamClient(await startCloud());
    const missing = { code: "NoSuchEntity", status: 404, message: `Policy ${PolicyArn} was not found.` };
    expect(await refusal(iam.send(new GetPolicyCommand({ PolicyArn })))).toEqual(missing);
    expect(await refusal(iam.send(new DeletePolicyCommand({ PolicyArn })))).toEqual(missing);
    const PolicyName = { PolicyArn: "deploy-with-a-long-name" };
    expect(await refusal(iam.send(new GetPolicyCommand(PolicyName)))).toMatchObject({
      message: "ARN deploy-with-a-long-name is not valid.",
    });
    const noVersion = { ...missing, message: `Policy ${PolicyArn} version v1 does not exist or is not attachable.` };
    const VersionId = "v1";
    expect(await refusal(iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId })))).toEqual(noVersion);
    expect(await refusal(iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId })))).toEqual(noVersion);
    expect(await refusal(iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId })))).toEqual(missing);
    expect(await refusal(iam.send(new ListEntitiesForPolicyCommand({ PolicyArn })))).toEqual({
      ...missing,
      message: `Policy ${PolicyArn} does not exist or is not attachable.`,
    });
  });

  it("is not deleted while anybody holds it", async () => {
    const iam = await withPolicy();
    await iam.send(new CreateUserCommand({ UserName: "ci", PermissionsBoundary: PolicyArn }));
    expect(await refusal(iam.send(new DeletePolicyCommand({ PolicyArn })))).toEqual({
      code: "DeleteConflict",
      status: 409,
      message: "Cannot delete a policy attached to entities.",
    });
  });
});

describe("the versions of a policy", () => {
  it("are numbered on, listed newest first, and one of them is in force", async () => {
    const iam = await withPolicy();
    const { PolicyVersion: second } = await iam.send(
      new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document("s3:Put*"), SetAsDefault: true }),
    );
    expect(second).toEqual({ VersionId: "v2", IsDefaultVersion: true, CreateDate: DATE });
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: "v1" }));
    await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document("s3:List*") }));
    const { Versions: versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
    expect(versions.map((one) => [one.VersionId, one.IsDefaultVersion])).toEqual([
      ["v3", false],
      ["v2", true],
    ]);
    const { PolicyVersion: third } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: "v3" }));
    expect(decodeURIComponent(third?.Document ?? "")).toBe(document("s3:List*"));
    await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v3" }));
    expect((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy?.DefaultVersionId).toBe("v3");
  });

  it("are five at most, and go before the policy does", async () => {
    const iam = await withPolicy();
    const add = (): Promise<unknown> =>
      iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document("s3:*") }));
    for (let made = 1; made < 5; made++) await add();
    expect(await refusal(add())).toEqual({
      code: "LimitExceeded",
      status: 409,
      message:
        "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
    });
    expect(await refusal(iam.send(new DeletePolicyCommand({ PolicyArn })))).toMatchObject({
      code: "DeleteConflict",
      message:
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
    });
    const drop = (VersionId: string): Promise<unknown> =>
      iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
    expect(await refusal(drop("v1"))).toMatchObject({
      code: "DeleteConflict",
      message: "Cannot delete the default version of a policy.",
    });
    expect(await refusal(drop("v9"))).toMatchObject({ code: "NoSuchEntity" });
    for (const id of ["v2", "v3", "v4", "v5"]) await drop(id);
    await iam.send(new DeletePolicyCommand({ PolicyArn }));
  });
});

describe("a list of policies", () => {
  it("tells the customer's from AWS's, and those in use from the others", async () => {
    const iam = await withPolicy();
    const names = async (input: ListPoliciesCommandInput): Promise<unknown> => {
      const { Policies: policies = [] } = await iam.send(new ListPoliciesCommand(input));
      return policies.map(({ PolicyName }) => PolicyName);
    };
    expect(await names({ Scope: "Local" })).toEqual(["deploy"]);
    expect(await names({ Scope: "AWS", OnlyAttached: true })).toEqual(["AdministratorAccess"]);
    expect(await names({ Scope: "AWS" })).toContain("ReadOnlyAccess");
    expect(await names({ PathPrefix: "/team/" })).toEqual(["deploy"]);
    expect(await names({ PolicyUsageFilter: "PermissionsBoundary" })).toEqual([]);
  });

  it("comes in pages", async () => {
    const iam = await withPolicy();
    const seen: string[] = [];
    for (let marker: string | undefined; ;) {
      const page = await iam.send(new ListPoliciesCommand({ MaxItems: 2, Marker: marker }));
      seen.push(...(page.Policies ?? []).map(({ PolicyName = "" }) => PolicyName));
      marker = page.Marker;
      expect(page.IsTruncated).toBe(marker !== undefined);
      if (marker === undefined) break;
    }
    expect(seen).toEqual(seen.toSorted());
    expect(seen).toHaveLength(awsPolicies().length + 1);
  });
});

describe("who holds a policy", () => {
  it("is counted and listed, by kind and by use", async () => {
    const iam = await withPolicy();
    await iam.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: trustPolicy() }));
    await iam.send(new CreateUserCommand({ UserName: "ci" }));
    await iam.send(new AttachRolePolicyCommand({ RoleName: "deploy", PolicyArn }));
    await iam.send(new AttachUserPolicyCommand({ UserName: "ci", PolicyArn }));
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: "deploy", PermissionsBoundary: PolicyArn }));
    expect((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy).toMatchObject({
      AttachmentCount: 2,
      PermissionsBoundaryUsageCount: 1,
    });
    expect(await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn }))).toMatchObject({
      PolicyGroups: [],
      PolicyUsers: [{ UserName: "ci", UserId: like(/^AIDA/) }],
      PolicyRoles: [{ RoleName: "deploy", RoleId: like(/^AROA/) }],
      IsTruncated: false,
    });
    const bounded = new ListEntitiesForPolicyCommand({ PolicyArn, PolicyUsageFilter: "PermissionsBoundary" });
    expect(await iam.send(bounded)).toMatchObject({ PolicyUsers: [], PolicyRoles: [{ RoleName: "deploy" }] });
    const users = new ListEntitiesForPolicyCommand({ PolicyArn, EntityFilter: "User" });
    expect(await iam.send(users)).toMatchObject({ PolicyUsers: [{ UserName: "ci" }], PolicyRoles: [] });
    const kinds = new ListEntitiesForPolicyCommand({ PolicyArn, EntityFilter: "LocalManagedPolicy" });
    expect(await iam.send(kinds)).toMatchObject({ PolicyUsers: [], PolicyRoles: [], PolicyGroups: [] });
  });
});

describe("a policy of AWS", () => {
  it("can be read as far as it has a content here", async () => {
    const iam = iamClient(await startCloud());
    const { Policy: policy } = await iam.send(new GetPolicyCommand({ PolicyArn: READ_ONLY }));
    expect(policy).toMatchObject({ PolicyName: "ReadOnlyAccess", PolicyId: "ANPAILL3HVNFSB6DCOWYQ" });
    const VersionId = policy?.DefaultVersionId;
    const { PolicyVersion: version } = await iam.send(new GetPolicyVersionCommand({ PolicyArn: READ_ONLY, VersionId }));
    expect(decodeURIComponent(version?.Document ?? "")).toContain('"ec2:Describe*"');
  });

  it("cannot be changed", async () => {
    const iam = iamClient(await startCloud());
    const denied = { code: "AccessDenied", status: 403 };
    const change = new CreatePolicyVersionCommand({ PolicyArn: READ_ONLY, PolicyDocument: document("s3:*") });
    expect(await refusal(iam.send(change))).toMatchObject(denied);
    // Recorded, 2026-02.
    expect(await refusal(iam.send(new DeletePolicyCommand({ PolicyArn: READ_ONLY })))).toEqual({
      ...denied,
      message: "Cannot delete policies outside your own account.",
    });
    const version = { PolicyArn: READ_ONLY, VersionId: "v2" };
    expect(await refusal(iam.send(new SetDefaultPolicyVersionCommand(version)))).toEqual({
      ...denied,
      message: "Cannot update policies outside your own account.",
    });
    expect(await refusal(iam.send(new DeletePolicyVersionCommand(version)))).toEqual({
      ...denied,
      message: "Cannot delete policy versions for policies outside your own account.",
    });
  });
});
