import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CreateOpenIDConnectProviderCommand, CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { describe, expect, it, onTestFinished } from "vitest";
import type { LocalCloud, WeatherChange } from "../../src/local/index.ts";
import type { RunResult } from "../support/run.ts";
import { tempDir } from "../support/temp-dir.ts";
import { AUDIENCE, cleanEnv, rolecall, roleArn, startCloud, trustPolicy } from "./support.ts";

/** The budget that `rolecall creds` has for all its tries, in milliseconds, and what a process may take beside it. */
const BUDGET = 30_000;
const SLACK = 5000;

async function cloudWithRole(): Promise<LocalCloud> {
  const cloud = await startCloud();
  const credentials = { ...cloud.admin };
  const iam = new IAMClient({ endpoint: cloud.endpoint, region: "us-east-1", credentials });
  onTestFinished(() => iam.destroy());
  await iam.send(new CreateOpenIDConnectProviderCommand({ Url: "https://gitlab.com", ClientIDList: [AUDIENCE] }));
  const RoleName = "shop-deploy";
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trustPolicy(cloud) }));
  return cloud;
}

/** The built `rolecall creds` as a job calls it. */
async function creds(cloud: LocalCloud, branch = "main"): Promise<RunResult & { readonly took: number }> {
  const home = tempDir();
  const { token } = await cloud.mint({ ci: "gitlab", project: "acme/shop", branch, audience: AUDIENCE });
  const file = join(home, "token");
  writeFileSync(file, token, { mode: 0o600 });
  const to = ["--endpoint-url", cloud.endpoint, "--region", "eu-central-1"];
  const started = performance.now();
  const result = await rolecall(
    ["creds", "--role", roleArn(cloud), "--token-file", file, "--format", "process", ...to],
    cleanEnv(home),
  );
  return { ...result, took: performance.now() - started };
}

const HIDDEN = "InvalidIdentityToken";

describe("rolecall creds under bad weather", () => {
  it.each<[string, WeatherChange, RegExp, number]>([
    ["a verification key that cannot be had", { "key-unreachable": 2 }, /Couldn't retrieve verification key/, 2],
    ["throttling", { throttle: 2 }, /Throttling: Rate exceeded/, 1],
    ["a server error", { error: 2 }, /InternalFailure/, 1],
  ])("tries again after %s, and has credentials within its budget", async (_, weather, why, seen) => {
    const cloud = await cloudWithRole();
    cloud.setWeather(weather);
    // The first call gets through, the second meets the weather.
    expect(await creds(cloud)).toMatchObject({ status: 0, stderr: expect.not.stringMatching(why) as string });
    const before = cloud.exchanges().length;
    const second = await creds(cloud);
    expect(second.status).toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({
      Version: 1,
      AccessKeyId: expect.stringMatching(/^ASIA/) as string,
    });
    expect(second.took).toBeLessThan(BUDGET + SLACK);
    // Throttling and server errors strike before there is an exchange.
    const asked = cloud.exchanges().slice(before);
    expect(asked).toHaveLength(seen);
    expect(asked.map(({ answer }) => answer.code === HIDDEN)).toEqual(seen === 2 ? [true, false] : [false]);
  });

  it("gives up at the sixth try, and says why", async () => {
    const cloud = await cloudWithRole();
    cloud.setWeather({ error: 1 });
    const { status, stdout, stderr, took } = await creds(cloud);
    expect(status).not.toBe(0);
    expect(stderr.match(/; trying again in /g)).toHaveLength(5);
    expect(stdout).toBe("");
    expect(stderr).toContain("InternalFailure");
    expect(took).toBeLessThan(BUDGET + SLACK);
  }, 45_000);

  it("asks exactly once where it is denied", async () => {
    const cloud = await cloudWithRole();
    const { status, stdout } = await creds(cloud, "other");
    expect(status).toBe(3);
    expect(stdout).toBe("");
    expect(cloud.exchanges()).toHaveLength(1);
    expect(cloud.exchanges()[0]?.answer.code).toBe("AccessDenied");
  });

  it("asks exactly once where the token itself is refused", async () => {
    const cloud = await cloudWithRole();
    const wrong = await cloud.mint({ ci: "gitlab", project: "acme/shop", branch: "main", audience: "nobody" });
    const home = tempDir();
    writeFileSync(join(home, "token"), wrong.token, { mode: 0o600 });
    const where = ["--endpoint-url", cloud.endpoint, "--region", "eu-central-1"];
    const args = ["creds", "--role", roleArn(cloud), "--token-file", join(home, "token"), ...where];
    expect(await rolecall(args, cleanEnv(home))).toMatchObject({ status: 3 });
    expect(cloud.exchanges().map(({ answer }) => answer.code)).toEqual([HIDDEN]);
  });
});
