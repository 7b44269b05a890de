import { existsSync, readFileSync } from "node:fs";

import {
  CreateRoleCommand,
  GetRoleCommand,
  type IAMClient,
  ListRolesCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  TagUserCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  DecodeAuthorizationMessageCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  type STSClient,
} from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";

import type { Json } from "../../../src/core/token.ts";
import type { LocalCloud } from "../../../src/local/index.ts";
import { ACCOUNT, exchange, iamClient, keysOf, mint, refusal, setUp, startCloud, stsClient } from "./support.ts";

const TARGET = `arn:aws:iam::${ACCOUNT}:role/target`;
const DEPLOY = `arn:aws:iam::${ACCOUNT}:role/deploy`;
const ADMIN = `arn:aws:iam::${ACCOUNT}:user/admin`;
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/job-1`;
const ALL = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];

function trust(principal: Json, more: { readonly [element: string]: Json } = {}): string {
  const statement = { Effect: "Allow", Principal: { AWS: principal }, Action: ALL, ...more };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

function permission(Action: Json, Resource: Json = "*", Effect = "Allow"): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: { Effect, Action, Resource } });
}

/** A role that trusts somebody, and whoever asks for it. */
async function cloudWith(document: string): Promise<{ cloud: LocalCloud; iam: IAMClient; admin: STSClient }> {
  const cloud = await startCloud();
  const iam = await setUp(cloud);
  await iam.send(new CreateRoleCommand({ RoleName: "target", AssumeRolePolicyDocument: document }));
  return { cloud, iam, admin: stsClient(cloud) };
}

function ask(sts: STSClient, more: Partial<AssumeRoleCommandInput> = {}) {
  return sts.send(new AssumeRoleCommand({ RoleArn: TARGET, RoleSessionName: "hop", ...more }));
}

/** The job's own session, from its token. */
async function jobKeys(cloud: LocalCloud, iam: IAMClient, document?: string) {
  if (document !== undefined) {
    await iam.send(new PutRolePolicyCommand({ RoleName: "deploy", PolicyName: "p", PolicyDocument: document }));
  }
  return keysOf(await exchange(cloud, await mint(cloud)));
}

interface SdkKeys {
  readonly AccessKeyId: string | undefined;
  readonly SecretAccessKey: string | undefined;
  readonly SessionToken: string | undefined;
}

function keysIn({ Credentials: keys }: { readonly Credentials?: SdkKeys | undefined }) {
  return {
    accessKeyId: keys?.AccessKeyId ?? "",
    secretAccessKey: keys?.SecretAccessKey ?? "",
    sessionToken: keys?.SessionToken ?? "",
  };
}

const denied = (who: string, action: string, resource = TARGET) => ({
  code: "AccessDenied",
  status: 403,
  message: `User: ${who} is not authorized to perform: ${action} on resource: ${resource}`,
});

describe("AssumeRole", () => {
  it("gives a user of a trusted account a session of an hour", async () => {
    const { cloud, admin } = await cloudWith(trust(ACCOUNT));
    const answer = await ask(admin);
    expect(answer.AssumedRoleUser).toEqual({
      Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/target/hop`,
      AssumedRoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}:hop$/) as string,
    });
    // Recorded: nothing else is in the answer.
    expect(Object.keys(answer).toSorted()).toEqual(["$metadata", "AssumedRoleUser", "Credentials"]);
    const left = (answer.Credentials?.Expiration?.getTime() ?? 0) - Date.now();
    expect(left / 1000).toBeGreaterThan(3590);
    expect(left / 1000).toBeLessThanOrEqual(3600);
    expect((await stsClient(cloud, keysIn(answer)).send(new GetCallerIdentityCommand({}))).Arn).toBe(
      answer.AssumedRoleUser?.Arn,
    );
  });

  it.each([
    ["names another account", trust("210987654321")],
    ["names a role, and no user", trust(DEPLOY)],
    ["wants another external id", trust(ACCOUNT, { Condition: { StringEquals: { "sts:ExternalId": "42" } } })],
    [
      "admits web identities only",
      JSON.stringify({
        Version: "2012-10-17",
        Statement: { Effect: "Allow", Principal: { Federated: "accounts.example.com" }, Action: ALL },
      }),
    ],
  ])("is refused when the trust policy %s", async (_, document) => {
    const { admin } = await cloudWith(document);
    expect(await refusal(ask(admin, { ExternalId: "41" }))).toEqual(denied(ADMIN, "sts:AssumeRole"));
  });

  it("is refused in the same words for a role that does not exist", async () => {
    const { admin } = await cloudWith(trust(ACCOUNT));
    for (const RoleArn of [
      `${TARGET}2`,
      `arn:aws:iam::${ACCOUNT}:role/path/target`,
      "arn:aws:iam::210987654321:role/x",
    ]) {
      expect(await refusal(ask(admin, { RoleArn }))).toEqual(denied(ADMIN, "sts:AssumeRole", RoleArn));
    }
  });

  it("takes the external id that the trust policy wants", async () => {
    const { admin } = await cloudWith(trust(ADMIN, { Condition: { StringEquals: { "sts:ExternalId": "42" } } }));
    expect(await ask(admin, { ExternalId: "42" })).toMatchObject({ AssumedRoleUser: {} });
  });

  it("says that nobody has the device whose code is sent", async () => {
    const { admin } = await cloudWith(trust(ACCOUNT));
    const code = { SerialNumber: `arn:aws:iam::${ACCOUNT}:mfa/ann`, TokenCode: "123456" };
    expect(await refusal(ask(admin, code))).toMatchObject({ code: "AccessDenied" });
  });

  it("keeps to the role's longest session", async () => {
    const { admin } = await cloudWith(trust(ACCOUNT));
    expect(await refusal(ask(admin, { DurationSeconds: 3601 }))).toEqual({
      code: "ValidationError",
      status: 400,
      message: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    });
  });
});

describe("a chain of roles", () => {
  it("needs a permission of the caller's own when the trust policy names the account", async () => {
    const { cloud, iam } = await cloudWith(trust(ACCOUNT));
    const before = await jobKeys(cloud, iam);
    expect(await refusal(ask(stsClient(cloud, before)))).toEqual(denied(SESSION, "sts:AssumeRole"));
    const keys = await jobKeys(cloud, iam, permission("sts:AssumeRole", TARGET));
    expect((await ask(stsClient(cloud, keys))).AssumedRoleUser?.Arn).toMatch(/assumed-role\/target\/hop$/);
  });

  it.each([
    ["its role", DEPLOY],
    ["the session itself", SESSION],
  ])("needs none when it names %s", async (_, principal) => {
    const { cloud, iam } = await cloudWith(trust(principal));
    expect(await ask(stsClient(cloud, await jobKeys(cloud, iam)))).toMatchObject({ AssumedRoleUser: {} });
  });

  it("is stopped by an explicit Deny and by a session policy all the same", async () => {
    const { cloud, iam } = await cloudWith(trust(DEPLOY));
    const keys = await jobKeys(cloud, iam, permission("sts:AssumeRole", "*", "Deny"));
    expect(await refusal(ask(stsClient(cloud, keys)))).toEqual({
      ...denied(SESSION, "sts:AssumeRole"),
      message: `${denied(SESSION, "sts:AssumeRole").message} with an explicit deny in an identity-based policy`,
    });
    await jobKeys(cloud, iam, permission("s3:*"));
    const limited = keysOf(await exchange(cloud, await mint(cloud), { Policy: permission("s3:*") }));
    expect(await refusal(ask(stsClient(cloud, limited)))).toEqual(denied(SESSION, "sts:AssumeRole"));
  });

  it("lasts an hour at the longest, whatever the role allows", async () => {
    const { cloud, iam } = await cloudWith(trust(DEPLOY));
    const sts = stsClient(cloud, await jobKeys(cloud, iam));
    expect(await refusal(ask(sts, { DurationSeconds: 3601 }))).toEqual({
      code: "ValidationError",
      status: 400,
      message: "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    });
    expect(await ask(sts, { DurationSeconds: 3600 })).toMatchObject({ AssumedRoleUser: {} });
  });

  it("hands transitive tags and the source identity on, and no other tags", async () => {
    const { cloud, iam, admin } = await cloudWith(trust(ACCOUNT));
    const condition = {
      StringEquals: { "aws:PrincipalTag/Team": "shop", "aws:SourceIdentity": "ann" },
      Null: { "aws:PrincipalTag/Job": "true" },
    };
    await iam.send(new CreateRoleCommand({ RoleName: "middle", AssumeRolePolicyDocument: trust(TARGET) }));
    await iam.send(
      new CreateRoleCommand({
        RoleName: "last",
        AssumeRolePolicyDocument: trust(TARGET.replace("target", "middle"), { Condition: condition }),
      }),
    );
    const first = await ask(admin, {
      Tags: [
        { Key: "Team", Value: "shop" },
        { Key: "Job", Value: "1" },
      ],
      TransitiveTagKeys: ["Team"],
      SourceIdentity: "ann",
    });
    expect(first).toMatchObject({ SourceIdentity: "ann", PackedPolicySize: expect.any(Number) as number });
    const RoleArn = TARGET.replace("target", "middle");
    const second = await ask(stsClient(cloud, keysIn(first)), { RoleArn });
    expect(second.SourceIdentity).toBe("ann");
    const third = await ask(stsClient(cloud, keysIn(second)), { RoleArn: TARGET.replace("target", "last") });
    expect(third.AssumedRoleUser?.Arn).toMatch(/assumed-role\/last\/hop$/);
    expect(await refusal(ask(stsClient(cloud, keysIn(first)), { RoleArn, SourceIdentity: "bob" }))).toMatchObject({
      code: "AccessDenied",
    });
  });

  it.each([
    ["sts:TagSession", { Tags: [{ Key: "Team", Value: "shop" }] }],
    ["sts:SetSourceIdentity", { SourceIdentity: "ann" }],
  ])("needs the trust policy to allow %s too", async (action, more) => {
    const { admin } = await cloudWith(trust(ACCOUNT, { Action: "sts:AssumeRole" }));
    expect(await refusal(ask(admin, more))).toEqual(denied(ADMIN, action));
  });

  it("shows a trust policy the tags of the user who asks", async () => {
    const teamed = trust(ACCOUNT, { Condition: { StringEquals: { "aws:PrincipalTag/Team": "shop" } } });
    const { iam, admin } = await cloudWith(teamed);
    expect(await refusal(ask(admin))).toEqual(denied(ADMIN, "sts:AssumeRole"));
    await iam.send(new TagUserCommand({ UserName: "admin", Tags: [{ Key: "Team", Value: "shop" }] }));
    expect(await ask(admin)).toMatchObject({ AssumedRoleUser: {} });
  });
});

describe("what AWS was recorded to say", () => {
  const FILE = new URL("../../../../shared/vectors/aws-recorded/test_sts.snapshot.json", import.meta.url);
  interface Recorded {
    readonly Error?: { readonly Code: string; readonly Message: string };
    readonly ResponseMetadata?: { readonly HTTPStatusCode: number };
  }
  type Snapshot = Readonly<Record<string, { readonly "recorded-content": Readonly<Record<string, Recorded>> }>>;
  const snapshot = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, "utf8")) as Snapshot) : null;

  function recorded(test: string, name: string) {
    const entry = Object.entries(snapshot ?? {}).find(([key]) => key.endsWith(`::${test}`));
    const { Error: error, ResponseMetadata: metadata } = entry?.[1]["recorded-content"][name] ?? {};
    return { code: error?.Code, status: metadata?.HTTPStatusCode, message: error?.Message };
  }

  it.runIf(snapshot).each([
    ["malformed-arn", { RoleArn: "nothing-valid-in-here" }],
    ["no-partition", { RoleArn: "arn::b:::something/test-role" }],
    ["no-service", { RoleArn: "arn:a::::something/test-role" }],
    ["not-enough-colons", { RoleArn: "arn:a:::something/test-role" }],
    ["no-resource", { RoleArn: "arn:a:a::aaaaaaaaaa:" }],
    ["invalid-session-name", { RoleSessionName: "Session1:2" }],
  ])("to %s", async (name, more) => {
    const { admin } = await cloudWith(trust(ACCOUNT));
    expect(await refusal(ask(admin, more))).toEqual(recorded("test_sts_invalid_parameters", name));
  });

  it.runIf(snapshot)("to tags that cannot be", async () => {
    const { cloud, iam, admin } = await cloudWith(trust(ACCOUNT));
    const tag = (Key: string) => ({ Key, Value: "v" });
    expect(await refusal(ask(admin, { Tags: [tag("a")], TransitiveTagKeys: ["b"] }))).toEqual(
      recorded("test_assume_role_tag_validation", "invalid-transitive-tag-keys"),
    );
    expect(await refusal(ask(admin, { Tags: [tag("a"), tag("A")] }))).toEqual(
      recorded("test_assume_role_tag_validation", "duplicate-tag-keys-different-casing"),
    );
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "target", PolicyDocument: trust([ACCOUNT, TARGET]) }));
    const chain = stsClient(cloud, keysIn(await ask(admin, { Tags: [tag("a")], TransitiveTagKeys: ["a"] })));
    for (const [key, name] of [
      ["a", "override-transitive-tag-error"],
      ["A", "override-transitive-tag-case-ignore-error"],
    ] as const) {
      expect(await refusal(ask(chain, { Tags: [tag(key)] }))).toEqual(
        recorded("test_iam_role_chaining_override_transitive_tags", name),
      );
    }
  });
});

describe("session policies of AssumeRole", () => {
  it("limit what the role may do, inline and by ARN", async () => {
    const { cloud, iam, admin } = await cloudWith(trust(ACCOUNT));
    await iam.send(
      new PutRolePolicyCommand({ RoleName: "target", PolicyName: "p", PolicyDocument: permission("iam:*") }),
    );
    const limited = iamClient(cloud, keysIn(await ask(admin, { Policy: permission("iam:GetRole") })));
    expect(await limited.send(new GetRoleCommand({ RoleName: "target" }))).toMatchObject({ Role: {} });
    expect(await refusal(limited.send(new ListRolesCommand({})))).toMatchObject({
      message: expect.stringContaining("because no session policy allows the iam:ListRoles action") as string,
    });
    const reader = iamClient(
      cloud,
      keysIn(await ask(admin, { PolicyArns: [{ arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }] })),
    );
    expect(await reader.send(new ListRolesCommand({}))).toMatchObject({ Roles: expect.any(Array) as unknown[] });
    const tag = new TagRoleCommand({ RoleName: "target", Tags: [{ Key: "a", Value: "b" }] });
    expect(await refusal(reader.send(tag))).toMatchObject({ code: "AccessDenied" });
    expect(await refusal(ask(admin, { Policy: "{" }))).toMatchObject({ code: "MalformedPolicyDocument", status: 400 });
  });

  // The API model has no limit of characters for AssumeRole's policy, unlike for that of the other calls.
  it("may be as long as their packed size lets them", async () => {
    const { admin } = await cloudWith(trust(ACCOUNT));
    const long = permission(Array.from({ length: 200 }, (_, index) => `s3:GetObjectNumber${index}`));
    expect(await refusal(ask(admin, { Policy: long }))).toEqual({
      code: "PackedPolicyTooLarge",
      message: expect.stringMatching(
        /^Packed policy consumes \d{3}% of allotted space, please use smaller policy\.$/,
      ) as string,
      status: 400,
    });
    expect(await refusal(admin.send(new GetFederationTokenCommand({ Name: "ann", Policy: long })))).toMatchObject({
      code: "ValidationError",
      message: expect.stringContaining("Member must have length less than or equal to 2048") as string,
    });
  });
});

describe("a role's path", () => {
  it("may have a colon", async () => {
    const { iam, admin } = await cloudWith(trust(ACCOUNT));
    const role = { RoleName: "demo", Path: "/team:dev/", AssumeRolePolicyDocument: trust(ACCOUNT) };
    const { Role } = await iam.send(new CreateRoleCommand(role));
    expect(await ask(admin, { RoleArn: Role?.Arn })).toMatchObject({
      AssumedRoleUser: { Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/demo/hop` },
    });
  });
});

describe("other calls of STS", () => {
  it("give a user temporary keys, which may assume roles and not call IAM", async () => {
    const { cloud, admin } = await cloudWith(trust(ACCOUNT));
    const keys = keysIn(await admin.send(new GetSessionTokenCommand({})));
    const sts = stsClient(cloud, keys);
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(ADMIN);
    expect(await ask(sts)).toMatchObject({ AssumedRoleUser: {} });
    expect(await refusal(iamClient(cloud, keys).send(new ListRolesCommand({})))).toMatchObject({
      code: "InvalidClientTokenId",
      status: 403,
    });
    expect(await refusal(sts.send(new GetSessionTokenCommand({})))).toMatchObject({ code: "AccessDenied" });
  });

  it.each([
    ["GetSessionToken", new GetSessionTokenCommand({})],
    ["GetFederationToken", new GetFederationTokenCommand({ Name: "ann" })],
  ])("refuse %s to the credentials of a role", async (name, command) => {
    const { cloud, iam } = await cloudWith(trust(ACCOUNT));
    const sts = stsClient(cloud, await jobKeys(cloud, iam, permission("sts:*")));
    expect(await refusal(sts.send(command as GetSessionTokenCommand))).toEqual({
      code: "AccessDenied",
      status: 403,
      message: `Cannot call ${name} with session credentials`,
    });
  });

  it("cannot decode a message that nobody encoded, and know whose a key is", async () => {
    const { cloud, iam, admin } = await cloudWith(trust(ACCOUNT));
    expect(await refusal(admin.send(new DecodeAuthorizationMessageCommand({ EncodedMessage: "abc" })))).toMatchObject({
      code: "InvalidAuthorizationMessageException",
      status: 400,
    });
    const { accessKeyId } = await jobKeys(cloud, iam);
    expect(await admin.send(new GetAccessKeyInfoCommand({ AccessKeyId: accessKeyId }))).toMatchObject({
      Account: ACCOUNT,
    });
  });
});
