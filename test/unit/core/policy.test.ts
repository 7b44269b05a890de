import { describe, expect, it } from "vitest";
import {
  type PolicyReading,
  readIdentityPolicy,
  readPolicy,
  readTrustPolicy,
  type Statement,
} from "../../../src/core/policy.ts";
import type { Json } from "../../../src/core/token.ts";
import { PROVIDER, statement, SUBJECT } from "./example.ts";

function saved(reading: PolicyReading): readonly Statement[] {
  if (reading.kind === "malformed") throw new Error(reading.message);
  return reading.policy.statements;
}

function refusal(reading: PolicyReading): string {
  return reading.kind === "malformed" ? reading.message : "saved";
}

const document = (...statements: readonly Json[]): Json => ({ Version: "2012-10-17", Statement: statements });

describe("a policy document that IAM does not save, with its text", () => {
  type Row = readonly [wish: string, document: string | Json, text: string];

  const trusts: readonly Row[] = [
    ["not JSON", "{Version: 2012-10-17}", "This policy contains invalid Json"],
    ["nothing at all", "", "This policy contains invalid Json"],
    [
      "an unknown version",
      { Version: "2012-10-18", Statement: [statement()] },
      "The policy must contain a valid version string",
    ],
    ["a version that is a number", { Version: 2012, Statement: [] }, "The policy must contain a valid version string"],
    ["no statement", { Version: "2012-10-17" }, "Could not parse the policy: Statement is empty!"],
    ["an empty list of statements", document(), "Could not parse the policy: Statement is empty!"],
    ["a list instead of an object", [statement()], "Syntax errors in policy."],
    ["a statement that is a text", document("Allow"), "Syntax errors in policy."],
    ["an element that no policy has", { Statement: [statement()], Comment: "x" }, "Syntax errors in policy."],
    ["an element that no statement has", document(statement({ Actions: "sts:*" })), "Syntax errors in policy."],
    ["an effect in small letters", document(statement({ Effect: "allow" })), "Syntax errors in policy."],
    [
      "an operator that IAM has not",
      document(statement({ Condition: { StringIs: { a: "b" } } })),
      "Syntax errors in policy.",
    ],
    [
      "Null with IfExists",
      document(statement({ Condition: { NullIfExists: { a: "true" } } })),
      "Syntax errors in policy.",
    ],
    ["a condition that is a list", document(statement({ Condition: [] })), "Syntax errors in policy."],
    [
      "a condition value that is an object",
      document(statement({ Condition: { StringEquals: { a: { b: "c" } } } })),
      "Syntax errors in policy.",
    ],
    [
      "a condition value null",
      document(statement({ Condition: { StringEquals: { a: null } } })),
      "Syntax errors in policy.",
    ],
    ["an action that is a number", document(statement({ Action: 7 })), "Syntax errors in policy."],
    ["Action beside NotAction", document(statement({ NotAction: "sts:TagSession" })), "Syntax errors in policy."],
    ["a Sid that is a number", document(statement({ Sid: 1 })), "Syntax errors in policy."],
    ["a principal that is a text", document(statement({ Principal: "gitlab.com" })), "Syntax errors in policy."],
    [
      "two statements of one Sid",
      document(statement({ Sid: "ci" }), statement({ Sid: "ci" })),
      "The Statement Ids in the policy are not unique",
    ],
    [
      "no action",
      document({ Effect: "Allow", Principal: { Federated: PROVIDER.arn } }),
      "Missing required field Action",
    ],
    [
      "no principal",
      document({ Effect: "Allow", Action: "sts:AssumeRoleWithWebIdentity" }),
      "Missing required field Principal",
    ],
    ["a resource", document(statement({ Resource: "*" })), "Has prohibited field Resource"],
    ["NotPrincipal", document(statement({ NotPrincipal: { AWS: "123456789012" } })), "Syntax errors in policy."],
    [
      "an action of another service",
      document(statement({ Action: ["sts:AssumeRoleWithWebIdentity", "s3:GetObject"] })),
      "AssumeRole policy may only specify STS AssumeRole actions.",
    ],
    [
      "every action there is",
      document(statement({ Action: "*" })),
      "AssumeRole policy may only specify STS AssumeRole actions.",
    ],
    ...["sts:BadAssumeRole", "sts:?", "sts:", "stsx:*"].map((action): Row => [
      `the action ${action}, which STS has not`,
      document(statement({ Action: action })),
      "AssumeRole policy may only specify STS AssumeRole actions.",
    ]),
    [
      "everybody",
      document(statement({ Principal: "*" })),
      'AssumeRolepolicy contained an invalid principal: "STAR":"*".',
    ],
    ...["*", "gitlab", "https://gitlab.com", `${PROVIDER.arn}/*`, "arn:aws:iam::123:oidc-provider/gitlab.com"].map(
      (federated): Row => [
        `the federated principal ${federated}`,
        document(statement({ Principal: { Federated: federated } })),
        "Federated principals must be valid domain names or SAML metadata ARNs",
      ],
    ),
  ];

  it.each(trusts)("%s", (_, given, text) => {
    expect(refusal(readTrustPolicy(given))).toBe(text);
  });

  it("is the same text whether the document is given as JSON or as a value", () => {
    for (const [, given, text] of trusts) {
      if (typeof given !== "string") expect(refusal(readTrustPolicy(JSON.stringify(given)))).toBe(text);
    }
  });

  it.each([
    [
      "a principal",
      { Effect: "Allow", Principal: { AWS: "*" }, Action: "s3:*", Resource: "*" },
      "Has prohibited field Principal",
    ],
    [
      "NotPrincipal",
      { Effect: "Deny", NotPrincipal: { AWS: "*" }, Action: "s3:*", Resource: "*" },
      "Has prohibited field Principal",
    ],
    ["no resource", { Effect: "Allow", Action: "s3:*" }, "Missing required field Resource"],
    [
      "Resource beside NotResource",
      { Effect: "Allow", Action: "s3:*", Resource: "*", NotResource: "arn:aws:s3:::b" },
      "Syntax errors in policy.",
    ],
  ] satisfies Row[])("as a permissions policy: %s", (_, given, text) => {
    expect(refusal(readIdentityPolicy(document(given)))).toBe(text);
  });
});

describe("a policy document that IAM saves", () => {
  it("may have one statement without a list, an Id, and no Version", () => {
    const reading = readTrustPolicy({ Id: "ci", Statement: statement() });
    expect(reading).toMatchObject({ kind: "policy", policy: { version: null } });
    expect(saved(reading)).toHaveLength(1);
  });

  it("may be of the older Version", () => {
    expect(readTrustPolicy({ Version: "2008-10-17", Statement: statement() })).toMatchObject({
      policy: { version: "2008-10-17" },
    });
  });

  it("gives lists for single texts, and numbers and booleans as text", () => {
    const condition = { NumericLessThan: { "gitlab.com:user_id": 7 }, Bool: { "aws:SecureTransport": true } };
    const [first] = saved(readPolicy(document(statement({ Sid: "ci", Condition: condition }))));
    expect(first).toEqual({
      sid: "ci",
      effect: "Allow",
      principals: { Federated: [PROVIDER.arn] },
      actions: ["sts:AssumeRoleWithWebIdentity"],
      conditions: [
        { operator: "NumericLessThan", key: "gitlab.com:user_id", values: ["7"] },
        { operator: "Bool", key: "aws:SecureTransport", values: ["true"] },
      ],
    });
  });

  it("keeps every operator and key of a condition, in order", () => {
    const condition = {
      StringEquals: { "gitlab.com:aud": "a", "gitlab.com:sub": ["b", "c"] },
      "ForAnyValue:StringLike": { "gitlab.com:amr": [] },
    };
    const [first] = saved(readPolicy(document(statement({ Condition: condition }))));
    expect(first?.conditions).toEqual([
      { operator: "StringEquals", key: "gitlab.com:aud", values: ["a"] },
      { operator: "StringEquals", key: "gitlab.com:sub", values: ["b", "c"] },
      { operator: "ForAnyValue:StringLike", key: "gitlab.com:amr", values: [] },
    ]);
  });

  it.each([
    "sts:*",
    "sts:Assume*",
    "sts:AssumeRol?",
    "STS:assumerolewithwebidentity",
    "sts:TagSession",
    "sts:SetContext",
  ])("may have the action %s in a trust policy", (action) => {
    expect(refusal(readTrustPolicy(document(statement({ Action: action }))))).toBe("saved");
  });

  it.each([
    { AWS: "arn:aws:iam::123456789012:root" },
    { AWS: "*" },
    { Service: "ec2.amazonaws.com" },
    { Federated: "arn:aws:iam::123456789012:saml-provider/corp" },
    { Federated: ["arn:aws-cn:iam::123456789012:oidc-provider/gitlab.example.com/path"] },
  ])("may trust %j", (principal) => {
    const given = statement({ Principal: principal, Action: "sts:AssumeRole", Condition: {} });
    expect(refusal(readTrustPolicy(document(given)))).toBe("saved");
  });

  it("may have a condition block without keys, whatever its operator is called", () => {
    const given = statement({ Principal: { Service: "ec2.amazonaws.com" }, Condition: { Whatever: {} } });
    expect(saved(readTrustPolicy(document(given)))).toMatchObject([{ conditions: [] }]);
  });

  it("as a permissions policy has a resource or NotResource", () => {
    const statements = [
      { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*" },
      { Effect: "Deny", NotAction: "s3:*", NotResource: ["arn:aws:s3:::b"] },
    ];
    expect(saved(readIdentityPolicy(document(...statements)))).toEqual([
      { effect: "Allow", actions: ["s3:GetObject"], resources: ["arn:aws:s3:::b/*"], conditions: [] },
      { effect: "Deny", notActions: ["s3:*"], notResources: ["arn:aws:s3:::b"], conditions: [] },
    ]);
  });
});

describe("the grammar alone", () => {
  it("reads what IAM would not save as a trust policy", () => {
    expect(refusal(readPolicy(document(statement({ Principal: "*", Condition: {} }))))).toBe("saved");
    expect(refusal(readPolicy(document(statement({ Resource: "*" }))))).toBe("saved");
  });

  it("reads a policy as text and as a value alike", () => {
    const given = document(statement());
    expect(readPolicy(JSON.stringify(given))).toEqual(readPolicy(given));
    expect(JSON.stringify(readPolicy(given))).toContain(SUBJECT);
  });

  it("lets a name that every object has be a mere name", () => {
    const text = `{"Statement":[${JSON.stringify(statement())}],"__proto__":{}}`;
    expect(refusal(readPolicy(text))).toBe("Syntax errors in policy.");
  });
});
