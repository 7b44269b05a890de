import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLocalCloud, type LocalCloud } from "../../src/local/index.ts";
import { connectUsers, type UserCalls } from "../../src/wire/aws-sdk/user-calls.ts";
import { tempDir } from "../support/temp-dir.ts";
import { makeRole, makeUser, roleOf, useRole } from "../unit/migrate/keys/account.ts";
import { adminOf } from "./iam-dump.ts";
import { type Front, startFront } from "./killing-front.ts";
import { adminEnv, cleanEnv, CLI } from "./support.ts";

// The built rolecall, killed by SIGKILL after each of its calls, before it hears of the answer. The days are none,
// so that a whole retirement is one run; test/unit/migrate/keys/retire.test.ts has the days.

let cloud: LocalCloud;
let front: Front;
let aws: UserCalls;
let home = "";

beforeAll(async () => {
  cloud = await createLocalCloud();
  front = await startFront(cloud.endpoint);
  aws = await connectUsers(adminOf(cloud));
  home = tempDir(afterAll);
});
afterAll(async () => {
  await front.close();
  await cloud.close();
});

const STATE = ".rolecall/keys-ci.json";

async function start(): Promise<void> {
  rmSync(join(home, ".rolecall"), { recursive: true, force: true });
  await cloud.reset();
  await makeRole(cloud);
  await makeUser(cloud, "ci");
  await useRole(cloud);
}

/** Runs a whole retirement through the front; kills it after so many calls, if it makes as many. */
async function run(killAfter = Infinity): Promise<number | null> {
  front.calls.length = 0;
  const days = ["--quiet-days", "0", "--wait-days", "0", "--since", "2020-01-01"];
  const yes = ["removed", "deactivate", "delete"].flatMap((step) => ["--yes", step]);
  const env = cleanEnv(home, { ...adminEnv(cloud), AWS_ENDPOINT_URL: front.endpoint });
  const args = ["keys", "retire", "--user", "ci", "--role", roleOf(cloud), ...days, ...yes];
  const child = spawn(process.execPath, [CLI, ...args], { env, cwd: home, stdio: "ignore" });
  front.onCall = (count) => {
    if (count < killAfter) return false;
    child.kill("SIGKILL");
    return true;
  };
  const [status] = (await once(child, "exit")) as [number | null];
  return status;
}

async function statusOfKey(): Promise<"active" | "inactive" | "deleted"> {
  const [key] = (await aws.listKeys("ci")) ?? [];
  if (!key) return "deleted";
  return key.active ? "active" : "inactive";
}

function stepsDone(): readonly string[] {
  const file = join(home, STATE);
  if (!existsSync(file)) return [];
  const { done } = JSON.parse(readFileSync(file, "utf8")) as { done: object };
  return Object.keys(done);
}

describe("rolecall keys retire, killed", () => {
  it("is finished by the next run, and never left the pipeline without credentials", async () => {
    await start();
    expect(await run()).toBe(0);
    const calls = [...front.calls];
    expect(calls.filter((action) => /^(?:Update|Delete)/.test(action))).toEqual(["UpdateAccessKey", "DeleteAccessKey"]);
    expect(await run()).toBe(0);
    expect(front.calls).toEqual(["GetCallerIdentity"]);
    for (let kill = 1; kill <= calls.length; kill += 1) {
      await start();
      expect([kill, await run(kill)]).toEqual([kill, null]);
      const [status, done] = [await statusOfKey(), stepsDone()];
      // Whatever was cut off: the role works, the key does until its names are out, and it went in the safe order.
      await useRole(cloud);
      if (!done.includes("quiet")) expect([kill, status]).toEqual([kill, "active"]);
      if (status === "deleted")
        expect([kill, done]).toEqual([kill, ["role", "green", "removed", "quiet", "deactivate", "wait"]]);
      expect([kill, await run()]).toEqual([kill, 0]);
      expect([kill, await statusOfKey(), stepsDone().at(-1)]).toEqual([kill, "deleted", "delete"]);
    }
  }, 180_000);
});
