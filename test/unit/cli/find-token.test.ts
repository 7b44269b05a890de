import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { describeToken, findToken, type FoundToken, secondsLeft } from "../../../src/cli/find-token.ts";
import type { Io } from "../../../src/cli/io.ts";
import { isRolecallError, type RolecallError } from "../../../src/core/errors.ts";
import { parseToken } from "../../../src/core/token.ts";
import { jwt } from "../core/example.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { AUDIENCE, CLAIMS, jobEnvironment, TOKEN } from "./example.ts";
import { fakeIo, NOW } from "./fake-io.ts";

type Options = Parameters<typeof findToken>[0];

function options(given: Partial<Options> = {}): Options {
  const rest = { help: false, verbose: false, quiet: false, "no-color": false };
  const none = { "token-env": undefined, "token-file": undefined, "token-command": undefined };
  return { ...none, ci: undefined, audience: undefined, ...rest, ...given };
}

const find = (given: Partial<Options>, io: Io): Promise<FoundToken> => findToken(options(given), io);

async function refuse(given: Partial<Options>, io: Io): Promise<RolecallError> {
  const error: unknown = await find(given, io).catch((thrown: unknown) => thrown);
  if (!isRolecallError(error)) throw new Error("expected a RolecallError");
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("c2lnbmF0dXJl");
  return error;
}

const vault = jwt({ ...CLAIMS, aud: "https://vault.test" }, { alg: "RS256" }, "c2lnbmF0dXJl");
const sts = jwt({ ...CLAIMS, aud: "sts.amazonaws.com" }, { alg: "RS256" }, "c2lnbmF0dXJl");

describe("the ID token in a GitLab job", () => {
  it("is found in its variable, and it is said where and why", async () => {
    const found = await find({}, fakeIo(jobEnvironment()));
    expect(found.token.raw.reveal()).toBe(TOKEN);
    expect(found).toMatchObject({
      place: { kind: "env", name: "OIDC_TOKEN" },
      because: "OIDC_TOKEN, an ID token of this job",
      ci: { ci: "gitlab" },
    });
  });

  it("of several is the one with the audience that is asked for", async () => {
    const io = fakeIo(jobEnvironment({ VAULT_TOKEN: vault }));
    expect((await find({ audience: AUDIENCE }, io)).place).toEqual({ kind: "env", name: "OIDC_TOKEN" });
    const env = jobEnvironment({ VAULT_TOKEN: vault, ROLECALL_AUDIENCE: "https://vault.test" });
    expect((await find({}, fakeIo(env))).place).toEqual({ kind: "env", name: "VAULT_TOKEN" });
    expect((await find({ audience: AUDIENCE }, fakeIo(env))).place).toEqual({ kind: "env", name: "OIDC_TOKEN" });
  });

  it("of several is STS's own, when nobody asks", async () => {
    const io = fakeIo(jobEnvironment({ VAULT_TOKEN: vault, AWS_TOKEN: sts }));
    expect((await find({}, io)).place).toEqual({ kind: "env", name: "AWS_TOKEN" });
  });

  it("of several that all might be is not guessed", async () => {
    const error = await refuse({}, fakeIo(jobEnvironment({ VAULT_TOKEN: vault })));
    expect(error).toMatchObject({
      code: "usage",
      message: "this job has 2 ID tokens: expected to be told which one is for AWS",
      hints: ["choose with --audience AUD or --token-env NAME"],
    });
    expect(error.details).toEqual([
      `OIDC_TOKEN has the audience ${AUDIENCE}`,
      "VAULT_TOKEN has the audience https://vault.test",
    ]);
  });

  it("of several of which none has the audience is none", async () => {
    const error = await refuse({ audience: "other" }, fakeIo(jobEnvironment({ VAULT_TOKEN: vault })));
    expect(error).toMatchObject({
      code: "no-token",
      message: "none of the job's 2 ID tokens has the audience other",
    });
    expect(error.details).toHaveLength(2);
  });

  it("with another audience than the one asked for is not used", async () => {
    const error = await refuse({ audience: "other" }, fakeIo(jobEnvironment()));
    expect(error.code).toBe("no-token");
    expect(error.message).toContain(`is for another audience: expected other, got ${AUDIENCE}`);
  });

  it("that is missing is answered with lines for .gitlab-ci.yml, and every reason against what was there", async () => {
    const env = jobEnvironment({ CI_JOB_ID: "999", CI_JOB_JWT: "" });
    const error = await refuse({ audience: "my-audience" }, fakeIo(env));
    expect(error).toMatchObject({
      code: "no-token",
      details: [
        "OIDC_TOKEN is not taken: it is of job 302, and this is job 999",
        "CI_JOB_JWT is not taken: GitLab 17.0 removed it; use id_tokens:",
      ],
    });
    expect(error.message).toMatch(/^no ID token in this GitLab CI job \(GITLAB_CI=true/);
    expect(error.hints.join("\n")).toContain("id_tokens:");
    expect(error.hints.join("\n")).toContain("aud: my-audience");
  });
});

describe("an ID token whose place is named", () => {
  it("is taken from there, whatever else there is", async () => {
    const path = join(tempDir(), "token");
    writeFileSync(path, `${sts}\n`);
    const io = fakeIo(jobEnvironment({ MINE: vault }), { readStdin: () => Promise.resolve(sts) });
    expect(await find({ "token-file": path }, io)).toMatchObject({
      place: { kind: "file", path },
      because: "named by --token-file",
    });
    expect(await find({ "token-env": "MINE" }, io)).toMatchObject({ because: "named by --token-env MINE" });
    const piped = await find({ "token-file": "-" }, io);
    expect(piped.place).toEqual({ kind: "stdin" });
    expect(piped.token.raw.reveal()).toBe(sts);
  });

  it("may be written by a command, which no shell reads", async () => {
    const path = join(tempDir(), "get token");
    writeFileSync(path, `#!/bin/sh\ntest "$1" = '$HOME *' && echo ${sts}\n`, { mode: 0o700 });
    const io = fakeIo({ PATH: process.env["PATH"] ?? "" });
    expect(await find({ "token-command": `'${path}' "$HOME *"` }, io)).toMatchObject({
      place: { kind: "command", command: [path, "$HOME *"] },
      because: "named by --token-command",
    });
    const silent = await refuse({ "token-command": "true" }, io);
    expect(silent).toMatchObject({ code: "no-token", message: "what true wrote is empty: expected an ID token" });
    expect(await refuse({ "token-command": "get | jq" }, io)).toMatchObject({ code: "usage" });
  });

  it("needs no CI", async () => {
    const found = await find({ "token-env": "MINE" }, fakeIo({ MINE: sts }));
    expect(found.ci).toBeNull();
  });

  it("is held to the audience too", async () => {
    const error = await refuse({ "token-env": "MINE", audience: "other" }, fakeIo({ MINE: sts }));
    expect(error.message).toContain("expected other, got sts.amazonaws.com");
  });

  it("has one place", async () => {
    const error = await refuse({ "token-env": "A", "token-file": "b" }, fakeIo());
    expect(error).toMatchObject({
      code: "usage",
      message: "--token-env and --token-file name two places: expected one",
    });
    expect(await refuse({ "token-file": "a", "token-command": "b" }, fakeIo())).toMatchObject({
      message: "--token-file and --token-command name two places: expected one",
    });
  });

  it("may be empty, or no JWT, and both are said of the place", async () => {
    expect(await refuse({ "token-env": "MINE" }, fakeIo())).toMatchObject({ code: "no-token" });
    expect(await refuse({ "token-env": "MINE" }, fakeIo({ MINE: "nonsense" }))).toMatchObject({
      code: "config",
      message: expect.stringContaining("MINE does not hold a JWT") as string,
    });
  });
});

describe("no CI at all", () => {
  it("is said, with the ways there are", async () => {
    const error = await refuse({}, fakeIo({ OIDC_TOKEN: TOKEN }));
    expect(error.code).toBe("no-token");
    expect(error.message).toContain("no CI recognised: expected GitLab CI");
    expect(error.hints.join("\n")).toMatch(/rolecall job gitlab[^]*--token-file/);
  });
});

describe("a token for a person to read", () => {
  const token = parseToken(TOKEN, "x");

  it("is its four claims that decide, and never itself", () => {
    expect(Object.fromEntries(describeToken(token))).toEqual({
      iss: "https://gitlab.com",
      aud: AUDIENCE,
      sub: "project_path:acme/shop:ref_type:branch:ref:main",
      exp: "2026-11-23T12:05:00Z",
    });
  });

  it("says what is absent, and shows what is odd as it is", () => {
    expect(Object.fromEntries(describeToken(parseToken(jwt({ aud: ["a", "b"], exp: 1e18 }), "x")))).toEqual({
      iss: "absent",
      aud: "a, b",
      sub: "absent",
      exp: "1000000000000000000",
    });
  });

  it("has so many seconds left, fewer than none when it has ended, and unknown without an end", () => {
    expect(secondsLeft(token, NOW)).toBe(300);
    expect(secondsLeft(token, NOW + 400_000)).toBe(-100);
    expect(secondsLeft(parseToken(jwt({}), "x"), NOW)).toBeNull();
    expect(secondsLeft(parseToken(jwt({ exp: String(NOW / 1000 + 60) }), "x"), NOW)).toBe(60);
  });
});
