import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { onPath } from "../../scripts/setup.mjs";
import { createLocalCloud, type LocalCloud } from "../../src/local/index.ts";
import { type AwsKeys, callerIdentity } from "../../src/wire/aws-sdk.ts";
import { connectUsers, type UserCalls } from "../../src/wire/aws-sdk/user-calls.ts";
import { run, type RunResult } from "../support/run.ts";
import { tempDir } from "../support/temp-dir.ts";
import { makeKey, makeRole, makeUser, roleOf, useRole } from "../unit/migrate/keys/account.ts";
import { adminOf } from "./iam-dump.ts";
import { adminEnv, cleanEnv, CLI } from "./support.ts";

// The built rolecall on a local AWS behind which a CloudTrail stands, which sees only what AWS's front door let in.

const EVENT = {
  eventTime: "2026-11-20T10:00:00Z",
  eventSource: "s3.amazonaws.com",
  awsRegion: "eu-central-1",
  eventName: "CreateBucket",
  resources: [{ ARN: "arn:aws:s3:::shop" }],
};

let cloud: LocalCloud;
let aws: UserCalls;
let key: AwsKeys;
let home = "";
/** Bodies of LookupEvents. */
const lookups: {
  readonly LookupAttributes: readonly { readonly AttributeKey: string; readonly AttributeValue: string }[];
  readonly StartTime?: number;
  readonly NextToken?: string;
  readonly MaxResults: number;
}[] = [];
/** Records of exchanges that CloudTrail has. */
let exchanges: readonly object[] = [];
/** What CloudTrail does instead of answering, once for each lookup. */
let weather: ("throttled" | "large")[] = [];

const trail = createServer((request, response) => {
  let body = "";
  request.on("data", (part: Buffer) => (body += part.toString()));
  request.on("end", () => {
    const asked = JSON.parse(body) as (typeof lookups)[number];
    lookups.push(asked);
    const bad = weather.shift();
    if (bad === "throttled") {
      response.statusCode = 400;
      response.end('{"__type":"ThrottlingException","message":"Rate exceeded"}');
      return;
    }
    if (bad === "large") {
      response.end(`{"Events":[],"pad":"${"x".repeat(2 ** 21)}"}`);
      return;
    }
    if (asked.LookupAttributes[0]?.AttributeKey === "EventName") {
      response.end(JSON.stringify({ Events: exchanges.map((one) => ({ CloudTrailEvent: JSON.stringify(one) })) }));
      return;
    }
    const name = asked.NextToken ? "DeleteBucket" : EVENT.eventName;
    const event = { ...EVENT, eventName: name, userIdentity: { userName: "ci", accessKeyId: key.accessKeyId } };
    const more = asked.NextToken ? {} : { NextToken: "more" };
    response.end(JSON.stringify({ Events: [{ CloudTrailEvent: JSON.stringify(event) }], ...more }));
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => trail.listen(0, "127.0.0.1", resolve));
  const { port } = trail.address() as AddressInfo;
  cloud = await createLocalCloud({ upstream: `http://127.0.0.1:${port}` });
  aws = await connectUsers(adminOf(cloud));
});
afterAll(async () => {
  await cloud.close();
  trail.closeAllConnections();
  trail.close();
});
beforeEach(async () => {
  home = tempDir();
  lookups.length = 0;
  exchanges = [];
  await cloud.reset();
  await makeRole(cloud);
  const allow = { Effect: "Allow", Action: "*", Resource: ["arn:aws:s3:::shop", "arn:aws:s3:::shop/*"] };
  key = await makeUser(cloud, "ci", { Version: "2012-10-17", Statement: allow });
});

function env() {
  return cleanEnv(home, { ...adminEnv(cloud), AWS_ENDPOINT_URL: cloud.endpoint });
}

function keys(...args: readonly string[]): Promise<RunResult> {
  return run(process.execPath, [CLI, "keys", ...args], { env: env(), cwd: home });
}

function retire(...args: readonly string[]): Promise<RunResult> {
  return keys("retire", "--user", "ci", "--role", roleOf(cloud), "--quiet-days", "0", "--wait-days", "0", ...args);
}

async function isActive(): Promise<boolean | undefined> {
  return (await aws.listKeys("ci"))?.find(({ id }) => id === key.accessKeyId)?.active;
}

describe("rolecall keys retire", () => {
  it("goes a step at a time, says what it waits for, and is rolled back", async () => {
    const first = await retire();
    expect(first).toMatchObject({ status: 3 });
    expect(first.stdout).toMatch(/^ {2}✓ role .*\n {2}→ green /m);
    expect(first.stderr).toMatch(/^rolecall: not yet: green: no run with .*it was never used$/m);
    expect(statSync(join(home, ".rolecall/keys-ci.json")).mode & 0o777).toBe(0o600);

    // The role's name is the same role as its ARN.
    expect((await keys("retire", "--user", "ci", "--role", "shop-deploy")).stderr).toContain("not yet: green");

    await useRole(cloud);
    const second = await retire();
    expect(second.status).toBe(3);
    expect(second.stderr).toMatch(
      /^rolecall: not yet: removed: it needs a yes\nrolecall: hint: rolecall keys retire --user ci --yes removed$/m,
    );

    const third = await keys("retire", "--user", "ci", "--yes", "removed", "--yes", "deactivate", "--json");
    expect(third.status).toBe(3);
    expect(JSON.parse(third.stdout)).toMatchObject({ next: "delete", stoppedAt: "delete", why: "it needs a yes" });
    expect(await isActive()).toBe(false);
    const status = await keys("status");
    expect(status).toMatchObject({ status: 3, stdout: expect.stringMatching(/✓ wait .*\n {2}→ delete /) as string });

    expect(await keys("retire", "--user", "ci", "--roll-back")).toMatchObject({ status: 0 });
    expect(await isActive()).toBe(true);
    await callerIdentity({ endpoint: cloud.endpoint, region: "us-east-1", credentials: key });

    const refused = await keys(
      "retire",
      "--user",
      "ci",
      "--yes",
      "removed",
      "--since",
      "2020-01-01",
      "--quiet-days",
      "0",
    );
    // Used in this second or before it: either way nothing may happen to the key without a yes.
    expect(refused.status).toBe(3);
    expect(await isActive()).toBe(true);
  });

  it("makes a key active again without a state file, when the key is named", async () => {
    await aws.setKeyActive("ci", key.accessKeyId, false);
    const unnamed = await keys("retire", "--user", "ci", "--roll-back");
    expect(unnamed).toMatchObject({ status: 2, stderr: expect.stringContaining("--key ID --roll-back") as string });
    const named = ["retire", "--user", "ci", "--key", key.accessKeyId, "--roll-back"];
    expect(await keys(...named)).toMatchObject({ status: 0 });
    expect(await isActive()).toBe(true);
    const other = await keys("retire", "--user", "ci", "--key", "AKIAIOSFODNN7EXAMPLE", "--roll-back");
    expect(other).toMatchObject({ status: 2, stderr: expect.stringContaining("NoSuchEntity") as string });
  });

  it("lets a program say whether the names are gone, and shows all of it done", async () => {
    await useRole(cloud);
    const check = join(home, "check");
    writeFileSync(check, "#!/bin/sh\necho looking\nexit 1\n");
    chmodSync(check, 0o700);
    const before = await retire("--since", "2020-01-01", "--check", check);
    expect(before).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("looking\nrolecall: not yet: removed") as string,
    });
    expect(before.stdout).not.toContain("looking");
    writeFileSync(check, "#!/bin/sh\nexit 0\n");
    expect(await retire("--check", check, "--yes", "deactivate", "--yes", "delete")).toMatchObject({ status: 0 });
    expect(await isActive()).toBeUndefined();
    expect(await keys("status", "--user", "ci")).toMatchObject({ status: 0 });
    expect(await keys("retire", "--user", "ci", "--roll-back")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("nothing brings it back") as string,
    });
    expect(await retire("--check", "./missing")).toMatchObject({ status: 0 });
  });

  it("asks the CI's API whether the names are gone, and takes nothing less than all of its places", async () => {
    await useRole(cloud);
    const held = { key: "AWS_ACCESS_KEY_ID", value: "never shown", protected: true, masked: true };
    const lists: Record<string, readonly object[] | number> = { "/api/v4/projects/acme%2Fshop/variables": [held] };
    const api = createServer(({ url = "" }, response) => {
      const list = lists[url.split("?")[0] ?? ""] ?? 403;
      response.writeHead(typeof list === "number" ? list : 200).end(JSON.stringify(list));
    });
    await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void api.close());
    const { port } = api.address() as AddressInfo;
    writeFileSync(join(home, ".gitlab-ci.yml"), "deploy: { script: [aws s3 ls] }\n");
    const token = { GITLAB_TOKEN: "glpat-example", GITLAB_HOST: `http://127.0.0.1:${port}` };
    const asked = async (): Promise<RunResult> => {
      const args = ["keys", "retire", "--user", "ci", "--role", roleOf(cloud), "--since", "2020-01-01"];
      const all = { ...env(), ...token, GIT_CEILING_DIRECTORIES: join(home, "..") };
      return run(process.execPath, [CLI, ...args, "--variables", "--project", "acme/shop"], { env: all, cwd: home });
    };
    const there = await asked();
    expect(there).toMatchObject({ status: 3 });
    expect(there.stderr).toMatch(/GitLab project acme\/shop: variable: AWS_ACCESS_KEY_ID/);
    expect(there.stderr).toContain("not yet: removed: GitLab still has variables that hold keys");
    expect(there.stderr + there.stdout).not.toMatch(/never shown|glpat/);
    lists["/api/v4/projects/acme%2Fshop/variables"] = [];
    expect((await asked()).stderr).toContain("GitLab did not show all places, and keys may be there");
    lists["/api/v4/groups/acme/variables"] = [];
    mkdirSync(join(home, ".circleci"));
    writeFileSync(join(home, ".circleci/config.yml"), "version: 2.1\n");
    expect((await asked()).stderr).toContain("the CIs whose files are here (gitlab, circleci) only GitLab was asked");
    rmSync(join(home, ".circleci"), { recursive: true });
    expect((await asked()).stderr).toContain("not yet: quiet");
  });

  it("takes CloudTrail's word for a green run, and needs to know which of two keys", async () => {
    const other = await makeKey(cloud, "ci");
    const two = await retire();
    expect(two).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        `expected --key: ${[key, other].map(({ accessKeyId }) => accessKeyId).join(" or ")}, got none`,
      ) as string,
    });
    const exchange = {
      ...EVENT,
      eventName: "AssumeRoleWithWebIdentity",
      requestParameters: { roleArn: roleOf(cloud) },
    };
    writeFileSync(join(home, "log.json"), JSON.stringify({ Records: [exchange] }));
    const args = ["--key", key.accessKeyId, "--cloudtrail", "log.json"];
    expect((await retire(...args)).stderr).toContain("not yet: green");
    expect((await retire(...args, "--since", "2026-11-20")).stderr).toContain("not yet: removed");
    const wrong = await retire("--key", other.accessKeyId);
    expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining("is about key") as string });
  });

  it("asks CloudTrail for a green run while IAM knows of none, and says whose it was", async () => {
    const first = await retire();
    expect(first).toMatchObject({ status: 3, stderr: expect.stringContaining("not yet: green") as string });
    expect(lookups.map(({ LookupAttributes }) => LookupAttributes)).toEqual(
      Array.from({ length: 2 }, () => [{ AttributeKey: "EventName", AttributeValue: "AssumeRoleWithWebIdentity" }]),
    );
    expect(Math.abs((lookups[0]?.StartTime ?? 0) * 1000 - Date.now())).toBeLessThan(60_000);
    exchanges = [
      {
        ...EVENT,
        eventTime: new Date(Date.now() + 1000).toISOString(),
        eventName: "AssumeRoleWithWebIdentity",
        userIdentity: { type: "WebIdentityUser", userName: "project_path:acme/shop:ref_type:branch:ref:main" },
        requestParameters: { roleArn: roleOf(cloud) },
      },
    ];
    lookups.length = 0;
    expect((await retire("--no-lookup")).stderr).toContain("not yet: green");
    expect(lookups).toEqual([]);
    const second = await retire();
    expect(second.stderr).toMatch(
      /^rolecall: a green run by CloudTrail: \S+, project_path:acme\/shop:ref_type:branch:ref:main$/m,
    );
    expect(second.stderr).toContain("not yet: removed");
    // What is done is not asked for again.
    lookups.length = 0;
    await retire();
    expect(lookups).toEqual([]);
  });

  it("stops when another run has written the state file meanwhile", async () => {
    await useRole(cloud);
    const other = join(home, "other");
    const line = `'${process.execPath}' '${CLI}' keys retire --user ci --roll-back`;
    writeFileSync(other, `#!/bin/sh\n${line}\n`, { mode: 0o700 });
    const yes = ["--since", "2020-01-01", "--yes", "deactivate", "--yes", "delete"];
    const stopped = await retire("--check", other, ...yes);
    expect(stopped.stderr).toMatch(/keys-ci\.json was changed by another run meanwhile/);
    expect(stopped).toMatchObject({ status: 2, stdout: "" });
    expect(await isActive()).toBe(true);
    expect(await retire("--yes", "removed", ...yes)).toMatchObject({ status: 0 });
  });

  it.skipIf(!onPath("script"))("asks on a terminal, and only yes is a yes", async () => {
    await useRole(cloud);
    const line = `${process.execPath} ${CLI} keys retire --user ci --role ${roleOf(cloud)} --since 2020-01-01 --quiet-days 0`;
    const ask = (input: string) =>
      run("script", ["-qec", line, "/dev/null"], { env: { ...env(), TERM: "dumb" }, cwd: home, input });
    const no = await ask("y\n");
    expect(no.stdout).toContain("taken out of the CI's variables and files?");
    expect(no).toMatchObject({ status: 3, stdout: expect.stringContaining("not yet: removed") as string });
    const yes = await ask("yes\n");
    expect(yes.stdout).toMatch(/deactivate \w+ of ci now\?/);
    expect(await isActive()).toBe(true);
  });
});

describe("rolecall keys policy", () => {
  it("asks CloudTrail, page by page, for each key and region, and takes its resources", async () => {
    const { status, stdout, stderr } = await keys("policy", "--user", "ci");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: ["s3:CreateBucket", "s3:DeleteBucket"], Resource: ["arn:aws:s3:::shop"] }],
    });
    expect(stderr).toContain("CloudTrail was asked in eu-central-1, us-east-1");
    expect(lookups.map(({ NextToken }) => NextToken)).toEqual([undefined, "more", undefined, "more"]);
    expect(lookups[0]?.LookupAttributes).toEqual([{ AttributeKey: "AccessKeyId", AttributeValue: key.accessKeyId }]);
  });

  it("waits when CloudTrail is busy, and takes smaller pages when its records are large", async () => {
    weather = ["throttled", "large"];
    const { status, stdout } = await keys("policy", "--user", "ci", "--region", "eu-central-1");
    expect(status).toBe(0);
    expect(stdout).toContain("s3:DeleteBucket");
    expect(lookups.map(({ MaxResults }) => MaxResults)).toEqual([50, 50, 5, 5]);
  });

  it("goes on without CloudTrail when it may not be asked, and says when nothing is known", async () => {
    const reader = await makeUser(cloud, "reader", {
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Action: "iam:*", Resource: "*" },
    });
    const own = { AWS_ACCESS_KEY_ID: reader.accessKeyId, AWS_SECRET_ACCESS_KEY: reader.secretAccessKey.reveal() };
    const denied = await run(process.execPath, [CLI, "keys", "policy", "--user", "ci"], {
      env: { ...env(), ...own },
      cwd: home,
    });
    expect(denied).toMatchObject({ status: 3, stdout: "" });
    expect(denied.stderr).toMatch(
      /CloudTrail tells no more: AWS refused cloudtrail:LookupEvents in eu-central-1: AccessDenied/,
    );
    expect(lookups).toEqual([]);
    expect(denied.stderr).not.toContain(reader.secretAccessKey.reveal());
    const nothing = await keys("policy", "--user", "ci", "--no-lookup");
    expect(nothing).toMatchObject({
      status: 3,
      stdout: "",
      stderr: expect.stringContaining("nothing is known") as string,
    });
  });
});

describe("what is kept and printed", () => {
  it("has no secret in it", async () => {
    await useRole(cloud);
    const outputs = [await keys("--json"), await retire("--yes", "removed"), await keys("status", "--json")];
    const all =
      outputs.map(({ stdout, stderr }) => stdout + stderr).join("") +
      readFileSync(join(home, ".rolecall/keys-ci.json"), "utf8");
    for (const secret of [key.secretAccessKey.reveal(), cloud.admin.secretAccessKey]) expect(all).not.toContain(secret);
  });
});
