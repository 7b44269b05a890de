import { readFileSync } from "node:fs";
import { join } from "node:path";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openEndpoint } from "../../../src/cli/chunks/serve.ts";
import { parseInput } from "../../../src/cli/command.ts";
import execCommand from "../../../src/cli/commands/exec.ts";
import { fromCi } from "../../../src/index.ts";
import { main } from "../../../src/cli/main.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { startJobCloud } from "./cloud.ts";
import { fakeIo } from "./fake-io.ts";

// Three hours in a moment: jobs, AWS and SDK have one clock, which only these tests move. Sessions live 15 minutes.
const MINUTE = 60_000;
const STEP = 5;
const STEPS = (3 * 60) / STEP;

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

type Env = Readonly<Record<string, string>>;

/** One of the ways to have credentials for long; gives a call of the SDK with them. */
interface Way {
  readonly name: string;
  readonly start: (env: Env, home: string) => Promise<() => Promise<string>>;
}

function useEnv(env: Env, home: string): void {
  // The shell's own settings are not the job's.
  for (const name of Object.keys(process.env)) if (/^AWS_|^CI|^GIT/.test(name)) vi.stubEnv(name, undefined);
  const files = { AWS_CONFIG_FILE: join(home, "config"), AWS_SHARED_CREDENTIALS_FILE: join(home, "credentials") };
  for (const [name, value] of Object.entries({ ...env, ...files })) vi.stubEnv(name, value);
}

/** Whose credentials these are, as AWS says. */
async function identity(client: STSClient): Promise<string> {
  return (await client.send(new GetCallerIdentityCommand({}))).Arn ?? "";
}

const fromCiWay: Way = {
  name: "fromCi",
  start: (env, home) => {
    useEnv(env, home);
    const client = new STSClient({ maxAttempts: 1, credentials: fromCi({ durationSeconds: 900 }) });
    return Promise.resolve(() => identity(client));
  },
};

const serveWay: Way = {
  name: "serve",
  start: async (env, home) => {
    const io = fakeIo(env, { now: () => Date.now() });
    const { options } = parseInput(execCommand, ["--duration", "15m", "--", "true"]);
    const { endpoint } = await openEndpoint(options, io);
    useEnv(env, home);
    vi.stubEnv("AWS_ROLE_ARN", undefined);
    vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", endpoint.url);
    vi.stubEnv("AWS_CONTAINER_AUTHORIZATION_TOKEN", endpoint.authorization.reveal());
    const client = new STSClient({ maxAttempts: 1 });
    // What the SDK leaves out of its error is on stderr.
    return async () =>
      identity(client).catch((error: unknown) => Promise.reject(new Error(io.stderr, { cause: error })));
  },
};

const loginWay: Way = {
  name: "login",
  start: async (env, home) => {
    const config = join(home, "config");
    const job = { ...env, HOME: home, AWS_CONFIG_FILE: config };
    expect(await main(["login", "-q", "--duration", "15m"], fakeIo(job, { now: () => Date.now() }))).toBe(0);
    const [, line = ""] = /^credential_process = (.*)$/m.exec(readFileSync(config, "utf8")) ?? [];
    const args = line.split(" ").slice(2);
    return async () => {
      const io = fakeIo(job, { now: () => Date.now() });
      if ((await main(args, io)) !== 0) throw new Error(io.stderr);
      const { AccessKeyId, SecretAccessKey, SessionToken } = JSON.parse(io.stdout) as Record<string, string>;
      const credentials = {
        accessKeyId: AccessKeyId ?? "",
        secretAccessKey: SecretAccessKey ?? "",
        sessionToken: SessionToken ?? "",
      };
      const endpoint = env["AWS_ENDPOINT_URL"] ?? "";
      return identity(new STSClient({ region: "us-east-1", endpoint, credentials }));
    };
  },
};

describe.each([fromCiWay, serveWay, loginWay])("a job of three hours with $name", ({ start }) => {
  it("can call AWS all the time where the CI mints again, by many short sessions", async () => {
    const { cloud, mintingJob } = await startJobCloud({ now: () => Date.now() });
    const call = await start(mintingJob, tempDir());
    for (let step = 0; step <= STEPS; step++) {
      expect(await call(), `after ${step * STEP} minutes`).toContain("assumed-role/deploy/github-octo-org-octo-repo-7");
      vi.setSystemTime(Date.now() + STEP * MINUTE);
    }
    const sessions = cloud.exchanges();
    expect(sessions.map(({ decision }) => decision?.outcome)).toEqual(sessions.map(() => "allowed"));
    expect(sessions.length).toBeGreaterThanOrEqual(12);
  });

  it("can call AWS as long as its one token lives, and is then told that it is over", async () => {
    const { cloud, fixedJob } = await startJobCloud({ now: () => Date.now() });
    const call = await start(await fixedJob(3600), tempDir());
    for (let step = 0; step <= 60 / STEP; step++) {
      expect(await call(), `after ${step * STEP} minutes`).toContain("assumed-role/shop/gitlab-");
      vi.setSystemTime(Date.now() + STEP * MINUTE);
    }
    const before = cloud.exchanges().length;
    vi.setSystemTime(Date.now() + 30 * MINUTE);
    await expect(call()).rejects.toThrow(/the ID token \(.*ROLECALL_TOKEN.*\) ended 3\d min ago/);
    await expect(call()).rejects.toThrow(/the ID token/);
    // AWS was not asked for what it could not give.
    expect(cloud.exchanges()).toHaveLength(before);
  });
});
