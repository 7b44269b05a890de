import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { run, type RunResult } from "../support/run.ts";
import { tempDir } from "../support/temp-dir.ts";
import { startJobCloud } from "../unit/cli/cloud.ts";
import { cleanEnv, type Env, HERE, rolecall } from "./support.ts";

const SDK = join(HERE, "sdk-identity.mjs");

type Json = Readonly<Record<string, unknown>>;

/** A role that another one may take. */
interface Next {
  readonly from: string;
  readonly actions?: readonly string[];
  readonly condition?: Json;
}

async function chainJob(roles: Readonly<Record<string, Next>>): Promise<{ env: Env; role: (name: string) => string }> {
  const { iam, role, mintingJob } = await startJobCloud();
  for (const [name, { from, actions = ["sts:AssumeRole", "sts:TagSession"], condition }] of Object.entries(roles)) {
    const statement = { Effect: "Allow", Principal: { AWS: role(from) }, Action: actions };
    const trust = {
      Version: "2012-10-17",
      Statement: [condition ? { ...statement, Condition: condition } : statement],
    };
    const rest = { path: "/", maxSessionDuration: 3600, description: "", boundary: null, tags: {} };
    await iam.createRole({ name, trust: JSON.stringify(trust), ...rest });
  }
  const { AWS_REGION: _, ...job } = mintingJob;
  return { env: { ...cleanEnv(tempDir()), ...job }, role };
}

function exec(env: Env, ...args: readonly string[]): Promise<RunResult> {
  return rolecall(["exec", "-q", ...args, "--", process.execPath, SDK], env);
}

describe("a chain of roles", () => {
  it("ends in the last one, with the job's session name", async () => {
    const { env, role } = await chainJob({ b: { from: "deploy" }, c: { from: "b" } });
    const session = "github-octo-org-octo-repo-7";
    expect((await exec(env, "--then", role("b"))).stdout).toContain(`assumed-role/b/${session}`);
    expect((await exec(env, "--then", `${role("b")},${role("c")}`)).stdout).toContain(`assumed-role/c/${session}`);
    expect((await exec(env, "--then", role("b"), "--then", role("c"))).stdout).toContain(`assumed-role/c/${session}`);
  });

  it("lasts an hour at most, and the narrowing is of the last session", async () => {
    const { env, role } = await chainJob({ b: { from: "deploy" } });
    const { stdout } = await rolecall(["creds", "--then", role("b"), "--duration", "20m", "-f", "json"], env);
    const { Expiration, AccountId } = JSON.parse(stdout) as { Expiration: string; AccountId: string };
    const minutes = (Date.parse(Expiration) - Date.now()) / 60_000;
    expect([Math.round(minutes), AccountId]).toEqual([20, "123456789012"]);
    const long = await exec(env, "--then", role("b"), "--duration", "2h");
    expect(long.status).toBe(2);
    expect(long.stderr).toContain("a role that is taken from another lasts 1 h at most");
    expect(long.stderr).toContain("rolecall exec --renew");
  });

  it("carries session tags, transitive ones to the end, and the external id", async () => {
    const { env, role } = await chainJob({
      b: {
        from: "deploy",
        condition: { StringEquals: { "aws:RequestTag/team": "web", "sts:ExternalId": "acme-7" } },
      },
      c: { from: "b", condition: { StringEquals: { "aws:PrincipalTag/team": "web" } } },
    });
    const tags = ["--tag", "team=web", "--tag", "stage=prod", "--transitive-tag", "team"];
    const then = ["--then", `${role("b")},${role("c")}`];
    const result = await exec(env, ...then, ...tags, "--external-id", "acme-7");
    expect(result.stdout, result.stderr).toContain("assumed-role/c/");
    const without = await exec(env, ...then, ...tags);
    expect(without.status).toBe(3);
    expect(without.stderr).toContain("if it asks for sts:ExternalId: --external-id");
  });

  it("tells a refusal of the tags from one of the role", async () => {
    const { env, role } = await chainJob({ b: { from: "deploy", actions: ["sts:AssumeRole"] }, other: { from: "b" } });
    const tags = await exec(env, "--then", role("b"), "--tag", "team=web");
    expect(tags.status).toBe(3);
    expect(tags.stderr).toContain("the tags are refused, not the role: allow sts:TagSession");
    expect((await exec(env, "--then", role("b"))).status).toBe(0);
    const wrong = await exec(env, "--then", role("other"));
    expect(wrong.status).toBe(3);
    expect(wrong.stderr).not.toContain("sts:TagSession");
    expect(wrong.stderr).toContain(
      `the trust policy of ${role("other")} must allow sts:AssumeRole to ${role("deploy")}`,
    );
  });

  it("is held to the allowed accounts by its last role, before AWS is asked", async () => {
    const { env } = await chainJob({});
    const args = ["--then", "arn:aws:iam::210987654321:role/b", "--allow-account", "123456789012"];
    const result = await exec(env, ...args);
    expect([result.status, result.stderr]).toEqual([3, expect.stringContaining("is in account 210987654321")]);
  });

  it.each(["--tag", "--transitive-tag", "--external-id"])("is what %s is for", async (option) => {
    const { env } = await chainJob({});
    const result = await exec(env, option, "team=web");
    expect([result.status, result.stderr]).toEqual([2, expect.stringContaining("are for the role behind --then")]);
  });
});

describe("several roles at once", () => {
  it("are a profile each, and one of them the default; a chain too", async () => {
    const { env, role } = await chainJob({ last: { from: "deploy" } });
    const { AWS_ROLE_ARN: _, ...job } = env;
    const flags = ["--role", `one=${role("deploy")}`, "--role", `two=${role("deploy")}`, "--default", "two"];
    const login = await rolecall(["login", ...flags], job);
    expect(login.status, login.stderr).toBe(0);
    expect(login.stderr).toContain("profile one in ");
    expect(login.stderr).toContain("profile two and default in ");
    const chained = await rolecall(
      ["login", "-q", "--profile", "last", "--role", role("deploy"), "--then", role("last")],
      job,
    );
    expect(chained.status, chained.stderr).toBe(0);
    const session = async (profile: Env): Promise<string> =>
      (await run(process.execPath, [SDK], { env: { ...job, ...profile } })).stdout;
    expect(await session({ AWS_PROFILE: "one" })).toContain("assumed-role/deploy/");
    expect(await session({ AWS_PROFILE: "two" })).toContain("assumed-role/deploy/");
    expect(await session({})).toContain("assumed-role/deploy/");
    expect(await session({ AWS_PROFILE: "last" })).toContain("assumed-role/last/");
    expect((await rolecall(["logout"], job)).stderr).toContain("took profile");
    expect(existsSync(join(env["HOME"] ?? "", "config"))).toBe(false);
  });

  it("write nothing when one of them is refused, and all refusals are told", async () => {
    const { env, role } = await chainJob({});
    const flags = [
      "--role",
      `one=${role("deploy")}`,
      "--role",
      `two=${role("gone")}`,
      "--role",
      `three=${role("shop")}`,
    ];
    const result = await rolecall(["login", ...flags], env);
    expect(result.status).toBe(3);
    expect(result.stderr).toContain(`STS refused ${role("gone")}`);
    expect(result.stderr).toContain(`also: STS refused ${role("shop")}`);
    expect(existsSync(join(env["HOME"] ?? "", "config"))).toBe(false);
  });
});
