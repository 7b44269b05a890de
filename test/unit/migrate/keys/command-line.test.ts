import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { main } from "../../../../src/cli/main.ts";
import { createLocalCloud, type LocalCloud } from "../../../../src/local/index.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { fakeIo } from "../../cli/fake-io.ts";
import { makeUser } from "./account.ts";

let cloud: LocalCloud;

beforeAll(async () => {
  cloud = await createLocalCloud();
  await makeUser(cloud, "ci");
});
afterAll(() => cloud.close());
afterEach(() => vi.unstubAllEnvs());

/** Runs a command line with the administrator's keys, which the SDK reads where it always does. */
async function rolecall(
  line: string,
): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
  const env = {
    AWS_ACCESS_KEY_ID: cloud.admin.accessKeyId,
    AWS_SECRET_ACCESS_KEY: cloud.admin.secretAccessKey,
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_REGION: "us-east-1",
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const io = fakeIo(env);
  const status = await main(line.split(" "), io);
  return { status, stdout: io.stdout, stderr: io.stderr };
}

const STATE = join(tempDir(afterAll), "state.json");

describe("a command line about keys", () => {
  it.each([
    ["keys --ci-key AKIA-what", '--ci-key: expected the id of an access key, AKIA and 16 characters, got "AKIA-what"'],
    ["keys --found missing.json", "missing.json cannot be read"],
    ["keys retire", "expected --user: the IAM user whose key is to go"],
    ["keys retire --user nobody --role x", "there is no user nobody in this account"],
    ["keys retire --user ci", "expected --role: the role that takes the key's place, to begin with"],
    [
      "keys retire --user ci --role arn:aws:iam::210987654321:role/x",
      "expected the ARN of a role of account 123456789012",
    ],
    [
      "keys retire --user ci --role x --yes everything",
      '--yes: expected removed, deactivate, delete, got "everything"',
    ],
    [
      "keys retire --user ci --role x --quiet-days soon",
      '--quiet-days: expected a number of days, 0 to 365, got "soon"',
    ],
    ["keys retire --user ci --role x --wait-days -1", "--wait-days"],
    ["keys retire --user ci --role x --since yesterday", "--since: expected a date"],
    ["keys retire --user ci --role x --key AKIAQ3EGTTTTTEXAMPLE", "expected --key: AKIA"],
    ["keys retire --user ci --roll-back", "there is no retirement to roll back"],
    ["keys policy", "expected --user"],
    ["keys policy --user nobody", "there is no user nobody in this account"],
    ["keys policy --user ci --key AKIAQ3EGTTTTTEXAMPLE", "ci has no such key: expected AKIA"],
    ["keys policy --user ci --cloudtrail package.json", "package.json is no export of CloudTrail"],
    ["keys burn", 'unexpected argument "burn"'],
  ])("%s is told what was expected, and nothing is kept", async (line, message) => {
    const { status, stdout, stderr } = await rolecall(line.includes("retire") ? `${line} --state ${STATE}` : line);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expect((await rolecall(`keys status --state ${STATE}`)).stderr).toContain("no retirement has begun here");
  });

  it("keys retire leads nowhere outside its folder, whatever the user's name", async () => {
    expect(await rolecall("keys retire --user ../ci --role x")).toMatchObject({ status: 2, stdout: "" });
  });

  it("keys --found takes only what rolecall migrate --json printed", async () => {
    const file = join(tempDir(), "list.json");
    writeFileSync(file, '{"keys":[]}');
    const { status, stderr } = await rolecall(`keys --found ${file}`);
    expect(status).toBe(2);
    expect(stderr).toContain("expected what rolecall migrate --json printed");
  });
});
