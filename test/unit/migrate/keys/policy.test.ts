import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Context } from "../../../../src/core/conditions.ts";
import { permit } from "../../../../src/core/permit.ts";
import { type Policy, readIdentityPolicy } from "../../../../src/core/policy.ts";
import { usedPolicy } from "../../../../src/migrate/keys/policy.ts";
import type { ServiceAccess } from "../../../../src/wire/aws-sdk/user-calls.ts";

const statement = (Action: unknown, Resource: unknown = "*", more: object = {}): object => ({
  Effect: "Allow",
  Action,
  Resource,
  ...more,
});
const used = (namespace: string, ...actions: readonly string[]): ServiceAccess => ({ namespace, lastUsed: 1, actions });

interface Case {
  readonly has: readonly object[];
  readonly services?: readonly ServiceAccess[];
  readonly events?: Readonly<Record<string, readonly string[]>>;
}

function policyOf({ has, services = [], events = {} }: Case) {
  const document = JSON.stringify({ Version: "2012-10-17", Statement: has });
  const permissions = {
    arn: "arn:aws:iam::123456789012:user/ci",
    policies: [{ from: "inline policy own", document }],
    boundary: null,
  };
  const result = usedPolicy(permissions, services, { actions: new Map(Object.entries(events)), notes: [] });
  // What is printed must be what IAM takes.
  if (result.document) expect(readIdentityPolicy(JSON.stringify(result.document)).kind).toBe("policy");
  return result;
}

const statementsOf = (one: Case) => policyOf(one).document?.Statement;
const OBJECT = "arn:aws:s3:::shop/index.html";

describe("a policy of what was used", () => {
  it("has the actions that IAM saw, with the resources and conditions that they are allowed with", () => {
    const Condition = { StringEquals: { "aws:RequestedRegion": "eu-central-1" } };
    expect(
      statementsOf({
        has: [statement(["s3:*", "ec2:*"], "arn:aws:s3:::shop/*", { Condition }), statement("cloudfront:*")],
        services: [
          used("s3", "PutObject", "GetObject"),
          used("cloudfront", "CreateInvalidation"),
          { namespace: "ec2", lastUsed: null, actions: [] },
        ],
      }),
    ).toEqual([
      {
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:PutObject"],
        Resource: ["arn:aws:s3:::shop/*"],
        Condition: { StringEquals: { "aws:RequestedRegion": ["eu-central-1"] } },
      },
      { Effect: "Allow", Action: ["cloudfront:CreateInvalidation"], Resource: ["*"] },
    ]);
  });

  it("has the resources that CloudTrail names, as far as they are allowed", () => {
    const events = { "s3:PutObject": [OBJECT, "arn:aws:s3:::other/x"] };
    expect(statementsOf({ has: [statement("*", "arn:aws:s3:::shop/*")], events })).toEqual([
      statement(["s3:PutObject"], [OBJECT]),
    ]);
    expect(statementsOf({ has: [statement("*", "*")], events, services: [used("s3", "PutObject")] })).toEqual([
      statement(["s3:PutObject"], [OBJECT, "arn:aws:s3:::other/x"]),
    ]);
  });

  it("never allows what the user may not do now", () => {
    const { document, notes } = policyOf({
      has: [statement("s3:GetObject", "arn:aws:s3:::shop/*")],
      events: { "s3:GetObject": ["arn:aws:s3:::other/x"], "iam:CreateUser": [] },
    });
    expect(document).toBeNull();
    expect(notes).toEqual([
      "s3:GetObject was used on arn:aws:s3:::other/x, which nothing of the user's allows now: left out",
      "iam:CreateUser was used, and nothing of the user's allows it now: left out",
    ]);
  });

  it("keeps what is denied, and what is allowed but for something", () => {
    const deny = { Effect: "Deny", Action: ["s3:DeleteObject"], Resource: ["*"] };
    expect(
      statementsOf({
        has: [{ Effect: "Allow", NotAction: ["iam:*"], NotResource: ["arn:aws:s3:::secret/*"] }, deny],
        events: { "s3:GetObject": [], "s3:PutObject": [OBJECT, "arn:aws:s3:::secret/x"], "iam:GetUser": [] },
      }),
    ).toEqual([
      { Effect: "Allow", Action: ["s3:GetObject"], NotResource: ["arn:aws:s3:::secret/*"] },
      statement(["s3:PutObject"], [OBJECT]),
      deny,
    ]);
  });

  it("keeps a service whole of which only the use is known, and says so", () => {
    const { document, notes } = policyOf({
      has: [statement(["dynamodb:Get*", "ec2:*"]), statement("*", "arn:aws:dynamodb:*:*:table/shop")],
      services: [used("dynamodb")],
    });
    expect(document?.Statement).toEqual([
      statement(["dynamodb:Get*"], ["*"]),
      statement(["dynamodb:*"], ["arn:aws:dynamodb:*:*:table/shop"]),
    ]);
    expect(notes).toContain(
      "dynamodb was used, and for what is not known: all that the user may do there is kept; narrow it",
    );
  });

  it("leaves out a service that is allowed but for some of its actions, when those used are not known", () => {
    const { document, notes } = policyOf({
      has: [{ Effect: "Allow", NotAction: ["s3:Delete*"], Resource: "*" }],
      services: [used("s3"), used("sqs")],
    });
    expect(document?.Statement).toEqual([statement(["sqs:*"], ["*"])]);
    expect(notes).toContain("s3 was used, and which of the user's permissions that needs cannot be told: left out");
  });

  it("keeps the pattern of a policy variable, whatever was seen", () => {
    const has = [statement("s3:*", "arn:aws:s3:::home/${aws:username}/*")];
    expect(statementsOf({ has, events: { "s3:GetObject": ["arn:aws:s3:::home/ci/x"] } })).toEqual([
      statement(["s3:GetObject"], ["arn:aws:s3:::home/${aws:username}/*"]),
    ]);
  });

  it("says what a role has not: the user's name, and the user's boundary", () => {
    const document = JSON.stringify({
      Version: "2012-10-17",
      Statement: statement("s3:*", "arn:aws:s3:::home/${aws:username}/*"),
    });
    const boundary = { from: "arn:aws:iam::123456789012:policy/edge", document };
    const { notes } = usedPolicy(
      { arn: "arn:aws:iam::123456789012:user/ci", policies: [{ from: "own", document }], boundary },
      [used("s3", "GetObject"), { namespace: "ec2", lastUsed: null, actions: [] }],
      { actions: new Map(), notes: [] },
    );
    expect(notes).toEqual([
      "services that the user may use and did not, within the time that IAM tracks, are left out: 1",
      "the user has the permissions boundary arn:aws:iam::123456789012:policy/edge: give it to the role too",
      "the permissions name ${aws:username} or ${aws:userid}, which a role's session has not or has otherwise: put the values in",
      "not known: what service control policies, resource policies and session policies would say",
    ]);
  });
});

const ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "sqs:SendMessage", "iam:GetUser"];
const ARNS = [
  "arn:aws:s3:::a/x",
  "arn:aws:s3:::a/y",
  "arn:aws:s3:::b/x",
  "arn:aws:sqs:eu-central-1:123456789012:q",
  "arn:aws:iam::123456789012:user/u",
];
const patterns = fc.subarray(["*", "s3:*", "s3:Get*", "s*:*Message", "S3:putobject", ...ACTIONS], { minLength: 1 });
const places = fc.subarray(["*", "arn:aws:s3:::a/*", "arn:aws:s3:::?/x", "arn:aws:sqs:*:*:q", ...ARNS], {
  minLength: 1,
});
const statements = fc.array(
  fc
    .tuple(fc.constantFrom("Allow", "Allow", "Deny"), fc.boolean(), patterns, fc.boolean(), places, fc.boolean())
    .map(([Effect, notAction, actions, notResource, resources, isConditional]) => ({
      Effect,
      [notAction ? "NotAction" : "Action"]: actions,
      [notResource ? "NotResource" : "Resource"]: resources,
      ...(isConditional ? { Condition: { StringEquals: { "aws:RequestedRegion": "eu-central-1" } } } : {}),
    })),
  { minLength: 1, maxLength: 4 },
);
const events = fc.dictionary(fc.constantFrom(...ACTIONS), fc.subarray(ARNS));
const services = fc.array(
  fc
    .tuple(fc.constantFrom("s3", "sqs", "iam"), fc.boolean(), fc.boolean())
    .map(([namespace, isUsed, isTracked]): ServiceAccess => {
      const tracked = ACTIONS.filter((action) => action.startsWith(`${namespace}:`)).map((action) =>
        action.slice(namespace.length + 1),
      );
      return { namespace, lastUsed: isUsed ? 1 : null, actions: isUsed && isTracked ? tracked : [] };
    }),
);

function readAs(document: object): Policy {
  const reading = readIdentityPolicy(JSON.stringify(document));
  if (reading.kind !== "policy") throw new Error(reading.message);
  return reading.policy;
}

describe("whatever a user has and did", () => {
  const allows = (policy: Policy, action: string, resource: string, region: string): boolean =>
    permit({ policies: [policy], action, resource, context: new Context([["aws:RequestedRegion", region]]) })
      .outcome === "allowed";

  it("the policy allows nothing that the user may not do, and all of what CloudTrail names that the user may", () => {
    fc.assert(
      fc.property(statements, events, services, (has, did, known) => {
        const { document } = policyOf({ has, events: did, services: known });
        const before = readAs({ Version: "2012-10-17", Statement: has });
        const after = document && readAs(document);
        for (const action of ACTIONS) {
          for (const arn of ARNS) {
            for (const region of ["eu-central-1", "us-east-1"]) {
              const [may, might] = [
                after ? allows(after, action, arn, region) : false,
                allows(before, action, arn, region),
              ];
              if (may && !might) throw new Error(`${action} on ${arn} in ${region} is new`);
              if (did[action]?.includes(arn) && might && !may)
                throw new Error(`${action} on ${arn} in ${region} is lost`);
            }
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
