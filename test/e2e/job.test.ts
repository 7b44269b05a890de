import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunResult } from "../support/run.ts";
import { tempDir } from "../support/temp-dir.ts";
import { startCloudFormation } from "./cloudformation.ts";
import { AUDIENCE, AWS_CLIS, cleanEnv, CLI, type Env, HERE, rolecall, ROOT } from "./support.ts";

const ROLE = "arn:aws:iam::123456789012:role/shop-deploy";
const SESSION = /arn:aws:sts::123456789012:assumed-role\/shop-deploy\/gitlab-\d+-574-302/;
const SDK = join(HERE, "sdk-identity.mjs");
const CDK = join(ROOT, "node_modules", "aws-cdk", "bin", "cdk");

let endpoint = "";
let stop = (): Promise<void> => Promise.resolve();

/** `rolecall up` as a user starts it: another process, ready when its one line of JSON is there. */
beforeAll(async () => {
  const config = join(ROOT, "examples", "gitlab", "rolecall.yaml");
  const child = spawn(process.execPath, [CLI, "up", "--port", "0", "--json", "--config", config], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => void child.on("exit", () => resolve()));
  stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding("utf8").once("data", resolve);
    child.on("exit", (status) => reject(new Error(`rolecall up ended with ${String(status)}`)));
  });
  ({ endpoint } = JSON.parse(line) as { endpoint: string });
});
afterAll(() => stop());

/** Runs a command as a GitLab job of acme/shop. */
function job(
  command: readonly string[],
  options: readonly string[] = ["--branch", "main"],
  extra: Env = {},
  home = tempDir(),
): Promise<RunResult> {
  const pretend = ["job", "gitlab", "--endpoint-url", endpoint, "--project", "acme/shop", "--audience", AUDIENCE];
  return rolecall(
    [...pretend, "--role", ROLE, ...options, "--", ...command],
    cleanEnv(home, { ROLECALL_CACHE_DIR: join(home, "cache"), ...extra }),
  );
}

describe("a GitLab job", () => {
  it("is the role in the AWS SDK for JavaScript, by exec", async () => {
    const result = await job(["rolecall", "exec", "--", process.execPath, SDK]);
    expect(result.stdout).toMatch(SESSION);
    expect(result.status).toBe(0);
  });

  it("is the role in the AWS SDK for JavaScript, by login's profile", async () => {
    const result = await job(["sh", "-ec", `rolecall login && exec "${process.execPath}" "${SDK}"`]);
    expect(result.stdout).toMatch(SESSION);
    expect(result.status).toBe(0);
  });

  it("keeps other profiles and comments of the config file byte for byte, and takes its own out again", async () => {
    const home = tempDir();
    const before = "# mine\r\n[profile other]\r\nregion=us-west-2 ; here\r\n\r\n[default]\r\noutput = text";
    writeFileSync(join(home, "config"), before, { mode: 0o640 });
    const during = await job(["sh", "-ec", 'rolecall login && cat "$AWS_CONFIG_FILE"'], undefined, {}, home);
    expect(during.stdout).toContain("credential_process = ");
    expect(statSync(join(home, "config")).mode & 0o777).toBe(0o640);
    const kept = readdirSync(join(home, "cache"));
    expect(kept).toHaveLength(1);
    expect(statSync(join(home, "cache", kept[0] ?? "")).mode & 0o777).toBe(0o600);
    await job(["rolecall", "logout"], undefined, {}, home);
    expect(readFileSync(join(home, "config"), "utf8")).toBe(before);
    expect(readdirSync(join(home, "cache"))).toEqual([]);
  });

  it("calls STS once for many commands of one profile, and once more for another token", async () => {
    const home = tempDir();
    const count = async (): Promise<number> =>
      ((await (await fetch(`${endpoint}/_rolecall/exchanges`)).json()) as unknown[]).length;
    const before = await count();
    const script = `rolecall login && "${process.execPath}" "${SDK}" && "${process.execPath}" "${SDK}"`;
    expect(await job(["sh", "-ec", script], undefined, {}, home)).toMatchObject({ status: 0 });
    expect(await count()).toBe(before + 1);
    // Two tokens of one second would be the same, letter by letter, but for such a claim.
    const other = ["--branch", "main", "--claim", "ref_protected=false"];
    const second = await job([process.execPath, SDK], other, {}, home);
    expect(second.stdout).toMatch(SESSION);
    expect(await count()).toBe(before + 2);
  });

  it("is refused on branch dev, told why, and its command does not run", async () => {
    const result = await job(["rolecall", "exec", "--", "echo", "ran"], ["--branch", "dev"]);
    expect(result).toMatchObject({ status: 3, stdout: "" });
    expect(result.stderr).toContain("AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity");
    expect(result.stderr).toContain("project_path:acme/shop:ref_type:branch:ref:dev");
    expect(result.stderr).not.toMatch(/eyJ/);
  });

  it("is the role on a tag that the file allows", async () => {
    const result = await job(["rolecall", "exec", "--", process.execPath, SDK], ["--tag", "v1.0"]);
    expect(result.stdout).toMatch(SESSION);
  });

  it("keeps the keys of the calling shell out of the job", async () => {
    const keys = { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY: "x", AWS_PROFILE: "mine" };
    const result = await job(
      ["sh", "-c", 'echo "[$AWS_ACCESS_KEY_ID$AWS_SECRET_ACCESS_KEY$AWS_PROFILE]"'],
      undefined,
      keys,
    );
    expect(result.stdout).toBe("[]\n");
  });

  it("says who it is", async () => {
    const result = await job(["rolecall", "whoami", "--json"]);
    expect(JSON.parse(result.stdout)).toMatchObject({
      ci: expect.stringContaining("GITLAB_CI=true") as string,
      iss: "https://gitlab.com",
      aud: AUDIENCE,
      role: ROLE,
      aws: expect.stringMatching(SESSION) as string,
    });
  });

  it("says whose the keys in its environment are, asking AWS", async () => {
    const result = await job(["rolecall", "exec", "--", "rolecall", "whoami"]);
    expect(result.stdout).toMatch(SESSION);
  });

  it("stops at a failed exchange in a shell that evaluates creds", async () => {
    const script = 'set -e; eval "$(rolecall creds --format env)"; echo reached';
    for (const shell of ["sh", "bash"]) {
      const result = await job([shell, "-c", script], ["--branch", "dev"]);
      expect(result.stdout, shell).toBe("");
      expect(result.status, shell).toBe(1);
    }
    expect((await job(["sh", "-c", script])).stdout).toBe("reached\n");
  });
});

describe.each(AWS_CLIS.map((cli) => [cli.version.split(" ")[0] ?? "", cli] as const))(
  "a GitLab job with %s",
  (_, cli) => {
    const path = { PATH: `${join(cli.path, "..")}:${process.env["PATH"] ?? ""}` };
    const identity = ["sts", "get-caller-identity", "--query", "Arn", "--output", "text"];

    it("is the role by exec", async () => {
      const result = await job(["rolecall", "exec", "--", "aws", ...identity], undefined, path);
      expect(result.stdout).toMatch(SESSION);
    });

    it("is the role by login and --profile", async () => {
      const script = `rolecall login --profile ci && aws --profile ci ${identity.join(" ")}`;
      expect((await job(["sh", "-ec", script], undefined, path)).stdout).toMatch(SESSION);
    });

    it("shows the refusal's reason through credential_process", async () => {
      // A cache of another folder makes the profile ask again, now for a role that is not there.
      const script = `rolecall login --profile ci && sed -i s/shop-deploy/gone/ "$AWS_CONFIG_FILE" && aws --profile ci ${identity.join(" ")}`;
      const result = await job(["sh", "-ec", script], undefined, path);
      expect(result.status).not.toBe(0);
      expect(result.stderr).toContain("STS refused arn:aws:iam::123456789012:role/gone: AccessDenied");
    });
  },
);

describe("cdk diff in a GitLab job", () => {
  /** A cloud assembly with one stack, as `cdk synth` would leave it. */
  function assembly(home: string): string {
    const folder = join(home, "cdk.out");
    mkdirSync(folder);
    const stack = {
      type: "aws:cloudformation:stack",
      environment: "aws://123456789012/eu-central-1",
      properties: { templateFile: "shop.template.json", terminationProtection: false },
      displayName: "shop",
    };
    writeFileSync(join(folder, "manifest.json"), JSON.stringify({ version: "36.0.0", artifacts: { shop: stack } }));
    writeFileSync(
      join(folder, "shop.template.json"),
      JSON.stringify({ Resources: { Topic: { Type: "AWS::SNS::Topic", Properties: { DisplayName: "new" } } } }),
    );
    return folder;
  }

  it.each([
    ["exec", (cdk: string) => ["sh", "-ec", `rolecall exec -- ${cdk}`]],
    ["login's profile", (cdk: string) => ["sh", "-ec", `rolecall login --profile ci && ${cdk} --profile ci`]],
    ["login's default profile", (cdk: string) => ["sh", "-ec", `rolecall login && ${cdk}`]],
    ["evaluated creds", (cdk: string) => ["sh", "-ec", `eval "$(rolecall creds --format env)" && ${cdk}`]],
  ])(
    "works by %s",
    async (_, command) => {
      const home = tempDir();
      const server = await startCloudFormation();
      const cdk = `"${process.execPath}" "${CDK}" diff --app "${assembly(home)}" --no-notices --no-color --no-version-reporting --ci`;
      const env = {
        AWS_ENDPOINT_URL_CLOUDFORMATION: server.endpoint,
        AWS_ENDPOINT_URL_SSM: server.endpoint,
        CDK_DISABLE_CLI_TELEMETRY: "true",
      };
      const result = await job(command(cdk), undefined, env, home);
      expect(result.stdout + result.stderr).toContain("AWS::SNS::Topic");
      expect(result.stdout + result.stderr).not.toContain("Unable to resolve AWS account");
      expect(result.status).toBe(0);
      // The stack was asked for with the session's own keys.
      expect(server.accessKeyIds()).toEqual([expect.stringMatching(/^ASIA/)]);
    },
    60_000,
  );
});
