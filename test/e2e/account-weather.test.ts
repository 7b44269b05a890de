import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { gitlab } from "../../src/ci/gitlab.ts";
import { main } from "../../src/cli/main.ts";
import { createLocalCloud, type LocalCloud, type WeatherChange, type WeatherName } from "../../src/local/index.ts";
import { connectIam } from "../../src/wire/aws-sdk.ts";
import { tempDir } from "../support/temp-dir.ts";
import { type FakeIo, fakeIo } from "../unit/cli/fake-io.ts";
import { foreignPart, type Start, STARTS, stubAdmin } from "./account-starts.ts";
import { adminOf, type Dump, dump } from "./iam-dump.ts";

// Every weather over every account that a file may meet: apply, what jobs then get, plan, destroy.

const ADMIN = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };

// Once in so many calls means in every apply and in every destroy; throttled more often, the SDK waits for long.
const WEATHERS: Readonly<Record<WeatherName, WeatherChange>> = {
  throttle: { throttle: 9 },
  error: { error: 4 },
  slow: { slow: "20ms" },
  propagation: { propagation: "5s" },
  "key-unreachable": { "key-unreachable": 2 },
  skew: { skew: "120s" },
};
const FAIR: WeatherChange = { throttle: 0, error: 0, slow: 0, propagation: 0, "key-unreachable": 0, skew: 0 };

let home = "";
beforeAll(() => {
  home = tempDir(afterAll);
  // All clouds of this test have the same.
  stubAdmin(ADMIN);
});
afterAll(() => void vi.unstubAllEnvs());

/** What is done to an account, and what each gives. */
interface Life {
  /** Exit statuses. */
  readonly apply: number;
  /** Of the job that the file allows, the moment that apply is done. */
  readonly atOnce: number;
  /** The same ten seconds later. */
  readonly later: number;
  readonly otherBranch: number;
  /** 2 when there is something to change. */
  readonly planAgain: number;
  readonly destroy: number;
  readonly before: Dump;
  readonly made: Dump;
  readonly left: Dump;
}

async function live({ before, file }: Start, weather: WeatherChange): Promise<Life> {
  // It stands still between steps, so that a busy machine does not let the weather pass.
  let clock = Date.now();
  const cloud = await createLocalCloud({ adminKey: ADMIN, now: () => clock });
  try {
    const iam = await connectIam(adminOf(cloud));
    /** What there is; a look at it meets no weather. */
    const look = async (): Promise<Dump> => {
      cloud.setWeather(FAIR);
      const there = await dump(iam);
      cloud.setWeather(weather);
      return there;
    };
    await before({ cloud, iam });
    const path = join(home, `${new URL(cloud.endpoint).port}.yaml`);
    writeFileSync(path, file);
    const run = (...args: readonly string[]): Promise<number> =>
      main([...args, "--config", path, "--endpoint-url", cloud.endpoint], fakeIo());
    const start = await look();
    const apply = await run("apply", "--yes", "--adopt", "--allow-destroy");
    const atOnce = await job(cloud, "main");
    clock += 10_000;
    return {
      apply,
      atOnce,
      later: await job(cloud, "main"),
      otherBranch: await job(cloud, "dev"),
      planAgain: await run("plan", "--detailed-exitcode"),
      before: start,
      made: await look(),
      destroy: await run("destroy", "--yes"),
      left: await look(),
    };
  } finally {
    await cloud.close();
  }
}

async function job(cloud: LocalCloud, branch: string): Promise<number> {
  return await main(["creds"], await jobIo(cloud, branch));
}

/** The outside of a job of the shop. */
async function jobIo(cloud: LocalCloud, branch: string): Promise<FakeIo> {
  const { token, claims } = await cloud.mint({
    ci: "gitlab",
    project: "acme/shop",
    branch,
    audience: "https://shop.test",
    claims: { project_id: "7" },
  });
  const role = `arn:aws:iam::${cloud.account}:role/shop-deploy`;
  const more = { AWS_ROLE_ARN: role, AWS_REGION: "us-east-1", AWS_ENDPOINT_URL: cloud.endpoint };
  return fakeIo({ ...gitlab.jobEnvironment(claims, token), ...more }, { now: Date.now });
}

async function liveEverywhere(weather: WeatherChange): Promise<Readonly<Record<string, Life>>> {
  const lives = Object.entries(STARTS).map(async ([name, start]) => [name, await live(start, weather)] as const);
  return Object.fromEntries(await Promise.all(lives));
}

describe("an account", () => {
  let fair: Readonly<Record<string, Life>>;
  beforeAll(async () => {
    fair = await liveEverywhere(FAIR);
  });

  it.each(Object.keys(STARTS))("is as the file says, then as it was: %s", (name) => {
    const life = fair[name];
    if (!life) throw new Error("nothing was run");
    const { before, made, left, ...statuses } = life;
    expect(statuses).toEqual({ apply: 0, atOnce: 0, later: 0, otherBranch: 3, planAgain: 0, destroy: 0 });
    expect(foreignPart(made, before)).toEqual(foreignPart(before, before));
    expect(foreignPart(left, before)).toEqual(foreignPart(before, before));
    // Where no role of the file was there before, nothing at all differs.
    if (!("shop-deploy" in before.roles)) expect(left).toEqual(before);
  });

  it.concurrent.each(Object.entries(WEATHERS))(
    "comes out the same in the weather %s",
    async (name, weather) => {
      const lives = await liveEverywhere(weather);
      // What STS does not see yet it refuses, which is not tried again.
      const atOnce = name === "propagation" ? 3 : 0;
      expect(lives).toEqual(
        Object.fromEntries(Object.entries(fair).map(([start, one]) => [start, { ...one, atOnce }])),
      );
    },
    120_000,
  );
});

describe("apply --verify-with-token", () => {
  it("tries again what passes by itself", async () => {
    const cloud = await createLocalCloud({ adminKey: ADMIN });
    onTestFinished(() => cloud.close());
    const path = join(home, "verified.yaml");
    writeFileSync(path, STARTS["an empty account"]?.file ?? "");
    const io = await jobIo(cloud, "main");
    const to = ["--config", path, "--endpoint-url", cloud.endpoint];
    // Every second call fails: whichever is tried again, the next one is hit at first.
    cloud.setWeather({ error: 2 });
    expect([await main(["apply", "--yes", "--verify-with-token", ...to], io), io.stderr]).toEqual([
      0,
      expect.stringContaining("verified: role shop-deploy"),
    ]);
  });
});
