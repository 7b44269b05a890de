import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Io } from "../../../src/cli/io.ts";
import { main } from "../../../src/cli/main.ts";
import { run } from "../../support/run.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { DENIED, type FakeSts, fakeSts, jobEnvironment, ROLE, SECRET_KEY } from "./example.ts";
import { type FakeIo, fakeIo } from "./fake-io.ts";

async function creds(
  args: readonly string[],
  { sts, env = {}, io: more = {} }: { sts?: FakeSts; env?: Readonly<Record<string, string>>; io?: Partial<Io> } = {},
): Promise<{ status: number; io: FakeIo }> {
  const { url } = sts ?? (await fakeSts());
  const io = fakeIo(jobEnvironment({ AWS_ENDPOINT_URL_STS: url, AWS_ROLE_ARN: ROLE, ...env }), more);
  const status = await main(["creds", ...args], io);
  expect(io.stderr).not.toContain(SECRET_KEY);
  return { status, io };
}

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe("creds", () => {
  it("prints the JSON of a credential_process, and nothing else on stdout", async () => {
    const { status, io } = await creds([]);
    expect([status, io.stderr]).toEqual([0, ""]);
    expect(JSON.parse(io.stdout)).toEqual({
      Version: 1,
      AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
      SecretAccessKey: SECRET_KEY,
      SessionToken: "IQoJb3JpZ2luX2Vj==",
      Expiration: "2026-11-23T13:00:00+00:00",
    });
  });

  it("prints lines for a shell", async () => {
    const { io } = await creds(["-f", "env"]);
    expect(io.stdout.split("\n")[1]).toBe(`export AWS_SECRET_ACCESS_KEY=${SECRET_KEY}`);
  });

  it("on Windows ends lines as Windows does", async () => {
    const { io } = await creds(["--format", "powershell"], { io: { platform: "win32" } });
    expect(io.stdout.match(/\r\n/g)).toHaveLength(4);
  });

  it("writes a file, which nobody else may read, and nothing to stdout", async () => {
    const path = join(tempDir(), "aws.env");
    writeFileSync(path, "old", { mode: 0o666 });
    const { status, io } = await creds(["--format", "env-no-export", "-o", path]);
    expect([status, io.stdout, io.stderr]).toEqual([0, "", ""]);
    expect(readFileSync(path, "utf8")).toMatch(/^AWS_ACCESS_KEY_ID=ASIA/);
    expect(mode(path)).toBe("600");
  });

  it("leaves the file as it was when it failed", async () => {
    const folder = tempDir();
    const { status } = await creds(["-o", join(folder, "aws.env")], { sts: await fakeSts(DENIED) });
    expect([status, readdirSync(folder)]).toEqual([3, []]);
  });

  it("prints no secret to a terminal, and says how else", async () => {
    const sts = await fakeSts();
    const { status, io } = await creds(["--format", "env"], { sts, io: { stdoutIsTerminal: true } });
    expect([status, io.stdout]).toEqual([2, ""]);
    expect(io.stderr).toContain('hint: eval "$(rolecall creds --format env)"\n');
    // It did not even ask for what it would not show.
    expect(sts.forms).toEqual([]);
  });

  it("prints them to a terminal with --show, and to a file from a terminal", async () => {
    const terminal = { io: { stdoutIsTerminal: true } };
    expect((await creds(["--show"], terminal)).io.stdout).toContain(SECRET_KEY);
    expect((await creds(["-o", join(tempDir(), "x")], terminal)).status).toBe(0);
  });
});

describe('eval "$(rolecall creds --format env)" under set -e', () => {
  const WRONG: readonly (readonly [string, readonly string[], Readonly<Record<string, string>>])[] = [
    ["STS refuses", ["--format", "env"], {}],
    ["there is no role", ["--format", "env"], { AWS_ROLE_ARN: "" }],
    ["there is no token", ["--format", "env"], { CI_JOB_ID: "999" }],
    ["the endpoint is wrong", ["--format", "env"], { AWS_ENDPOINT_URL_STS: "nonsense" }],
    ["an option is mistyped", ["--format", "env", "--durtion", "15m"], {}],
    ["an option has no value", ["--format"], {}],
    ["the format is mistyped", ["--format", "evn"], {}],
    ["there is a word too many", ["--format", "env", "now"], {}],
  ];

  it.each(WRONG)("stops the job when %s", async (_, args, env) => {
    const { status, io } = await creds(args, { sts: await fakeSts(DENIED), env });
    expect(status).toBeGreaterThan(1);
    const shell = await run("sh", ["-ec", 'eval "$(cat)"; echo reached'], { input: io.stdout });
    expect([shell.status === 0, shell.stdout]).toEqual([false, ""]);
  });

  it("is not what a terminal is shown, where nobody evaluates", async () => {
    const { io } = await creds(["--formt", "env"], { io: { stdoutIsTerminal: true } });
    expect(io.stdout).toBe("");
  });

  it("goes on with credentials in the environment", async () => {
    const { io } = await creds(["--format", "env"]);
    const shell = await run("sh", ["-ec", 'eval "$(cat)"; printf %s "$AWS_SECRET_ACCESS_KEY"'], { input: io.stdout });
    expect(shell).toMatchObject({ status: 0, stdout: SECRET_KEY });
  });
});

describe("creds --cache", () => {
  it("asks STS once for several calls", async () => {
    const sts = await fakeSts();
    const env = { ROLECALL_CACHE_DIR: tempDir() };
    const first = await creds(["--cache"], { sts, env });
    const second = await creds(["--cache"], { sts, env });
    expect(second.io.stdout).toBe(first.io.stdout);
    expect(sts.forms).toHaveLength(1);
    await creds(["--cache", "--duration", "15m"], { sts, env });
    expect(sts.forms).toHaveLength(2);
  });

  it("keeps nothing without being told to", async () => {
    const folder = tempDir();
    await creds([], { env: { ROLECALL_CACHE_DIR: folder } });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("gives credentials also where nothing can be kept, as in a home that is read-only", async () => {
    const file = join(tempDir(), "file");
    writeFileSync(file, "");
    const { status, io } = await creds(["--cache", "-v"], { env: { ROLECALL_CACHE_DIR: join(file, "cache") } });
    expect(status).toBe(0);
    expect(io.stdout).toContain(SECRET_KEY);
    expect(io.stderr).toContain("the session is not kept: ");
  });
});

describe("login and logout", () => {
  async function call(
    name: "login" | "logout",
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<{ status: number; io: FakeIo }> {
    const io = fakeIo(jobEnvironment({ AWS_ROLE_ARN: ROLE, ...env }));
    return { status: await main([name, ...args], io), io };
  }

  it("write a profile that calls rolecall by credential_process, and take it out to the last byte", async () => {
    const home = tempDir();
    const config = join(home, "config");
    const before = "# mine\r\n[default]\r\nregion = eu-west-1\r\n\r\n[profile other]\r\nsso_session = corp";
    writeFileSync(config, before, { mode: 0o640 });
    const env = { HOME: home, AWS_CONFIG_FILE: config, AWS_ENDPOINT_URL_STS: (await fakeSts()).url };

    expect((await call("login", ["--duration", "15m"], env)).status).toBe(0);
    const text = readFileSync(config, "utf8");
    expect(text).toMatch(
      /\ncredential_process = \S+ \S+ creds --format process --cache --role arn:\S+ --duration 900 --token-env OIDC_TOKEN\r\n/,
    );
    expect(text).toContain("[profile other]\r\nsso_session = corp");
    expect(mode(config)).toBe("640");
    expect(readdirSync(join(home, ".cache", "rolecall"))).toHaveLength(1);

    const { status, io } = await call("logout", [], env);
    expect(status).toBe(0);
    expect(io.stderr).toMatch(/^rolecall: took .*\bdefault\b.* and 1 kept session\n$/);
    expect(readFileSync(config, "utf8")).toBe(before);
    expect(readdirSync(join(home, ".cache", "rolecall"))).toEqual([]);
  });

  it("make a file that was not there, for its owner alone, and take it away again", async () => {
    const home = tempDir();
    const env = { HOME: home, AWS_ENDPOINT_URL_STS: (await fakeSts()).url };
    const config = join(home, ".aws", "config");
    expect((await call("login", ["--profile", "ci"], env)).status).toBe(0);
    expect((await call("login", ["--profile", "ci"], env)).status).toBe(0);
    expect([mode(config), mode(join(home, ".aws"))]).toEqual(["600", "700"]);
    expect((await call("logout", ["--profile", "ci"], env)).status).toBe(0);
    expect(existsSync(config)).toBe(false);
  });

  it("change nothing when STS refuses", async () => {
    const home = tempDir();
    const env = { HOME: home, AWS_ENDPOINT_URL_STS: (await fakeSts(DENIED)).url };
    expect((await call("login", [], env)).status).toBe(3);
    expect(readdirSync(home)).toEqual([]);
  });

  it.each([
    [
      "a profile with credentials of its own",
      "config",
      "[default]\nrole_arn = x\n",
      "profile default already has credentials",
    ],
    [
      "access keys in the credentials file",
      "credentials",
      "[default]\naws_access_key_id = AKIA\n",
      "has access keys for profile default",
    ],
  ])("refuse %s, and ask nobody", async (_, name, text, message) => {
    const home = tempDir();
    const sts = await fakeSts();
    const paths = { AWS_CONFIG_FILE: join(home, "config"), AWS_SHARED_CREDENTIALS_FILE: join(home, "credentials") };
    writeFileSync(join(home, name), text);
    const { status, io } = await call("login", [], { HOME: home, AWS_ENDPOINT_URL_STS: sts.url, ...paths });
    expect([status, sts.forms, readdirSync(home)]).toEqual([2, [], [name]]);
    expect(io.stderr).toContain(message);
    expect(readFileSync(join(home, name), "utf8")).toBe(text);
  });
});
