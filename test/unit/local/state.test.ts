import {
  rmdirSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import {
  CreateRoleCommand,
  GetRoleCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
} from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";

import { createLocalCloud, type LocalCloud } from "../../../src/local/index.ts";
import {
  exchange,
  iamClient,
  keysOf,
  mint,
  refusal,
  send,
  setUp,
  startCloud,
  stsClient,
  tempFolder,
  trustPolicy,
} from "./support.ts";

function stateFile(): string {
  return join(tempFolder(), "state.json");
}

async function rotate({ endpoint }: LocalCloud, keep: boolean): Promise<void> {
  const body = JSON.stringify({ ci: "gitlab", keep });
  const headers = { "content-type": "application/json" };
  expect(await send(endpoint, { method: "POST", path: "/_rolecall/rotate", headers, body })).toMatchObject({
    status: 200,
  });
}

/** The keys that the pretended gitlab.com publishes. */
async function jwks({ endpoint }: LocalCloud): Promise<readonly unknown[]> {
  const { body } = await send(endpoint, { path: "/_rolecall/issuers/gitlab/jwks" });
  return (JSON.parse(body) as { readonly keys: readonly unknown[] }).keys;
}

describe("a cloud with a state file", () => {
  it("that is started again still honours the credentials and tokens that it gave", async () => {
    const state = stateFile();
    const before = await startCloud({ state });
    const iam = await setUp(before);
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: "deploy",
        PolicyName: "p",
        PolicyDocument: '{"Statement":{"Effect":"Allow","Action":"iam:GetRole","Resource":"*"}}',
      }),
    );
    await iam.send(new TagRoleCommand({ RoleName: "deploy", Tags: [{ Key: "k", Value: "v" }] }));
    const token = await mint(before);
    const keys = keysOf(await exchange(before, token));
    const { Role: role } = await iam.send(new GetRoleCommand({ RoleName: "deploy" }));
    await before.close();

    const after = await startCloud({ state });
    expect(after.admin).toEqual(before.admin);
    expect((await stsClient(after, keys).send(new GetCallerIdentityCommand({}))).Arn).toMatch(
      /assumed-role\/deploy\/job-1$/,
    );
    expect((await iamClient(after, keys).send(new GetRoleCommand({ RoleName: "deploy" }))).Role).toEqual({
      ...role,
      RoleLastUsed: expect.anything() as unknown,
    });
    expect(await exchange(after, token)).toMatchObject({ status: 200 });
    expect(await exchange(after, await mint(after))).toMatchObject({ status: 200 });
  });

  it("that is started again publishes the keys that it retired, and not those that it withdrew", async () => {
    const state = stateFile();
    const before = await startCloud({ state });
    await setUp(before);
    const withdrawn = await mint(before);
    await rotate(before, false);
    const retired = await mint(before);
    await rotate(before, true);
    const current = await mint(before);
    const published = await jwks(before);
    expect(published).toHaveLength(2);
    await before.close();

    const after = await startCloud({ state });
    expect(await jwks(after)).toEqual(published);
    expect(await exchange(after, current)).toMatchObject({ status: 200 });
    expect(await exchange(after, retired)).toMatchObject({ status: 200 });
    expect(await exchange(after, withdrawn)).toMatchObject({ status: 400, code: "InvalidIdentityToken" });
    await rotate(after, true);
    expect(await jwks(after)).toHaveLength(3);
    expect(await exchange(after, retired)).toMatchObject({ status: 200 });
  });

  it("takes a file of the time before retired keys were kept", async () => {
    const state = stateFile();
    const before = await startCloud({ state });
    await setUp(before);
    const token = await mint(before);
    await before.close();
    const text = readFileSync(state, "utf8").replace(/,\s*"retired": \[\]/, "");
    expect(text).not.toContain("retired");
    writeFileSync(state, text);
    expect(await exchange(await startCloud({ state }), token)).toMatchObject({ status: 200 });
  });

  it("has saved a change before it answers it", async () => {
    const state = stateFile();
    const cloud = await startCloud({ state });
    const iam = await setUp(cloud);
    await Promise.all(
      Array.from({ length: 10 }, async (_, at) => {
        await iam.send(new CreateRoleCommand({ RoleName: `r${at}`, AssumeRolePolicyDocument: trustPolicy() }));
        expect(readFileSync(state, "utf8")).toContain(`"name": "r${at}"`);
      }),
    );
  });

  it("keeps its secrets in a file that nobody else may read, and leaves no other behind", async () => {
    const state = stateFile();
    writeFileSync(join(state, "..", ".state.json.tmp"), "left by a killed process");
    const cloud = await startCloud({ state });
    await setUp(cloud);
    expect(statSync(state).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(state, ".."))).toEqual(["state.json"]);
  });

  it("empties its account on reset, and keeps the admin's key and the issuers' keys", async () => {
    const state = stateFile();
    const cloud = await startCloud({ state });
    const iam = await setUp(cloud);
    const token = await mint(cloud);
    await cloud.reset();
    expect((await iam.send(new ListRolesCommand({}))).Roles).toEqual([]);
    expect(await exchange(cloud, token)).toMatchObject({ code: "InvalidIdentityToken" });
    await setUp(cloud);
    expect(await exchange(cloud, token)).toMatchObject({ status: 200 });
    expect(cloud.exchanges()).toHaveLength(2);
  });

  it("takes an admin key that it is given, from then on", async () => {
    const state = stateFile();
    const adminKey = {
      accessKeyId: "AKIAIOSFODNN7EXAMPLE",
      secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    };
    for (const options of [{ state }, { state, adminKey }, { state }]) await (await createLocalCloud(options)).close();
    const cloud = await startCloud({ state });
    expect(cloud.admin).toEqual(adminKey);
    expect(await stsClient(cloud).send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: "123456789012" });
  });

  it.each([
    ["is empty", "", "it is empty"],
    ["is cut off", '{"rolecall": 1, "identity": {', "it is not JSON"],
    ["is something else", '{"version": 3}', "rolecall is missing"],
    ["lacks a member of a role", "role", "roles.0.id is missing"],
  ])("does not start when the file %s", async (_, content, why) => {
    const state = stateFile();
    if (content === "role") {
      const cloud = await startCloud({ state });
      await setUp(cloud);
      await cloud.close();
      writeFileSync(state, readFileSync(state, "utf8").replace(/ *"id": "AROA.*\n/, ""));
    } else writeFileSync(state, content);
    const text = readFileSync(state, "utf8");
    await expect(createLocalCloud({ state })).rejects.toThrowWithCode(
      "config",
      `${state} is not a state file of the local cloud: ${why}`,
    );
    // What could not be read is not written over.
    expect(readFileSync(state, "utf8")).toBe(text);
  });

  it("does not follow a symbolic link, or take a folder for a file", async () => {
    const folder = tempFolder();
    symlinkSync(join(folder, "elsewhere"), join(folder, "link"));
    mkdirSync(join(folder, "folder"));
    await expect(createLocalCloud({ state: join(folder, "link") })).rejects.toThrowWithCode("config", "symbolic link");
    await expect(createLocalCloud({ state: join(folder, "folder") })).rejects.toThrowWithCode(
      "config",
      "it is not a file",
    );
    expect(existsSync(join(folder, "elsewhere"))).toBe(false);
  });

  it("says so at the start when it cannot write there", async () => {
    await expect(createLocalCloud({ state: join(tempFolder(), "no", "such", "folder") })).rejects.toThrowWithCode(
      "config",
      "cannot be written",
    );
  });

  it("answers with an error, and goes on, when it cannot save a change", async () => {
    const state = stateFile();
    const cloud = await startCloud({ state });
    const iam = iamClient(cloud);
    const obstacle = join(state, "..", ".state.json.tmp");
    mkdirSync(obstacle);
    const create = (RoleName: string): Promise<unknown> =>
      iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trustPolicy() }));
    expect(await refusal(create("one"))).toMatchObject({ code: "InternalFailure", status: 500 });
    rmdirSync(obstacle);
    await create("two");
    expect(readFileSync(state, "utf8")).toMatch(/"name": "one"[^]*"name": "two"/);
  });

  it("is of one account", async () => {
    const state = stateFile();
    await (await createLocalCloud({ state })).close();
    await expect(createLocalCloud({ state, account: "210987654321" })).rejects.toThrowWithCode(
      "config",
      "the state is of account 123456789012",
    );
  });
});

describe("a cloud", () => {
  it.each([
    [{ account: "12345" }, "expected an account of 12 digits"],
    [{ adminKey: { accessKeyId: "a/b", secretAccessKey: "x" } }, "expected an admin key id of letters and digits"],
    [{ adminKey: { accessKeyId: "ASIAIOSFODNN7EXAMPLE", secretAccessKey: "x" } }, "not beginning with ASIA"],
    [{ adminKey: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "" } }, "has no secret"],
  ])("does not start with %j", async (options, message) => {
    await expect(createLocalCloud(options)).rejects.toThrowWithCode("config", message);
  });

  it("does not start on a port that is taken", async () => {
    const { endpoint } = await startCloud();
    const port = Number(new URL(endpoint).port);
    await expect(createLocalCloud({ port })).rejects.toThrowWithCode("config", `cannot listen on 127.0.0.1:${port}`);
  });

  it("has an admin key of its own each time, of AWS's form", async () => {
    const [{ admin: one }, { admin: other }] = [await startCloud(), await startCloud()];
    expect(one.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(one.secretAccessKey).toHaveLength(40);
    expect(one).not.toEqual(other);
  });
});
