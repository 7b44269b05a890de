import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { main } from "../../../src/cli/main.ts";
import { jwt } from "../core/example.ts";
import { closedPort } from "../wire/servers.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { CLAIMS, DENIED, fakeSts, jobEnvironment, LOGIN_PAGE, ROLE, TOKEN } from "./example.ts";
import { type FakeIo, fakeIo } from "./fake-io.ts";

interface Ran {
  readonly status: number;
  readonly io: FakeIo;
}

/** Runs a command line in a GitLab job; whatever it says, it says no secret and shows no stack. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const io = fakeIo(jobEnvironment(env));
  const status = await main(args, io);
  expect(io.stderr).not.toMatch(/^ +at /m);
  expect(io.stderr).not.toContain("c2lnbmF0dXJl");
  expect(io.stderr.split("\n").filter((line) => line !== "" && !line.startsWith("rolecall: "))).toEqual([]);
  return { status, io };
}

describe("the exit status", () => {
  it("is 0 when it is done", async () => {
    const { status, io } = await run(["token", "show"]);
    expect([status, io.stderr]).toEqual([0, ""]);
    expect(io.stdout).toMatch(/^sub +project_path:acme\/shop:ref_type:branch:ref:main$/m);
  });

  it.each([
    ["an unknown command", ["exce"], 'unknown command "exce"', "did you mean exec?"],
    [
      "a command that is nothing like one",
      ["terraform"],
      'unknown command "terraform"',
      "rolecall help lists the commands",
    ],
    ["half a command", ["token"], "token: expected show, get, mint", "rolecall help token"],
    ["a wrong half", ["token", "print"], 'token: expected show, get, mint, got "print"', "rolecall help token"],
    ["an option before the command", ["--role", "x", "creds"], 'unknown command "--role"', "rolecall help"],
    ["an unknown option", ["creds", "--rol", ROLE], "creds: unknown option --rol", "did you mean --role?"],
    ["no role", ["creds"], "no role", "rolecall ... --role arn:aws:iam::"],
    [
      "an unknown format",
      ["creds", "--role", ROLE, "--format", "evn"],
      'creds: unknown format "evn"',
      "did you mean env?",
    ],
    ["a role that is no ARN", ["creds", "--role", "shop"], "--role is not the ARN of a role", "write the whole ARN"],
    ["no command to run", ["exec", "--role", ROLE], "exec: expected a command behind --", "rolecall exec -- aws"],
    ["a command without its --", ["exec", "aws"], 'exec: unexpected argument "aws"', "put the command behind --"],
    ["a name of every object", ["__proto__"], 'unknown command "__proto__"', "rolecall help lists the commands"],
  ])("is 2 for %s", async (_, args, message, hint) => {
    const { status, io } = await run(args);
    expect(status).toBe(2);
    expect(io.stderr).toContain(`rolecall: error: ${message}`);
    expect(io.stderr).toContain(`rolecall: hint: ${hint}`);
  });

  it("is 3 when STS refuses, and nobody could take the answer for credentials", async () => {
    const { url } = await fakeSts(DENIED);
    const { status, io } = await run(["creds", "--role", ROLE, "--endpoint-url", url]);
    expect([status, io.stdout]).toEqual([3, ""]);
    expect(io.stderr).toContain("AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity");
  });

  it("is 4 without a token", async () => {
    const { status, io } = await run(["token", "show"], { CI_JOB_ID: "999" });
    expect([status, io.stdout]).toEqual([4, ""]);
    expect(io.stderr).toContain("hint: id_tokens: { ROLECALL_TOKEN: { aud:");
    expect(await main(["token", "show"], fakeIo())).toBe(4);
  });

  it("is 5 when something else answers for STS", async () => {
    const { url } = await fakeSts(LOGIN_PAGE);
    const { status, io } = await run(["creds", "--role", ROLE, "--endpoint-url", url]);
    expect(status).toBe(5);
    expect(io.stderr).toContain("does not answer like STS: expected its XML, got status 200 with text/html");
  });

  it("is 5 when no local cloud answers", async () => {
    const port = await closedPort();
    const args = ["token", "mint", "gitlab", "--project", "a/b", "--audience", "c"];
    const { status, io } = await run([...args, "--endpoint-url", `http://127.0.0.1:${port}`]);
    expect(status).toBe(5);
    expect(io.stderr).toContain("hint: start one: rolecall up");
  });

  const broken = {
    now: (): number => {
      throw new TypeError("the clock broke");
    },
  };

  it("is 1 for what nobody foresaw, which is reported as our own defect", async () => {
    const io = fakeIo(jobEnvironment(), broken);
    expect(await main(["token", "show"], io)).toBe(1);
    expect(io.stderr).toContain("rolecall: error: unexpected: the clock broke\n");
    expect(io.stderr).toContain("this is a defect of rolecall");
  });

  it("is 125 for the same in exec, before its command ran", async () => {
    const { url } = await fakeSts(DENIED);
    const io = fakeIo(jobEnvironment(), broken);
    expect(await main(["exec", "--role", ROLE, "--endpoint-url", url, "--", "true"], io)).toBe(125);
    expect(io.stderr).toContain("unexpected: the clock broke");
  });
});

describe("exec", () => {
  async function exec(command: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const { url } = await fakeSts();
    return run(["exec", "--role", ROLE, "--endpoint-url", url, "--", ...command], env);
  }

  it("ends with its command's status", async () => {
    expect((await exec(["sh", "-c", "exit 7"])).status).toBe(7);
    expect((await exec(["true"])).status).toBe(0);
  });

  it("ends with 127 for a command that is not there, 126 for one that cannot be run", async () => {
    expect((await exec(["no-such-command-anywhere"])).status).toBe(127);
    expect((await exec(["/"])).status).toBe(126);
  });

  it("ends with 3 when STS refuses, and the command does not run", async () => {
    const file = join(tempDir(), "ran");
    const { url } = await fakeSts(DENIED);
    const { status } = await run(["exec", "--role", ROLE, "--endpoint-url", url, "--", "touch", file]);
    expect(status).toBe(3);
    expect(() => writeFileSync(file, "", { flag: "wx" })).not.toThrow();
  });

  it("says what it left out of the command's environment, unless it is to be quiet", async () => {
    const env = { AWS_PROFILE: "corp", AWS_ACCESS_KEY_ID: "AKIAOLD", AWS_SECRET_ACCESS_KEY: "old" };
    const check = 'test -z "$AWS_PROFILE" && test "$AWS_ACCESS_KEY_ID" = ASIAIOSFODNN7EXAMPLE';
    const { status, io } = await exec(["sh", "-c", check], env);
    expect(status).toBe(0);
    expect(io.stderr).toContain("they would shadow the credentials: AWS_PROFILE\n");
    expect(io.stderr).toContain("replaced in the command's environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY\n");
    const { url } = await fakeSts();
    const quiet = await run(["exec", "-q", "--role", ROLE, "--endpoint-url", url, "--", "true"], env);
    expect(quiet.io.stderr).toBe("");
  });

  it("takes what looks like its own help behind -- for the command's", async () => {
    expect((await exec(["sh", "-c", "exit 5", "--help"])).status).toBe(5);
  });
});

describe("untrusted text", () => {
  it("in claims, their names included, moves no cursor and starts no line", async () => {
    const evil = { ...CLAIMS, ref: "x\n::error::y", "a\u001b[2Jb\u009b": "z" };
    const { status, io } = await run(["token", "show"], { OIDC_TOKEN: jwt(evil) });
    expect(status).toBe(0);
    expect(io.stdout.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    expect(io.stdout).not.toMatch(/^::/m);
    expect(io.stdout).toContain(String.raw`x\u000a::error::y`);
  });
});

describe("the token", () => {
  it("is written to a pipe as it is, without a newline", async () => {
    const { status, io } = await run(["token", "get"]);
    expect([status, io.stdout]).toEqual([0, TOKEN]);
  });

  it("is not shown on a terminal unless it must be", async () => {
    const io = fakeIo(jobEnvironment(), { stdoutIsTerminal: true });
    expect(await main(["token", "get"], io)).toBe(2);
    expect(io.stdout).toBe("");
    expect(await main(["token", "get", "--show"], io)).toBe(0);
    expect(io.stdout).toBe(TOKEN);
  });

  it("is never part of what token show says, with --json neither", async () => {
    for (const args of [
      ["token", "show"],
      ["token", "show", "--json"],
    ]) {
      const { io } = await run(args);
      expect(io.stdout).not.toContain("c2lnbmF0dXJl");
      expect(io.stdout).toContain("acme/shop");
    }
  });
});
