import { CreateRoleCommand, UpdateAssumeRolePolicyCommand } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";

import { Secret } from "../../../src/core/secret.ts";
import { exchange as exchangeWithRetries } from "../../../src/credentials/exchange.ts";
import { createLocalCloud, type LocalCloud, parseWeather } from "../../../src/local/index.ts";
import { assumeRoleWithWebIdentity } from "../../../src/wire/sts.ts";
import { signed } from "./signed.ts";
import {
  ACCOUNT,
  afterTest,
  exchange,
  iamClient,
  mint,
  post,
  refusal,
  ROLE,
  send,
  setUp,
  startCloud,
  stsClient,
  trustPolicy,
} from "./support.ts";

function forecast(cloud: LocalCloud, change: unknown) {
  const headers = { "content-type": "application/json" };
  return send(cloud.endpoint, { method: "POST", path: "/_rolecall/weather", headers, body: JSON.stringify(change) });
}

/** The codes of so many exchanges one after the other; null where there were credentials. */
async function codes(cloud: LocalCloud, count: number): Promise<(string | null)[]> {
  const token = await mint(cloud);
  const found: (string | null)[] = [];
  for (let at = 0; at < count; at++) found.push((await exchange(cloud, token)).code);
  return found;
}

describe("the weather", () => {
  it("is fair when nothing is said, and can be changed while the cloud runs", async () => {
    const cloud = await startCloud();
    const fair = { propagation: 0, "key-unreachable": 0, throttle: 0, error: 0, slow: 0, skew: 0 };
    expect(JSON.parse((await send(cloud.endpoint, { path: "/_rolecall/weather" })).body)).toEqual(fair);
    const changed = { ...fair, propagation: 10_000, throttle: 5, skew: -120_000 };
    const reply = await forecast(cloud, { propagation: "10s", throttle: 5, skew: "-2m" });
    expect(JSON.parse(reply.body)).toEqual(changed);
    expect(JSON.parse((await forecast(cloud, { throttle: 0 })).body)).toEqual({ ...changed, throttle: 0 });
  });

  it.each([
    [{ hail: 1 }, 'weather: expected propagation, key-unreachable, throttle, error, slow, skew, got "hail"'],
    [{ throttle: "5s" }, "weather: throttle: expected a whole number"],
    [{ throttle: -1 }, "weather: throttle: expected a whole number"],
    [{ slow: 200 }, "weather: slow: expected a time such as 10s or 200ms, got 200"],
    [{ slow: "-1s" }, "weather: slow: expected a time"],
    [{ propagation: null }, "weather: propagation: expected a time"],
    [[1], "expected a JSON object"],
  ])("is not %j", async (change, message) => {
    const cloud = await startCloud();
    const reply = await forecast(cloud, change);
    expect(reply.status).toBe(400);
    expect((JSON.parse(reply.body) as { error: string }).error).toContain(message);
  });

  it("is read off a command line", async () => {
    const text = "propagation=10s,key-unreachable=3,throttle=5,error=5,slow=200ms,skew=-120s";
    const cloud = await startCloud({ weather: parseWeather(text) });
    expect(JSON.parse((await send(cloud.endpoint, { path: "/_rolecall/weather" })).body)).toEqual({
      propagation: 10_000,
      "key-unreachable": 3,
      throttle: 5,
      error: 5,
      slow: 200,
      skew: -120_000,
    });
    expect(() => parseWeather("throttle")).toThrowWithCode("usage", "weather: throttle: expected a whole number");
    await expect(createLocalCloud({ weather: { slow: "soon" } })).rejects.toThrowWithCode("usage", "weather: slow");
  });
});

describe("bad weather", () => {
  it("hides the issuer's key once in so many exchanges", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    cloud.setWeather({ "key-unreachable": 3 });
    expect(await codes(cloud, 6)).toEqual([null, null, "InvalidIdentityToken", null, null, "InvalidIdentityToken"]);
    expect(cloud.exchanges().at(-1)?.answer.message).toMatch(/^Couldn't retrieve verification key/);
    cloud.setWeather({ "key-unreachable": 0 });
    expect(await codes(cloud, 3)).toEqual([null, null, null]);
  });

  it("throttles and fails once in so many calls", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    cloud.setWeather({ throttle: 2, error: 3 });
    // A call that is throttled is not counted among those that may fail.
    expect(await codes(cloud, 6)).toEqual([null, "Throttling", null, "Throttling", "InternalFailure", "Throttling"]);
  });

  it("throttles other services in their own protocol", async () => {
    const cloud = await startCloud({ weather: { throttle: 1 } });
    const target = { method: "POST", headers: { "x-amz-target": "DynamoDB_20120810.ListTables" }, body: "{}" };
    expect((await signed(cloud, "dynamodb", target)).body).toContain("ThrottlingException");
    expect((await signed(cloud, "s3", {})).body).toContain("<Code>SlowDown</Code>");
  });

  it("keeps new and changed roles from STS for a while, AssumeRole included", async () => {
    const clock = { time: Date.now() };
    const cloud = await startCloud({ now: () => clock.time, weather: { propagation: "10s" } });
    const iam = await setUp(cloud);
    const trusted = JSON.stringify({
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "sts:AssumeRole" },
    });
    await iam.send(new CreateRoleCommand({ RoleName: "target", AssumeRolePolicyDocument: trusted }));
    const hop = new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/target`, RoleSessionName: "hop" });
    expect(await codes(cloud, 1)).toEqual(["AccessDenied"]);
    expect(await refusal(stsClient(cloud).send(hop))).toMatchObject({ code: "AccessDenied" });
    clock.time += 9999;
    expect(await codes(cloud, 1)).toEqual(["AccessDenied"]);
    clock.time += 1;
    expect(await codes(cloud, 1)).toEqual([null]);
    expect(await stsClient(cloud).send(hop)).toMatchObject({ AssumedRoleUser: {} });
    await iamClient(cloud).send(
      new UpdateAssumeRolePolicyCommand({ RoleName: "deploy", PolicyDocument: trustPolicy() }),
    );
    expect(await codes(cloud, 1)).toEqual(["AccessDenied"]);
    clock.time += 10_000;
    expect(await codes(cloud, 1)).toEqual([null]);
  });

  it("makes answers slow, and not those of the cloud itself", async () => {
    const cloud = await startCloud({ weather: { slow: "300ms" } });
    const time = async (call: () => Promise<unknown>): Promise<number> => {
      const started = performance.now();
      await call();
      return performance.now() - started;
    };
    expect(await time(() => post(cloud.endpoint, { Action: "None" }))).toBeGreaterThan(280);
    expect(await time(() => send(cloud.endpoint, { path: "/_rolecall/health" }))).toBeLessThan(280);
  });

  it("sets AWS's clock apart from the issuers', by which signatures and tokens are judged", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    const sts = stsClient(cloud);
    cloud.setWeather({ skew: "-250s" });
    expect(await codes(cloud, 1)).toEqual([null]);
    cloud.setWeather({ skew: "-310s" });
    expect(await codes(cloud, 1)).toEqual(["InvalidIdentityToken"]);
    expect(cloud.exchanges().at(-1)?.answer.message).toMatch(/^Token issued in the future/);
    const { headers } = await send(cloud.endpoint, { path: "/_rolecall/health" });
    expect(Date.now() - Date.parse(String(headers["date"]))).toBeGreaterThan(305_000);
    expect(await refusal(sts.send(new GetCallerIdentityCommand({})))).toMatchObject({ code: "SignatureDoesNotMatch" });
  });
});

describe("a job under bad weather", () => {
  async function run(cloud: LocalCloud) {
    const retries: string[] = [];
    const env = {};
    const call = {
      endpoint: new URL(cloud.endpoint),
      roleArn: ROLE,
      sessionName: "job-1",
      token: new Secret(await mint(cloud)),
    };
    const exchanged = await exchangeWithRetries(call, {
      assume: (asked, timeout) => assumeRoleWithWebIdentity(asked, env, timeout),
      now: () => performance.now(),
      sleep: () => Promise.resolve(),
      random: () => 0,
      onRetry: (why) => retries.push(why),
    });
    return { outcome: exchanged.outcome, retries };
  }

  it.each([
    ["a key that cannot be had", { "key-unreachable": 2 }, /^InvalidIdentityToken: Couldn't retrieve verification key/],
    ["throttling", { throttle: 2 }, /^Throttling: Rate exceeded/],
    ["errors of AWS's own", { error: 2 }, /^InternalFailure: /],
  ])("survives %s", async (_, weather, why) => {
    const cloud = await startCloud();
    await setUp(cloud);
    cloud.setWeather(weather);
    expect(await run(cloud)).toEqual({ outcome: "credentials", retries: [] });
    const second = await run(cloud);
    expect(second.outcome).toBe("credentials");
    expect(second.retries).toEqual([expect.stringMatching(why)]);
  });

  it("survives all of it at once", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    cloud.setWeather({ "key-unreachable": 2, throttle: 3, error: 4, slow: "5ms", skew: "-120s" });
    for (let at = 0; at < 10; at++) expect(await run(cloud)).toMatchObject({ outcome: "credentials" });
  });

  it("is not kept waiting by a denial, be it of a role that is not there yet", async () => {
    const cloud = await startCloud({ weather: { propagation: "1h" } });
    await setUp(cloud);
    expect(await run(cloud)).toEqual({ outcome: "refused", retries: [] });
  });

  it("that uses the SDK survives as well", async () => {
    const cloud = await startCloud({ weather: { throttle: 3, error: 4 } });
    const sts = new STSClient({ endpoint: cloud.endpoint, region: "us-east-1", credentials: { ...cloud.admin } });
    afterTest(() => sts.destroy());
    for (let at = 0; at < 4; at++) {
      expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: ACCOUNT });
    }
  });
});
