import { chmodSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DeleteRolePolicyCommand } from "@aws-sdk/client-iam";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { iamClient, useKey } from "../unit/migrate/keys/account.ts";
import { dump } from "./iam-dump.ts";
import { ACCOUNT, GITHUB, GITLAB, type Killing, startTeam, type Team } from "./team.ts";
import { BY_KEY, BY_ROLE, credentialsWork, pipelines } from "./team-pipelines.ts";

// A team goes off its keys with the built rolecall, from the first look to the deleted key. Every command is killed at
// every step and given again, and at each of them what is pushed is asked whether it has credentials that work.

const STATE = ".rolecall/keys-ci.json";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});

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
    const result = await team.rolecall(args, { [how]: at });
    if (result.signal === null) {
      expect(result, result.stderr).toMatchObject({ status });
      await finished();
      return at - 1;
    }
    expect(result.signal).toBe("SIGKILL");
    await credentialsWork(team);
    await left();
    const again = await team.rolecall(args);
    expect([at, again.status], again.stderr).toEqual([at, status]);
    await credentialsWork(team);
    await finished();
  }
}

/** `migrate` by a command line, killed at each write of a file. */
async function migrated(args: readonly string[], changed: readonly string[]): Promise<void> {
  const before = new Map(changed.map((path) => [path, team.read(path)]));
  const restore = async (): Promise<void> => {
    for (const [path, text] of before) {
      if (text === null) rmSync(join(team.folder, path), { force: true });
      else writeFileSync(join(team.folder, path), text);
    }
    for (const name of readdirSync(team.folder, { recursive: true, encoding: "utf8" }))
      if (name.endsWith(".tmp")) rmSync(join(team.folder, name));
    await Promise.resolve();
  };
  expect(await team.rolecall(args)).toMatchObject({ status: 0 });
  const after = new Map(changed.map((path) => [path, team.read(path)]));
  for (const path of changed) expect(after.get(path)).not.toBe(before.get(path));
  const moments = await killedAtEach({
    args,
    status: 0,
    how: "atWrite",
    restore,
    // Whole as it was, or whole as it becomes.
    left: () => {
      for (const path of changed) expect([before.get(path), after.get(path)]).toContain(team.read(path));
      return Promise.resolve();
    },
    finished: () => {
      for (const path of changed) expect(team.read(path)).toBe(after.get(path));
      return Promise.resolve();
    },
  });
  expect(moments).toBe(2 * changed.length);
  await restore();
  expect(await team.rolecall([...args, "--prove"])).toMatchObject({ status: 0 });
  for (const path of changed) expect(team.read(path)).toBe(after.get(path));
}

async function emptyOfRoles(): Promise<void> {
  const client = iamClient(team.cloud);
  const { roles } = (await dump(team.iam)) as { readonly roles: Readonly<Record<string, DumpedRole>> };
  for (const [name, { inlinePolicies, managedPolicies }] of Object.entries(roles)) {
    for (const PolicyName of Object.keys(inlinePolicies))
      await client.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName }));
    for (const arn of managedPolicies) await team.iam.detachPolicy(name, arn);
    await team.iam.deleteRole(name);
  }
  for (const arn of await team.iam.listProviders()) await team.iam.deleteProvider(arn);
}

interface DumpedRole {
  readonly inlinePolicies: Readonly<Record<string, unknown>>;
  readonly managedPolicies: readonly string[];
}

const RETIRE = ["keys", "retire", "--user", "ci"];
const yes = (...steps: readonly string[]): readonly string[] => steps.flatMap((step) => ["--yes", step]);

async function statusOfKey(): Promise<"active" | "inactive" | "deleted"> {
  const found = (await team.aws.listKeys("ci"))?.find(({ id }) => id === team.key.accessKeyId);
  if (!found) return "deleted";
  return found.active ? "active" : "inactive";
}

function stepsDone(): readonly string[] {
  const text = team.read(STATE);
  return text === null ? [] : Object.keys((parse(text) as { done: object }).done);
}

/** IAM tells uses by the second, and one within the second of the removal counts as one after it. */
async function nextSecond(): Promise<void> {
  await pause(1010 - (Date.now() % 1000));
}

describe("off the keys", () => {
  it("goes a whole project, killed at every step, and at none of them lacks its pipeline credentials", async () => {
    await team.newKey();
    await team.push();
    await moveTheFiles();
    await makeTheRoles();
    // The push: the keys are still there, and do not win.
    await team.push();
    expect(await pipelines(team)).toEqual(BY_ROLE);
    await retireTheKey();
  }, 240_000);
});

/** `migrate`, with what `keys policy` says the role needs. */
async function moveTheFiles(): Promise<void> {
  const role = ["--role", `arn:aws:iam::${ACCOUNT}:role/shop-deploy`];
  await migrated(["migrate", "--ci", "gitlab", ...role, "--write"], ["rolecall.sh", "rolecall.yaml", GITLAB]);
  expect(await pipelines(team)).toEqual(BY_KEY);
  const used = await team.rolecall(["keys", "policy", "--user", "ci", "--no-lookup"]);
  expect(used, used.stderr).toMatchObject({ status: 0 });
  expect(used.stdout).toContain("iam:GetUser");
  expect(used.stdout).not.toContain("s3:");
  const policy = JSON.stringify(JSON.parse(used.stdout));
  const first = team.read("rolecall.yaml")?.replace("{ preset: read-only }", policy) ?? "";
  const more = ["ci: github", "audience: sts.amazonaws.com", "allow: [{ project: acme/shop, branch: main }]"];
  const second = ["  shop-report:", ...[...more, `permissions: [${policy}]`].map((line) => `    ${line}`)].join("\n");
  writeFileSync(join(team.folder, "rolecall.yaml"), `${first}${second}\n`);
  await migrated(["migrate", "--ci", "github", "--role", "shop-report", "--account", ACCOUNT, "--write"], [GITHUB]);
  await credentialsWork(team);
}

async function makeTheRoles(): Promise<void> {
  const plan = await team.rolecall(["plan"]);
  expect(plan).toMatchObject({ status: 0, stdout: expect.stringContaining("shop-report") as string });
  const calls = await killedAtEach({
    args: ["apply", "--yes"],
    status: 0,
    how: "afterCall",
    restore: emptyOfRoles,
    left: () => Promise.resolve(),
    // Nothing is left to do, and nothing there is twice.
    finished: async () => {
      expect(await dump(team.iam)).toMatchObject({ roles: { "shop-deploy": {}, "shop-report": {} } });
      expect((await team.iam.listProviders()).length).toBe(2);
    },
  });
  expect(calls).toBeGreaterThan(5);
  expect((await team.rolecall(["apply", "--yes"])).stdout).toContain("No changes.");
  expect(await pipelines(team)).toEqual(BY_KEY);
}

async function retireTheKey(): Promise<void> {
  const check = join(team.root, "names-are-gone");
  const kept = join(team.root, "variables");
  const keep = (): void => writeFileSync(kept, Object.keys(team.variables).join("\n"));
  writeFileSync(check, `#!/bin/sh\n! grep -q AWS_ACCESS_KEY_ID '${kept}'\n`);
  chmodSync(check, 0o755);
  keep();
  const role = `arn:aws:iam::${ACCOUNT}:role/shop-deploy`;
  const days = ["--quiet-days", "0", "--wait-days", "0"];
  const retire = [...RETIRE, "--role", role, "--since", "2020-01-01", "--check", check];
  const forget = (): Promise<void> =>
    Promise.resolve(rmSync(join(team.folder, ".rolecall"), { recursive: true, force: true }));

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
  const secret = team.key;
  team.variables = {};
  keep();
  expect(await pipelines(team)).toEqual(BY_ROLE);
  for (const [step, args] of Object.entries({
    removed: ["--quiet-days", "7"],
    quiet: days,
    deactivate: [...yes("deactivate"), "--quiet-days", "0", "--wait-days", "7"],
    wait: [...yes("deactivate"), ...days],
  })) {
    await nextSecond();
    const result = await team.rolecall([...retire, ...args]);
    expect([step, result.status, stepsDone().at(-1)], result.stderr).toEqual([step, 3, step]);
    expect(await statusOfKey()).toBe(["removed", "quiet"].includes(step) ? "active" : "inactive");
    await credentialsWork(team);
    // Killed before it could note it, the roll-back has still made the key active, and is given again.
    const killed = await team.rolecall([...RETIRE, "--roll-back"], { afterCall: 1 });
    expect(killed.signal).toBe("SIGKILL");
    await useKey(team.cloud, secret);
    expect(await team.rolecall([...RETIRE, "--roll-back"])).toMatchObject({ status: 0 });
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
        if ((await statusOfKey()) === "deleted") await team.anotherKey();
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
  expect(await team.rolecall([...RETIRE, "--roll-back"])).toMatchObject({ status: 3 });
  await expect(useKey(team.cloud, team.key)).rejects.toThrowWithCode("refused", /InvalidClientTokenId/);
  expect(await pipelines(team)).toEqual(BY_ROLE);
}
