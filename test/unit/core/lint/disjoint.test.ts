import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Context, evaluateCondition } from "../../../../src/core/conditions.ts";
import { areDisjoint } from "../../../../src/core/lint/disjoint.ts";
import { lint } from "../../../../src/core/lint.ts";
import { NOW, roleWith } from "./cases.ts";

const KEY = "ci.example.com:sub";
const condition = (operator: string, ...values: readonly string[]) => ({ operator, key: KEY, values });

describe("two conditions on one claim", () => {
  it.each([
    [condition("StringEquals", "a"), condition("StringLike", "b*")],
    [condition("StringLike", "job:a-*"), condition("StringLike", "j?c:*", "pipeline:*")],
    [condition("StringLike", "a?"), condition("StringLike", "a??", "b*")],
    [condition("StringEquals", "a", "b"), condition("StringNotEquals", "b", "a")],
    [condition("StringEquals", "a"), condition("StringNotLike", "*")],
    [condition("StringEquals", "a"), condition("StringEqualsIfExists", "b")],
  ])("%j and %j are never both met", (left, right) => {
    expect([areDisjoint(left, right), areDisjoint(right, left)]).toEqual([true, true]);
  });

  it.each([
    ["patterns that overlap", condition("StringLike", "job:a-*"), condition("StringLike", "*-b")],
    ["one value of several", condition("StringEquals", "a", "b"), condition("StringLike", "x", "b*")],
    ["a pattern without one text", condition("StringLike", "job:a-*"), condition("StringNotEquals", "job:a-")],
    ["other spellings", condition("StringEqualsIgnoreCase", "Main"), condition("StringNotEquals", "Main")],
    ["letters of either case", condition("StringEqualsIgnoreCase", "MAIN"), condition("StringLike", "m*")],
    ["two that a missing claim passes", condition("StringEqualsIfExists", "a"), condition("StringEqualsIfExists", "b")],
    ["a variable", condition("StringLike", "a-${aws:username}"), condition("StringEquals", "b")],
    [
      "claims of several values",
      condition("ForAnyValue:StringEquals", "a"),
      condition("ForAnyValue:StringEquals", "b"),
    ],
    ["numbers", condition("NumericEquals", "1"), condition("NumericEquals", "2")],
  ])("may both be met: %s", (_, left, right) => {
    expect([areDisjoint(left, right), areDisjoint(right, left)]).toEqual([false, false]);
  });

  // The evaluator that decides is the judge: whatever passes both shows that they are not disjoint.
  it("are never called disjoint where a value passes both", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "A", "*", "?"), maxLength: 5 });
    const operator = fc.constantFrom(
      ...["StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIgnoreCase"],
      ...["StringNotEqualsIgnoreCase", "StringLikeIfExists", "ForAllValues:StringLike"],
    );
    const any = fc.record({ operator, key: fc.constant(KEY), values: fc.array(text, { minLength: 1, maxLength: 3 }) });
    const value = fc.option(fc.string({ unit: fc.constantFrom("a", "b", "A"), maxLength: 5 }), { nil: null });
    const property = fc.property(any, any, value, (left, right, got) => {
      const context = new Context(got === null ? [] : [[KEY, got]]);
      const passes = [left, right].every((one) => evaluateCondition(one, context, true).pass);
      return !(passes && areDisjoint(left, right));
    });
    fc.assert(property, { numRuns: 5000 });
  });

  it("are called so where no short value passes both, of patterns and texts as they stand", () => {
    const texts = ["", "a", "b", "aa", "ab", "ba", "bb"];
    const words = texts.flatMap((one) => [one, `${one}a`, `${one}b`]);
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*"), minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(pattern, pattern, (left, right) => {
        const pair = [condition("StringLike", left), condition("StringLike", right)] as const;
        const some = words.some((word) =>
          pair.every((one) => evaluateCondition(one, new Context([[KEY, word]]), true).pass),
        );
        return areDisjoint(...pair) === !some;
      }),
      { numRuns: 500 },
    );
  });
});

describe("rule T028, of an issuer whose subjects may have any form", () => {
  const rulesOf = (conditions: Readonly<Record<string, Readonly<Record<string, string>>>>) => {
    const role = roleWith([
      {
        Effect: "Allow",
        Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/ci.example.com" },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringEquals: { "ci.example.com:aud": "a" }, ...conditions },
      },
    ]);
    const { findings } = lint({ roles: [role], providers: [], from: "", allProviders: false, now: NOW, subjects: [] });
    return findings.map(({ rule }) => rule);
  };

  it("is silent about patterns that a subject can match together, and speaks where none can", () => {
    expect(rulesOf({ StringLike: { [KEY]: "job:a-*" }, StringLikeIfExists: { [KEY]: "*-b" } })).not.toContain("T028");
    expect(rulesOf({ StringLike: { [KEY]: "*shop*" }, StringLikeIfExists: { [KEY]: "*main" } })).not.toContain("T028");
    expect(rulesOf({ StringLike: { [KEY]: "job:a-*" }, StringLikeIfExists: { [KEY]: "pipeline:*" } })).toContain(
      "T028",
    );
  });
});
