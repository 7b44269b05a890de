import { Agent, get } from "node:http";
import { connect } from "node:net";

import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";

import { xmlText } from "../../../src/wire/query.ts";
import { signed } from "./signed.ts";
import { ACCOUNT, afterTest, exchange, FORM, post, send, startCloud, stsClient } from "./support.ts";

const WHO = { Action: "GetCallerIdentity", Version: "2011-06-15" };

describe("the query protocol at the door", () => {
  it("has every answer carry a request id, in the body and beside it", async () => {
    const cloud = await startCloud();
    const reply = await exchange(cloud, "nonsense");
    expect(reply.headers["content-type"]).toBe("text/xml");
    expect(xmlText(reply.body, "RequestId")).toBe(reply.headers["x-amzn-requestid"]);
    expect(reply.body).toContain('<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">');
  });

  it.each([
    ["an unknown action", { Action: "NoSuchAction", Version: "2011-06-15" }, "NoSuchAction for version 2011-06-15"],
    ["no version", { Action: "GetCallerIdentity" }, "GetCallerIdentity for version NO_VERSION_SPECIFIED"],
    [
      "another version",
      { Action: "GetCallerIdentity", Version: "2000-01-01" },
      "GetCallerIdentity for version 2000-01-01",
    ],
    [
      "the version of another service",
      { Action: "GetCallerIdentity", Version: "2010-05-08" },
      "GetCallerIdentity for version 2010-05-08",
    ],
    [
      "a name of JavaScript's own",
      { Action: "constructor", Version: "2011-06-15" },
      "constructor for version 2011-06-15",
    ],
  ])("does not find %s", async (_, parameters, name) => {
    const { endpoint } = await startCloud();
    const reply = await post(endpoint, parameters);
    expect(reply).toMatchObject({ status: 400, code: "InvalidAction", message: `Could not find operation ${name}` });
    expect(reply.body).toContain("http://webservices.amazon.com/AWSFault/2005-15-09");
  });

  it("keeps connections, and names no time after which it would cut an idle one off", async () => {
    const { endpoint } = await startCloud();
    const { headers } = await fetch(`${endpoint}/_rolecall/health`);
    expect([headers.get("connection"), headers.get("keep-alive")]).toEqual(["keep-alive", null]);
  });

  it("wants a signature for everything but the exchange", async () => {
    const { endpoint } = await startCloud();
    const answer = {
      status: 403,
      code: "MissingAuthenticationToken",
      message: "Request is missing Authentication Token",
    };
    expect(await post(endpoint, WHO)).toMatchObject(answer);
    expect(await post(endpoint, { Action: "ListRoles", Version: "2010-05-08" })).toMatchObject(answer);
  });

  it("does not read a body of another type, and leads a call without action away", async () => {
    const cloud = await startCloud();
    const body = "Action=GetCallerIdentity&Version=2011-06-15";
    for (const headers of [{}, { "content-type": "text/plain" }]) {
      expect(await signed(cloud, "sts", { method: "POST", headers, body })).toMatchObject({
        status: 302,
        headers: { location: "https://aws.amazon.com/iam" },
      });
    }
    expect(await signed(cloud, "sts", { method: "POST", headers: FORM, body })).toMatchObject({ status: 200 });
  });

  it("knows a service by its host name when nobody signed", async () => {
    const { endpoint } = await startCloud();
    const reply = await post(
      endpoint,
      { Action: "AssumeRoleWithWebIdentity", Version: "2011-06-15" },
      { host: "sts.eu-central-1.amazonaws.com" },
    );
    expect(reply).toMatchObject({ code: "ValidationError" });
    expect(await post(endpoint, WHO, { host: "iam.amazonaws.com" })).toMatchObject({ code: "InvalidAction" });
  });

  it("is open to a clock that is five minutes off, and tells the time", async () => {
    const clock = { time: Date.parse("2020-02-02T02:02:02Z") };
    const cloud = await startCloud({ now: () => clock.time });
    const reply = await send(cloud.endpoint, { path: "/_rolecall/health" });
    expect(reply.headers["date"]).toBe("Sun, 02 Feb 2020 02:02:02 GMT");
    // The SDK learns the time from the first refusal and signs again.
    const sts = stsClient(cloud);
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: "SignatureDoesNotMatch",
      message: expect.stringContaining("Signature not yet current") as string,
    });
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: ACCOUNT });
  });
});

describe("a service that is not played here", () => {
  it.each([
    ["s3", { method: "PUT", path: "/bucket" }, 501, "<Code>NotImplemented</Code>"],
    [
      "ec2",
      { method: "POST", headers: FORM, body: "Action=RunInstances&Version=2016-11-15" },
      501,
      "<Response>\n  <Errors>\n    <Error>\n      <Code>UnsupportedOperation</Code>",
    ],
    [
      "cloudformation",
      { method: "POST", headers: FORM, body: "Action=CreateStack&Version=2010-05-15" },
      501,
      "<ErrorResponse",
    ],
    [
      "dynamodb",
      {
        method: "POST",
        headers: { "x-amz-target": "DynamoDB_20120810.CreateTable", "content-type": "application/x-amz-json-1.0" },
        body: "{}",
      },
      501,
      '{"__type":"UnsupportedOperationException"',
    ],
    ["lambda", { path: "/2015-03-31/event-source-mappings/" }, 501, '{"__type":"UnsupportedOperationException"'],
  ])("says so for %s, in its own protocol", async (service, request, status, text) => {
    const cloud = await startCloud();
    const reply = await signed(cloud, service, request);
    expect(reply.status).toBe(status);
    expect(reply.body).toContain(text);
    expect(reply.body).toContain(`does not emulate ${service}`);
  });

  it("refuses a bad signature first, by the names that its protocol has for it", async () => {
    const cloud = await startCloud();
    const stranger = { ...cloud, admin: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "x" } };
    const thief = { ...cloud, admin: { ...cloud.admin, secretAccessKey: "x" } };
    const target = { method: "POST", headers: { "x-amz-target": "DynamoDB_20120810.ListTables" }, body: "{}" };
    expect((await signed(stranger, "dynamodb", target)).body).toContain("UnrecognizedClientException");
    expect((await signed(thief, "dynamodb", target)).body).toContain("InvalidSignatureException");
    expect((await signed(stranger, "s3", {})).body).toContain("InvalidAccessKeyId");
    expect((await send(cloud.endpoint, { path: "/bucket/key" })).body).toContain("MissingAuthenticationToken");
  });
});

describe("the server", () => {
  it("does not take a body of more than a megabyte", async () => {
    const { endpoint } = await startCloud();
    const reply = await send(endpoint, { method: "POST", headers: FORM, body: "x".repeat(1024 * 1024 + 1) });
    expect(reply.status).toBe(413);
    expect(await send(endpoint, { path: "/_rolecall/health" })).toMatchObject({ status: 200 });
  });

  it.each([
    ["no HTTP", "\x16\x03\x01\x02\x00"],
    ["a method that is none", "FOO / HTTP/1.1\r\nhost: x\r\n\r\n"],
    ["half a request", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nab"],
    ["broken escapes", "GET /%zz?%zz=%&Action=%ff HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n"],
    ["no host", "GET /_rolecall/health HTTP/1.0\r\n\r\n"],
    [
      "a target that is a whole URL",
      "GET http://[::1/_rolecall/health HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n",
    ],
  ])("survives %s", async (_, bytes) => {
    const cloud = await startCloud();
    await new Promise<void>((resolve) => {
      const socket = connect(Number(new URL(cloud.endpoint).port), "127.0.0.1", () => socket.end(bytes));
      socket.on("close", () => resolve()).on("error", () => resolve());
      socket.resume();
    });
    expect(await send(cloud.endpoint, { path: "/_rolecall/health" })).toMatchObject({ status: 200 });
  });

  it("keeps connections, and ends them when it is closed", async () => {
    const cloud = await startCloud();
    const agent = new Agent({ keepAlive: true });
    afterTest(() => agent.destroy());
    await new Promise((resolve) => {
      get(cloud.endpoint, { agent }, (response) => response.resume().on("end", resolve));
    });
    expect(Object.keys(agent.freeSockets)).toHaveLength(1);
    const started = performance.now();
    await cloud.close();
    expect(performance.now() - started).toBeLessThan(1000);
    await expect(send(cloud.endpoint, {})).rejects.toThrow("ECONNREFUSED");
  });

  it("gives each of many that come together its own answer", async () => {
    const cloud = await startCloud();
    const versions = Array.from({ length: 40 }, (_, at) => `1990-01-${at}`);
    const replies = await Promise.all(
      versions.map((version) => post(cloud.endpoint, { Action: "GetCallerIdentity", Version: version })),
    );
    const messages = replies.map(({ body }) => xmlText(body, "Message"));
    expect(messages).toEqual(
      versions.map((version) => `Could not find operation GetCallerIdentity for version ${version}`),
    );
    expect(new Set(replies.map(({ body }) => xmlText(body, "RequestId"))).size).toBe(40);
  });

  it("can be there many times at once", async () => {
    const clouds = await Promise.all(Array.from({ length: 20 }, () => startCloud()));
    expect(new Set(clouds.map(({ endpoint }) => endpoint)).size).toBe(20);
  });
});
