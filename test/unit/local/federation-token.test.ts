import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteUserPolicyCommand,
  type IAMClient,
  ListRolesCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import {
  AssumeRoleCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  type GetFederationTokenCommandInput,
  GetSessionTokenCommand,
  type STSClient,
} from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";

import type { Json } from "../../../src/core/token.ts";
import type { LocalCloud } from "../../../src/local/index.ts";
import { signed } from "./signed.ts";
import { ACCOUNT, iamClient, refusal, ROLE, setUp, startCloud, stsClient, tempFolder } from "./support.ts";

const ANN = `arn:aws:sts::${ACCOUNT}:federated-user/ann`;
const USER = `arn:aws:iam::${ACCOUNT}:user/proxy`;

const allow = (Action: Json, more: { readonly [element: string]: Json } = {}): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action, Resource: "*", ...more } });

interface SdkKeys {
  readonly AccessKeyId?: string | undefined;
  readonly SecretAccessKey?: string | undefined;
  readonly SessionToken?: string | undefined;
}

function keysIn(keys: SdkKeys | undefined) {
  const { AccessKeyId: accessKeyId = "", SecretAccessKey: secretAccessKey = "", SessionToken: token } = keys ?? {};
  return { accessKeyId, secretAccessKey, ...(token === undefined ? {} : { sessionToken: token }) };
}

/** A user with a policy, and its own client. */
async function proxyWith(
  document: string,
  options: Parameters<typeof startCloud>[0] = {},
): Promise<{ cloud: LocalCloud; iam: IAMClient; proxy: STSClient }> {
  const cloud = await startCloud(options);
  const iam = await setUp(cloud);
  await iam.send(new CreateUserCommand({ UserName: "proxy", Tags: [{ Key: "team", Value: "core" }] }));
  await iam.send(new PutUserPolicyCommand({ UserName: "proxy", PolicyName: "p", PolicyDocument: document }));
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: "proxy" }));
  return { cloud, iam, proxy: stsClient(cloud, keysIn(key)) };
}

async function federate(proxy: STSClient, more: Partial<GetFederationTokenCommandInput> = {}) {
  return proxy.send(new GetFederationTokenCommand({ Name: "ann", ...more }));
}

/** The status of a call to a service that the empty account answers. */
async function listStacks(cloud: LocalCloud, keys: ReturnType<typeof keysIn>): Promise<number> {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const body = "Action=ListStacks&Version=2010-05-15";
  return (await signed(cloud, "cloudformation", { method: "POST", headers, body }, keys)).status;
}

describe("GetFederationToken", () => {
  it("makes of a user a federated user, for twelve hours unless another time is asked for", async () => {
    const { cloud, proxy } = await proxyWith(allow("*"));
    const answer = await federate(proxy);
    expect(answer.FederatedUser).toEqual({ Arn: ANN, FederatedUserId: `${ACCOUNT}:ann` });
    // Recorded from AWS, 2024-06-05: without session policies the packed size is 0.
    expect(answer.PackedPolicySize).toBe(0);
    const left = ((answer.Credentials?.Expiration?.getTime() ?? 0) - Date.now()) / 1000;
    expect(left).toBeGreaterThan(43_190);
    expect(left).toBeLessThanOrEqual(43_200);
    const keys = keysIn(answer.Credentials);
    expect(keys.accessKeyId).toMatch(/^ASIA/);
    expect(await stsClient(cloud, keys).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Arn: ANN,
      UserId: `${ACCOUNT}:ann`,
      Account: ACCOUNT,
    });
  });

  it("takes durations from 900 to 129600 seconds", async () => {
    const { proxy } = await proxyWith(allow("*"));
    for (const DurationSeconds of [900, 129_600]) {
      const { Credentials: keys } = await federate(proxy, { DurationSeconds });
      const left = ((keys?.Expiration?.getTime() ?? 0) - Date.now()) / 1000;
      expect(Math.abs(left - DurationSeconds)).toBeLessThan(10);
    }
    for (const DurationSeconds of [899, 129_601]) {
      expect(await refusal(federate(proxy, { DurationSeconds }))).toMatchObject({ code: "ValidationError" });
    }
  });

  it("lets do what the user's policies and the session policies both allow, and nothing without any", async () => {
    const { cloud, iam, proxy } = await proxyWith(
      allow(["sts:GetFederationToken", "cloudformation:ListStacks", "s3:*"]),
    );
    const may = async (more: Partial<GetFederationTokenCommandInput>): Promise<number> =>
      listStacks(cloud, keysIn((await federate(proxy, more)).Credentials));
    expect(await may({})).toBe(403);
    expect(await may({ Policy: allow("cloudformation:*") })).toBe(200);
    expect(await may({ Policy: allow("s3:*") })).toBe(403);
    expect(await may({ PolicyArns: [{ arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }] })).toBe(200);
    expect(await may({ PolicyArns: [{ arn: "arn:aws:iam::aws:policy/IAMFullAccess" }] })).toBe(403);
    const { Credentials: kept } = await federate(proxy, { Policy: allow("*") });
    expect(await listStacks(cloud, keysIn(kept))).toBe(200);
    // What the user loses, the federated user loses too.
    await iam.send(new DeleteUserPolicyCommand({ UserName: "proxy", PolicyName: "p" }));
    expect(await listStacks(cloud, keysIn(kept))).toBe(403);
  });

  it("tells of a packed size, and refuses what is too large or malformed", async () => {
    const { proxy } = await proxyWith(allow("*"));
    expect((await federate(proxy, { Policy: allow("s3:*") })).PackedPolicySize).toBeGreaterThan(0);
    const Tags = Array.from({ length: 40 }, (_, at) => ({ Key: `k${at}`, Value: "x".repeat(100) }));
    expect(await refusal(federate(proxy, { Tags }))).toMatchObject({ code: "PackedPolicyTooLarge", status: 400 });
    expect(await refusal(federate(proxy, { Policy: "{" }))).toMatchObject({ code: "MalformedPolicyDocument" });
    expect(await refusal(federate(proxy, { Name: "a" }))).toMatchObject({ code: "ValidationError" });
  });

  it("needs a permission for that name, and another one for tags", async () => {
    const statement = (Action: string): object => ({ Effect: "Allow", Action, Resource: ANN });
    const { iam, proxy } = await proxyWith(JSON.stringify({ Statement: statement("sts:GetFederationToken") }));
    expect(await federate(proxy)).toMatchObject({ FederatedUser: { Arn: ANN } });
    const bob = `arn:aws:sts::${ACCOUNT}:federated-user/bob`;
    expect(await refusal(federate(proxy, { Name: "bob" }))).toMatchObject({
      code: "AccessDenied",
      status: 403,
      message: expect.stringContaining(
        `User: ${USER} is not authorized to perform: sts:GetFederationToken on resource: ${bob}`,
      ) as string,
    });
    const Tags = [{ Key: "team", Value: "guest" }];
    expect(await refusal(federate(proxy, { Tags }))).toMatchObject({
      message: expect.stringContaining("perform: sts:TagSession on resource") as string,
    });
    const guests = { Effect: "Allow", Action: "sts:TagSession", Resource: "*" };
    const onlyGuests = { ...guests, Condition: { StringEquals: { "aws:RequestTag/team": "guest" } } };
    const document = JSON.stringify({ Statement: onlyGuests });
    await iam.send(new PutUserPolicyCommand({ UserName: "proxy", PolicyName: "tags", PolicyDocument: document }));
    expect(await federate(proxy, { Tags })).toMatchObject({ FederatedUser: { Arn: ANN } });
    expect(await refusal(federate(proxy, { Tags: [{ Key: "team", Value: "core" }] }))).toMatchObject({
      code: "AccessDenied",
    });
  });

  it("gives the session its own tags over the user's", async () => {
    const { cloud, proxy } = await proxyWith(allow("*"));
    const ofTeam = (team: string): string =>
      allow("cloudformation:*", { Condition: { StringEquals: { "aws:PrincipalTag/team": team } } });
    const may = async (more: Partial<GetFederationTokenCommandInput>): Promise<number> =>
      listStacks(cloud, keysIn((await federate(proxy, more)).Credentials));
    expect(await may({ Policy: ofTeam("core") })).toBe(200);
    expect(await may({ Policy: ofTeam("core"), Tags: [{ Key: "team", Value: "guest" }] })).toBe(403);
    expect(await may({ Policy: ofTeam("guest"), Tags: [{ Key: "team", Value: "guest" }] })).toBe(200);
  });

  it("is refused to temporary credentials of a user", async () => {
    const { cloud, proxy } = await proxyWith(allow("*"));
    const { Credentials: keys } = await proxy.send(new GetSessionTokenCommand({}));
    expect(await refusal(federate(stsClient(cloud, keysIn(keys))))).toEqual({
      code: "AccessDenied",
      status: 403,
      message: "Cannot call GetFederationToken with session credentials",
    });
  });
});

describe("a federated user", () => {
  it("may call neither IAM nor STS, but for GetCallerIdentity, whatever its policies say", async () => {
    const { cloud, iam, proxy } = await proxyWith(allow("*"));
    await iam.send(
      new AttachUserPolicyCommand({ UserName: "proxy", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" }),
    );
    const keys = keysIn((await federate(proxy, { Policy: allow("*") })).Credentials);
    const sts = stsClient(cloud, keys);
    expect(await refusal(iamClient(cloud, keys).send(new ListRolesCommand({})))).toMatchObject({ status: 403 });
    const hop = new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: "hop" });
    expect(await refusal(sts.send(hop))).toMatchObject({ code: "AccessDenied", status: 403 });
    expect(await refusal(federate(sts))).toMatchObject({ code: "AccessDenied" });
    expect(await refusal(sts.send(new GetSessionTokenCommand({})))).toMatchObject({ code: "AccessDenied" });
    const key = new GetAccessKeyInfoCommand({ AccessKeyId: keys.accessKeyId });
    expect(await refusal(sts.send(key))).toMatchObject({ code: "AccessDenied" });
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Arn: ANN });
  });

  it("is named in a denial, and lives on through a restart until its time is over", async () => {
    const state = `${tempFolder()}/state.json`;
    const time = { now: Date.now() };
    const options = { state, now: () => time.now };
    const { cloud, proxy } = await proxyWith(allow("*"), options);
    const keys = keysIn((await federate(proxy, { DurationSeconds: 900, Policy: allow("s3:*") })).Credentials);
    await cloud.close();
    const again = await startCloud(options);
    const reply = await signed(again, "lambda", { path: "/2015-03-31/functions/" }, keys);
    expect(reply.body).toContain(`User: ${ANN} is not authorized to perform: lambda:ListFunctions`);
    expect(reply.body).toContain("because no session policy allows the lambda:ListFunctions action");
    time.now += 900_000;
    const late = await signed(again, "lambda", { path: "/2015-03-31/functions/" }, keys);
    expect(late.body).toContain("ExpiredTokenException");
  });
});
