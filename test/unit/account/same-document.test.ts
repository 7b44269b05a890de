import { describe, expect, it } from "vitest";

import { sameDocument } from "../../../src/account/same-document.ts";
import type { Json } from "../../../src/core/token.ts";

const STATEMENT = {
  Sid: "A",
  Effect: "Allow",
  Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/gitlab.com" },
  Action: "sts:AssumeRoleWithWebIdentity",
  Condition: { StringEquals: { "gitlab.com:aud": "a", "gitlab.com:sub": ["s", "t"] } },
};
const OTHER = { ...STATEMENT, Sid: "B", Condition: { StringEquals: { "gitlab.com:aud": "b" } } };
const DOCUMENT: Json = { Version: "2012-10-17", Statement: [STATEMENT, OTHER] };

function changed(change: { readonly [key: string]: Json }): Json {
  return { Version: "2012-10-17", Statement: [{ ...STATEMENT, ...change }, OTHER] };
}

describe("two policy documents say the same", () => {
  it.each<[string, string | Json]>([
    ["as text and as value", JSON.stringify(DOCUMENT, null, 4)],
    ["with other Sids", changed({ Sid: "C" })],
    ["with statements in another order", { Version: "2012-10-17", Statement: [OTHER, STATEMENT] }],
    ["with a list of one", changed({ Action: ["sts:AssumeRoleWithWebIdentity"] })],
    ["with an action in other letters", changed({ Action: "STS:assumeRoleWithWebIdentity" })],
    [
      "with keys and values in another order, and a value twice",
      changed({ Condition: { StringEquals: { "gitlab.com:sub": ["t", "s", "t"], "GitLab.com:AUD": ["a"] } } }),
    ],
  ])("%s", (_, other) => {
    expect(sameDocument(DOCUMENT, other)).toBe(true);
  });
});

describe("two policy documents differ", () => {
  it.each<[string, string | Json]>([
    ["in the version", { Version: "2008-10-17", Statement: [STATEMENT, OTHER] }],
    ["in a missing statement", { Version: "2012-10-17", Statement: [STATEMENT] }],
    ["in the effect", changed({ Effect: "Deny" })],
    ["in the principal", changed({ Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/gitlab.org" } })],
    ["in the principal's type", changed({ Principal: { AWS: STATEMENT.Principal.Federated } })],
    ["in the letters of a value", changed({ Condition: { StringEquals: { "gitlab.com:aud": "A" } } })],
    ["in the operator", changed({ Condition: { StringLike: STATEMENT.Condition.StringEquals } })],
    ["in a condition that is missing", changed({ Condition: {} })],
    ["when one cannot be read", "not JSON"],
  ])("%s", (_, other) => {
    expect(sameDocument(DOCUMENT, other)).toBe(false);
  });
});
