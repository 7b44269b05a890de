import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { clearCache, readCache, type SessionKey, writeCache } from "../../../src/credentials/cache.ts";
import { cacheFolder } from "../../../src/credentials/cache-folder.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { CALL, CREDENTIALS, SECRET_KEY, SESSION_TOKEN } from "./example.ts";

const END = CREDENTIALS.expiration.getTime();
const HOUR = 3_600_000;

let folder = "";
beforeEach(() => {
  folder = join(tempDir(), "cache");
});

function onlyFile(): string {
  const [name = "", ...more] = readdirSync(folder);
  expect(more).toEqual([]);
  return join(folder, name);
}

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe("a kept session", () => {
  it("is given again for the same call", async () => {
    await writeCache(folder, CALL, CREDENTIALS);
    const kept = await readCache(folder, CALL, END - HOUR);
    expect(kept).toMatchObject({ accessKeyId: CREDENTIALS.accessKeyId, role: CREDENTIALS.role });
    expect(kept?.secretAccessKey.reveal()).toBe(SECRET_KEY);
    expect(kept?.sessionToken.reveal()).toBe(SESSION_TOKEN);
    expect(kept?.expiration).toEqual(CREDENTIALS.expiration);
  });

  it("is for nobody else to read", async () => {
    await writeCache(folder, CALL, CREDENTIALS);
    expect([mode(folder), mode(onlyFile())]).toEqual(["700", "600"]);
  });

  it("says nothing of the token, neither in its name nor in itself", async () => {
    await writeCache(folder, CALL, CREDENTIALS);
    const path = onlyFile();
    expect(path + readFileSync(path, "utf8")).not.toContain(CALL.token.reveal());
    expect(path).toMatch(/\/[0-9a-f]{64}\.json$/);
  });

  const others: readonly (readonly [string, Partial<SessionKey>])[] = [
    ["token", { token: new Secret(`${CALL.token.reveal()}x`) }],
    ["role", { roleArn: `${CALL.roleArn}-2` }],
    ["endpoint", { endpoint: new URL("https://sts.eu-west-1.amazonaws.com") }],
    ["session name", { sessionName: "gitlab-20-574-303" }],
    ["duration", { duration: 900 }],
    ["session policy", { policy: "{}" }],
    ["managed policy", { policyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"] }],
    ["chain of roles behind it", { chain: '{"roles":["arn:aws:iam::123456789012:role/next"]}' }],
  ];

  it.each(others)("is not that of another %s", async (_, change) => {
    await writeCache(folder, CALL, CREDENTIALS);
    expect(await readCache(folder, { ...CALL, ...change }, END - HOUR)).toBeNull();
    await writeCache(folder, { ...CALL, ...change }, CREDENTIALS);
    expect(readdirSync(folder)).toHaveLength(2);
    expect(await readCache(folder, CALL, END - HOUR)).not.toBeNull();
  });

  it("is replaced by a newer one", async () => {
    await writeCache(folder, CALL, CREDENTIALS);
    await writeCache(folder, CALL, { ...CREDENTIALS, accessKeyId: "ASIANEWER" });
    expect((await readCache(folder, CALL, END - HOUR))?.accessKeyId).toBe("ASIANEWER");
    expect(readdirSync(folder)).toHaveLength(1);
  });
});

describe("the life that must be left", () => {
  // botocore would ask again on each use of credentials that end within 15 minutes.
  it.each([
    [undefined, 16 * 60],
    [3600, 16 * 60],
    [43_200, 16 * 60],
    [1800, 900],
    [900, 450],
  ])("to a session of %s s is more than %s s", async (duration, seconds) => {
    const call = duration === undefined ? CALL : { ...CALL, duration };
    await writeCache(folder, call, CREDENTIALS);
    expect(await readCache(folder, call, END - seconds * 1000 - 1)).not.toBeNull();
    expect(await readCache(folder, call, END - seconds * 1000)).toBeNull();
    expect(await readCache(folder, call, END + 1)).toBeNull();
  });
});

describe("what is not believed", () => {
  const read = (): Promise<unknown> => readCache(folder, CALL, END - HOUR);

  beforeEach(() => writeCache(folder, CALL, CREDENTIALS));

  it("is not a file as we write it", async () => {
    expect(await read()).not.toBeNull();
  });

  it.each([0o640, 0o604, 0o620, 0o602, 0o666, 0o610])(
    "is a file of mode %o, which others can read or write",
    async (bits) => {
      chmodSync(onlyFile(), bits);
      expect(await read()).toBeNull();
    },
  );

  it("is a link, even to a good file", async () => {
    const path = onlyFile();
    const target = join(folder, "..", "elsewhere.json");
    renameSync(path, target);
    symlinkSync(target, path);
    expect(await read()).toBeNull();
  });

  it("is a folder of that name", async () => {
    const path = onlyFile();
    renameSync(path, `${path}.old`);
    mkdirSync(path, { mode: 0o700 });
    expect(await read()).toBeNull();
  });

  it.each([
    ["nothing", ""],
    ["half a file", '{"accessKeyId":"ASIA'],
    ["a list", "[]"],
    [
      "no secret",
      JSON.stringify({ accessKeyId: "A", sessionToken: "t", expiration: CREDENTIALS.expiration, role: "r" }),
    ],
    ["no end", JSON.stringify({ accessKeyId: "A", secretAccessKey: "s", sessionToken: "t", role: "r" })],
    [
      "an end that is no time",
      JSON.stringify({ accessKeyId: "A", secretAccessKey: "s", sessionToken: "t", expiration: "soon", role: "r" }),
    ],
    [
      "keys that a shell would read otherwise",
      JSON.stringify({
        accessKeyId: "A;id",
        secretAccessKey: "s",
        sessionToken: "t",
        expiration: CREDENTIALS.expiration,
        role: "r",
      }),
    ],
  ])("is %s", async (_, text) => {
    writeFileSync(onlyFile(), text, { mode: 0o600 });
    expect(await read()).toBeNull();
  });

  it("is a folder that is not there", async () => {
    expect(await readCache(join(folder, "none"), CALL, 0)).toBeNull();
  });
});

describe("clearing", () => {
  it("takes every kept session away, and nothing else", async () => {
    await writeCache(folder, CALL, CREDENTIALS);
    await writeCache(folder, { ...CALL, duration: 900 }, CREDENTIALS);
    writeFileSync(join(folder, "notes.json"), "mine");
    expect(await clearCache(folder)).toBe(2);
    expect(readdirSync(folder)).toEqual(["notes.json"]);
    expect(await clearCache(folder)).toBe(0);
  });

  it("finds nothing where there is no folder", async () => {
    expect(await clearCache(join(folder, "none"))).toBe(0);
  });
});

describe("the folder", () => {
  it.each([
    [{}, "/home/ci/.cache/rolecall"],
    [{ XDG_CACHE_HOME: "/xdg" }, "/xdg/rolecall"],
    [{ XDG_CACHE_HOME: "" }, "/home/ci/.cache/rolecall"],
    [{ XDG_CACHE_HOME: "/xdg", ROLECALL_CACHE_DIR: "/own" }, "/own"],
  ])("with %j is %s", (env, path) => {
    expect(cacheFolder(env, "/home/ci")).toBe(path);
  });
});
