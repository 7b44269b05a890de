import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DetachUserPolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetRoleCommand,
  GetUserCommand,
  type IAMClient,
  ListAccessKeysCommand,
  ListRolesCommand,
  ListUsersCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  TagUserCommand,
  UpdateAccessKeyCommand,
  UpdateUserCommand,
} from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import type { LocalCloud } from "../../../src/local/index.ts";
import {
  ACCOUNT,
  exchange,
  iamClient,
  keysOf,
  mint,
  refusal,
  setUp,
  startCloud,
  stsClient,
  tempFolder,
} from "./support.ts";

const DATE: unknown = expect.any(Date);
const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);

const ci = { UserName: "ci" };

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

async function newKey(iam: IAMClient, user = ci): Promise<Keys> {
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand(user));
  return { accessKeyId: key?.AccessKeyId ?? "", secretAccessKey: key?.SecretAccessKey ?? "" };
}

async function userWithKey(cloud: LocalCloud): Promise<{ iam: IAMClient; keys: Keys }> {
  const iam = iamClient(cloud);
  await iam.send(new CreateUserCommand(ci));
  return { iam, keys: await newKey(iam) };
}

function allow(Action: string, Resource: string): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action, Resource } });
}

function putPolicy(iam: IAMClient, PolicyDocument: string): Promise<unknown> {
  return iam.send(new PutUserPolicyCommand({ ...ci, PolicyName: "p", PolicyDocument }));
}

describe("an access key", () => {
  it("shows its secret once, when it is made", async () => {
    const { iam, keys } = await userWithKey(await startCloud());
    expect(keys.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(keys.secretAccessKey).toHaveLength(40);
    const { AccessKeyMetadata: listed } = await iam.send(new ListAccessKeysCommand(ci));
    expect(listed).toEqual([{ UserName: "ci", AccessKeyId: keys.accessKeyId, Status: "Active", CreateDate: DATE }]);
  });

  it("is one of two at most", async () => {
    const { iam } = await userWithKey(await startCloud());
    await newKey(iam);
    expect(await refusal(newKey(iam))).toEqual({
      code: "LimitExceeded",
      status: 409,
      message: "Cannot exceed quota for AccessKeysPerUser: 2",
    });
  });

  it("says who signs, until it is deactivated or deleted", async () => {
    const cloud = await startCloud();
    const { iam, keys } = await userWithKey(cloud);
    const who = (): Promise<{ Arn?: string | undefined }> =>
      stsClient(cloud, keys).send(new GetCallerIdentityCommand({}));
    const invalid = {
      code: "InvalidClientTokenId",
      status: 403,
      message: "The security token included in the request is invalid",
    };
    expect((await who()).Arn).toBe(`arn:aws:iam::${ACCOUNT}:user/ci`);
    const key = { ...ci, AccessKeyId: keys.accessKeyId };
    await iam.send(new UpdateAccessKeyCommand({ ...key, Status: "Inactive" }));
    expect(await refusal(who())).toMatchObject(invalid);
    await iam.send(new UpdateAccessKeyCommand({ ...key, Status: "Active" }));
    await iam.send(new UpdateUserCommand({ ...ci, NewUserName: "bot" }));
    expect((await who()).Arn).toBe(`arn:aws:iam::${ACCOUNT}:user/bot`);
    await iam.send(new DeleteAccessKeyCommand({ ...key, UserName: "bot" }));
    expect(await refusal(who())).toMatchObject(invalid);
  });

  it("that is not there is missed by its id, and its status is one of two words", async () => {
    const { iam } = await userWithKey(await startCloud());
    const key = { ...ci, AccessKeyId: "AKIAIOSFODNN7EXAMPLE" };
    expect(await refusal(iam.send(new DeleteAccessKeyCommand(key)))).toEqual({
      code: "NoSuchEntity",
      status: 404,
      message: "The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found.",
    });
    // Recorded from AWS, 2026-02: of a key that nobody has it is not told that nobody has it.
    const ask = new GetAccessKeyLastUsedCommand({ AccessKeyId: key.AccessKeyId });
    expect(await refusal(iam.send(ask))).toEqual({
      code: "AccessDenied",
      status: 403,
      message: `User: arn:aws:iam::${ACCOUNT}:user/admin is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key AKIAIOSFODNN7EXAMPLE`,
    });
    const odd = new UpdateAccessKeyCommand({ ...key, Status: "Gone" as "Active" });
    expect(await refusal(iam.send(odd))).toMatchObject({
      code: "ValidationError",
      message:
        "1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set",
    });
  });

  it("stands behind the older one, as the caller's own where no user is named", async () => {
    let now = Date.now();
    const { iam, keys } = await userWithKey(await startCloud({ now: () => now }));
    now += 1;
    const second = await newKey(iam);
    const list = async (): Promise<unknown> =>
      (await iam.send(new ListAccessKeysCommand(ci))).AccessKeyMetadata?.map(({ AccessKeyId }) => AccessKeyId);
    expect(await list()).toEqual([keys.accessKeyId, second.accessKeyId]);
    await iam.send(new UpdateAccessKeyCommand({ ...ci, AccessKeyId: keys.accessKeyId, Status: "Inactive" }));
    expect(await list()).toEqual([keys.accessKeyId, second.accessKeyId]);
    // Another user's key is not the caller's.
    expect(await refusal(iam.send(new DeleteAccessKeyCommand({ AccessKeyId: keys.accessKeyId })))).toMatchObject({
      code: "NoSuchEntity",
    });
  });

  it("remembers when, for what service and in what region it was last used", async () => {
    let now = Date.now();
    const cloud = await startCloud({ now: () => now });
    const { iam, keys } = await userWithKey(cloud);
    const ask = new GetAccessKeyLastUsedCommand({ AccessKeyId: keys.accessKeyId });
    expect(await iam.send(ask)).toMatchObject({
      UserName: "ci",
      AccessKeyLastUsed: { ServiceName: "N/A", Region: "N/A" },
    });
    for (const seconds of [1, 2]) {
      now += seconds * 1000;
      await stsClient(cloud, keys).send(new GetCallerIdentityCommand({}));
    }
    expect((await iam.send(ask)).AccessKeyLastUsed).toEqual({
      LastUsedDate: new Date(Math.floor(now / 1000) * 1000),
      ServiceName: "sts",
      Region: "eu-central-1",
    });
  });
});

describe("a role", () => {
  it("tells when it was last used, and nothing before that", async () => {
    const cloud = await startCloud();
    const iam = await setUp(cloud);
    const lastUse = async (): Promise<unknown> => {
      const { Role: role } = await iam.send(new GetRoleCommand({ RoleName: "deploy" }));
      return role?.RoleLastUsed;
    };
    expect(await lastUse()).toEqual({});
    const keys = keysOf(await exchange(cloud, await mint(cloud)));
    expect(await lastUse()).toEqual({});
    await stsClient(cloud, keys).send(new GetCallerIdentityCommand({}));
    expect(await lastUse()).toEqual({ LastUsedDate: DATE, Region: "eu-central-1" });
  });
});

describe("a user's key", () => {
  it("may do nothing without a policy", async () => {
    const cloud = await startCloud();
    const { keys } = await userWithKey(cloud);
    const arn = `arn:aws:iam::${ACCOUNT}:user/ci`;
    expect(await refusal(iamClient(cloud, keys).send(new GetUserCommand({})))).toEqual({
      code: "AccessDenied",
      status: 403,
      message: `User: ${arn} is not authorized to perform: iam:GetUser on resource: ${arn} because no identity-based policy allows the iam:GetUser action`,
    });
  });

  it("may do what inline and attached policies allow, customer policies too, within the boundary", async () => {
    const cloud = await startCloud();
    const { iam, keys } = await userWithKey(cloud);
    const own = iamClient(cloud, keys);
    await putPolicy(iam, allow("iam:ListUsers", "*"));
    await own.send(new ListUsersCommand({}));
    const { Policy: policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: "p", PolicyDocument: allow("iam:ListRoles", "*") }),
    );
    const attached = { ...ci, PolicyArn: policy?.Arn };
    await iam.send(new AttachUserPolicyCommand(attached));
    await own.send(new ListRolesCommand({}));
    await iam.send(new PutUserPermissionsBoundaryCommand({ ...ci, PermissionsBoundary: policy?.Arn }));
    await own.send(new ListRolesCommand({}));
    expect(await refusal(own.send(new ListUsersCommand({})))).toMatchObject({
      message: like(/ because no permissions boundary allows the iam:ListUsers action$/),
    });
    await iam.send(new DetachUserPolicyCommand(attached));
    expect(await refusal(own.send(new ListRolesCommand({})))).toMatchObject({ code: "AccessDenied" });
  });

  it("reaches what a policy variable names: the user itself", async () => {
    const cloud = await startCloud();
    const { iam, keys } = await userWithKey(cloud);
    const own = iamClient(cloud, keys);
    await putPolicy(iam, allow("iam:*AccessKey*", "arn:aws:iam::*:user/${aws:username}"));
    expect((await own.send(new ListAccessKeysCommand({}))).AccessKeyMetadata).toHaveLength(1);
    expect(await refusal(own.send(new ListAccessKeysCommand({ UserName: "admin" })))).toMatchObject({
      code: "AccessDenied",
    });
    await iam.send(new TagUserCommand({ ...ci, Tags: [{ Key: "friend", Value: "admin" }] }));
    await putPolicy(iam, allow("iam:*AccessKey*", "arn:aws:iam::*:user/${aws:PrincipalTag/friend}"));
    expect((await own.send(new ListAccessKeysCommand({ UserName: "admin" }))).AccessKeyMetadata).toHaveLength(1);
  });
});

describe("the admin's key", () => {
  it("can be taken away and comes back with a reset", async () => {
    const cloud = await startCloud();
    const { iam } = await userWithKey(cloud);
    const key = { UserName: "admin", AccessKeyId: cloud.admin.accessKeyId };
    await iam.send(new UpdateAccessKeyCommand({ ...key, Status: "Inactive" }));
    expect(await refusal(iam.send(new ListUsersCommand({})))).toMatchObject({ code: "InvalidClientTokenId" });
    await cloud.reset();
    expect((await iam.send(new ListUsersCommand({}))).Users).toMatchObject([{ UserName: "admin" }]);
  });
});

describe("users and policies in a state file", () => {
  it("are not doubled when the admin took another name", async () => {
    const state = join(tempFolder(), "state.json");
    const before = await startCloud({ state });
    await iamClient(before).send(new UpdateUserCommand({ UserName: "admin", NewUserName: "boss" }));
    await before.close();
    const after = await startCloud({ state });
    expect((await iamClient(after).send(new ListUsersCommand({}))).Users).toMatchObject([{ UserName: "boss" }]);
  });

  it("live through a restart, with their keys and the keys' last use", async () => {
    const state = join(tempFolder(), "state.json");
    const before = await startCloud({ state });
    const { iam, keys } = await userWithKey(before);
    await iam.send(new CreatePolicyCommand({ PolicyName: "p", PolicyDocument: allow("iam:GetUser", "*") }));
    await iam.send(new AttachUserPolicyCommand({ ...ci, PolicyArn: `arn:aws:iam::${ACCOUNT}:policy/p` }));
    await iamClient(before, keys).send(new GetUserCommand({}));
    const ask = new GetAccessKeyLastUsedCommand({ AccessKeyId: keys.accessKeyId });
    const use = (await iam.send(ask)).AccessKeyLastUsed;
    await before.close();
    const after = await startCloud({ state });
    expect((await iamClient(after).send(ask)).AccessKeyLastUsed).toEqual(use);
    expect((await iamClient(after, keys).send(new GetUserCommand({}))).User?.UserName).toBe("ci");
  });

  it("need not be in a file that an older version wrote", async () => {
    const state = join(tempFolder(), "state.json");
    const before = await startCloud({ state });
    await userWithKey(before);
    await before.close();
    const { users, policies, uses, ...old } = JSON.parse(readFileSync(state, "utf8")) as Record<string, unknown>;
    expect([users, policies, uses]).not.toContain(undefined);
    writeFileSync(state, JSON.stringify(old));
    const after = await startCloud({ state });
    expect((await iamClient(after).send(new ListUsersCommand({}))).Users).toMatchObject([{ UserName: "admin" }]);
  });

  it("keep the admin's new key and not the one before it", async () => {
    const state = join(tempFolder(), "state.json");
    const before = await startCloud({ state });
    const second = await newKey(iamClient(before), { UserName: "admin" });
    await before.close();
    const adminKey = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret" };
    const after = await startCloud({ state, adminKey });
    const { AccessKeyMetadata: keys = [] } = await iamClient(after).send(new ListAccessKeysCommand({}));
    expect(new Set(keys.map(({ AccessKeyId }) => AccessKeyId))).toEqual(
      new Set([adminKey.accessKeyId, second.accessKeyId]),
    );
  });
});
