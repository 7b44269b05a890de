import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { LocalCloud } from "../../src/local/index.ts";
import { connectIam, type Iam } from "../../src/wire/aws-sdk.ts";
import type { RunResult } from "../support/run.ts";
import { tempDir } from "../support/temp-dir.ts";
import { adminOf, dump } from "./iam-dump.ts";
import { adminEnv, cleanEnv, CLI, type Env, rolecall, startCloud } from "./support.ts";

// What the story of a GitLab user with two repositories needs, as the file that they would write.
const CONFIG = `version: 1
roles:
  shop-deploy:
    ci: gitlab
    audience: https://acme.test
    allow: [{ project: acme/shop, branch: main }, { project: acme/shop, tag: "v*" }]
    permissions: [arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess]
  blog-deploy:
    ci: gitlab
    audience: https://acme.test
    allow: [{ project: acme/blog, branch: "release/*" }]
    permissions: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
`;

let cloud: LocalCloud;
let iam: Iam;
let home = "";

beforeEach(async () => {
  cloud = await startCloud();
  iam = await connectIam(adminOf(cloud));
  home = tempDir();
  writeFileSync(join(home, "rolecall.yaml"), CONFIG);
});

function account(args: readonly string[], extra: Env = {}): Promise<RunResult> {
  const [command = "", ...more] = args;
  const env = cleanEnv(home, { ...adminEnv(cloud), AWS_ENDPOINT_URL: cloud.endpoint, ...extra });
  return rolecall([command, "--config", join(home, "rolecall.yaml"), ...more], env);
}

/** A pretended job that asks for credentials; the exit status. */
async function job(role: string, options: readonly string[], audience = "https://acme.test"): Promise<number | null> {
  const arn = `arn:aws:iam::${cloud.account}:role/${role}`;
  const pretended = ["job", "gitlab", "--endpoint-url", cloud.endpoint, "--audience", audience, "--role", arn];
  const command = ["--", process.execPath, CLI, "creds", "--format", "process"];
  const { status } = await rolecall([...pretended, ...options, ...command], cleanEnv(home));
  return status;
}

describe("a file of twelve lines", () => {
  it("becomes provider, audience and two roles that the right jobs get, and goes without a trace", async () => {
    await iam.createProvider({
      url: "https://gitlab.com",
      audiences: ["https://gitlab.com", "theirs"],
      tags: { owner: "platform" },
    });
    const before = await dump(iam);

    const plan = await account(["plan", "--detailed-exitcode"]);
    expect(plan).toMatchObject({ status: 2 });
    expect(plan.stdout).toContain("+ branch main of acme/shop (gitlab.com, audience https://acme.test)");
    expect(plan.stdout).toContain("Plan: 2 to add, 1 to change, 0 to destroy.");
    expect(await dump(iam)).toEqual(before);

    const applied = await account(["apply", "--yes", "--verify"]);
    expect(applied.stderr).toContain("verified: account 123456789012: 4 kinds of jobs are admitted");
    expect(applied).toMatchObject({ status: 0 });

    const again = await account(["plan", "--detailed-exitcode"]);
    expect(again).toMatchObject({ status: 0 });
    expect(again.stdout).toBe("No changes. The account is what the file says.\n");

    const jobs: readonly (readonly [string, string, string, number])[] = [
      ["shop-deploy", "acme/shop", "--branch=main", 0],
      ["shop-deploy", "acme/shop", "--tag=v1.0", 0],
      ["blog-deploy", "acme/blog", "--branch=release/7", 0],
      ["shop-deploy", "acme/shop", "--branch=dev", 3],
      ["shop-deploy", "acme/shop", "--branch=v1.0", 3],
      ["shop-deploy", "acme/shop", "--tag=main", 3],
      ["shop-deploy", "acme/blog", "--branch=main", 3],
      ["shop-deploy", "acme/shop-two", "--branch=main", 3],
      ["shop-deploy", "acme/sub/shop", "--branch=main", 3],
      ["shop-deploy", "evil/shop", "--branch=main", 3],
      ["blog-deploy", "acme/blog", "--branch=main", 3],
    ];
    for (const [role, project, ref, status] of jobs)
      expect([project, ref, await job(role, ["--project", project, ref])]).toEqual([project, ref, status]);
    const main = ["--project", "acme/shop", "--branch", "main"];
    expect(await job("shop-deploy", main, "theirs")).toBe(3);

    const destroyed = await account(["destroy", "--yes"]);
    expect(destroyed).toMatchObject({ status: 0 });
    expect(await dump(iam)).toEqual(before);
    expect((await account(["destroy", "--yes"])).stdout).toContain("No changes.");
  }, 90_000);
});

describe("a plan that was written down", () => {
  it("is made as it stands, once, and not after the account has moved", async () => {
    const file = join(home, "plan.json");
    const env = cleanEnv(home, { ...adminEnv(cloud), AWS_ENDPOINT_URL: cloud.endpoint });
    await account(["plan", "--out", file]);
    expect(await rolecall(["apply", file], env)).toMatchObject({ status: 0 });
    const stale = await rolecall(["apply", file], env);
    expect(stale).toMatchObject({ status: 2 });
    expect(stale.stderr).toContain("the plan is stale for account 123456789012");

    await account(["plan", "--destroy", "--out", file]);
    await iam.tagRole("shop-deploy", { somebody: "else" });
    const before = await dump(iam);
    expect(await rolecall(["apply", file], env)).toMatchObject({ status: 2 });
    expect(await dump(iam)).toEqual(before);

    writeFileSync(file, readFileSync(file, "utf8").replace('"config":"rolecall"', '"config":"other"'));
    expect((await rolecall(["apply", file], env)).stderr).toContain("was altered");
  }, 30_000);
});

/** GitLab's API, as far as `--resolve` asks it; shows projects to those who have the token. */
async function gitlabApi(ids: Map<string, number>): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer(({ url = "", headers }, response) => {
    asked.push(url);
    const project = decodeURIComponent(url.split("/").at(-1) ?? "");
    const id = headers["private-token"] === "glpat-for-the-test" ? ids.get(project) : undefined;
    response.statusCode = id === undefined ? 404 : 200;
    response.end(JSON.stringify({ id, path_with_namespace: project, namespace: { id: 72 } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v4`, asked };
}

describe("--resolve", () => {
  it("asks the CI for the ids that the file leaves out, and takes another id for another project", async () => {
    const ids = new Map([
      ["acme/shop", 20],
      ["acme/blog", 21],
    ]);
    const { url, asked } = await gitlabApi(ids);
    const named = ["--resolve", "--api-url", url, "--api-token-env", "API_TOKEN"];
    const resolve = (args: readonly string[], extra: Env = {}): Promise<RunResult> =>
      account([...args, ...named], { API_TOKEN: "glpat-for-the-test", ...extra });
    const file = join(home, "plan.json");
    const plan = await resolve(["plan", "--out", file]);
    expect(plan).toMatchObject({ status: 0 });
    expect(asked.toSorted()).toEqual(["/api/v4/projects/acme%2Fblog", "/api/v4/projects/acme%2Fshop"]);
    expect(plan.stderr).not.toContain("its name alone");
    expect(plan.stdout + plan.stderr + readFileSync(file, "utf8")).not.toContain("glpat-for-the-test");

    // The ids are in the plan: nobody is asked again.
    const env = cleanEnv(home, { ...adminEnv(cloud), AWS_ENDPOINT_URL: cloud.endpoint });
    expect(await rolecall(["apply", file, "--verify"], env)).toMatchObject({ status: 0 });
    expect(asked).toHaveLength(2);
    expect((await iam.getRole("blog-deploy"))?.trust).toContain('"gitlab.com:project_id":"21"');
    expect(await resolve(["plan", "--detailed-exitcode"])).toMatchObject({ status: 0 });

    const exported = await resolve(["export", "cloudformation"]);
    expect(exported.stdout).toContain('gitlab.com:project_id: "21"');

    // The name has gone to another project, which must not get the role unseen.
    ids.set("acme/blog", 99);
    const widened = await resolve(["apply", "--yes"], { CI: "true" });
    expect(widened).toMatchObject({ status: 3 });
    expect(widened.stderr).toContain("the plan widens access");

    ids.delete("acme/shop");
    const missing = await resolve(["plan"]);
    expect(missing).toMatchObject({ status: 2, stdout: "" });
    expect(missing.stderr).toMatch(/rolecall\.yaml:6:\d+: 127\.0\.0\.1:\d+ shows no project acme\/shop \(404\)/);
    const both = await rolecall(["apply", file, "--resolve"], env);
    expect(both.stderr).toContain("a plan has its configuration and options in it");
  }, 30_000);
});

describe("up --resolve", () => {
  it("makes the roles of a file in the local cloud with the ids that the CI tells", async () => {
    const { url, asked } = await gitlabApi(
      new Map([
        ["acme/shop", 20],
        ["acme/blog", 21],
      ]),
    );
    const env = cleanEnv(home, { API_TOKEN: "glpat-for-the-test" });
    const options = ["--resolve", "--api-url", url, "--api-token-env", "API_TOKEN"];
    const args = ["up", "--port", "0", "--json", "--config", join(home, "rolecall.yaml"), ...options];
    const child = spawn(process.execPath, [CLI, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void child.kill());
    const line = await new Promise<string>((resolve, reject) => {
      let text = "";
      child.stdout.setEncoding("utf8").on("data", (part: string) => {
        text += part;
        if (text.endsWith("\n")) resolve(text);
      });
      child.once("exit", () => reject(new Error(`up ended: ${text}`)));
    });
    const started = JSON.parse(line) as Parameters<typeof adminOf>[0];
    const { trust = "" } = (await (await connectIam(adminOf(started))).getRole("blog-deploy")) ?? {};
    expect(trust).toContain('"gitlab.com:project_id":"21"');
    expect(asked).toHaveLength(2);
  }, 30_000);
});

describe("in CI", () => {
  it("access is widened only with --allow-widening, and nothing destroyed with --yes alone", async () => {
    await account(["apply", "--yes"]);
    const held = await dump(iam);
    writeFileSync(join(home, "rolecall.yaml"), CONFIG.replace("branch: main", 'branch: "*"'));
    const refused = await account(["apply", "--yes"], { CI: "true" });
    expect(refused).toMatchObject({ status: 3 });
    expect(refused.stderr).toContain("role shop-deploy: + any branch of acme/shop");
    expect(await dump(iam)).toEqual(held);
    expect(await account(["apply", "--yes", "--allow-widening"], { CI: "true" })).toMatchObject({ status: 0 });

    writeFileSync(join(home, "rolecall.yaml"), CONFIG.slice(0, CONFIG.indexOf("  blog-deploy")));
    const kept = await account(["apply", "--yes"], { CI: "true" });
    expect(kept).toMatchObject({ status: 3 });
    expect(kept.stderr).toContain("- role blog-deploy");
    expect(await account(["apply", "--yes", "--allow-destroy"], { CI: "true" })).toMatchObject({ status: 0 });
    expect(await iam.getRole("blog-deploy")).toBeNull();
  }, 30_000);
});
