import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { main } from "../../src/cli/main.ts";
import { createLocalCloud, type LocalCloud } from "../../src/local/index.ts";
import { connectIam, type Iam } from "../../src/wire/aws-sdk.ts";
import { tempDir } from "../support/temp-dir.ts";
import { fakeIo } from "../unit/cli/fake-io.ts";
import { ENDS, foreignPart, type Start, STARTS, stubAdmin } from "./account-starts.ts";
import { adminOf, dump } from "./iam-dump.ts";
import { type Front, startFront } from "./killing-front.ts";
import { adminEnv, cleanEnv, CLI } from "./support.ts";

// The built rolecall, killed by SIGKILL right after each of its calls, before it hears of it: one process for
// each number. The run after it is in this process: what counts of it is what it finds. Apply is killed on every
// account; destroy, which is the same whatever was there before, on the three that let it end differently.

let cloud: LocalCloud;
let front: Front;
let iam: Iam;
let home = "";

beforeAll(async () => {
  cloud = await createLocalCloud();
  front = await startFront(cloud.endpoint);
  iam = await connectIam(adminOf(cloud));
  home = tempDir(afterAll);
  stubAdmin(cloud.admin);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await front.close();
  await cloud.close();
});

/** Runs the built rolecall through the front; kills it after so many calls, if it makes as many. */
async function run(args: readonly string[], killAfter = Infinity): Promise<number | null> {
  front.calls.length = 0;
  const env = cleanEnv(home, { ...adminEnv(cloud), AWS_ENDPOINT_URL: front.endpoint });
  const child = spawn(process.execPath, [CLI, ...args], { env, cwd: home, stdio: "ignore" });
  front.onCall = (count) => count >= killAfter && child.kill("SIGKILL");
  const [status] = (await once(child, "exit")) as [number | null];
  return status;
}

async function runAgain([command = "", ...args]: readonly string[]): Promise<number> {
  const to = ["--config", join(home, "rolecall.yaml"), "--endpoint-url", cloud.endpoint];
  return await main([command, ...args, ...to], fakeIo());
}

async function begin({ before, file }: Start): Promise<void> {
  await cloud.reset();
  await before({ cloud, iam });
  writeFileSync(join(home, "rolecall.yaml"), file);
}

const isSame = (one: object, other: object): boolean => JSON.stringify(one) === JSON.stringify(other);

async function isFinished(start: Start, args: readonly string[]): Promise<void> {
  await begin(start);
  const before = await dump(iam);
  expect(await run(args)).toBe(0);
  const calls = [...front.calls];
  const whole = await dump(iam);
  expect(whole).not.toEqual(before);
  expect(foreignPart(whole, before)).toEqual(foreignPart(before, before));
  let there: object = whole;
  for (const [index, action] of calls.entries()) {
    const kill = `killed after call ${index + 1}, ${action}`;
    if (!isSame(there, before)) await begin(start);
    expect([kill, await run(args, index + 1)]).toEqual([kill, null]);
    expect([kill, front.calls]).toEqual([kill, calls.slice(0, index + 1)]);
    const left = await dump(iam);
    expect([kill, foreignPart(left, before)]).toEqual([kill, foreignPart(before, before)]);
    // A run that has changed nothing leaves the account to the next one as it was: that run is the whole one.
    there = left;
    if (isSame(left, before)) continue;
    expect([kill, await runAgain(args)]).toEqual([kill, 0]);
    there = await dump(iam);
    expect([kill, there]).toEqual([kill, whole]);
  }
}

describe("an apply that is killed after any of its calls", () => {
  it.each(Object.entries(STARTS))(
    "is finished by the next one, and touches nothing of others: %s",
    (_, start) => isFinished(start, ["apply", "--yes", "--adopt", "--allow-destroy"]),
    120_000,
  );
});

describe("a destroy that is killed after any of its calls", () => {
  it.each(Object.entries(ENDS))(
    "is finished by the next one, and touches nothing of others: %s",
    (_, end) => isFinished(end, ["destroy", "--yes"]),
    120_000,
  );
});
