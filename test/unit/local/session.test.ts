import { CreateRoleCommand, DeleteRoleCommand } from "@aws-sdk/client-iam";
import { GetAccessKeyInfoCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { accountOfKey, newAccessKeyId } from "../../../src/local/ids.ts";
import { openSession, sealSession, type Session } from "../../../src/local/session.ts";
import {
  ACCOUNT,
  exchange,
  keysOf,
  mint,
  PROVIDER,
  refusal,
  ROLE,
  setUp,
  startCloud,
  stsClient,
  trustPolicy,
} from "./support.ts";

const INVALID = {
  code: "InvalidClientTokenId",
  status: 403,
  message: "The security token included in the request is invalid",
};
const whoAmI = new GetCallerIdentityCommand({});

describe("session credentials", () => {
  it("end when they said they would", async () => {
    const clock = { time: Date.now() };
    const cloud = await startCloud({ now: () => clock.time });
    await setUp(cloud);
    const keys = keysOf(await exchange(cloud, await mint(cloud), { DurationSeconds: 900 }));
    clock.time += 899_000;
    const session = (): ReturnType<typeof stsClient> => stsClient(cloud, keys);
    // The SDK sets its clock by the Date header, which is that of the cloud.
    const first = session();
    await refusal(first.send(whoAmI));
    expect(await first.send(whoAmI)).toMatchObject({ Account: ACCOUNT });
    clock.time += 2000;
    expect(await refusal(first.send(whoAmI))).toMatchObject({
      code: "ExpiredToken",
      status: 403,
      message: "The security token included in the request is expired",
    });
  });

  it("are worth nothing with another session token, another secret or none", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    const token = await mint(cloud);
    const [one, other] = [keysOf(await exchange(cloud, token)), keysOf(await exchange(cloud, token))];
    const { accessKeyId, secretAccessKey, sessionToken } = one;
    const middle = Math.floor(sessionToken.length / 2);
    const flipped =
      sessionToken.slice(0, middle) + (sessionToken[middle] === "A" ? "B" : "A") + sessionToken.slice(middle + 1);
    for (const wrong of [other.sessionToken, flipped, `${sessionToken}A`, "x", sessionToken.replace(/.{4}$/, "")]) {
      expect(await refusal(stsClient(cloud, { ...one, sessionToken: wrong }).send(whoAmI))).toEqual(INVALID);
    }
    expect(await refusal(stsClient(cloud, { accessKeyId, secretAccessKey }).send(whoAmI))).toEqual(INVALID);
    expect(
      await refusal(stsClient(cloud, { ...one, secretAccessKey: other.secretAccessKey }).send(whoAmI)),
    ).toMatchObject({ code: "SignatureDoesNotMatch" });
    expect(await refusal(stsClient(cloud, { ...cloud.admin, sessionToken }).send(whoAmI))).toEqual(INVALID);
    expect(await stsClient(cloud, one).send(whoAmI)).toMatchObject({ Account: ACCOUNT });
  });

  it("die with their role, also when one of the same name takes its place", async () => {
    const cloud = await startCloud();
    const iam = await setUp(cloud);
    const sts = stsClient(cloud, keysOf(await exchange(cloud, await mint(cloud))));
    await iam.send(new DeleteRoleCommand({ RoleName: "deploy" }));
    expect(await refusal(sts.send(whoAmI))).toEqual(INVALID);
    await iam.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: trustPolicy() }));
    expect(await refusal(sts.send(whoAmI))).toEqual(INVALID);
  });

  it("of another cloud are not taken", async () => {
    const [here, there] = [await startCloud(), await startCloud()];
    await setUp(here);
    await setUp(there);
    const keys = keysOf(await exchange(there, await mint(there)));
    expect(await refusal(stsClient(here, keys).send(whoAmI))).toEqual(INVALID);
    expect(await refusal(stsClient(here, there.admin).send(whoAmI))).toEqual(INVALID);
  });

  it("name their account in the access key id", async () => {
    const cloud = await startCloud({ account: "000000000001" });
    const sts = stsClient(cloud);
    expect(await sts.send(whoAmI)).toMatchObject({
      Arn: "arn:aws:iam::000000000001:user/admin",
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/) as string,
    });
    expect(await sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: cloud.admin.accessKeyId }))).toMatchObject({
      Account: "000000000001",
    });
    // A published example of AWS's encoding: awsteele.com/blog/2020/09/26.
    expect(
      await sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: ["ASIA", "Y34FZKBOKMUTVV7A"].join("") })),
    ).toMatchObject({
      Account: "609629065308",
    });
  });
});

describe("an access key id", () => {
  it("gives back the account that it was made for, whichever it is", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999_999_999 }),
        fc.constantFrom("AKIA" as const, "ASIA" as const),
        (number, prefix) => {
          const account = String(number).padStart(12, "0");
          const id = newAccessKeyId(prefix, account);
          expect(id).toMatch(/^A[KS]IA[A-Z2-7]{16}$/);
          expect(accountOfKey(id)).toBe(account);
        },
      ),
    );
  });

  it("of another form has none", () => {
    for (const id of ["", "AKIA", "AKIAIOSFODNN7EXAMPL1", "aroaxxxxxxxxxxxxxxxx"]) expect(accountOfKey(id)).toBeNull();
  });
});

describe("a session token", () => {
  const session: Session = {
    roleArn: ROLE,
    roleName: "deploy",
    roleId: "AROA",
    sessionName: "job",
    issuedAt: 1,
    expiresAt: 2,
    provider: PROVIDER,
    subject: "sub",
    audience: "aud",
    tags: { ключ: "значение" },
    transitiveTagKeys: [],
    sourceIdentity: null,
    policy: null,
    policyArns: [],
  };
  const key = Buffer.alloc(32, 7);

  it("carries its session, for its own access key and sealing key only", () => {
    const { secretAccessKey, sessionToken } = sealSession(session, "ASIA1", key);
    const token = sessionToken.reveal();
    const opened = openSession(token, "ASIA1", key);
    expect(opened?.session).toEqual(session);
    expect(opened?.secretAccessKey.reveal()).toBe(secretAccessKey.reveal());
    expect(secretAccessKey.reveal()).toMatch(/^[A-Za-z0-9+/]{40}$/);
    expect(openSession(token, "ASIA2", key)).toBeNull();
    expect(openSession(token, "ASIA1", Buffer.alloc(32, 8))).toBeNull();
    expect(Buffer.from(token, "base64").toString("latin1")).not.toMatch(/deploy|ASIA1/);
    expect(Buffer.from(token, "base64").toString("latin1")).not.toContain(secretAccessKey.reveal());
  });

  it("is refused when any character of it is another", () => {
    const token = sealSession(session, "ASIA1", key).sessionToken.reveal();
    for (let at = 0; at < token.length; at += 1) {
      const other = token[at] === "A" ? "B" : "A";
      expect(openSession(token.slice(0, at) + other + token.slice(at + 1), "ASIA1", key)).toBeNull();
    }
  });

  it("never prints itself", () => {
    const keys = sealSession(session, "ASIA1", key);
    expect(JSON.stringify(keys)).toBe('{"secretAccessKey":"[secret]","sessionToken":"[secret]"}');
  });
});
