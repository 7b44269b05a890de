import { describe, expect, it } from "vitest";
import { Context, evaluateCondition } from "../../../src/core/conditions.ts";
import { readOperator } from "../../../src/core/operators.ts";

/** Whether a condition on one key holds for a request's value or values; undefined: the request has no such key. */
function holds(operator: string, wanted: string | readonly string[], got?: string | readonly string[]): boolean {
  const values = typeof wanted === "string" ? [wanted] : wanted;
  const context = new Context(got === undefined ? [] : [["key", got]]);
  return evaluateCondition({ operator, key: "key", values }, context, true).pass;
}

/** Whether a value with variables equals what the request has, with these other keys. */
function expands(
  value: string,
  got: string,
  keys: Readonly<Record<string, string | readonly string[]>> = {},
  operator = "StringEquals",
): boolean {
  const context = new Context([["key", got], ...Object.entries(keys)]);
  return evaluateCondition({ operator, key: "key", values: [value] }, context, true).pass;
}

describe("an operator's name", () => {
  it.each([
    "StringEquals",
    "ForAnyValue:StringLike",
    "ForAllValues:NumericLessThanIfExists",
    "NotIpAddressIfExists",
    "Null",
  ])("may be %s", (name) => {
    expect(readOperator(name)).not.toBeNull();
  });

  it.each([
    "StringIs",
    "NullIfExists",
    "ForAnyValue:Null",
    "IfExists",
    "ForSomeValues:StringLike",
    "StringEquals ",
    "",
  ])("is never %j", (name) => {
    expect(readOperator(name)).toBeNull();
  });

  it("that IAM does not know lets nobody in, even where the values fit", () => {
    const condition = { operator: "StringIs", key: "key", values: ["a"] };
    expect(evaluateCondition(condition, new Context([["key", "a"]]), true)).toMatchObject({
      pass: false,
      note: "StringIs is not an operator of IAM",
    });
  });
});

describe("numbers", () => {
  it.each([
    ["NumericEquals", "1", "1.0", true],
    ["NumericEquals", "+5", "5", true],
    ["NumericEquals", "-0.5", "-0.50", true],
    ["NumericLessThan", "10", "9", true],
    ["NumericLessThan", "10", "10", false],
    ["NumericLessThanEquals", "10", "10", true],
    ["NumericGreaterThan", "10", "10", false],
    ["NumericGreaterThan", "9.5", "10", true],
    ["NumericGreaterThanEquals", "10", "10", true],
    ["NumericNotEquals", "10", "11", true],
    // Text order would say otherwise.
    ["NumericLessThan", "9", "10", false],
  ])("%s %s holds for %s: %s", (operator, wanted, got, pass) => {
    expect(holds(operator, wanted, got)).toBe(pass);
  });

  it.each(["", "1e3", "ten", "0x10", "1.", ".5", " 1"])("%j is none, and matches nothing", (text) => {
    for (const operator of ["NumericEquals", "NumericLessThan", "NumericGreaterThanEquals"]) {
      expect(holds(operator, "1", text)).toBe(false);
      expect(holds(operator, text, "1")).toBe(false);
    }
    expect(holds("NumericNotEquals", "1", text)).toBe(true);
  });
});

describe("dates", () => {
  it.each([
    ["DateEquals", "2026-11-23T12:00:00Z", "2026-11-23T13:00:00+01:00", true],
    ["DateEquals", "2026-11-23T12:00:00Z", "1795435200", true],
    ["DateEquals", "1795435200", "2026-11-23T12:00:00.000Z", true],
    ["DateLessThan", "2026-11-24", "2026-11-23T23:59:59Z", true],
    ["DateLessThan", "2026-11-23", "2026-11-23T00:00:00Z", false],
    ["DateLessThanEquals", "2026-11-23", "2026-11-23T00:00:00Z", true],
    ["DateGreaterThan", "2026-11-23T11:59Z", "2026-11-23T12:00:00Z", true],
    ["DateGreaterThanEquals", "2027-01", "2026-12-31T23:59:59Z", false],
    ["DateNotEquals", "2026-11-23", "2026-11-24", true],
  ])("%s %s holds for %s: %s", (operator, wanted, got, pass) => {
    expect(holds(operator, wanted, got)).toBe(pass);
  });

  it.each(["tomorrow", "23.11.2026", "2026-13-01", "2026-11-23T12:00:00", "2026-11-23 12:00:00Z", ""])(
    "%j is none, and matches nothing",
    (text) => {
      expect(holds("DateLessThan", text, "2026-11-23T12:00:00Z")).toBe(false);
      expect(holds("DateGreaterThan", text, "2026-11-23T12:00:00Z")).toBe(false);
    },
  );
});

describe("addresses", () => {
  it.each([
    ["10.0.0.0/8", "10.255.255.255", true],
    ["10.0.0.0/8", "11.0.0.0", false],
    ["10.0.0.7", "10.0.0.7", true],
    ["10.0.0.7", "10.0.0.8", false],
    ["10.0.0.9/31", "10.0.0.8", true],
    ["0.0.0.0/0", "203.0.113.9", true],
    ["2001:db8::/32", "2001:db8:ffff::1", true],
    ["2001:db8::/32", "2001:db9::", false],
    ["2001:db8::1", "2001:0DB8:0:0:0:0:0:1", true],
    ["::/0", "fe80::1", true],
    ["::1/128", "::1", true],
    // Never one for the other.
    ["0.0.0.0/0", "::1", false],
    ["::/0", "10.0.0.7", false],
  ])("%s holds %s: %s", (network, address, pass) => {
    expect(holds("IpAddress", network, address)).toBe(pass);
    expect(holds("NotIpAddress", network, address)).toBe(!pass);
  });

  it.each([
    "10.0.0.0/33",
    "10.0.0/8",
    "256.0.0.0/8",
    "10.0.0.0/8/8",
    "10.0.0.0/",
    "::1::/64",
    "1:2:3/64",
    "::/129",
    "host",
    "",
  ])("%j is no network, and holds nobody", (network) => {
    expect(holds("IpAddress", network, "10.0.0.7")).toBe(false);
    expect(holds("IpAddress", network, "::1")).toBe(false);
  });
});

describe("truth and bytes", () => {
  it.each([
    ["Bool", "true", "TRUE", true],
    ["Bool", "False", "false", true],
    ["Bool", "true", "false", false],
    ["Bool", "yes", "yes", false],
    ["Bool", "1", "true", false],
    ["BinaryEquals", "QUI=", "QUI", true],
    ["BinaryEquals", "QUI=", "QUM=", false],
    ["BinaryEquals", "no base64!", "no base64!", false],
  ])("%s %s holds for %s: %s", (operator, wanted, got, pass) => {
    expect(holds(operator, wanted, got)).toBe(pass);
  });
});

describe("ARNs", () => {
  const ROLE = "arn:aws:iam::123456789012:role/ci/deploy";

  it.each([
    ["arn:aws:iam::123456789012:role/*", true],
    ["arn:aws:iam::*:role/ci/deploy", true],
    ["arn:aws:iam::*", false],
    ["*", false],
    ["arn:aws:iam::123456789012:role/CI/deploy", false],
  ])("are compared part by part: %s, %s", (pattern, pass) => {
    for (const operator of ["ArnLike", "ArnEquals"]) expect(holds(operator, pattern, ROLE)).toBe(pass);
    for (const operator of ["ArnNotLike", "ArnNotEquals"]) expect(holds(operator, pattern, ROLE)).toBe(!pass);
  });
});

describe("texts", () => {
  it.each([
    ["StringEquals", "a*", "ab", false],
    ["StringEquals", "a*", "a*", true],
    ["StringEquals", "Main", "main", false],
    ["StringEqualsIgnoreCase", "Main", "mAIN", true],
    ["StringNotEqualsIgnoreCase", "Main", "mAIN", false],
    ["StringLike", "Main*", "main", false],
    ["StringEquals", "", "", true],
    ["StringLike", "*", "", true],
  ])("%s %s holds for %s: %s", (operator, wanted, got, pass) => {
    expect(holds(operator, wanted, got)).toBe(pass);
  });

  it("of several wanted need one that fits; of several that must not be, none", () => {
    expect(holds("StringEquals", ["a", "b"], "b")).toBe(true);
    expect(holds("StringNotEquals", ["a", "b"], "b")).toBe(false);
    expect(holds("StringNotEquals", ["a", "b"], "c")).toBe(true);
    expect(holds("StringEquals", [], "b")).toBe(false);
    expect(holds("StringNotEquals", [], "b")).toBe(true);
  });
});

describe("a key that the request does not have", () => {
  it.each([
    ["StringEquals", false],
    ["StringNotEquals", true],
    ["StringEqualsIfExists", true],
    ["StringNotEqualsIfExists", true],
    ["ForAllValues:StringEquals", true],
    ["ForAnyValue:StringEquals", false],
    ["NotIpAddress", true],
    ["NumericNotEquals", true],
    ["NumericLessThan", false],
    ["Bool", false],
  ])("%s: %s", (operator, pass) => {
    expect(holds(operator, "x")).toBe(pass);
  });

  it.each([
    ["true", undefined, true],
    ["true", [], true],
    ["true", "", true],
    ["true", "a", false],
    ["false", "a", true],
    ["false", [], false],
    ["false", undefined, false],
    ["TRUE", undefined, true],
  ])("Null %s of %j: %s", (wanted, got, pass) => {
    expect(holds("Null", wanted, got)).toBe(pass);
  });
});

describe("a key with several values", () => {
  it.each([
    ["ForAnyValue:StringEquals", ["a", "x"], true],
    ["ForAnyValue:StringEquals", ["x", "y"], false],
    ["ForAllValues:StringEquals", ["a", "b"], true],
    ["ForAllValues:StringEquals", ["a", "x"], false],
    ["ForAllValues:StringEquals", [], true],
    ["ForAnyValue:StringEquals", [], false],
    ["ForAllValues:StringNotEquals", ["x", "y"], true],
    ["ForAllValues:StringNotEquals", ["x", "a"], false],
    ["ForAnyValue:StringNotEquals", ["a", "x"], true],
    ["ForAnyValue:StringNotEquals", ["a", "b"], false],
    ["ForAllValues:StringEquals", [""], true],
    ["ForAnyValue:StringEquals", [""], false],
  ])("%s a or b, of %j: %s", (operator, got, pass) => {
    expect(holds(operator, ["a", "b"], got)).toBe(pass);
  });
});

describe("policy variables", () => {
  it.each([
    ["${aws:username}", "jane", { "aws:username": "jane" }, true],
    ["home/${aws:UserName}/x", "home/jane/x", { "aws:username": "jane" }, true],
    ["${aws:username, 'nobody'}", "nobody", {}, true],
    ["${aws:username,'nobody'}", "jane", { "aws:username": "jane" }, true],
    ["${*}", "*", {}, true],
    ["${?}${$}", "?$", {}, true],
    ["${a}${b}", "12", { a: "1", b: "2" }, true],
    ["${aws:username}", "${aws:username}", {}, false],
    ["${aws:username}", "", {}, false],
    // Keys with several values cannot be variables.
    ["${tags}", "a", { tags: ["a", "b"] }, false],
    ["${tags, 'none'}", "none", { tags: ["a", "b"] }, true],
  ])("%s is %s with %j: %s", (value, got, keys, pass) => {
    expect(expands(value, got, keys)).toBe(pass);
  });

  it("bring no wildcards along; those beside them stay wildcards", () => {
    const keys = { name: "a*" };
    expect(expands("${name}", "ab", keys, "StringLike")).toBe(false);
    expect(expands("${name}", "a*", keys, "StringLike")).toBe(true);
    expect(expands("${name}?", "a*b", keys, "StringLike")).toBe(true);
    expect(expands("x*${*}", "xyz*", {}, "StringLike")).toBe(true);
    expect(expands("${*}", "b", {}, "StringLike")).toBe(false);
  });

  it("without a value match nothing, so a negated operator holds", () => {
    expect(expands("${gone}", "a", {}, "StringNotEquals")).toBe(true);
    expect(expands("x${gone}", "x", {}, "StringLike")).toBe(false);
    const condition = { operator: "StringEquals", key: "key", values: ["${gone}", "a"] };
    expect(evaluateCondition(condition, new Context([["key", "a"]]), true)).toMatchObject({
      pass: true,
      note: "a policy variable in it has no value",
    });
  });

  it("are plain text under a Version that has none, and under operators that take none", () => {
    const condition = { operator: "StringEquals", key: "key", values: ["${a}"] };
    const context = new Context([
      ["key", "${a}"],
      ["a", "1"],
    ]);
    expect(evaluateCondition(condition, context, false).pass).toBe(true);
    expect(expands("${a}", "1", { a: "1" }, "NumericEquals")).toBe(false);
    expect(expands("${a}", "true", { a: "true" }, "Bool")).toBe(false);
  });
});

describe("what a condition tells", () => {
  it("is both sides, the request's values as they are", () => {
    const condition = { operator: "StringEquals", key: "gitlab.com:sub", values: ["a"] };
    expect(evaluateCondition(condition, new Context([["GITLAB.com:sub", ["b", "c"]]]), true)).toEqual({
      condition,
      got: ["b", "c"],
      pass: false,
    });
    expect(evaluateCondition(condition, new Context(), true).got).toBeNull();
  });
});
