import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  IAMClient,
  ListRolesCommand,
  ListRoleTagsCommand,
  TagRoleCommand,
} from "@aws-sdk/client-iam";
import {
  AssumeRoleWithWebIdentityCommand,
  type Credentials,
  GetCallerIdentityCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { describe, expect, it, onTestFinished } from "vitest";
import { tempDir } from "../support/temp-dir.ts";
import { AUDIENCE, cleanEnv, CLI, SUB_MAIN } from "./support.ts";

interface Up {
  readonly child: ChildProcess;
  readonly endpoint: string;
  readonly account: string;
  readonly admin: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** `rolecall up --state` as a user starts it. */
async function up(state: string): Promise<Up> {
  const child = spawn(process.execPath, [CLI, "up", "--port", "0", "--json", "--state", state], {
    env: cleanEnv(tempDir()),
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "exit").then(([status]) => Promise.reject(new Error(`ended with ${String(status)}`)));
  ended.catch(() => undefined);
  const [line] = (await Promise.race([once(child.stdout, "data"), ended])) as [Buffer];
  return { child, ...(JSON.parse(line.toString()) as Omit<Up, "child">) };
}

function clients({ endpoint, admin }: Up) {
  const options = { endpoint, region: "us-east-1", maxAttempts: 1 };
  const iam = new IAMClient({ ...options, credentials: { ...admin } });
  onTestFinished(() => iam.destroy());
  return { iam };
}

async function whoIs(endpoint: string, keys: Credentials | undefined): Promise<string | undefined> {
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = keys ?? {};
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  const sts = new STSClient({ endpoint, region: "us-east-1", maxAttempts: 1, credentials });
  try {
    return (await sts.send(new GetCallerIdentityCommand({}))).Arn;
  } finally {
    sts.destroy();
  }
}

async function exchange({ endpoint, account }: Up): Promise<Credentials | undefined> {
  const job = { ci: "gitlab", project: "acme/shop", branch: "main", audience: AUDIENCE };
  const headers = { "content-type": "application/json" };
  const reply = await fetch(`${endpoint}/_rolecall/mint`, { method: "POST", headers, body: JSON.stringify(job) });
  const { token } = (await reply.json()) as { readonly token: string };
  const sts = new STSClient({ endpoint, region: "us-east-1", maxAttempts: 1 });
  try {
    const RoleArn = `arn:aws:iam::${account}:role/deploy`;
    const ask = new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: "job", WebIdentityToken: token });
    return (await sts.send(ask)).Credentials;
  } finally {
    sts.destroy();
  }
}

const trust = (account: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: {
      Effect: "Allow",
      Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/gitlab.com` },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringEquals: { "gitlab.com:sub": SUB_MAIN } },
    },
  });

const succeeds = (call: Promise<unknown>): Promise<boolean> =>
  call.then(
    () => true,
    () => false,
  );

/** Writes with four hands until the server is gone; adds what was answered. */
async function writeUntilKilled(cloud: Up, round: number, answered: Map<string, string>): Promise<void> {
  const { child } = cloud;
  const { iam } = clients(cloud);
  const alive = (): boolean => child.exitCode === null && child.signalCode === null;
  const hand = async (number: number): Promise<void> => {
    for (let at = 0; alive(); at++) {
      const RoleName = `role-${round}-${number}-${at}`;
      const create = new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust(cloud.account) });
      if (!(await succeeds(iam.send(create)))) continue;
      answered.set(RoleName, "");
      const tag = new TagRoleCommand({ RoleName, Tags: [{ Key: "written", Value: RoleName }] });
      if (await succeeds(iam.send(tag))) answered.set(RoleName, RoleName);
    }
  };
  await Promise.all([0, 1, 2, 3].map(hand));
}

describe("rolecall up --state, killed at any moment", () => {
  it("starts again with all that it answered, and honours the credentials that it gave", async () => {
    const state = join(tempDir(), "state.json");
    const answered = new Map<string, string>();
    const issued: (Credentials | undefined)[] = [];
    let admin: Up["admin"] | null = null;
    for (let round = 0; round < 5; round++) {
      const cloud = await up(state);
      admin ??= cloud.admin;
      expect(cloud.admin).toEqual(admin);
      const { iam } = clients(cloud);
      if (round === 0) {
        await iam.send(new CreateOpenIDConnectProviderCommand({ Url: "https://gitlab.com", ClientIDList: [AUDIENCE] }));
        await iam.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: trust(cloud.account) }));
      }
      for (const keys of issued) expect(await whoIs(cloud.endpoint, keys)).toMatch(/assumed-role\/deploy\/job$/);
      issued.push(await exchange(cloud));
      const killing = once(cloud.child, "exit");
      setTimeout(() => cloud.child.kill("SIGKILL"), 30 + Math.random() * 400);
      await writeUntilKilled(cloud, round, answered);
      expect(await killing).toEqual([null, "SIGKILL"]);
    }
    const cloud = await up(state);
    const { iam } = clients(cloud);
    const { Roles: roles = [] } = await iam.send(new ListRolesCommand({ MaxItems: 1000 }));
    const names = roles.map(({ RoleName: name }) => name);
    expect([...answered.keys()].filter((name) => !names.includes(name))).toEqual([]);
    const tagged = [...answered].filter(([, tag]) => tag !== "").slice(-20);
    for (const [RoleName, tag] of tagged) {
      const { Tags: tags } = await iam.send(new ListRoleTagsCommand({ RoleName }));
      expect(tags).toEqual([{ Key: "written", Value: tag }]);
    }
    expect(answered.size).toBeGreaterThan(5);
    for (const keys of issued) expect(await whoIs(cloud.endpoint, keys)).toMatch(/assumed-role\/deploy\/job$/);
    expect(statSync(state).mode & 0o777).toBe(0o600);
    // Nothing of a write that was cut off is left beside it but the one file that the next write takes away.
    expect(
      readdirSync(join(state, "..")).filter((name) => name !== "state.json" && name !== ".state.json.tmp"),
    ).toEqual([]);
  }, 90_000);
});
