import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreateUserCommand,
  PutGroupPolicyCommand,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import { afterEach, describe, expect, it, vi } from "vitest";

import { createLocalCloud, type LocalCloud } from "../../../../src/local/index.ts";
import { usersOfReport } from "../../../../src/migrate/keys/credential-report.ts";
import { readInventory } from "../../../../src/migrate/keys/inventory.ts";
import { connectUsers, type UserCalls } from "../../../../src/wire/aws-sdk/user-calls.ts";
import { adminOf, iamClient, makeKey, makeUser, useKey } from "./account.ts";

const NOW = Date.UTC(2026, 10, 24);
const DAY = 24 * 3600 * 1000;
const pause = (): Promise<void> => Promise.resolve();

afterEach(() => vi.useRealTimers());

/** A local AWS whose clock is set by the test. */
async function startCloud(daysAgo: number): Promise<LocalCloud> {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW - daysAgo * DAY });
  return await createLocalCloud();
}

describe("the inventory", () => {
  it("has every key, the riskiest first, with age, status, last use and where the CI has it from", async () => {
    const cloud = await startCloud(400);
    try {
      const old = await makeUser(cloud, "old");
      vi.setSystemTime(NOW - 30 * DAY);
      const ci = await makeUser(cloud, "ci");
      const spare = await makeKey(cloud, "ci");
      await iamClient(cloud).send(
        new UpdateAccessKeyCommand({ UserName: "ci", AccessKeyId: spare.accessKeyId, Status: "Inactive" }),
      );
      await iamClient(cloud).send(new CreateUserCommand({ UserName: "person" }));
      vi.setSystemTime(NOW - DAY);
      await useKey(cloud, ci, "ap-northeast-2");
      vi.setSystemTime(NOW);
      const aws = await connectUsers(adminOf(cloud));
      const { keys, ...rest } = await readInventory(aws, new Map([[ci.accessKeyId, [".env:3"]]]), NOW, pause);
      const own = keys.filter(({ user }) => user !== "admin");
      expect(own).toEqual([
        {
          user: "old",
          id: old.accessKeyId,
          active: true,
          created: NOW - 400 * DAY,
          lastUse: null,
          inCi: [],
          risks: ["unused", "old", "active"],
        },
        {
          user: "ci",
          id: ci.accessKeyId,
          active: true,
          created: NOW - 30 * DAY,
          lastUse: { at: NOW - DAY, service: "sts", region: "ap-northeast-2" },
          inCi: [".env:3"],
          risks: ["ci", "active"],
        },
        {
          user: "ci",
          id: spare.accessKeyId,
          active: false,
          created: NOW - 30 * DAY,
          lastUse: null,
          inCi: [],
          risks: [],
        },
      ]);
      // Three for the report, one for each of three users with keys, one for each of four keys.
      expect(rest).toEqual({ requests: 10, fromReport: true, users: 4 });
    } finally {
      await cloud.close();
    }
  });

  it("asks every user, page by page, where the report may not be read", async () => {
    const cloud = await createLocalCloud();
    try {
      const reader = await makeUser(cloud, "reader", {
        Version: "2012-10-17",
        Statement: { Effect: "Allow", Action: ["iam:List*", "iam:GetAccessKeyLastUsed"], Resource: "*" },
      });
      const aws = await connectUsers({ ...adminOf(cloud), credentials: reader });
      const { keys, fromReport } = await readInventory(aws, new Map(), Date.now(), pause);
      expect(fromReport).toBe(false);
      expect(keys.map(({ user }) => user).toSorted()).toEqual(["admin", "reader"]);
    } finally {
      await cloud.close();
    }
  });

  it("shows the root user's keys, of which only the report tells, before all others", async () => {
    const head =
      "user,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated";
    const report = [
      head,
      "ci,true,2026-01-01T00:00:00+00:00,N/A,N/A,N/A,false,N/A",
      "<root_account>,true,2026-11-01T00:00:00+00:00,2026-11-20T00:00:00+00:00,us-east-1,s3,false,N/A",
      "gone,true,2026-11-01T00:00:00+00:00,N/A,N/A,N/A,false,N/A",
    ].join("\n");
    const aws: Pick<UserCalls, "credentialReport" | "listUsers" | "listKeys" | "keyLastUse" | "requests"> = {
      credentialReport: () => Promise.resolve(report),
      listUsers: () => Promise.reject(new Error("not asked")),
      listKeys: (user) =>
        Promise.resolve(
          user === "ci" ? [{ id: "AKIAQ3EGTTTTTEXAMPLE", active: true, created: Date.UTC(2026, 0) }] : null,
        ),
      keyLastUse: () => Promise.resolve(null),
      requests: () => 0,
    };
    const { keys } = await readInventory(aws, new Map(), NOW, pause);
    expect(keys.map(({ user, id }) => [user, id])).toEqual([
      ["<root_account>", ""],
      ["ci", "AKIAQ3EGTTTTTEXAMPLE"],
    ]);
    expect(keys[0]).toMatchObject({ risks: ["root", "active"], lastUse: { service: "s3", region: "us-east-1" } });
    expect(() => usersOfReport("name,age\nci,3")).toThrowWithCode("config", /no credential report/);
  });
});

describe("a user's permissions", () => {
  it("are its own policies, inline and attached, and its groups', and its services' last use", async () => {
    const cloud = await createLocalCloud();
    try {
      const allow = (Action: string) => ({
        Version: "2012-10-17",
        Statement: { Effect: "Allow", Action, Resource: "*" },
      });
      const key = await makeUser(cloud, "ci", allow("s3:*"));
      const iam = iamClient(cloud);
      await iam.send(
        new AttachUserPolicyCommand({ UserName: "ci", PolicyArn: "arn:aws:iam::aws:policy/IAMReadOnlyAccess" }),
      );
      await iam.send(new CreateGroupCommand({ GroupName: "ops" }));
      await iam.send(
        new PutGroupPolicyCommand({
          GroupName: "ops",
          PolicyName: "dns",
          PolicyDocument: JSON.stringify(allow("route53:*")),
        }),
      );
      await iam.send(new AddUserToGroupCommand({ GroupName: "ops", UserName: "ci" }));
      const own = await connectUsers({ ...adminOf(cloud), credentials: key });
      await own.listUsers();
      const aws = await connectUsers(adminOf(cloud));
      const { arn, policies, boundary } = await aws.userPermissions("ci");
      expect(policies.map(({ from }) => from)).toEqual([
        "inline policy own",
        "arn:aws:iam::aws:policy/IAMReadOnlyAccess",
        "group ops: inline policy dns",
      ]);
      expect(JSON.parse(policies[0]?.document ?? "")).toEqual(allow("s3:*"));
      expect(boundary).toBeNull();
      const services = await aws.servicesUsed(arn, pause);
      expect(services.map(({ namespace, lastUsed }) => [namespace, lastUsed !== null])).toEqual([
        ["iam", true],
        ["route53", false],
        ["s3", false],
      ]);
    } finally {
      await cloud.close();
    }
  });
});
