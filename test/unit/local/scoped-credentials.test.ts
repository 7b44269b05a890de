import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  GetUserCommand,
  ListRolesCommand,
  ListUsersCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import {
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetScopedCredentialsCommand,
  type GetScopedCredentialsCommandInput,
  GetSessionTokenCommand,
} from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";

import type { Json } from "../../../src/core/token.ts";
import type { LocalCloud } from "../../../src/local/index.ts";
import { encodeQuery } from "../../../src/wire/query.ts";
import { signed } from "./signed.ts";
import { ACCOUNT, exchange, FORM, iamClient, keysOf, mint, refusal, setUp, startCloud, stsClient } from "./support.ts";

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

interface SdkAnswer {
  readonly Credentials?:
    | {
        readonly AccessKeyId?: string | undefined;
        readonly SecretAccessKey?: string | undefined;
        readonly SessionToken?: string | undefined;
      }
    | undefined;
}

function keysIn({ Credentials: keys }: SdkAnswer): Keys {
  return {
    accessKeyId: keys?.AccessKeyId ?? "",
    secretAccessKey: keys?.SecretAccessKey ?? "",
    sessionToken: keys?.SessionToken ?? "",
  };
}

function allow(...Action: string[]): string {
  const statement: { readonly [element: string]: Json } = { Effect: "Allow", Action, Resource: "*" };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

const SCOPE = "sts:GetScopedCredentials";

/** The keys of a job whose role may do these. */
async function jobOf(...actions: string[]): Promise<{ cloud: LocalCloud; job: Keys }> {
  const cloud = await startCloud();
  const iam = await setUp(cloud);
  const policy = { RoleName: "deploy", PolicyName: "p", PolicyDocument: allow(...actions) };
  await iam.send(new PutRolePolicyCommand(policy));
  return { cloud, job: keysOf(await exchange(cloud, await mint(cloud))) };
}

function scope(cloud: LocalCloud, keys: Keys, input: GetScopedCredentialsCommandInput) {
  return stsClient(cloud, keys).send(new GetScopedCredentialsCommand(input));
}

const listUsers = (cloud: LocalCloud, keys: Keys) => iamClient(cloud, keys).send(new ListUsersCommand({}));
const listRoles = (cloud: LocalCloud, keys: Keys) => iamClient(cloud, keys).send(new ListRolesCommand({}));

describe("GetScopedCredentials", () => {
  it("gives a session its credentials anew, for what both its permissions and the policy allow", async () => {
    const { cloud, job } = await jobOf(SCOPE, "iam:ListUsers", "iam:ListRoles");
    const answer = await scope(cloud, job, { Policy: allow("iam:ListUsers", "iam:GetUser") });
    const keys = keysIn(answer);
    const { UserId, Arn } = await stsClient(cloud, job).send(new GetCallerIdentityCommand({}));
    expect(answer).toMatchObject({
      SessionInfo: { ScopedSessionId: UserId, Arn },
      ScopedPoliciesCount: 1,
      SessionTokenSize: keys.sessionToken.length,
    });
    expect(await stsClient(cloud, keys).send(new GetCallerIdentityCommand({}))).toMatchObject({ UserId, Arn });
    expect((await listUsers(cloud, keys)).Users).toHaveLength(1);
    // The role may not, whatever the policy says, and the other way about.
    const getUser = iamClient(cloud, keys).send(new GetUserCommand({ UserName: "admin" }));
    expect(await refusal(getUser)).toMatchObject({ code: "AccessDenied" });
    expect((await refusal(listRoles(cloud, keys))).message).toContain(
      "because no session policy allows the iam:ListRoles action",
    );
    expect((await listRoles(cloud, job)).Roles).toHaveLength(1);
  });

  it("narrows again what was narrowed, three times at most, and then only the time", async () => {
    const { cloud, job } = await jobOf(SCOPE, "iam:ListUsers", "iam:ListRoles");
    let keys = job;
    for (const Policy of [
      allow(SCOPE, "iam:*"),
      allow(SCOPE, "iam:ListUsers"),
      allow(SCOPE, "iam:ListUsers", "iam:ListRoles"),
    ]) {
      keys = keysIn(await scope(cloud, keys, { Policy }));
    }
    expect((await listUsers(cloud, keys)).Users).toHaveLength(1);
    // The second policy did not allow it, and no later one gives it back.
    expect(await refusal(listRoles(cloud, keys))).toMatchObject({ code: "AccessDenied" });
    expect(await refusal(scope(cloud, keys, { Policy: allow(SCOPE) }))).toMatchObject({
      code: "AccessDenied",
      status: 403,
    });
    expect(await scope(cloud, keys, { DurationSeconds: 60 })).toMatchObject({ ScopedPoliciesCount: 3 });
  });

  it("needs its permission, of the narrowed credentials too", async () => {
    const { cloud, job } = await jobOf("iam:ListUsers");
    const notAllowed = { code: "AccessDenied", status: 403 };
    expect(await refusal(scope(cloud, job, { DurationSeconds: 60 }))).toMatchObject(notAllowed);
    const other = await jobOf(SCOPE, "iam:ListUsers");
    const keys = keysIn(await scope(other.cloud, other.job, { Policy: allow("iam:ListUsers") }));
    expect(await refusal(scope(other.cloud, keys, { DurationSeconds: 60 }))).toMatchObject(notAllowed);
  });

  it("shortens a session, and never makes it longer", async () => {
    const { cloud, job } = await jobOf(SCOPE);
    const { Credentials } = await scope(cloud, job, { DurationSeconds: 60 });
    const left = ((Credentials?.Expiration?.getTime() ?? 0) - Date.now()) / 1000;
    expect([left > 55, left <= 60]).toEqual([true, true]);
    expect(await refusal(scope(cloud, job, { DurationSeconds: 3700 }))).toMatchObject({
      code: "InsufficientSessionLifetime",
      status: 400,
    });
    const inherited = await scope(cloud, job, { Policy: allow("s3:*") });
    const hour = ((inherited.Credentials?.Expiration?.getTime() ?? 0) - Date.now()) / 1000;
    expect([hour > 3500, hour <= 3600]).toEqual([true, true]);
  });

  it("is for the sessions of users, too, and for nobody with keys of their own", async () => {
    const cloud = await startCloud();
    const iam = iamClient(cloud);
    await iam.send(new CreateUserCommand({ UserName: "ann" }));
    const may = { UserName: "ann", PolicyName: "p", PolicyDocument: allow("sts:*", "s3:ListAllMyBuckets") };
    await iam.send(new PutUserPolicyCommand(may));
    const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: "ann" }));
    const own = { accessKeyId: key?.AccessKeyId ?? "", secretAccessKey: key?.SecretAccessKey ?? "" };
    const ann = stsClient(cloud, own);
    const call = ann.send(new GetScopedCredentialsCommand({ DurationSeconds: 60 }));
    expect(await refusal(call)).toMatchObject({ code: "InvalidSubjectCredentials", status: 400 });
    const Policy = allow("sts:GetScopedCredentials");
    const federated = await ann.send(new GetFederationTokenCommand({ Name: "guest", Policy: allow("sts:*", "s3:*") }));
    for (const [answer, Arn] of [
      [await ann.send(new GetSessionTokenCommand({})), `arn:aws:iam::${ACCOUNT}:user/ann`],
      [federated, `arn:aws:sts::${ACCOUNT}:federated-user/guest`],
    ] as const) {
      const buckets = (keys: Keys) => signed(cloud, "s3", { path: "/" }, keys);
      expect((await buckets(keysIn(answer))).status).toBe(200);
      const scoped = await scope(cloud, keysIn(answer), { Policy });
      expect(scoped.SessionInfo?.Arn).toBe(Arn);
      expect((await stsClient(cloud, keysIn(scoped)).send(new GetCallerIdentityCommand({}))).Arn).toBe(Arn);
      expect((await buckets(keysIn(scoped))).status).toBe(403);
    }
  });

  it("is refused what it cannot do, and an endpoint without a region", async () => {
    const { cloud, job } = await jobOf(SCOPE);
    expect(await refusal(scope(cloud, job, {}))).toMatchObject({ code: "ValidationError", status: 400 });
    expect(await refusal(scope(cloud, job, { Policy: "{}" }))).toMatchObject({ code: "MalformedPolicyDocument" });
    expect(await refusal(scope(cloud, job, { DurationSeconds: 129_601 }))).toMatchObject({ code: "ValidationError" });
    const body = encodeQuery({ Action: "GetScopedCredentials", Version: "2011-06-15", DurationSeconds: 60 });
    const headers = { ...FORM, host: "sts.amazonaws.com" };
    expect(await signed(cloud, "sts", { method: "POST", headers, body }, job)).toMatchObject({
      status: 400,
      code: "InvalidAction",
    });
  });
});
