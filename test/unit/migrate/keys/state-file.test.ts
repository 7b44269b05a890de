import { readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { keyPlaces, keysInLine } from "../../../../src/migrate/keys/ci-keys.ts";
import { backTo, nextStep, remaining, type Retirement, STEP_NAMES } from "../../../../src/migrate/keys/retirement.ts";
import { readRetirement, stateFileOf, writeRetirement } from "../../../../src/migrate/keys/state-file.ts";
import { tempDir } from "../../../support/temp-dir.ts";

const DAY = 24 * 3600 * 1000;
const BEGUN = Date.UTC(2026, 10, 24, 10);
const RETIREMENT: Retirement = {
  account: "123456789012",
  user: "ci",
  key: "AKIAQ3EGTTTTTEXAMPLE",
  role: "arn:aws:iam::123456789012:role/shop-deploy",
  begun: BEGUN,
  quietDays: 7,
  waitDays: 0.5,
  done: { role: BEGUN, green: BEGUN + 1, removed: BEGUN + 2 },
};

describe("the state file", () => {
  it("gives back what was kept, and nobody else may read it", async () => {
    const file = join(tempDir(), ".rolecall", "keys-ci.json");
    expect(await readRetirement(file)).toBeNull();
    await writeRetirement(file, RETIREMENT);
    expect(await readRetirement(file)).toEqual(RETIREMENT);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ version: 1, begun: "2026-11-24T10:00:00.000Z" });
  });

  it.each([
    ["no JSON", "{", /it is no JSON/],
    ["of another version", JSON.stringify({ version: 2 }), /version/],
    ["without a key", JSON.stringify({ version: 1, account: "123456789012", user: "ci" }), /key/],
    [
      "with a step that there is not",
      JSON.stringify({ ...JSON.parse(text()), done: { burn: "2026-11-24T10:00:00Z" } }),
      /burn/,
    ],
    ["with a time that is none", JSON.stringify({ ...JSON.parse(text()), begun: "yesterday" }), /begun/],
  ])("is not used when it is %s", async (_, content, message) => {
    const file = join(tempDir(), "keys-ci.json");
    writeFileSync(file, content);
    await expect(readRetirement(file)).rejects.toThrowWithCode("config", message);
  });

  it("is neither read nor written through a link", async () => {
    const folder = tempDir();
    const file = join(folder, "keys-ci.json");
    writeFileSync(join(folder, "other.json"), text());
    symlinkSync(join(folder, "other.json"), file);
    await expect(readRetirement(file)).rejects.toThrowWithCode("config", /symbolic link/);
    await expect(writeRetirement(file, RETIREMENT)).rejects.toThrowWithCode("config", /symbolic link/);
  });

  it("is in the folder, whatever the user's name", () => {
    expect(stateFileOf("ci+deploy@acme.test")).toBe(".rolecall/keys-ci+deploy@acme.test.json");
    expect(() => stateFileOf("../ci")).toThrowWithCode("usage", /--user/);
  });
});

/** A file as it is written. */
function text(): string {
  const { begun: _, done: __, ...rest } = RETIREMENT;
  return JSON.stringify({ version: 1, ...rest, begun: "2026-11-24T10:00:00.000Z", done: {} });
}

describe("a retirement", () => {
  it("goes on with the first step that is not done", () => {
    expect(nextStep(RETIREMENT)).toBe("quiet");
    expect(nextStep({ ...RETIREMENT, done: {} })).toBe("role");
    expect(nextStep({ ...RETIREMENT, done: Object.fromEntries(STEP_NAMES.map((name) => [name, 1])) })).toBeNull();
  });

  it("undoes a step with all that come after it", () => {
    expect(backTo(RETIREMENT, "green").done).toEqual({ role: BEGUN });
  });

  it("counts the quiet days from when the names were out, and the wait from the deactivation", () => {
    expect(remaining(RETIREMENT, "quiet", BEGUN + 2 + DAY)).toBe(6 * DAY);
    expect(remaining(RETIREMENT, "quiet", BEGUN + 9 * DAY)).toBe(0);
    expect(remaining(RETIREMENT, "wait", BEGUN)).toBeNull();
    expect(remaining({ ...RETIREMENT, done: { deactivate: BEGUN } }, "wait", BEGUN + 1)).toBe(DAY / 2 - 1);
  });
});

describe("keys in the files that rolecall migrate found", () => {
  it("are looked up in their lines, below this folder alone", () => {
    const finding = (path: string, more: object = {}) => ({ path, line: 2, kind: "key id", shown: "AKIA…", ...more });
    const findings = [
      finding(".env"),
      finding("/etc/x"),
      finding("a/../../x"),
      finding("old", { commit: "abc" }),
      { ...finding("n"), kind: "name" },
    ];
    expect(keyPlaces(JSON.stringify({ findings }))).toEqual([{ path: ".env", line: 2 }]);
    expect(keyPlaces("[]")).toBeNull();
    expect(keyPlaces("x")).toBeNull();
    expect(keysInLine("a\nkey: AKIAQ3EGTTTTTEXAMPLE, ASIAQ3EGTTTTTEXAMPLE\n", 2)).toEqual(["AKIAQ3EGTTTTTEXAMPLE"]);
    expect(keysInLine("a", 9)).toEqual([]);
  });
});
