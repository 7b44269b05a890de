import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

import { PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";

import { createLocalCloud, type LocalCloud, type LocalCloudOptions } from "../../../src/local/index.ts";
import { signed, signedHeaders, type UnsignedRequest } from "./signed.ts";
import { ACCOUNT, afterTest, exchange, FORM, keysOf, mint, send, setUp, startCloud } from "./support.ts";

const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/job-1`;

const form = (body: string): UnsignedRequest => ({ method: "POST", headers: FORM, body });
const target = (name: string, body = "{}", version = "1.1"): UnsignedRequest => ({
  method: "POST",
  headers: { "x-amz-target": name, "content-type": `application/x-amz-json-${version}` },
  body,
});

const describeInstances = form("Action=DescribeInstances&Version=2016-11-15");

/** A job's session whose role allows one thing. */
async function jobWith(options: LocalCloudOptions = {}, Action = "sts:Nothing", Resource = "*") {
  const cloud = await startCloud(options);
  const iam = await setUp(cloud);
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action, Resource } });
  await iam.send(new PutRolePolicyCommand({ RoleName: "deploy", PolicyName: "p", PolicyDocument }));
  return { cloud, keys: keysOf(await exchange(cloud, await mint(cloud))) };
}

describe("an empty account", () => {
  it.each<[string, string, UnsignedRequest, number, string]>([
    ["has no instances", "ec2", describeInstances, 200, "<reservationSet/>"],
    ["has no buckets", "s3", {}, 200, "<Buckets/>"],
    ["has no stacks", "cloudformation", form("Action=ListStacks&Version=2010-05-15"), 200, "<StackSummaries/>"],
    ["describes no stacks", "cloudformation", form("Action=DescribeStacks&Version=2010-05-15"), 200, "<Stacks/>"],
    [
      "does not have the stack that is asked for",
      "cloudformation",
      form("Action=DescribeStacks&Version=2010-05-15&StackName=CDKToolkit"),
      400,
      "<Message>Stack with id CDKToolkit does not exist</Message>",
    ],
    [
      "does not have the parameter that is asked for",
      "ssm",
      target("AmazonSSM.GetParameter", '{"Name":"/cdk-bootstrap/hnb659fds/version"}'),
      400,
      '{"__type":"ParameterNotFound"}',
    ],
    ["has no functions", "lambda", { path: "/2015-03-31/functions/" }, 200, '{"Functions":[]}'],
    ["has no tables", "dynamodb", target("DynamoDB_20120810.ListTables", "{}", "1.0"), 200, '{"TableNames":[]}'],
    ["does not have the object that is asked for", "s3", { path: "/state/key" }, 404, "<Code>NoSuchBucket</Code>"],
  ])("%s", async (_, service, request, status, text) => {
    const cloud = await startCloud();
    const reply = await signed(cloud, service, request);
    expect(reply.body).toContain(text);
    expect(reply.status).toBe(status);
  });
});

describe("a call that the role does not allow", () => {
  it.each<[string, UnsignedRequest, number, string, string]>([
    [
      "ec2",
      describeInstances,
      403,
      "UnauthorizedOperation",
      `You are not authorized to perform this operation. User: ${SESSION} is not authorized to perform: ec2:DescribeInstances because no identity-based policy allows the ec2:DescribeInstances action`,
    ],
    [
      "s3",
      {},
      403,
      "AccessDenied",
      `User: ${SESSION} is not authorized to perform: s3:ListAllMyBuckets because no identity-based policy allows the s3:ListAllMyBuckets action`,
    ],
    [
      "s3",
      { path: "/state/a/key?tagging=" },
      403,
      "AccessDenied",
      `User: ${SESSION} is not authorized to perform: s3:GetObjectTagging on resource: "arn:aws:s3:::state/a/key" because no identity-based policy allows the s3:GetObjectTagging action`,
    ],
    [
      "ssm",
      target("AmazonSSM.GetParameter", '{"Name":"/team/key"}'),
      400,
      "AccessDeniedException",
      `User: ${SESSION} is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/team/key because no identity-based policy allows the ssm:GetParameter action`,
    ],
    [
      "lambda",
      { method: "POST", path: "/2015-03-31/functions/shop/invocations", body: "{}" },
      403,
      "AccessDeniedException",
      `User: ${SESSION} is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:${ACCOUNT}:function:shop because no identity-based policy allows the lambda:InvokeFunction action`,
    ],
    [
      "cloudformation",
      form("Action=DescribeStacks&Version=2010-05-15&StackName=shop"),
      403,
      "AccessDenied",
      `User: ${SESSION} is not authorized to perform: cloudformation:DescribeStacks on resource: arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/shop/* because no identity-based policy allows the cloudformation:DescribeStacks action`,
    ],
    [
      "monitoring",
      form("Action=ListMetrics&Version=2010-08-01"),
      403,
      "AccessDenied",
      `User: ${SESSION} is not authorized to perform: cloudwatch:ListMetrics because no identity-based policy allows the cloudwatch:ListMetrics action`,
    ],
  ])("is refused by %s in its own words", async (service, request, status, code, message) => {
    const { cloud, keys } = await jobWith();
    const reply = await signed(cloud, service, request, keys);
    expect(reply.body).toContain(message);
    expect(reply.body).toContain(code);
    expect(reply.status).toBe(status);
  });

  it("is answered when the role allows it, for that resource", async () => {
    const { cloud, keys } = await jobWith({}, "s3:GetObject", "arn:aws:s3:::state/*");
    expect(await signed(cloud, "s3", { path: "/state/a/key" }, keys)).toMatchObject({ status: 404 });
    expect(await signed(cloud, "s3", { path: "/other/key" }, keys)).toMatchObject({ status: 403 });
  });

  it("needs all of a service when the tables do not know the operation", async () => {
    const request = { path: "/2015-03-31/event-source-mappings/" };
    const some = await jobWith({}, "lambda:List*");
    expect(await signed(some.cloud, "lambda", request, some.keys)).toMatchObject({ status: 403 });
    const all = await jobWith({}, "lambda:*");
    expect(await signed(all.cloud, "lambda", request, all.keys)).toMatchObject({ status: 501 });
  });
});

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A server that plays another cloud, and what it was asked. */
async function upstreamThat(answer: (response: ServerResponse) => void) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterTest(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

/** A signed GET whose answer is read as it comes. */
async function openAnswer(
  cloud: LocalCloud,
  path: string,
): Promise<{ request: ClientRequest; answer: IncomingMessage }> {
  const headers = await signedHeaders(cloud, "s3", { path });
  const request = httpRequest(`${cloud.endpoint}${path}`, { headers, agent: false });
  request.on("error", () => undefined);
  request.end();
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  return { request, answer };
}

describe("an upstream", () => {
  it("gets the call as it came, signature included, and has its answer sent back", async () => {
    const { url, seen } = await upstreamThat((response) => {
      response.writeHead(201, { "content-type": "text/x-test", "x-amz-id-2": "abc", "set-cookie": ["a=1", "b=2"] });
      response.write("first ");
      setTimeout(() => response.end("second"), 20);
    });
    const cloud = await startCloud({ upstream: url });
    const reply = await signed(cloud, "s3", { method: "PUT", path: "/state/a%20key?tagging=", body: "bytes" });
    expect(reply).toMatchObject({ status: 201, body: "first second" });
    expect(reply.headers).toMatchObject({ "content-type": "text/x-test", "x-amz-id-2": "abc" });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: "PUT", url: "/state/a%20key?tagging=", body: "bytes" });
    expect(seen[0]?.headers["authorization"]).toContain(`Credential=${cloud.admin.accessKeyId}/`);
  });

  it("gets no header that is between two neighbours only, those included that Connection names", async () => {
    const { url, seen } = await upstreamThat((response) => {
      response.writeHead(200, { connection: "x-own-hop", "x-own-hop": "1", "keep-alive": "timeout=9", "x-end": "1" });
      response.end();
    });
    const cloud = await startCloud({ upstream: url });
    const headers = { connection: "close, X-Hop", "x-hop": "1", te: "trailers", "x-amz-meta-end": "1" };
    const reply = await signed(cloud, "s3", { path: "/b/k" }, cloud.admin, headers);
    expect(seen[0]?.headers).toMatchObject({ "x-amz-meta-end": "1" });
    for (const name of ["x-hop", "te"]) expect(seen[0]?.headers).not.toHaveProperty(name);
    expect(reply.headers).toMatchObject({ "x-end": "1" });
    for (const name of ["x-own-hop", "keep-alive"]) expect(reply.headers).not.toHaveProperty(name);
  });

  it("has its answer passed on while it is still speaking", async () => {
    let finish = (): void => undefined;
    const { url } = await upstreamThat((response) => {
      response.writeHead(200, { "content-type": "application/octet-stream" });
      response.write("first");
      finish = () => void response.end("last");
    });
    const cloud = await startCloud({ upstream: url });
    const { request, answer } = await openAnswer(cloud, "/b/k");
    const [first] = (await once(answer, "data")) as [Buffer];
    expect(first.toString()).toBe("first");
    finish();
    const [last] = (await once(answer, "data")) as [Buffer];
    expect(last.toString()).toBe("last");
    request.destroy();
  });

  it("has answers of any size passed on whole", async () => {
    const large = randomBytes(24 * 1024 * 1024);
    const { url } = await upstreamThat((response) => response.end(large));
    const cloud = await startCloud({ upstream: url });
    const { answer } = await openAnswer(cloud, "/b/k");
    const hash = createHash("sha256");
    for await (const chunk of answer) hash.update(chunk as Buffer);
    expect(hash.digest("hex")).toBe(createHash("sha256").update(large).digest("hex"));
  });

  it("gets uploads of the size of a function's code, whole", async () => {
    const hash = createHash("sha256");
    const { url, seen } = await upstreamThat((response) => response.end());
    const cloud = await startCloud({ upstream: url });
    const body = "code ".repeat(12 * 1024 * 1024);
    expect(await signed(cloud, "s3", { method: "PUT", path: "/b/k", body })).toMatchObject({ status: 200 });
    expect(hash.update(seen[0]?.body ?? "").digest("hex")).toBe(createHash("sha256").update(body).digest("hex"));
  });

  it.each<[string, UnsignedRequest, RegExp]>([
    ["s3", { method: "PUT", path: "/b/k" }, /<Error>\s*<Code>EntityTooLarge<\/Code>/],
    ["dynamodb", target("DynamoDB_20120810.PutItem"), /"__type":"RequestEntityTooLargeException"/],
    ["lambda", { method: "POST", path: "/2015-03-31/functions" }, /"__type":"RequestEntityTooLargeException"/],
    ["cloudformation", form(""), /<ErrorResponse[^]*<Code>RequestEntityTooLarge<\/Code>/],
    ["ec2", form(""), /<Errors>\s*<Error>\s*<Code>RequestEntityTooLarge<\/Code>/],
  ])("that is not there: %s is told in its own shape what is too large", async (service, request, shape) => {
    const cloud = await startCloud();
    const reply = await signed(cloud, service, { ...request, body: "x".repeat(1024 * 1024 + 1) });
    expect(reply.status).toBe(413);
    expect(reply.body).toMatch(shape);
    expect(reply.body).toContain("the body has more than 1 MB");
    expect(await send(cloud.endpoint, { path: "/_rolecall/health" })).toMatchObject({ status: 200 });
  });

  it.each([204, 304])("that answers %i is passed on without a body", async (status) => {
    const { url } = await upstreamThat((response) => {
      response.writeHead(status, { etag: '"1"' });
      response.end();
    });
    const reply = await signed(await startCloud({ upstream: url }), "s3", { path: "/b/k" });
    expect(reply).toMatchObject({ status, body: "", headers: { etag: '"1"' } });
  });

  it("is not asked what the role does not allow, nor by strangers, nor for IAM and STS", async () => {
    const { url, seen } = await upstreamThat((response) => response.end());
    const { cloud, keys } = await jobWith({ upstream: url });
    expect(await signed(cloud, "ec2", describeInstances, keys)).toMatchObject({ status: 403 });
    expect(await signed(cloud, "ec2", describeInstances, { ...cloud.admin, secretAccessKey: "x" })).toMatchObject({
      status: 403,
    });
    expect(await send(cloud.endpoint, { path: "/bucket/key" })).toMatchObject({ status: 403 });
    expect(seen).toEqual([]);
  });

  it("that is down is named, in the protocol of the call", async () => {
    const cloud = await startCloud({ upstream: "http://127.0.0.1:9" });
    const reply = await signed(cloud, "dynamodb", target("DynamoDB_20120810.CreateTable"));
    expect(reply.status).toBe(503);
    expect(JSON.parse(reply.body)).toMatchObject({
      __type: "ServiceUnavailableException",
      message: expect.stringMatching(
        /^the upstream http:\/\/127\.0\.0\.1:9 of rolecall's local cloud failed: /,
      ) as string,
    });
    expect((await signed(cloud, "ec2", describeInstances)).body).toContain("<Code>ServiceUnavailable</Code>");
  });

  it.each(["before it answers", "while it speaks"])("is let go %s when the client hangs up", async (when) => {
    let arrived: (response: ServerResponse) => void = () => undefined;
    const asked = new Promise<ServerResponse>((resolve) => {
      arrived = resolve;
    });
    const { url } = await upstreamThat((response) => arrived(response));
    const cloud = await startCloud({ upstream: url });
    const headers = await signedHeaders(cloud, "s3", { path: "/b/k" });
    const client = httpRequest(`${cloud.endpoint}/b/k`, { headers, agent: false });
    client.on("error", () => undefined);
    client.end();
    const response = await asked;
    const ended = once(response, "close");
    if (when === "while it speaks") {
      response.write("first");
      await once(client, "response");
    }
    client.destroy();
    await ended;
    // Closed by the other side: the upstream itself never ended it.
    expect(response.writableEnded).toBe(false);
  });

  it("that breaks off breaks the answer off, and not the cloud", async () => {
    const { url } = await upstreamThat((response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half");
      setTimeout(() => response.destroy(), 20);
    });
    const cloud: LocalCloud = await startCloud({ upstream: url });
    await Promise.race([
      signed(cloud, "s3", { path: "/b/k" }).catch(() => null),
      new Promise((resolve) => setTimeout(resolve, 500)),
    ]);
    expect(await send(cloud.endpoint, { path: "/_rolecall/health" })).toMatchObject({ status: 200 });
  });

  it.each(["ftp://127.0.0.1", "moto", "file:///etc/passwd", "http://user:pass@127.0.0.1"])(
    "is not %s",
    async (upstream) => {
      await expect(createLocalCloud({ upstream })).rejects.toThrowWithCode("config", "the upstream is not a URL");
    },
  );
});
