import { spawn } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { run } from "../support/run.ts";
import { tempDir } from "../support/temp-dir.ts";
import { startJobCloud } from "../unit/cli/cloud.ts";
import { AWS_CLIS, cleanEnv, CLI, type Env, HERE, rolecall } from "./support.ts";

const SDK = join(HERE, "sdk-identity.mjs");
const SESSION = "assumed-role/deploy/github-octo-org-octo-repo-7";

async function githubJob(extra: Env = {}): Promise<{ env: Env; home: string; endpoint: string }> {
  const { mintingJob, cloud } = await startJobCloud();
  const home = tempDir();
  const { AWS_REGION: _, ...job } = mintingJob;
  return { env: { ...cleanEnv(home), ...job, ...extra }, home, endpoint: cloud.endpoint };
}

describe("exec --renew", () => {
  it("gives the AWS SDK for JavaScript credentials without keys in its environment", async () => {
    const { env } = await githubJob({
      AWS_ACCESS_KEY_ID: "AKIAOLD",
      AWS_SECRET_ACCESS_KEY: "old",
      AWS_PROFILE: "mine",
    });
    const result = await rolecall(["exec", "--renew", "--", process.execPath, SDK], env);
    expect(result.stdout).toContain(SESSION);
    expect(result.stderr).toContain("AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY");
    expect(result.stderr).toContain("they are renewed as long as the job runs");
    const shown = await rolecall(["exec", "--renew", "-q", "--", "env"], env);
    expect(shown.stdout).not.toMatch(/^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|PROFILE|ROLE_ARN)=/m);
    expect(shown.stdout).toMatch(/^AWS_CONTAINER_CREDENTIALS_FULL_URI=http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}$/m);
    expect(shown.stderr).toBe("");
  });

  it("keeps the shared credentials file from the command, since its keys would win", async () => {
    const { env, home } = await githubJob();
    writeFileSync(join(home, "credentials"), "[default]\naws_access_key_id = AKIAOLD\naws_secret_access_key = old\n");
    const result = await rolecall(["exec", "--renew", "--", process.execPath, SDK], env);
    expect(result.stdout).toContain(SESSION);
    expect(result.stderr).toContain("credentials: its keys would win");
  });

  it("has the command's status, and stops at a refusal before the command runs", async () => {
    const { env } = await githubJob();
    expect((await rolecall(["exec", "--renew", "-q", "--", "sh", "-c", "exit 7"], env)).status).toBe(7);
    const refused = await rolecall(["exec", "--renew", "--", "echo", "ran"], {
      ...env,
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/shop",
    });
    expect([refused.status, refused.stdout]).toEqual([3, ""]);
  });

  it.each(AWS_CLIS.map((cli) => [cli.version.split(" ")[0] ?? "", cli] as const))("works with %s", async (_, cli) => {
    const { env, endpoint } = await githubJob();
    const command = [cli.path, "--endpoint-url", endpoint, "sts", "get-caller-identity"];
    const result = await rolecall(["exec", "--renew", "-q", "--", ...command], env);
    expect(result.stdout).toContain(SESSION);
  });
});

describe("serve", () => {
  /** A rolecall serve that has written its file, and is ended after the test. */
  async function serve(
    env: Env,
    home: string,
    args: readonly string[] = [],
  ): Promise<{ file: string; stop: () => Promise<number | null> }> {
    const file = join(home, "serve.env");
    const child = spawn(process.execPath, [CLI, "serve", "-o", file, ...args], { env, stdio: "ignore" });
    const ended = new Promise<number | null>((resolve) => void child.on("exit", resolve));
    const stop = (): Promise<number | null> => {
      child.kill("SIGTERM");
      return ended;
    };
    onTestFinished(() => void stop());
    while (!existsSync(file) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
    return { file, stop };
  }

  it("serves all that sources its file, which is gone when it ends", async () => {
    const { env, home } = await githubJob({ AWS_ACCESS_KEY_ID: "AKIAOLD", AWS_SECRET_ACCESS_KEY: "old" });
    const { file, stop } = await serve(env, home);
    expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
    const { AWS_ROLE_ARN: _, ...tool } = env;
    const result = await run("sh", ["-ec", `. "${file}"; exec "${process.execPath}" "${SDK}"`], { env: tool });
    expect(result.stdout).toContain(SESSION);
    expect([await stop(), existsSync(file)]).toEqual([0, false]);
  });

  it("keeps its token in a file where that is wanted, and serves who reads it", async () => {
    const { env, home } = await githubJob();
    const token = join(home, "token");
    const { file, stop } = await serve(env, home, ["--authorization-file", token]);
    expect((statSync(token).mode & 0o777).toString(8)).toBe("600");
    const text = readFileSync(file, "utf8");
    expect(text).not.toContain(readFileSync(token, "utf8"));
    expect(text).toContain(`export AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE='${token}'`);
    const { AWS_ROLE_ARN: _, ...tool } = env;
    const result = await run("sh", ["-ec", `. "${file}"; exec "${process.execPath}" "${SDK}"`], { env: tool });
    expect(result.stdout).toContain(SESSION);
    await stop();
    expect(existsSync(token)).toBe(false);
  });
});

describe("the name of the tool", () => {
  it("is in the User-Agent of what the command calls", async () => {
    const agents: string[] = [];
    const server = createServer((request, response) => {
      agents.push(request.headers["user-agent"] ?? "");
      response.writeHead(200, { "content-type": "text/xml" });
      response.end("<R><GetCallerIdentityResult><Arn>x</Arn></GetCallerIdentityResult></R>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { env, endpoint } = await githubJob();
    const there = {
      ...env,
      AWS_ENDPOINT_URL: "",
      AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
    for (const flags of [[], ["--renew"]]) {
      const result = await rolecall(["exec", ...flags, "--endpoint-url", endpoint, "--", process.execPath, SDK], there);
      expect(result.status, result.stderr).toBe(0);
    }
    expect(agents).toHaveLength(2);
    for (const agent of agents) expect(agent).toContain("app/rolecall");
  });
});
