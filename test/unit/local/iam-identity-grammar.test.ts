import { CreatePolicyCommand, CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";

import { identityProblem } from "../../../src/local/iam-identity-grammar.ts";
import { iamClient, refusal, startCloud, trustPolicy } from "./support.ts";

const GOOD = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::shop/*" };

type Element = string | readonly unknown[] | { readonly [name: string]: unknown } | null | undefined;

function document(more: { readonly [element: string]: Element }, version: string | undefined = "2012-10-17"): string {
  return JSON.stringify({ Version: version, Statement: [{ ...GOOD, ...more }] });
}

const SYNTAX = "Syntax errors in policy.";
const LEGACY = "The policy failed legacy parsing";

// Texts: captured from IAM by the authors of other emulators, and pasted by Terraform's users.
const REFUSED: readonly (readonly [string, string, string])[] = [
  ["what is not JSON", "no", SYNTAX],
  ["null", "null", SYNTAX],
  ["no statement", '{"Version":"2012-10-17","Statement":[]}', SYNTAX],
  ["a statement that is no object", '{"Version":"2012-10-17","Statement":["x"]}', SYNTAX],
  ["an element that nobody knows", document({ Actions: "s3:*" }), SYNTAX],
  ["an Id that is no text", '{"Version":"2012-10-17","Id":{},"Statement":[{}]}', SYNTAX],
  ["a version that there never was", document({}, "2013-10-17"), SYNTAX],
  ["both Action and NotAction", document({ NotAction: "iam:*" }), SYNTAX],
  ["an effect of another name", document({ Effect: "Permit" }), SYNTAX],
  ["an effect in other case", document({ Effect: "allow" }), LEGACY],
  ["an operator that nobody knows", document({ Condition: { Equals: { "aws:username": "a" } } }), SYNTAX],
  ["a condition that is a list", document({ Condition: [{ Bool: { "aws:SecureTransport": "true" } }] }), SYNTAX],
  ["a date that is none", document({ Condition: { DateLessThan: { "aws:CurrentTime": "2026-13-01" } } }), LEGACY],
  ["a principal", document({ Principal: "*" }), "Policy document should not specify a principal."],
  ["a Sid with a blank", document({ Sid: "my shop" }), "Statement IDs (SID) must be alpha-numeric."],
  ["no actions", document({ Action: [] }), "Policy statement must contain actions."],
  [
    "an action without a service, and no resources",
    document({ Action: "GetObject", Resource: undefined }),
    "Policy statement must contain resources.",
  ],
  ["an action without a service", document({ Action: "GetObject" }), "Actions/Conditions must be prefaced by a vendor"],
  ["an action with two colons", document({ Action: "s3:Get:Object" }), "Actions/Condition can contain only one colon."],
  ["a service with a blank", document({ Action: "s 3:GetObject" }), "Vendor s 3 is not valid"],
  ["no resources", document({ Resource: undefined }), "Policy statement must contain resources."],
  ["a resource that is no ARN", document({ Resource: "shop" }), 'Resource shop must be in ARN format or "*".'],
  [
    "a partition that there is not",
    document({ Resource: "arn:aws-moon:s3:::shop" }),
    'Partition "aws-moon" is not valid for resource "arn:aws-moon:s3:::shop".',
  ],
  ["an ARN that is too short", document({ Resource: "arn:aws:s3::shop" }), LEGACY],
  ["an ARN of a partition alone", document({ Resource: "arn:aws" }), "Resource vendor must be fully qualified"],
  [
    "a bucket with a region",
    document({ Resource: "arn:aws:s3:eu-west-1::shop" }),
    "Resource arn:aws:s3:eu-west-1::shop can not contain region information.",
  ],
  [
    "something of IAM that there is not",
    document({ Resource: "arn:aws:iam::123456789012:shop" }),
    'IAM resource path must either be "*", root, or start with user/',
  ],
];

const TAKEN: readonly (readonly [string, string])[] = [
  ["a wildcard for the partition", document({ Resource: "arn:*:s3:::shop" })],
  ["all of IAM", document({ Resource: "arn:aws:iam::123456789012:*" })],
  ["the root of an account", document({ Resource: "arn:aws:iam::123456789012:root" })],
  ["an access point with a region", document({ Resource: "arn:aws:s3:eu-west-1:123456789012:accesspoint/shop" })],
  [
    "a policy variable for a date",
    document({ Condition: { DateLessThan: { "aws:CurrentTime": "${aws:TokenIssueTime}" } } }),
  ],
  ["seconds since 1970", document({ Condition: { DateLessThan: { "aws:CurrentTime": "1790000000" } } })],
  ["a number and a truth value", document({ Condition: { Bool: { "aws:SecureTransport": [true] } } })],
  ["no block of an operator", document({ Condition: { StringEquals: {} } })],
  ["no block of an operator that nobody knows", document({ Condition: { a: {}, b: {} } })],
  [
    "two empty Sids",
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { ...GOOD, Sid: "" },
        { ...GOOD, Sid: "" },
      ],
    }),
  ],
];

describe("a permissions policy", () => {
  it.each(REFUSED)("with %s is refused", (_, policy, message) => {
    expect(identityProblem(policy, "inline")).toContain(message);
  });

  it.each(TAKEN)("with %s is taken", (_, policy) => {
    expect(identityProblem(policy, "managed")).toBeNull();
  });

  it("tells what the first pass finds, whichever statement it is in", () => {
    const twice = { ...GOOD, Sid: "a" };
    const both = JSON.stringify({ Version: "2012-10-17", Statement: [twice, { ...twice, Action: [] }] });
    expect(identityProblem(both, "managed")).toBe("Statement IDs (SID) in a single policy must be unique.");
  });

  it("may be of the old version when it is inline, not when it is managed", async () => {
    const iam = iamClient(await startCloud());
    const old = document({}, "2008-10-17");
    await iam.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: trustPolicy() }));
    await iam.send(new PutRolePolicyCommand({ RoleName: "deploy", PolicyName: "p", PolicyDocument: old }));
    expect(await refusal(iam.send(new CreatePolicyCommand({ PolicyName: "p", PolicyDocument: old })))).toEqual({
      code: "MalformedPolicyDocument",
      status: 400,
      message: "Policy document must be version 2012-10-17 or greater.",
    });
  });
});
