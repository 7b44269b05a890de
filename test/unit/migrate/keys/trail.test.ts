import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

import { lastExchange, readTrail } from "../../../../src/migrate/keys/trail.ts";
import { actionsOf, isUnverified } from "../../../../src/migrate/keys/trail-actions.ts";
import { usageOf } from "../../../../src/migrate/keys/usage.ts";

const KEY = "AKIAQ3EGTTTTTEXAMPLE";
const ROLE = "arn:aws:iam::123456789012:role/shop-deploy";

function record(eventSource: string, eventName: string, more: object = {}): object {
  return {
    eventVersion: "1.08",
    userIdentity: { type: "IAMUser", userName: "ci", accessKeyId: KEY },
    eventTime: "2026-11-20T10:00:00Z",
    eventSource: `${eventSource}.amazonaws.com`,
    eventName,
    awsRegion: "eu-central-1",
    ...more,
  };
}

const PUT = record("s3", "PutObject", {
  resources: [{ type: "AWS::S3::Object", ARN: "arn:aws:s3:::shop/index.html" }],
});

describe("an export of CloudTrail", () => {
  it.each([
    ["a log file of its bucket", JSON.stringify({ Records: [PUT] })],
    ["a list", JSON.stringify([PUT])],
    ["one record", JSON.stringify(PUT)],
    ["a record a line", `${JSON.stringify(PUT)}\n${JSON.stringify({ ...PUT, eventTime: "bad" })}\n`],
    [
      "what lookup-events answers",
      JSON.stringify({ Events: [{ EventName: "PutObject", CloudTrailEvent: JSON.stringify(PUT) }] }),
    ],
  ])("may be %s, gzip or not", (_, text) => {
    const expected = [
      {
        time: Date.UTC(2026, 10, 20, 10),
        source: "s3.amazonaws.com",
        name: "PutObject",
        accessKeyId: KEY,
        userName: "ci",
        region: "eu-central-1",
        resources: ["arn:aws:s3:::shop/index.html"],
        error: "",
        role: "",
      },
    ];
    expect(readTrail(Buffer.from(text), "log.json")).toEqual(expected);
    expect(readTrail(gzipSync(text), "log.json.gz")).toEqual(expected);
  });

  it.each([
    ["no JSON", "hello"],
    ["another document", '{"Version":"2012-10-17","Statement":[]}'],
    ["nothing", ""],
  ])("is refused when it is %s", (_, text) => {
    expect(() => readTrail(Buffer.from(text), "x.json")).toThrowWithCode(
      "config",
      /x\.json is no export of CloudTrail/,
    );
  });

  it("is refused when it is cut off", () => {
    expect(() => readTrail(gzipSync(JSON.stringify([PUT])).subarray(0, 40), "x.gz")).toThrowWithCode(
      "config",
      /x\.gz cannot be unpacked/,
    );
  });

  it("shows the last exchange of a role that was answered", () => {
    const exchange = (eventTime: string, more: object = {}) =>
      record("sts", "AssumeRoleWithWebIdentity", { eventTime, requestParameters: { roleArn: ROLE }, ...more });
    const records = [
      exchange("2026-11-20T10:00:00Z"),
      exchange("2026-11-19T10:00:00Z"),
      exchange("2026-11-21T10:00:00Z", { errorCode: "AccessDenied" }),
      exchange("2026-11-22T10:00:00Z", { requestParameters: { roleArn: `${ROLE}-2` } }),
    ];
    const events = readTrail(Buffer.from(JSON.stringify(records)), "log.json");
    expect(lastExchange(events, ROLE)?.time).toBe(Date.UTC(2026, 10, 20, 10));
    expect(lastExchange(events, `${ROLE}-3`)).toBeNull();
  });
});

describe("an event's action", () => {
  it.each([
    ["s3", "PutObject", ["s3:PutObject"]],
    ["s3", "ListObjectsV2", ["s3:ListBucket"]],
    ["s3", "CopyObject", ["s3:GetObject", "s3:PutObject"]],
    ["monitoring", "PutMetricData", ["cloudwatch:PutMetricData"]],
    ["lambda", "UpdateFunctionCode20150331v2", ["lambda:UpdateFunctionCode"]],
    ["lambda", "Invoke", ["lambda:InvokeFunction"]],
    ["cloudformation", "CreateChangeSet", ["cloudformation:CreateChangeSet"]],
    ["sts", "GetCallerIdentity", []],
  ])("of %s %s is in IAM's words", (source, name, actions) => {
    expect(actionsOf({ source: `${source}.amazonaws.com`, name })).toEqual(actions);
  });

  it.each([
    ["s3", "HeadObject", false],
    ["s3", "ListObjectsV2", true],
    ["email", "SendEmail", true],
    ["monitoring", "PutMetricData", false],
  ])("of %s %s is told from those that AWS's pages do not say: %s", (source, name, unverified) => {
    expect(isUnverified({ source: `${source}.amazonaws.com`, name })).toBe(unverified);
  });
});

describe("what a key was used for", () => {
  const usage = (...records: readonly object[]) =>
    usageOf(readTrail(Buffer.from(JSON.stringify(records)), "log.json"), [KEY]);

  it("is what its own calls did that were let through", () => {
    const other = record("s3", "GetObject", { userIdentity: { accessKeyId: "AKIAQ3EGAAAAAEXAMPLE", userName: "ci" } });
    const denied = record("ec2", "RunInstances", { errorCode: "Client.UnauthorizedOperation" });
    const { actions, notes } = usage(PUT, other, denied);
    expect([...actions]).toEqual([["s3:PutObject", ["arn:aws:s3:::shop/index.html"]]]);
    expect(notes).toEqual(["calls that failed are not counted: 1"]);
  });

  it("has no resources when one call named none, or many did", () => {
    expect(usage(PUT, record("s3", "PutObject"), PUT).actions.get("s3:PutObject")).toEqual([]);
    const many = Array.from({ length: 11 }, (_, index) =>
      record("s3", "PutObject", { resources: [{ ARN: `arn:aws:s3:::shop/${index}` }] }),
    );
    expect(usage(...many).actions.get("s3:PutObject")).toEqual([]);
  });

  it("takes no name for a pattern: an object may be called *", () => {
    const star = record("s3", "PutObject", { resources: [{ ARN: "arn:aws:s3:::shop/*" }] });
    expect(usage(PUT, star).actions.get("s3:PutObject")).toEqual([]);
  });

  it("does not guess which resource of a copy was read", () => {
    const copy = record("s3", "CopyObject", { resources: [{ ARN: "arn:aws:s3:::shop/new" }] });
    expect([...usage(PUT, copy).actions]).toEqual([
      ["s3:PutObject", []],
      ["s3:GetObject", []],
    ]);
  });

  it("says which names nobody has verified, once each", () => {
    const list = record("s3", "ListObjectsV2");
    expect(usage(list, list, PUT).notes).toEqual([
      "unverified: IAM's name for the action of s3.amazonaws.com ListObjectsV2",
    ]);
  });

  it("ends where the key got other credentials, and says so", () => {
    expect(usage(record("sts", "AssumeRole", { resources: [{ ARN: ROLE }] }))).toMatchObject({
      notes: [
        "the key was used for sts:AssumeRole: what was done with those credentials is not in this policy",
        "roles that were taken must trust the new role too",
      ],
    });
  });
});
