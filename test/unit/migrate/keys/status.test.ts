import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { main } from "../../../../src/cli/main.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { fakeIo } from "../../cli/fake-io.ts";

function stateOf(user: string): object {
  return {
    version: 1,
    account: "123456789012",
    user,
    key: "AKIAIOSFODNN7EXAMPLE",
    role: "arn:aws:iam::123456789012:role/deploy",
    begun: "2026-11-20T12:00:00.000Z",
    quietDays: 7,
    waitDays: 7,
    done: {},
  };
}

it("keys status shows every retirement that it can read, and names the file that it cannot", async () => {
  const folder = tempDir(onTestFinished);
  const before = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
  mkdirSync(".rolecall");
  for (const user of ["anna", "zoe"])
    writeFileSync(join(".rolecall", `keys-${user}.json`), JSON.stringify(stateOf(user)));
  const sound = fakeIo();
  expect(await main(["keys", "status"], sound)).toBe(3);
  writeFileSync(join(".rolecall", "keys-mia.json"), '{"version": 1,');
  mkdirSync(join(".rolecall", "keys-old.json"));
  const io = fakeIo();
  expect(await main(["keys", "status"], io)).toBe(2);
  expect(io.stdout).toBe(sound.stdout);
  expect(io.stdout).toMatch(/anna[^]*zoe/);
  expect(io.stderr).toContain(
    "error: .rolecall/keys-mia.json cannot be used: expected what rolecall keys retire wrote",
  );
  expect(io.stderr).toContain("error: .rolecall/keys-old.json cannot be read: EISDIR");
  const json = fakeIo();
  expect(await main(["keys", "status", "--json"], json)).toBe(2);
  const { retirements, unread } = JSON.parse(json.stdout) as {
    retirements: readonly { user: string }[];
    unread: string[];
  };
  expect(retirements.map(({ user }) => user)).toEqual(["anna", "zoe"]);
  expect(unread.map((one) => one.split(" ")[0])).toEqual([".rolecall/keys-mia.json", ".rolecall/keys-old.json"]);
});
