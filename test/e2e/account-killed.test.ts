import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLocalCloud, type LocalCloud } from "../../src/local/index.ts";
import { connectIam, type Iam } from "../../src/wire/aws-sdk.ts";
import { tempDir } from "../support/temp-dir.ts";
import { adminOf, dump } from "./iam-dump.ts";
import { type Front, startFront } from "./killing-front.ts";
import { adminEnv, cleanEnv, CLI } from "./support.ts";

// The built rolecall, killed by SIGKILL right after each call that changes IAM, before it hears of it. Calls
// that only read leave what was there, so a kill after one of them is the same as one after the last change.

const GITLAB = "https://gitlab.com";
const AUDIENCE = "https://acme.test";
const POLICY = "arn:aws:iam::aws:policy/ReadOnlyAccess";

const ONE_ROLE = `version: 1
roles:
  shop-deploy:
    ci: gitlab
    audience: ${AUDIENCE}
    allow: [{ project: acme/shop, branch: main }, { project: acme/shop, tag: "v*" }]
    permissions: [${POLICY}]
`;
const TWO_ROLES = `${ONE_ROLE}    boundary: arn:aws:iam::aws:policy/PowerUserAccess
    tags: { team: shop }
  blog-deploy:
    ci: gitlab
    audience: https://blog.test
    allow: [{ project: acme/blog, branch: main }]
    permissions: [{ Version: 2012-10-17, Statement: { Effect: Allow, Action: "s3:GetObject", Resource: "*" } }]
`;

let cloud: LocalCloud;
let front: Front;
let iam: Iam;
let home = "";

beforeAll(async () => {
  cloud = await createLocalCloud();
  front = await startFront(cloud.endpoint);
  iam = await connectIam(adminOf(cloud));
  home = tempDir(afterAll);
});
afterAll(async () => {
  await front.close();
  await cloud.close();
});

const READS = /^(Get|List)/;

/** Runs rolecall through the front; kills it after so many changing calls, if it makes as many. */
async function run(args: readonly string[], killAfter = Infinity): Promise<number | null> {
  front.calls.length = 0;
  const env = cleanEnv(home, { ...adminEnv(cloud), AWS_ENDPOINT_URL: front.endpoint });
  const child = spawn(process.execPath, [CLI, ...args], { env, cwd: home, stdio: "ignore" });
  front.onCall = (_, action) => {
    if (READS.test(action) || changes() < killAfter) return false;
    child.kill("SIGKILL");
    return true;
  };
  const [status] = (await once(child, "exit")) as [number | null];
  return status;
}

function changes(): number {
  return front.calls.filter((action) => !READS.test(action)).length;
}

interface Scenario {
  /** What the account holds before. */
  readonly before: () => Promise<void>;
  readonly file: string;
  readonly args: readonly string[];
}

async function theirs(audiences: readonly string[], url = GITLAB): Promise<void> {
  await iam.createProvider({ url, audiences, tags: { owner: "them" } });
}

async function handMade(name: string): Promise<void> {
  const trust = {
    Version: "2012-10-17",
    Statement: {
      Effect: "Allow",
      Principal: { Federated: `arn:aws:iam::${cloud.account}:oidc-provider/gitlab.com` },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringLike: { "gitlab.com:sub": "project_path:acme/*" } },
    },
  };
  const settings = { maxSessionDuration: 43_200, description: "by hand", boundary: null, tags: { team: "them" } };
  await iam.createRole({ name, path: "/", trust: JSON.stringify(trust), ...settings });
  await iam.attachPolicy(name, "arn:aws:iam::aws:policy/AdministratorAccess");
  await iam.putInlinePolicy(
    name,
    "old",
    JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: "*" } }),
  );
}

async function applied(file: string): Promise<void> {
  writeFileSync(join(home, "rolecall.yaml"), file);
  expect(await run(["apply", "--yes", "--adopt"])).toBe(0);
}

const APPLY = ["apply", "--yes", "--adopt", "--allow-destroy"];
const DESTROY = ["destroy", "--yes"];

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "an empty account": { before: async () => {}, file: TWO_ROLES, args: APPLY },
  "a provider without our audience, and a role made by hand": {
    before: async () => {
      await theirs(["theirs"]);
      await handMade("shop-deploy");
      await handMade("foreign");
    },
    file: TWO_ROLES,
    args: APPLY,
  },
  "a provider with our audience already, and 97 others": {
    before: () => theirs([AUDIENCE, ...Array.from({ length: 97 }, (_, index) => `theirs-${index}`)]),
    file: TWO_ROLES,
    args: APPLY,
  },
  "a provider with 99 audiences": {
    before: () => theirs(Array.from({ length: 99 }, (_, index) => `theirs-${index}`)),
    file: ONE_ROLE,
    args: APPLY,
  },
  "a provider that differs by a slash": {
    before: () => theirs([AUDIENCE], `${GITLAB}/`),
    file: ONE_ROLE,
    args: APPLY,
  },
  "a file that has become shorter, and drift": {
    before: async () => {
      await theirs(["theirs"]);
      await applied(TWO_ROLES);
      await iam.attachPolicy("blog-deploy", "arn:aws:iam::aws:policy/AdministratorAccess");
      await iam.setBoundary("shop-deploy", null);
      await iam.updateRole("shop-deploy", { description: "drifted", maxSessionDuration: 7200 });
    },
    file: ONE_ROLE,
    args: APPLY,
  },
  "all of it to go, on a provider of ours": { before: () => applied(TWO_ROLES), file: TWO_ROLES, args: DESTROY },
  "all of it to go, on a provider of others that others use": {
    before: async () => {
      await theirs(["theirs"]);
      await handMade("foreign");
      await handMade("shop-deploy");
      await applied(TWO_ROLES);
    },
    file: TWO_ROLES,
    args: DESTROY,
  },
};

async function start({ before, file }: Scenario): Promise<void> {
  await cloud.reset();
  await before();
  writeFileSync(join(home, "rolecall.yaml"), file);
}

describe("a run that is killed", () => {
  it.each(Object.entries(SCENARIOS))(
    "is finished by the next one: %s",
    async (_, scenario) => {
      await start(scenario);
      expect(await run(scenario.args)).toBe(0);
      const calls = changes();
      const whole = await dump(iam);
      expect(calls).toBeGreaterThan(0);
      // Running it once more does nothing.
      expect(await run(scenario.args)).toBe(0);
      expect(changes()).toBe(0);
      for (let kill = 1; kill <= calls; kill++) {
        await start(scenario);
        expect([kill, await run(scenario.args, kill)]).toEqual([kill, null]);
        expect([kill, await run(scenario.args)]).toEqual([kill, 0]);
        expect([kill, await dump(iam)]).toEqual([kill, whole]);
      }
    },
    120_000,
  );
});

describe("what is not ours", () => {
  it.each(Object.entries(SCENARIOS))("is as it was: %s", async (_, scenario) => {
    await start(scenario);
    const before = (await dump(iam)) as Dump;
    await run(scenario.args);
    const after = (await dump(iam)) as Dump;
    for (const [arn, provider] of Object.entries(before.providers)) {
      const foreign = provider.audiences.filter((one) => one.startsWith("theirs"));
      if (provider.tags["owner"] !== "them") continue;
      expect(after.providers[arn]?.audiences).toEqual(expect.arrayContaining(foreign));
      expect(after.providers[arn]?.tags).toMatchObject({ owner: "them" });
    }
    expect(after.roles["foreign"]).toEqual(before.roles["foreign"]);
  });
});

interface Dump {
  readonly providers: Readonly<
    Record<string, { audiences: readonly string[]; tags: Readonly<Record<string, string>> }>
  >;
  readonly roles: Readonly<Record<string, unknown>>;
}

describe("a run in bad weather", () => {
  it.each([
    ["calls are throttled", { throttle: 4 }],
    ["calls fail", { error: 5 }],
    ["AWS is slow", { slow: "20ms" }],
    ["changes take their time", { propagation: "5s" }],
    ["keys cannot be had", { "key-unreachable": 2 }],
    ["clocks differ", { skew: "120s" }],
  ])(
    "does the same when %s",
    async (_, weather) => {
      const [scenario] = Object.entries(SCENARIOS)
        .filter(([name]) => name.startsWith("a provider without"))
        .map(([, one]) => one);
      if (!scenario) throw new Error("no scenario");
      await start(scenario);
      await run(scenario.args);
      const fair = await dump(iam);
      await start(scenario);
      cloud.setWeather(weather);
      const status = await run(scenario.args);
      cloud.setWeather({ throttle: 0, error: 0, slow: 0, propagation: 0, "key-unreachable": 0, skew: 0 });
      expect(status).toBe(0);
      expect(await dump(iam)).toEqual(fair);
    },
    60_000,
  );
});
