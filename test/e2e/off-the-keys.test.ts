import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DeleteRolePolicyCommand } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createLocalCloud, type LocalCloud } from "../../src/local/index.ts";
import { type AwsKeys, callerIdentity, connectIam, type Iam } from "../../src/wire/aws-sdk.ts";
import { connectUsers, type UserCalls } from "../../src/wire/aws-sdk/user-calls.ts";
import { runPipeline } from "../support/pipelines.ts";
import { run, type RunResult } from "../support/run.ts";
import { tempDir } from "../support/temp-dir.ts";
import { iamClient, makeKey, makeUser, useKey } from "../unit/migrate/keys/account.ts";
import { assumeRoleWithWebIdentity } from "../unit/migrate/keys/exchange.ts";
import { adminOf, dump } from "./iam-dump.ts";
import { type Front, startFront } from "./killing-front.ts";
import { adminEnv, AWS_CLIS, cleanEnv, CLI, HERE } from "./support.ts";

// A team goes off its keys with the built rolecall, from the first look to the deleted key: one project, whose GitLab
// pipeline and GitHub workflow have the same key. Every command is killed at every step and given again, and at each of
// them what is pushed is asked whether it has credentials that work.

const ACCOUNT = "123456789012";
const GITLAB = ".gitlab-ci.yml";
const GITHUB = ".github/workflows/report.yml";
const STATE = ".rolecall/keys-ci.json";

const FILES: Readonly<Record<string, string>> = {
  [GITLAB]: `stages: [deploy]

# Kept as it is.
deploy:
  stage: deploy
  image: registry.gitlab.com/gitlab-org/cloud-deploy/aws-base:latest
  script:
    - aws sts get-caller-identity --query Arn --output text
    - aws iam get-user --user-name ci
`,
  [GITHUB]: `on:
  push:
    branches: [main]
jobs:
  report:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: aws-actions/configure-aws-credentials@v4
        with:
          aws-access-key-id: \${{ secrets.AWS_ACCESS_KEY_ID }}
          aws-secret-access-key: \${{ secrets.AWS_SECRET_ACCESS_KEY }}
          aws-region: eu-central-1 # Frankfurt
      - run: |
          aws sts get-caller-identity --query Arn --output text
          aws iam get-user --user-name ci
`,
};

const POLICY = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: ["iam:GetUser", "s3:*"], Resource: "*" }],
};

let cloud: LocalCloud;
let front: Front;
let aws: UserCalls;
let iam: Iam;
let root = "";
/** The team's working copy. */
let folder = "";
/** What the CIs have: the last push, and the variables of the project. */
let checkout = "";
let variables: Readonly<Record<string, string>> = {};
let key: AwsKeys;

beforeAll(async () => {
  cloud = await createLocalCloud({ account: ACCOUNT });
  front = await startFront(cloud.endpoint);
  aws = await connectUsers(adminOf(cloud));
  iam = await connectIam(adminOf(cloud));
  root = tempDir(afterAll);
  folder = join(root, "shop");
  checkout = join(root, "checkout");
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  await git("init", "-q", "-b", "main");
  await git("remote", "add", "origin", "https://gitlab.com/acme/shop.git");
});
afterAll(async () => {
  await front.close();
  await cloud.close();
});

async function git(...args: readonly string[]): Promise<string> {
  const who = ["-c", "user.name=team", "-c", "user.email=team@example.com"];
  const { status, stdout, stderr } = await run("git", ["-C", folder, ...who, ...args]);
  expect(status, stderr).toBe(0);
  return stdout;
}

async function push(): Promise<void> {
  await git("add", "-A", ":!.rolecall");
  await git("commit", "-q", "--allow-empty", "-m", "push");
  rmSync(checkout, { recursive: true, force: true });
  await git("clone", "-q", folder, checkout);
}

interface Killing {
  /** At this moment of those of kill-at-write.mjs. */
  readonly atWrite?: number;
  /** At this one of the files that are whole and have their name. */
  readonly atRename?: number;
  /** After so many calls that change something, before rolecall hears of it. */
  readonly afterCall?: number;
}

/** The built rolecall, as the team types it; killed where it is said. */
async function rolecall(
  args: readonly string[],
  { atWrite, atRename, afterCall = Infinity }: Killing = {},
): Promise<RunResult> {
  const env = cleanEnv(join(root, "home"), {
    ...adminEnv(cloud),
    AWS_ENDPOINT_URL: front.endpoint,
    GIT_CEILING_DIRECTORIES: root,
    ...(atWrite === undefined ? {} : { ...KILLING, KILL_AT_WRITE: String(atWrite) }),
    ...(atRename === undefined ? {} : { ...KILLING, KILL_AT_RENAME: String(atRename) }),
  });
  const child = spawn(process.execPath, [CLI, ...args], { env, cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  let changes = 0;
  front.onCall = (_, action) => {
    if (/^(?:Get|List|Generate)/.test(action)) return false;
    changes += 1;
    if (changes < afterCall) return false;
    child.kill("SIGKILL");
    return true;
  };
  const ended = await new Promise<Pick<RunResult, "status" | "signal">>((resolve) => {
    child.once("close", (status, signal) => resolve({ status, signal }));
  });
  front.onCall = () => false;
  return { ...ended, stdout, stderr };
}

const KILLING = { NODE_OPTIONS: `--import ${join(HERE, "kill-at-write.mjs")}` };

interface Killed {
  readonly args: readonly string[];
  readonly status: number;
  readonly how: keyof Killing;
  /** Puts the world back to where the command is given. */
  readonly restore: () => Promise<void>;
  /** Looks at what a killed run has left. */
  readonly left: () => Promise<void>;
  /** Looks at what the same command, given again, has made of it. */
  readonly finished: () => Promise<void>;
}

/** Kills a command at each moment until there is none left; returns how many there were. */
async function killedAtEach({ args, status, how, restore, left, finished }: Killed): Promise<number> {
  for (let at = 1; ; at += 1) {
    await restore();
    const result = await rolecall(args, { [how]: at });
    if (result.signal === null) {
      expect(result, result.stderr).toMatchObject({ status });
      await finished();
      return at - 1;
    }
    expect(result.signal).toBe("SIGKILL");
    await credentialsWork();
    await left();
    const again = await rolecall(args);
    expect([at, again.status], again.stderr).toEqual([at, status]);
    await credentialsWork();
    await finished();
  }
}

/** Whether what is pushed gets credentials that work: the key of the variables, or the role of its file. */
async function credentialsWork(): Promise<void> {
  const jobs = {
    gitlab: readFileSync(join(checkout, GITLAB), "utf8"),
    github: readFileSync(join(checkout, GITHUB), "utf8"),
  };
  for (const [ci, text] of Object.entries(jobs)) {
    const audience = /\baud(?:ience)?: (\S+)/.exec(text)?.[1];
    const role = /arn:aws:iam::\d+:role\/[\w-]+/.exec(text)?.[0];
    if (role === undefined) {
      expect(variables["AWS_ACCESS_KEY_ID"]).toBe(key.accessKeyId);
      await useKey(cloud, key);
    } else {
      const { token } = await cloud.mint({
        ci,
        project: "acme/shop",
        branch: "main",
        audience: audience ?? "sts.amazonaws.com",
      });
      const credentials = await assumeRoleWithWebIdentity(cloud, role, token);
      await callerIdentity({ endpoint: cloud.endpoint, region: "us-east-1", credentials });
    }
  }
}

/** Both CIs run what is pushed, with a real AWS CLI; who the jobs were to AWS. */
async function pipelines(): Promise<readonly string[]> {
  const bin = AWS_CLIS.length > 0 ? {} : { bin: standInForTheCli() };
  const ran = await Promise.all(
    Object.entries({ gitlab: GITLAB, github: GITHUB }).map(async ([ci, path]) => {
      const place = { cloud, folder: checkout, home: join(root, ci), project: "acme/shop", variables, ...bin };
      const [job] = await runPipeline(ci, readFileSync(join(checkout, path), "utf8"), place);
      expect(job, job?.stderr).toMatchObject({ status: 0 });
      return /arn:aws:\w+::\d{12}:(user\/[\w-]+|assumed-role\/[\w-]+)/.exec(job?.stdout ?? "")?.[1] ?? "nobody";
    }),
  );
  return ran;
}

const BY_KEY = ["user/ci", "user/ci"];
const BY_ROLE = ["assumed-role/shop-deploy", "assumed-role/shop-report"];

/** Where there is no AWS CLI. */
function standInForTheCli(): string {
  const bin = join(root, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "aws"), `#!/bin/sh\nexec '${process.execPath}' '${join(HERE, "sdk-aws.mjs")}' "$@"\n`);
  chmodSync(join(bin, "aws"), 0o755);
  return bin;
}

async function newKey(): Promise<void> {
  key = await makeUser(cloud, "ci", POLICY);
  variables = { AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secretAccessKey.reveal() };
}

/** The user's first one is deleted. */
async function anotherKey(): Promise<void> {
  key = await makeKey(cloud, "ci");
}

function read(path: string): string | null {
  return existsSync(join(folder, path)) ? readFileSync(join(folder, path), "utf8") : null;
}

/** `migrate` by a command line, killed at each write of a file. */
async function migrated(args: readonly string[], changed: readonly string[]): Promise<void> {
  const before = new Map(changed.map((path) => [path, read(path)]));
  const restore = async (): Promise<void> => {
    for (const [path, text] of before) {
      if (text === null) rmSync(join(folder, path), { force: true });
      else writeFileSync(join(folder, path), text);
    }
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }))
      if (name.endsWith(".tmp")) rmSync(join(folder, name));
    await Promise.resolve();
  };
  expect(await rolecall(args)).toMatchObject({ status: 0 });
  const after = new Map(changed.map((path) => [path, read(path)]));
  for (const path of changed) expect(after.get(path)).not.toBe(before.get(path));
  const moments = await killedAtEach({
    args,
    status: 0,
    how: "atWrite",
    restore,
    // Whole as it was, or whole as it becomes.
    left: () => {
      for (const path of changed) expect([before.get(path), after.get(path)]).toContain(read(path));
      return Promise.resolve();
    },
    finished: () => {
      for (const path of changed) expect(read(path)).toBe(after.get(path));
      return Promise.resolve();
    },
  });
  expect(moments).toBe(2 * changed.length);
  await restore();
  expect(await rolecall([...args, "--prove"])).toMatchObject({ status: 0 });
  for (const path of changed) expect(read(path)).toBe(after.get(path));
}

async function emptyOfRoles(): Promise<void> {
  const client = iamClient(cloud);
  const { roles } = (await dump(iam)) as { readonly roles: Readonly<Record<string, DumpedRole>> };
  for (const [name, { inlinePolicies, managedPolicies }] of Object.entries(roles)) {
    for (const PolicyName of Object.keys(inlinePolicies))
      await client.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName }));
    for (const arn of managedPolicies) await iam.detachPolicy(name, arn);
    await iam.deleteRole(name);
  }
  for (const arn of await iam.listProviders()) await iam.deleteProvider(arn);
}

interface DumpedRole {
  readonly inlinePolicies: Readonly<Record<string, unknown>>;
  readonly managedPolicies: readonly string[];
}

const RETIRE = ["keys", "retire", "--user", "ci"];
const yes = (...steps: readonly string[]): readonly string[] => steps.flatMap((step) => ["--yes", step]);

async function statusOfKey(): Promise<"active" | "inactive" | "deleted"> {
  const found = (await aws.listKeys("ci"))?.find(({ id }) => id === key.accessKeyId);
  if (!found) return "deleted";
  return found.active ? "active" : "inactive";
}

function stepsDone(): readonly string[] {
  const text = read(STATE);
  return text === null ? [] : Object.keys((parse(text) as { done: object }).done);
}

/** IAM tells uses by the second, and one within the second of the removal counts as one after it. */
async function nextSecond(): Promise<void> {
  await pause(1010 - (Date.now() % 1000));
}

describe("off the keys", () => {
  it("goes a whole project, killed at every step, and at none of them lacks its pipeline credentials", async () => {
    await newKey();
    await push();
    await moveTheFiles();
    await makeTheRoles();
    // The push: the keys are still there, and do not win.
    await push();
    expect(await pipelines()).toEqual(BY_ROLE);
    await retireTheKey();
  }, 240_000);
});

/** `migrate`, with what `keys policy` says the role needs. */
async function moveTheFiles(): Promise<void> {
  const role = ["--role", `arn:aws:iam::${ACCOUNT}:role/shop-deploy`];
  await migrated(["migrate", "--ci", "gitlab", ...role, "--write"], ["rolecall.sh", "rolecall.yaml", GITLAB]);
  expect(await pipelines()).toEqual(BY_KEY);
  const used = await rolecall(["keys", "policy", "--user", "ci", "--no-lookup"]);
  expect(used, used.stderr).toMatchObject({ status: 0 });
  expect(used.stdout).toContain("iam:GetUser");
  expect(used.stdout).not.toContain("s3:");
  const policy = JSON.stringify(JSON.parse(used.stdout));
  const first = read("rolecall.yaml")?.replace("{ preset: read-only }", policy) ?? "";
  const more = ["ci: github", "audience: sts.amazonaws.com", "allow: [{ project: acme/shop, branch: main }]"];
  const second = ["  shop-report:", ...[...more, `permissions: [${policy}]`].map((line) => `    ${line}`)].join("\n");
  writeFileSync(join(folder, "rolecall.yaml"), `${first}${second}\n`);
  await migrated(["migrate", "--ci", "github", "--role", "shop-report", "--account", ACCOUNT, "--write"], [GITHUB]);
  await credentialsWork();
}

async function makeTheRoles(): Promise<void> {
  const plan = await rolecall(["plan"]);
  expect(plan).toMatchObject({ status: 0, stdout: expect.stringContaining("shop-report") as string });
  const calls = await killedAtEach({
    args: ["apply", "--yes"],
    status: 0,
    how: "afterCall",
    restore: emptyOfRoles,
    left: () => Promise.resolve(),
    // Nothing is left to do, and nothing there is twice.
    finished: async () => {
      expect(await dump(iam)).toMatchObject({ roles: { "shop-deploy": {}, "shop-report": {} } });
      expect((await iam.listProviders()).length).toBe(2);
    },
  });
  expect(calls).toBeGreaterThan(5);
  expect((await rolecall(["apply", "--yes"])).stdout).toContain("No changes.");
  expect(await pipelines()).toEqual(BY_KEY);
}

async function retireTheKey(): Promise<void> {
  const check = join(root, "names-are-gone");
  const kept = join(root, "variables");
  const keep = (): void => writeFileSync(kept, Object.keys(variables).join("\n"));
  writeFileSync(check, `#!/bin/sh\n! grep -q AWS_ACCESS_KEY_ID '${kept}'\n`);
  chmodSync(check, 0o755);
  keep();
  const role = `arn:aws:iam::${ACCOUNT}:role/shop-deploy`;
  const days = ["--quiet-days", "0", "--wait-days", "0"];
  const retire = [...RETIRE, "--role", role, "--since", "2020-01-01", "--check", check];
  const forget = (): Promise<void> =>
    Promise.resolve(rmSync(join(folder, ".rolecall"), { recursive: true, force: true }));

  // While the CIs have the key, it is not touched, whatever else is said.
  const early = await killedAtEach({
    args: [...retire, ...days, ...yes("deactivate", "delete")],
    status: 3,
    how: "atRename",
    restore: forget,
    left: async () => expect(await statusOfKey()).toBe("active"),
    finished: async () => {
      expect([await statusOfKey(), stepsDone()]).toEqual(["active", ["role", "green"]]);
    },
  });
  expect(early).toBe(4);

  // The names go: from here on the role is all that the pipelines have. Each step is rolled back until the last.
  const secret = key;
  variables = {};
  keep();
  expect(await pipelines()).toEqual(BY_ROLE);
  for (const [step, args] of Object.entries({
    removed: ["--quiet-days", "7"],
    quiet: days,
    deactivate: [...yes("deactivate"), "--quiet-days", "0", "--wait-days", "7"],
    wait: [...yes("deactivate"), ...days],
  })) {
    await nextSecond();
    const result = await rolecall([...retire, ...args]);
    expect([step, result.status, stepsDone().at(-1)], result.stderr).toEqual([step, 3, step]);
    expect(await statusOfKey()).toBe(["removed", "quiet"].includes(step) ? "active" : "inactive");
    await credentialsWork();
    // Killed before it could note it, the roll-back has still made the key active, and is given again.
    const killed = await rolecall([...RETIRE, "--roll-back"], { afterCall: 1 });
    expect(killed.signal).toBe("SIGKILL");
    await useKey(cloud, secret);
    expect(await rolecall([...RETIRE, "--roll-back"])).toMatchObject({ status: 0 });
    expect(stepsDone()).toEqual(["role", "green"]);
  }

  await nextSecond();
  const all = [...retire, ...days, ...yes("deactivate", "delete")];
  for (const how of ["afterCall", "atRename"] as const) {
    const moments = await killedAtEach({
      args: all,
      status: 0,
      how,
      restore: async () => {
        await forget();
        if ((await statusOfKey()) === "deleted") await anotherKey();
      },
      left: async () => {
        const [status, done] = [await statusOfKey(), stepsDone()];
        if (!done.includes("quiet")) expect([status, done]).toEqual(["active", done]);
        if (!done.includes("wait")) expect(status).not.toBe("deleted");
      },
      finished: async () => expect([await statusOfKey(), stepsDone().at(-1)]).toEqual(["deleted", "delete"]),
    });
    expect(moments).toBe(how === "afterCall" ? 2 : 8);
  }
  expect(await rolecall([...RETIRE, "--roll-back"])).toMatchObject({ status: 3 });
  await expect(useKey(cloud, key)).rejects.toThrowWithCode("refused", /InvalidClientTokenId/);
  expect(await pipelines()).toEqual(BY_ROLE);
}
