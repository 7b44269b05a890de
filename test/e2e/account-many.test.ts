import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { manyRoles, startAccountsFront } from "../../scripts/accounts-front.mjs";
import { createLocalCloud, type LocalCloud } from "../../src/local/index.ts";
import { connectIam, type Iam } from "../../src/wire/aws-sdk.ts";
import type { RunResult } from "../support/run.ts";
import { tempDir } from "../support/temp-dir.ts";
import { adminOf, dump } from "./iam-dump.ts";
import { cleanEnv, rolecall } from "./support.ts";

const KEY = { accessKeyId: "AKIAMANYMANYMEXAMPLE", secretAccessKey: "many-secret-many-secret-many-secret-many" };
const ACCOUNTS = ["111111111111", "222222222222", "333333333333"];

let clouds: readonly LocalCloud[];
let iams: readonly Iam[];
let front: Awaited<ReturnType<typeof startAccountsFront>>;
let home = "";

beforeAll(async () => {
  clouds = await Promise.all(ACCOUNTS.map((account) => createLocalCloud({ account, adminKey: KEY })));
  iams = await Promise.all(clouds.map((cloud) => connectIam(adminOf(cloud))));
  front = await startAccountsFront(clouds);
  home = tempDir(afterAll);
});
beforeEach(async () => {
  await Promise.all(clouds.map((cloud) => cloud.reset()));
  for (const [index, iam] of iams.entries()) await makeDoor(iam, index);
});
afterAll(async () => {
  await front.close();
  await Promise.all(clouds.map((cloud) => cloud.close()));
});

/** The role by which rolecall enters an account; its trust names that account's own users. */
async function makeDoor(iam: Iam, index: number): Promise<void> {
  const root = `arn:aws:iam::${ACCOUNTS[index] ?? ""}:root`;
  const trust = JSON.stringify({
    Version: "2012-10-17",
    Statement: { Effect: "Allow", Principal: { AWS: root }, Action: "sts:AssumeRole" },
  });
  const settings = { maxSessionDuration: 3600, description: "", boundary: null, tags: {} };
  await iam.createRole({ name: "rolecall", path: "/", trust, ...settings });
  await iam.attachPolicy("rolecall", "arn:aws:iam::aws:policy/AdministratorAccess");
}

async function run(args: readonly string[], roles = 3, text = manyRoles(roles, ACCOUNTS)): Promise<RunResult> {
  writeFileSync(join(home, "rolecall.yaml"), text);
  front.counts.clear();
  const [command = "", ...more] = args;
  const keys = { AWS_ACCESS_KEY_ID: KEY.accessKeyId, AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey };
  const env = cleanEnv(home, { ...keys, AWS_ENDPOINT_URL: front.endpoint });
  return await rolecall([command, "--config", join(home, "rolecall.yaml"), ...more], env);
}

function calls(): number {
  return [...front.counts.values()].reduce((sum, count) => sum + count, 0);
}

describe("several accounts", () => {
  it("are each entered by the role that the file names, made what it says, and left as they were", async () => {
    const before = await Promise.all(iams.map((iam) => dump(iam)));
    const applied = await run(["apply", "--yes", "--verify"]);
    expect(applied.stderr).toContain("(3 of 3)");
    expect(applied).toMatchObject({ status: 0 });
    expect(applied.stdout).toContain("Plan: 12 to add, 0 to change, 0 to destroy.");
    for (const [index, iam] of iams.entries()) {
      const role = await iam.getRole("deploy-1");
      expect(role?.trust).toContain(`arn:aws:iam::${ACCOUNTS[index] ?? ""}:oidc-provider/gitlab.com`);
      expect(applied.stderr).toContain(`verified: account ${ACCOUNTS[index] ?? ""}`);
    }
    const plan = await run(["plan", "--detailed-exitcode", "--json"]);
    expect(plan).toMatchObject({ status: 0 });
    expect(JSON.parse(plan.stdout)).toMatchObject({ add: 0, change: 0, destroy: 0, widens: false });
    expect(await run(["destroy", "--yes"])).toMatchObject({ status: 0 });
    expect(await Promise.all(iams.map((iam) => dump(iam)))).toEqual(before);
  }, 60_000);

  it("do not stop one another: one that fails is named, the others are done", async () => {
    await iams[1]?.deleteProvider("arn:aws:iam::222222222222:oidc-provider/gitlab.com");
    await iams[1]?.detachPolicy("rolecall", "arn:aws:iam::aws:policy/AdministratorAccess");
    const failed = await run(["plan"]);
    expect(failed).toMatchObject({ status: 3, stdout: "" });
    expect(failed.stderr).toContain("account 222222222222: AWS refused iam:ListOpenIDConnectProviders");

    const reads = ["iam:List*", "iam:Get*"].map((action) => ({ Effect: "Allow", Action: action, Resource: "*" }));
    const document = JSON.stringify({ Version: "2012-10-17", Statement: reads });
    await iams[1]?.putInlinePolicy("rolecall", "reads", document);
    const applied = await run(["apply", "--yes"]);
    expect(applied).toMatchObject({ status: 3 });
    expect(applied.stderr).toContain("account 222222222222: AWS refused iam:CreateOpenIDConnectProvider");
    expect(await iams[0]?.getRole("deploy-2")).not.toBeNull();
    expect(await iams[1]?.getRole("deploy-2")).toBeNull();
    expect(await iams[2]?.getRole("deploy-2")).not.toBeNull();
  }, 60_000);
});

describe("--account", () => {
  it("chooses some of them, by name or by digits; the others are not even entered", async () => {
    const plan = await run(["plan", "--account", "a1", "--account", "333333333333"]);
    expect(plan).toMatchObject({ status: 0 });
    expect(plan.stdout.match(/^account \d+/gm)).toEqual(["account 222222222222", "account 333333333333"]);
    expect(front.counts.get("AssumeRole")).toBe(2);
    expect(await run(["apply", "--yes", "--account", "a1"])).toMatchObject({ status: 0 });
    expect(await iams[0]?.getRole("deploy-1")).toBeNull();
    expect(await iams[1]?.getRole("deploy-1")).not.toBeNull();
    const typo = await run(["plan", "--account", "a4"]);
    expect(typo).toMatchObject({ status: 2 });
    expect(typo.stderr).toContain("expected an account of the file (a0, a1, a2), got a4");
  }, 30_000);

  it("is told of where an account is of a partition that the credentials do not reach", async () => {
    const china = '  china: { id: "444444444444", partition: aws-cn, role: rolecall }\nroles:\n';
    const text = manyRoles(1, ACCOUNTS).replace("roles:\n", china);
    const plan = await run(["plan"], 1, text);
    expect(plan).toMatchObject({ status: 2, stdout: "" });
    expect(plan.stderr).toContain("accounts.china: expected credentials of partition aws-cn, got those of aws");
    expect(plan.stderr).toContain("--account a0 --account a1 --account a2");
    expect(front.counts.get("AssumeRole")).toBeUndefined();
    expect(await run(["plan", "--account", "a0"], 1, text)).toMatchObject({ status: 0 });
  }, 30_000);
});

describe("the calls to AWS", () => {
  it("of a plan are as many for thirty roles as for three", async () => {
    await run(["plan"], 3);
    const few = calls();
    await run(["plan"], 30);
    expect(calls()).toBe(few);
    await run(["apply", "--yes"], 30);
    await run(["plan"], 30);
    // The provider that is there now is looked at: one call more in each account.
    expect(calls()).toBe(few + ACCOUNTS.length);
  }, 60_000);

  it("of an apply grow with what has changed", async () => {
    await run(["apply", "--yes"], 30);
    await run(["apply", "--yes"], 30);
    const idle = calls();
    for (const name of ["deploy-3", "deploy-7"])
      await iams[2]?.updateRole(name, { description: "drifted", maxSessionDuration: 3600 });
    expect(await run(["apply", "--yes"], 30)).toMatchObject({ status: 0 });
    expect(calls()).toBe(idle + 2);
    await run(["apply", "--yes"], 33);
    // A role and its policy, three times in each account.
    expect(calls()).toBe(idle + 3 * 2 * ACCOUNTS.length);
  }, 60_000);
});
