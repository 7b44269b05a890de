import { describe, expect, it } from "vitest";
import { Context } from "../../../src/core/conditions.ts";
import { permit, type PermitQuestion } from "../../../src/core/permit.ts";
import { type Policy, readIdentityPolicy } from "../../../src/core/policy.ts";
import type { Json } from "../../../src/core/token.ts";

const BUCKET = "arn:aws:s3:::shop";

function policy(...statements: readonly { readonly [element: string]: Json }[]): Policy {
  const reading = readIdentityPolicy({
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: "*",
      ...statement,
    })),
  });
  if (reading.kind === "malformed") throw new Error(reading.message);
  return reading.policy;
}

function ask(policies: readonly Policy[], more: Partial<PermitQuestion> = {}): ReturnType<typeof permit> {
  return permit({
    policies,
    action: "s3:GetObject",
    resource: `${BUCKET}/index.html`,
    context: new Context([["aws:PrincipalTag/Team", "shop"]]),
    ...more,
  });
}

const allowed = { outcome: "allowed" };
const nothingAllows = { outcome: "denied", explicit: false, by: "identity-based policy" };

describe("a signed call", () => {
  it("is permitted by any identity policy that allows it", () => {
    expect(ask([policy({ Action: "s3:PutObject" }), policy({})])).toEqual(allowed);
  });

  it("is not permitted without a policy, or when none allows it", () => {
    expect(ask([])).toEqual(nothingAllows);
    expect(ask([policy({ Action: "s3:PutObject" })])).toEqual(nothingAllows);
  });

  it("is denied by a Deny anywhere, whatever allows it", () => {
    const denial = { outcome: "denied", explicit: true };
    const deny = policy({ Effect: "Deny" });
    expect(ask([policy({}, { Effect: "Deny" })])).toEqual({ ...denial, by: "identity-based policy" });
    expect(ask([policy({})], { boundary: deny })).toEqual({ ...denial, by: "permissions boundary" });
    expect(ask([policy({})], { session: [policy({}), deny] })).toEqual({ ...denial, by: "session policy" });
  });

  it("needs the boundary and the session policy to allow it as well", () => {
    const other = policy({ Action: "s3:ListBucket" });
    expect(ask([policy({})], { boundary: policy({}), session: [policy({})] })).toEqual(allowed);
    expect(ask([policy({})], { boundary: other })).toMatchObject({ explicit: false, by: "permissions boundary" });
    expect(ask([policy({})], { session: [other] })).toMatchObject({ explicit: false, by: "session policy" });
    expect(ask([policy({})], { session: [] })).toMatchObject({ explicit: false, by: "session policy" });
    expect(ask([other], { boundary: policy({}), session: [policy({})] })).toEqual(nothingAllows);
  });

  it("may have neither boundary nor session policy", () => {
    expect(ask([policy({})], { boundary: null, session: null })).toEqual(allowed);
  });
});

describe("the action", () => {
  it.each(["*", "s3:*", "s3:Get*", "S3:getobject", "s3:Get?bject"])("%s covers s3:GetObject", (action) => {
    expect(ask([policy({ Action: action })])).toEqual(allowed);
  });

  it.each(["s3:GetObjectAcl", "s3:Get", "ec2:*", "s3"])("%s does not", (action) => {
    expect(ask([policy({ Action: action })])).toEqual(nothingAllows);
  });

  it("is covered by NotAction that names others", () => {
    const all = { Effect: "Allow", Resource: "*" };
    const others = readIdentityPolicy({ Statement: { ...all, NotAction: ["iam:*", "sts:*"] } });
    const itself = readIdentityPolicy({ Statement: { ...all, NotAction: "s3:*" } });
    if (others.kind === "malformed" || itself.kind === "malformed") throw new Error("expected policies");
    expect(ask([others.policy])).toEqual(allowed);
    expect(ask([itself.policy])).toEqual(nothingAllows);
  });
});

describe("the resource", () => {
  it.each(["*", `${BUCKET}/*`, `${BUCKET}/index.htm?`, "arn:aws:s3:::*/index.html"])("%s covers it", (resource) => {
    expect(ask([policy({ Resource: resource })])).toEqual(allowed);
  });

  it.each([BUCKET, `${BUCKET}/Index.html`, "arn:aws:s3:*", "arn:aws-cn:s3:::shop/*"])("%s does not", (resource) => {
    expect(ask([policy({ Resource: resource })])).toEqual(nothingAllows);
  });

  it("of a star is anything, also no ARN", () => {
    expect(ask([policy({})], { resource: "*" })).toEqual(allowed);
    expect(ask([policy({ Resource: `${BUCKET}/*` })], { resource: "*" })).toEqual(nothingAllows);
  });

  it("is covered by NotResource that names others", () => {
    const notThese = (resources: readonly string[]): Policy => {
      const statement = { Effect: "Allow", Action: "s3:*", NotResource: resources };
      const reading = readIdentityPolicy({ Statement: statement });
      if (reading.kind === "malformed") throw new Error(reading.message);
      return reading.policy;
    };
    expect(ask([notThese(["arn:aws:s3:::secrets/*"])])).toEqual(allowed);
    expect(ask([notThese(["arn:aws:s3:::secrets/*", `${BUCKET}/*`])])).toEqual(nothingAllows);
  });
});

describe("a policy variable in the resource", () => {
  const own = policy({ Resource: `${BUCKET}/\${aws:PrincipalTag/Team}/*` });
  const team = (value: string): Context => new Context([["aws:PrincipalTag/Team", value]]);
  const shop = { resource: `${BUCKET}/shop/a` };

  it("stands for the caller's value", () => {
    expect(ask([own], shop)).toEqual(allowed);
    expect(ask([own], { ...shop, context: team("pay") })).toEqual(nothingAllows);
  });

  it("takes no wildcard from the value", () => {
    expect(ask([own], { ...shop, context: team("*") })).toEqual(nothingAllows);
  });

  it("covers nothing without a value, and takes its default where it has one", () => {
    const guests = policy({ Resource: `${BUCKET}/\${aws:PrincipalTag/Team, 'guests'}/*` });
    const context = new Context();
    expect(ask([own], { ...shop, context })).toEqual(nothingAllows);
    expect(ask([guests], { resource: `${BUCKET}/guests/a`, context })).toEqual(allowed);
  });

  it("is plain text in a policy of another version", () => {
    const reading = readIdentityPolicy({
      Version: "2008-10-17",
      Statement: { Effect: "Allow", Action: "*", Resource: `${BUCKET}/\${aws:PrincipalTag/Team}/*` },
    });
    if (reading.kind === "malformed") throw new Error(reading.message);
    expect(ask([reading.policy], shop)).toEqual(nothingAllows);
  });

  it("without a value under NotResource does not allow, and does deny", () => {
    const but = (effect: string): Policy => {
      const statement = { Effect: effect, Action: "*", NotResource: `${BUCKET}/\${aws:username}/*` };
      const reading = readIdentityPolicy({ Version: "2012-10-17", Statement: statement });
      if (reading.kind === "malformed") throw new Error(reading.message);
      return reading.policy;
    };
    expect(ask([but("Allow")], shop)).toEqual(nothingAllows);
    expect(ask([policy({}), but("Deny")], shop)).toMatchObject({ explicit: true });
  });
});

describe("the condition", () => {
  it("must hold for an Allow to allow and for a Deny to deny", () => {
    const team = (value: string): Json => ({ StringEquals: { "aws:PrincipalTag/Team": value } });
    expect(ask([policy({ Condition: team("shop") })])).toEqual(allowed);
    expect(ask([policy({ Condition: team("pay") })])).toEqual(nothingAllows);
    expect(ask([policy({}, { Effect: "Deny", Condition: team("pay") })])).toEqual(allowed);
    expect(ask([policy({}, { Effect: "Deny", Condition: team("shop") })])).toMatchObject({ explicit: true });
  });
});
