import { get, type IncomingMessage } from "node:http";

import { describe, expect, it } from "vitest";

import { americanTime } from "../../../src/local/cloudtrail.ts";
import type { Exchange, LocalCloud } from "../../../src/local/index.ts";
import {
  ACCOUNT,
  afterTest,
  exchange,
  keysOf,
  mint,
  PROVIDER,
  ROLE,
  send,
  setUp,
  startCloud,
  SUBJECT,
  trustPolicy,
} from "./support.ts";

const EXCHANGES = "/_rolecall/exchanges";

/** A stream of events, and a way to wait until its text has something. */
async function follow(cloud: LocalCloud, headers: Record<string, string> = {}) {
  const response = await new Promise<IncomingMessage>((resolve) => {
    get(
      `${cloud.endpoint}${EXCHANGES}`,
      { headers: { accept: "text/event-stream", ...headers }, agent: false },
      resolve,
    );
  });
  afterTest(() => {
    response.destroy();
  });
  let text = "";
  let ended = false;
  response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  response.on("close", () => (ended = true)).on("error", () => undefined);
  const until = async (done: () => boolean): Promise<string> => {
    for (let tries = 0; tries < 200 && !done(); tries++) await new Promise((resolve) => setTimeout(resolve, 10));
    return text;
  };
  return {
    response,
    until,
    has: (count: number) => text.split("event: exchange\n").length > count,
    ended: () => ended,
  };
}

function idsIn(stream: string): string[] {
  return [...stream.matchAll(/^id: (.*)$/gm)].map(([, id = ""]) => id);
}

describe("the list of exchanges", () => {
  it("comes as JSON, and as a line for each when those are asked for", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    for (let at = 0; at < 3; at++) await exchange(cloud, await mint(cloud));
    const list = JSON.parse((await send(cloud.endpoint, { path: EXCHANGES })).body) as Exchange[];
    expect(list).toHaveLength(3);
    const lines = await send(cloud.endpoint, { path: EXCHANGES, headers: { accept: "application/x-ndjson" } });
    expect(lines.headers["content-type"]).toBe("application/x-ndjson");
    expect(
      lines.body
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Exchange),
    ).toEqual(list);
  });

  it("is followed live, first those that are kept", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    await exchange(cloud, "nonsense");
    const stream = await follow(cloud);
    expect(stream.response.headers["content-type"]).toBe("text/event-stream");
    await stream.until(() => stream.has(1));
    await exchange(cloud, await mint(cloud));
    const text = await stream.until(() => stream.has(2));
    expect(idsIn(text)).toEqual(cloud.exchanges().map(({ requestId }) => requestId));
    const data = [...text.matchAll(/^data: (.*)$/gm)].map(([, line = ""]) => JSON.parse(line) as Exchange);
    expect(data).toEqual(JSON.parse(JSON.stringify(cloud.exchanges())));
  });

  it("is taken up after the last one that was seen", async () => {
    const cloud = await startCloud();
    for (let at = 0; at < 3; at++) await exchange(cloud, "nonsense");
    const [, second, third] = cloud.exchanges();
    const stream = await follow(cloud, { "last-event-id": second?.requestId ?? "" });
    expect(idsIn(await stream.until(() => stream.has(1)))).toEqual([third?.requestId]);
  });

  it("ends with the cloud", async () => {
    const cloud = await startCloud();
    const stream = await follow(cloud);
    await cloud.close();
    await stream.until(stream.ended);
    expect(stream.ended()).toBe(true);
  });

  it("has no token and no secret in it, in any form", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    const token = await mint(cloud);
    const keys = keysOf(await exchange(cloud, token));
    await exchange(cloud, token, { RoleArn: `${ROLE}2` });
    await exchange(cloud, `${token}x`);
    const stream = await follow(cloud);
    const texts = [
      (await send(cloud.endpoint, { path: EXCHANGES })).body,
      (await send(cloud.endpoint, { path: EXCHANGES, headers: { accept: "application/x-ndjson" } })).body,
      await stream.until(() => stream.has(3)),
    ];
    const signature = token.split(".").at(-1) ?? "";
    for (const text of texts) {
      expect(text).toContain(keys.accessKeyId);
      for (const secret of [token, signature, keys.secretAccessKey, keys.sessionToken])
        expect(text).not.toContain(secret);
    }
  });
});

describe("the CloudTrail record of an exchange", () => {
  const time = Date.parse("2026-07-09T15:41:37Z");

  it("is the one that AWS writes, member by member", async () => {
    const clock = { time: Date.now() };
    const cloud = await startCloud({ now: () => clock.time });
    await setUp(
      cloud,
      trustPolicy({ Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"] }),
    );
    clock.time = time;
    const token = await mint(cloud, {
      claims: {
        "https://aws.amazon.com/tags": { principal_tags: { Project: ["Pegasus"] }, transitive_tag_keys: ["Project"] },
        "https://aws.amazon.com/source_identity": "ann",
        "https://aws.amazon.com/roles": [ROLE],
      },
    });
    const reply = await exchange(cloud, token, { DurationSeconds: 3600 });
    const [seen] = cloud.exchanges();
    const { accessKeyId } = keysOf(reply);
    const session = `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/job-1`;
    expect(seen?.event).toEqual({
      eventVersion: "1.08",
      userIdentity: {
        type: "WebIdentityUser",
        principalId: `${PROVIDER}:https://gitlab.com:${SUBJECT}`,
        userName: SUBJECT,
        identityProvider: PROVIDER,
      },
      eventTime: "2026-07-09T15:41:37Z",
      eventSource: "sts.amazonaws.com",
      eventName: "AssumeRoleWithWebIdentity",
      awsRegion: "us-east-1",
      sourceIPAddress: "127.0.0.1",
      requestParameters: {
        roleArn: ROLE,
        roleSessionName: "job-1",
        sourceIdentity: "ann",
        durationSeconds: 3600,
        principalTags: { Project: "Pegasus" },
        transitiveTagKeys: ["Project"],
      },
      responseElements: {
        credentials: {
          accessKeyId,
          sessionToken: "HIDDEN_DUE_TO_SECURITY_REASONS",
          expiration: "Jul 9, 2026, 4:41:37 PM",
        },
        subjectFromWebIdentityToken: SUBJECT,
        sourceIdentity: "ann",
        assumedRoleUser: { assumedRoleId: expect.stringMatching(/^AROA.{17}:job-1$/) as string, arn: session },
        provider: PROVIDER,
        audience: "https://gitlab.com",
      },
      additionalEventData: {
        RequestDetails: { awsServingRegion: "us-east-1", endpointType: "regional" },
        RoleAuthorizedByIdp: true,
        identityProviderConnectionVerificationMethod: "IAMTrustStore",
      },
      requestID: seen?.requestId,
      eventID: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      readOnly: true,
      resources: [{ accountId: ACCOUNT, type: "AWS::IAM::Role", ARN: ROLE }],
      eventType: "AwsApiCall",
      managementEvent: true,
      recipientAccountId: ACCOUNT,
      eventCategory: "Management",
      tlsDetails: {
        tlsVersion: "TLSv1.3",
        cipherSuite: "TLS_AES_128_GCM_SHA256",
        clientProvidedHostHeader: new URL(cloud.endpoint).host,
      },
    });
  });

  it("leaves out what was not sent", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    await exchange(cloud, await mint(cloud));
    const event = cloud.exchanges()[0]?.event;
    expect(event?.["requestParameters"]).toEqual({ roleArn: ROLE, roleSessionName: "job-1" });
    expect(event?.["additionalEventData"]).not.toHaveProperty("RoleAuthorizedByIdp");
    expect(event?.["responseElements"]).not.toHaveProperty("sourceIdentity");
  });

  it("of a denial does not say why", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    await exchange(cloud, await mint(cloud, { branch: "other" }));
    const event = cloud.exchanges()[0]?.event;
    expect(event).toMatchObject({
      errorCode: "AccessDenied",
      errorMessage: "An unknown error occurred",
      responseElements: null,
      userIdentity: { userName: SUBJECT.replace("main", "other") },
    });
    expect(event).not.toHaveProperty("additionalEventData");
  });

  it.each([
    ["is not a token", () => Promise.resolve("nonsense")],
    ["is of a stranger", (cloud: LocalCloud) => mint(cloud, { issuer: "https://gitlab.example.com" })],
    ["is for another audience", (cloud: LocalCloud) => mint(cloud, { audience: "other" })],
    ["has expired", (cloud: LocalCloud) => mint(cloud, { claims: { exp: 1 } })],
  ])("does not exist when the token %s", async (_, tokenOf) => {
    const cloud = await startCloud();
    await setUp(cloud);
    await exchange(cloud, await tokenOf(cloud));
    expect(cloud.exchanges().map(({ event }) => event)).toEqual([null]);
  });

  it.each([
    ["2024-07-09T00:00:00Z", "Jul 9, 2024, 12:00:00 AM"],
    ["2025-04-16T03:46:56Z", "Apr 16, 2025, 3:46:56 AM"],
    ["2025-12-31T12:05:09Z", "Dec 31, 2025, 12:05:09 PM"],
    ["2025-01-01T23:59:59Z", "Jan 1, 2025, 11:59:59 PM"],
  ])("writes %s as %s", (date, text) => {
    expect(americanTime(Date.parse(date) / 1000)).toBe(text);
  });
});
