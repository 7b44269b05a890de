import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { run, type RunResult } from "../support/run.ts";
import { tempDir } from "../support/temp-dir.ts";
import { startJobCloud } from "../unit/cli/cloud.ts";
import { cleanEnv, CLI, type Env, HERE, rolecall } from "./support.ts";

const SDK = join(HERE, "sdk-identity.mjs");

interface Job {
  readonly env: Env;
  readonly home: string;
  readonly token: string;
}

async function gitlabJob(): Promise<Job> {
  const { fixedJob } = await startJobCloud();
  const { AWS_REGION: _, ...job } = await fixedJob(3600);
  const home = tempDir();
  return { env: { ...cleanEnv(home), ...job }, home, token: job["ROLECALL_TOKEN"] ?? "" };
}

/** Nothing that is secret, in whole or in its telling part. */
function expectNoSecret({ token }: Job, text: string): void {
  expect(text).not.toContain(token);
  expect(text).not.toContain(token.split(".")[2]);
  expect(text).not.toMatch(/eyJ[\w-]{20}/);
  // Session tokens of the local AWS are longer than any name; its secret keys are 40 characters.
  expect(text).not.toMatch(/ASIA[A-Z0-9]{16}/);
}

const modes = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => (statSync(join(one.parentPath, one.name)).mode & 0o777).toString(8));

describe("what is secret", () => {
  it.each([
    ["with -v", ["exec", "-v", "--", "true"], {}],
    ["when STS refuses", ["exec", "-v", "--", "true"], { AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/gone" }],
    ["when STS is away", ["exec", "-v", "--timeout", "1s", "--", "true"], { AWS_ENDPOINT_URL: "http://127.0.0.1:9" }],
    ["when the role is none", ["exec", "-v", "--", "true"], { AWS_ROLE_ARN: "eyJhbGciOiJub25lIn0" }],
    ["when the command is not there", ["exec", "-v", "--", "no-such-command"], {}],
    ["when the file cannot be written", ["creds", "-v", "-o", "/dev/null/x"], {}],
    ["when it is given a token for an option", ["creds", "--role"], {}],
    ["with login", ["login", "-v"], {}],
    ["with whoami", ["whoami", "-v"], {}],
    ["with a renewing command", ["exec", "--renew", "-v", "--", "true"], {}],
    ["when an endpoint cannot be opened", ["serve", "-v", "-o", "/dev/null/x"], {}],
    ["with a chain that is refused", ["exec", "-v", "--then", "arn:aws:iam::123456789012:role/gone", "--", "true"], {}],
  ])("is in no output %s", async (_, args, extra) => {
    const job = await gitlabJob();
    const result = await rolecall(args, { ...job.env, ...extra, ROLECALL_DEBUG: "1" });
    expectNoSecret(job, result.stderr + result.stdout);
  });

  it("is in no crash: an environment that breaks what it calls", async () => {
    const job = await gitlabJob();
    const breaking = join(job.home, "breaking.cjs");
    writeFileSync(breaking, 'require("node:crypto").createHash = () => { throw new Error("broken"); };');
    const result = await run(process.execPath, ["--require", breaking, CLI, "creds", "--cache", "-v"], {
      env: { ...job.env, ROLECALL_DEBUG: "1" },
    });
    expect([result.status, result.stdout]).toEqual([1, ""]);
    expect(result.stderr).toContain("unexpected: broken");
    expectNoSecret(job, result.stderr);
  });

  it.runIf(process.platform === "linux")("is in no argument list, of rolecall or of what it starts", async () => {
    const job = await gitlabJob();
    const dump = `for pid in $$ $PPID; do tr '\\0' ' ' < /proc/$pid/cmdline; echo; done`;
    for (const flags of [[], ["--renew"]]) {
      const result = await rolecall(["exec", "-q", ...flags, "--", "sh", "-c", dump], job.env);
      expect(result.stdout).toMatch(/main\.cjs exec/);
      expectNoSecret(job, result.stdout);
    }
    // What a CI's own command is given: all of it by standard input.
    const bin = join(job.home, "bin");
    mkdirSync(bin);
    const seen = join(job.home, "seen");
    writeFileSync(
      join(bin, "buildkite-agent"),
      `#!/bin/sh\ntr '\\0' ' ' < /proc/$$/cmdline >> "${seen}"\ncat >> "${seen}.in"\n`,
    );
    chmodSync(join(bin, "buildkite-agent"), 0o755);
    const env = { ...job.env, BUILDKITE: "true", PATH: `${bin}:${job.env["PATH"] ?? ""}` };
    const result = await rolecall(["creds", "-f", "buildkite", "--token-env", "ROLECALL_TOKEN"], env);
    expect([result.status, result.stdout]).toEqual([0, ""]);
    expect(readFileSync(seen, "utf8")).toMatch(/redactor add .*env set /);
    expectNoSecret(job, readFileSync(seen, "utf8") + result.stderr);
    expect(readFileSync(`${seen}.in`, "utf8")).toMatch(/ASIA[A-Z0-9]{16}/);
  });

  it("is in files for their owner alone, whatever the umask", async () => {
    const job = await gitlabJob();
    const folder = join(job.home, "out");
    mkdirSync(folder);
    const files = { BASH_ENV: join(folder, "bash_env"), ROLECALL_CACHE_DIR: join(folder, "cache") };
    const env = { ...job.env, ...files, AWS_CONFIG_FILE: join(folder, "config"), CI_PROJECT_DIR: join(folder, "shop") };
    const program = `"${process.execPath}" "${CLI}"`;
    const script = [
      "umask 000",
      `${program} creds -f env -o "${folder}/creds"`,
      `${program} login -q`,
      `${program} creds -q -f circleci`,
      `${program} creds -f gitlab`,
    ].join(" && ");
    const result = await run("sh", ["-c", script], { env });
    expect(result.status, result.stderr).toBe(0);
    expect(modes(folder)).toEqual(["600", "600", "600", "600", "600"]);
    // Nothing half-written is left behind.
    expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith(".tmp"))).toEqual([
      "shop.tmp",
    ]);
  });

  it.each<readonly [string, (link: string) => readonly string[], (link: string) => Env]>([
    ["creds -o", (link) => ["creds", "-o", link], () => ({})],
    ["login", () => ["login"], (link) => ({ AWS_CONFIG_FILE: link })],
    ["circleci", () => ["creds", "-f", "circleci"], (link) => ({ BASH_ENV: link })],
    ["gitlab", (link) => ["creds", "-f", "gitlab", "-o", link], () => ({})],
    ["serve", (link) => ["serve", "-o", link], () => ({})],
  ])("is written through no link: %s", async (_, args, extra) => {
    const job = await gitlabJob();
    const [link, target] = [join(job.home, "link"), join(job.home, "target")];
    writeFileSync(target, "");
    symlinkSync(target, link);
    const result: RunResult = await rolecall(args(link), { ...job.env, ...extra(link) });
    expect([result.status, readFileSync(target, "utf8")]).toEqual([2, ""]);
    expect(result.stderr).toContain("does not write through links");
  });
});

describe("two jobs with one HOME", () => {
  it("have a session each, by the same profile, at the same time", async () => {
    const { fixedJob } = await startJobCloud();
    const home = tempDir();
    const { HOME: _, ...clean } = cleanEnv(home);
    const jobs = await Promise.all([1, 2].map(async () => ({ ...clean, HOME: home, ...(await fixedJob(3600)) })));
    const names = ["first", "second"];
    const session = async (env: Env, name: string): Promise<string> => {
      const { AWS_ROLE_ARN: role = "", ...tool } = { ...env, ROLECALL_SESSION_NAME: name };
      const login = await rolecall(["login", "-q", "--role", role], tool);
      expect(login.status, login.stderr).toBe(0);
      return (await run(process.execPath, [SDK], { env: tool })).stdout;
    };
    for (let time = 0; time < 3; time++) {
      const seen = await Promise.all(jobs.map((env, at) => session(env, names[at] ?? "")));
      for (const [at, text] of seen.entries()) expect(text).toContain(`assumed-role/shop/${names[at] ?? ""}`);
    }
  });

  it("gives nothing to a job without a token", async () => {
    const job = await gitlabJob();
    expect((await rolecall(["login", "-q"], job.env)).status).toBe(0);
    const { ROLECALL_TOKEN: _, AWS_ROLE_ARN: __, ...other } = job.env;
    const result = await run(process.execPath, [SDK], { env: other });
    expect(result.status).not.toBe(0);
    expect(result.stdout).toBe("");
  });
});
