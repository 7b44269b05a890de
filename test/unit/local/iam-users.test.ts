import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPermissionsBoundaryCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  ListAttachedUserPoliciesCommand,
  ListUserPoliciesCommand,
  ListUsersCommand,
  ListUserTagsCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  TagUserCommand,
  UntagUserCommand,
  UpdateUserCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";

import { ACCOUNT, exchange, iamClient, keysOf, mint, refusal, setUp, startCloud } from "./support.ts";

const DATE: unknown = expect.any(Date);
const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);

const ci = { UserName: "ci" };
const READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const DOCUMENT = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}';

describe("a user", () => {
  it("is made, found, listed by path and deleted", async () => {
    const iam = iamClient(await startCloud());
    const { User: made } = await iam.send(
      new CreateUserCommand({ ...ci, Path: "/bots/", Tags: [{ Key: "team", Value: "shop" }] }),
    );
    expect(made).toEqual({
      Path: "/bots/",
      UserName: "ci",
      UserId: like(/^AIDA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${ACCOUNT}:user/bots/ci`,
      CreateDate: DATE,
      Tags: [{ Key: "team", Value: "shop" }],
    });
    expect((await iam.send(new GetUserCommand(ci))).User).toEqual(made);
    const { Users: bots = [] } = await iam.send(new ListUsersCommand({ PathPrefix: "/bots/" }));
    expect(bots).toEqual([{ ...made, Tags: undefined }]);
    await iam.send(new DeleteUserCommand(ci));
    expect(await refusal(iam.send(new GetUserCommand(ci)))).toEqual({
      code: "NoSuchEntity",
      status: 404,
      message: "The user with name ci cannot be found.",
    });
  });

  it("of a taken name is refused, whatever the case", async () => {
    const iam = iamClient(await startCloud());
    await iam.send(new CreateUserCommand(ci));
    expect(await refusal(iam.send(new CreateUserCommand({ UserName: "CI" })))).toEqual({
      code: "EntityAlreadyExists",
      status: 409,
      message: "User with name CI already exists.",
    });
  });

  it("takes another name and path and stays who it is", async () => {
    const iam = iamClient(await startCloud());
    const { User: made } = await iam.send(new CreateUserCommand(ci));
    await iam.send(new UpdateUserCommand({ ...ci, NewUserName: "bot", NewPath: "/x/" }));
    const { User: user } = await iam.send(new GetUserCommand({ UserName: "bot" }));
    expect(user).toMatchObject({ UserId: made?.UserId, Arn: `arn:aws:iam::${ACCOUNT}:user/x/bot` });
    expect(await refusal(iam.send(new GetUserCommand(ci)))).toMatchObject({ code: "NoSuchEntity" });
    const taken = new UpdateUserCommand({ UserName: "bot", NewUserName: "admin" });
    expect(await refusal(iam.send(taken))).toMatchObject({ code: "EntityAlreadyExists" });
  });

  it("has tags", async () => {
    const iam = iamClient(await startCloud());
    await iam.send(new CreateUserCommand(ci));
    await iam.send(new TagUserCommand({ ...ci, Tags: ["a", "b"].map((Key) => ({ Key, Value: "1" })) }));
    await iam.send(new UntagUserCommand({ ...ci, TagKeys: ["A"] }));
    expect(await iam.send(new ListUserTagsCommand(ci))).toMatchObject({ Tags: [{ Key: "b", Value: "1" }] });
    const tag = (...keys: readonly string[]): Promise<unknown> =>
      iam.send(new TagUserCommand({ ...ci, Tags: keys.map((Key) => ({ Key, Value: "" })) }));
    expect(await refusal(tag("c", "C"))).toEqual({
      code: "InvalidInput",
      status: 400,
      message: "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    });
    await tag(...Array.from({ length: 49 }, (_, at) => `k${at}`));
    await tag("B");
    expect(await refusal(tag("more"))).toEqual({
      code: "LimitExceeded",
      status: 409,
      message: "The number of tags has reached the maximum limit.",
    });
  });

  it("has inline policies, attached policies and a boundary, which go before it does", async () => {
    const iam = iamClient(await startCloud());
    await iam.send(new CreateUserCommand(ci));
    const inline = { ...ci, PolicyName: "p" };
    await iam.send(new PutUserPolicyCommand({ ...inline, PolicyDocument: DOCUMENT }));
    await iam.send(new AttachUserPolicyCommand({ ...ci, PolicyArn: READ_ONLY }));
    await iam.send(new PutUserPermissionsBoundaryCommand({ ...ci, PermissionsBoundary: READ_ONLY }));
    const got = await iam.send(new GetUserPolicyCommand(inline));
    expect(got).toMatchObject(inline);
    expect(decodeURIComponent(got.PolicyDocument ?? "")).toBe(DOCUMENT);
    expect(await iam.send(new ListUserPoliciesCommand(ci))).toMatchObject({ PolicyNames: ["p"] });
    expect(await iam.send(new ListAttachedUserPoliciesCommand(ci))).toMatchObject({
      AttachedPolicies: [{ PolicyName: "ReadOnlyAccess", PolicyArn: READ_ONLY }],
    });
    expect((await iam.send(new GetUserCommand(ci))).User?.PermissionsBoundary).toEqual({
      PermissionsBoundaryType: "Policy",
      PermissionsBoundaryArn: READ_ONLY,
    });
    const conflict = async (): Promise<string> => (await refusal(iam.send(new DeleteUserCommand(ci)))).message;
    expect(await conflict()).toBe("Cannot delete entity, must detach all policies first.");
    await iam.send(new DetachUserPolicyCommand({ ...ci, PolicyArn: READ_ONLY }));
    expect(await conflict()).toBe("Cannot delete entity, must delete policies first.");
    await iam.send(new DeleteUserPolicyCommand(inline));
    const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand(ci));
    expect(await conflict()).toBe("Cannot delete entity, must delete access keys first.");
    await iam.send(new DeleteAccessKeyCommand({ ...ci, AccessKeyId: key?.AccessKeyId }));
    await iam.send(new DeleteUserPermissionsBoundaryCommand(ci));
    await iam.send(new DeleteUserCommand(ci));
  });

  it("that a call does not name is who calls, and a role session is no user", async () => {
    const cloud = await startCloud();
    const iam = await setUp(cloud);
    expect((await iam.send(new GetUserCommand({}))).User?.UserName).toBe("admin");
    await iam.send(new AttachRolePolicyCommand({ RoleName: "deploy", PolicyArn: READ_ONLY }));
    const roleKeys = keysOf(await exchange(cloud, await mint(cloud)));
    expect(await refusal(iamClient(cloud, roleKeys).send(new GetUserCommand({})))).toEqual({
      code: "ValidationError",
      status: 400,
      message: "Must specify userName when calling with non-User credentials",
    });
  });

  it("called admin is there from the start", async () => {
    const iam = iamClient(await startCloud());
    expect((await iam.send(new ListUsersCommand({}))).Users).toMatchObject([
      { UserName: "admin", Arn: `arn:aws:iam::${ACCOUNT}:user/admin` },
    ]);
    expect(await iam.send(new ListAttachedUserPoliciesCommand({ UserName: "admin" }))).toMatchObject({
      AttachedPolicies: [{ PolicyName: "AdministratorAccess" }],
    });
  });
});
