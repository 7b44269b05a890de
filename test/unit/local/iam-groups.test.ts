import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  DeleteUserCommand,
  DetachGroupPolicyCommand,
  GetAccountAuthorizationDetailsCommand,
  GetAccountPasswordPolicyCommand,
  GetGroupCommand,
  GetGroupPolicyCommand,
  GetLoginProfileCommand,
  type IAMClient,
  ListEntitiesForPolicyCommand,
  ListGroupsCommand,
  ListGroupsForUserCommand,
  ListInstanceProfilesForRoleCommand,
  ListMFADevicesCommand,
  ListUsersCommand,
  PutGroupPolicyCommand,
  RemoveUserFromGroupCommand,
  SimulatePrincipalPolicyCommand,
  UpdateGroupCommand,
} from "@aws-sdk/client-iam";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import type { LocalCloud } from "../../../src/local/index.ts";
import { ACCOUNT, iamClient, refusal, setUp, startCloud, tempFolder } from "./support.ts";

const group = { GroupName: "deployers" };
const member = { ...group, UserName: "ci" };
const PolicyArn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";
const DOCUMENT = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}';

async function withMember(cloud: LocalCloud): Promise<IAMClient> {
  const iam = iamClient(cloud);
  await iam.send(new CreateGroupCommand(group));
  await iam.send(new CreateUserCommand({ UserName: "ci" }));
  await iam.send(new AddUserToGroupCommand(member));
  return iam;
}

describe("a group", () => {
  it("is made, renamed, listed with its members and deleted", async () => {
    const iam = await withMember(await startCloud());
    await iam.send(new UpdateGroupCommand({ ...group, NewGroupName: "ops", NewPath: "/x/" }));
    const ops = { GroupName: "ops" };
    expect(await iam.send(new GetGroupCommand(ops))).toMatchObject({
      Group: { GroupName: "ops", Path: "/x/", Arn: `arn:aws:iam::${ACCOUNT}:group/x/ops` },
      Users: [{ UserName: "ci" }],
      IsTruncated: false,
    });
    expect(await iam.send(new ListGroupsCommand({ PathPrefix: "/x/" }))).toMatchObject({ Groups: [ops] });
    expect(await iam.send(new ListGroupsForUserCommand({ UserName: "ci" }))).toMatchObject({ Groups: [ops] });
    const conflict = {
      code: "DeleteConflict",
      status: 409,
      message: "Cannot delete entity, must remove users from group first.",
    };
    expect(await refusal(iam.send(new DeleteGroupCommand(ops)))).toEqual(conflict);
    expect(await refusal(iam.send(new DeleteUserCommand({ UserName: "ci" })))).toEqual(conflict);
    await iam.send(new RemoveUserFromGroupCommand({ ...member, ...ops }));
    await iam.send(new DeleteGroupCommand(ops));
    expect(await refusal(iam.send(new GetGroupCommand(ops)))).toMatchObject({
      code: "NoSuchEntity",
      message: "The group with name ops cannot be found.",
    });
  });

  it("is looked for after the user, and minds no one who is not in it", async () => {
    const iam = await withMember(await startCloud());
    const none = { GroupName: "none", UserName: "nobody" };
    const noUser = { code: "NoSuchEntity", status: 404, message: "The user with name nobody cannot be found." };
    const noGroup = { ...noUser, message: "The group with name none cannot be found." };
    for (const Command of [AddUserToGroupCommand, RemoveUserFromGroupCommand]) {
      expect(await refusal(iam.send(new Command(none)))).toEqual(noUser);
      expect(await refusal(iam.send(new Command({ ...member, UserName: "nobody" })))).toEqual(noUser);
      expect(await refusal(iam.send(new Command({ ...member, GroupName: "none" })))).toEqual(noGroup);
    }
    await iam.send(new RemoveUserFromGroupCommand({ ...group, UserName: "admin" }));
    expect((await iam.send(new GetGroupCommand(group))).Users).toMatchObject([{ UserName: "ci" }]);
  });

  it("lends its policies to its members", async () => {
    const cloud = await startCloud();
    const iam = await withMember(cloud);
    const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: "ci" }));
    const keys = { accessKeyId: key?.AccessKeyId ?? "", secretAccessKey: key?.SecretAccessKey ?? "" };
    const own = iamClient(cloud, keys);
    expect(await refusal(own.send(new ListUsersCommand({})))).toMatchObject({ code: "AccessDenied" });
    await iam.send(new AttachGroupPolicyCommand({ ...group, PolicyArn }));
    expect((await own.send(new ListUsersCommand({}))).Users).toHaveLength(2);
    await iam.send(new DetachGroupPolicyCommand({ ...group, PolicyArn }));
    expect(await refusal(own.send(new ListUsersCommand({})))).toMatchObject({ code: "AccessDenied" });
  });

  it("is told of wherever policies and their holders are", async () => {
    const iam = await withMember(await startCloud());
    await iam.send(new AttachGroupPolicyCommand({ ...group, PolicyArn }));
    await iam.send(new PutGroupPolicyCommand({ ...group, PolicyName: "p", PolicyDocument: DOCUMENT }));
    const got = await iam.send(new GetGroupPolicyCommand({ ...group, PolicyName: "p" }));
    expect(decodeURIComponent(got.PolicyDocument ?? "")).toBe(DOCUMENT);
    expect(await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn }))).toMatchObject({ PolicyGroups: [group] });
    expect(await iam.send(new GetAccountAuthorizationDetailsCommand({}))).toMatchObject({
      GroupDetailList: [{ ...group, GroupPolicyList: [{ PolicyName: "p" }], AttachedManagedPolicies: [{ PolicyArn }] }],
      UserDetailList: [{ GroupList: [] }, { GroupList: ["deployers"] }],
    });
    const PolicySourceArn = `arn:aws:iam::${ACCOUNT}:user/ci`;
    const ask = new SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames: ["s3:GetObject"] });
    expect((await iam.send(ask)).EvaluationResults).toMatchObject([
      { EvalDecision: "allowed", MatchedStatements: [{ SourcePolicyId: "group_deployers_p" }] },
    ]);
  });

  it("lives through a restart", async () => {
    const state = join(tempFolder(), "state.json");
    const before = await startCloud({ state });
    await withMember(before);
    await before.close();
    const after = iamClient(await startCloud({ state }));
    expect((await after.send(new GetGroupCommand(group))).Users).toMatchObject([{ UserName: "ci" }]);
  });
});

describe("what the account never has", () => {
  it("is answered as none of it, so that users and roles can be cleaned up", async () => {
    const iam = await setUp(await startCloud());
    expect(await iam.send(new ListMFADevicesCommand({ UserName: "admin" }))).toMatchObject({ MFADevices: [] });
    const profiles = new ListInstanceProfilesForRoleCommand({ RoleName: "deploy" });
    expect(await iam.send(profiles)).toMatchObject({ InstanceProfiles: [], IsTruncated: false });
    const missing = { code: "NoSuchEntity", status: 404 };
    expect(await refusal(iam.send(new GetLoginProfileCommand({ UserName: "admin" })))).toMatchObject(missing);
    expect(await refusal(iam.send(new GetAccountPasswordPolicyCommand({})))).toMatchObject(missing);
    expect(await refusal(iam.send(new ListMFADevicesCommand({ UserName: "nobody" })))).toMatchObject(missing);
  });
});
