import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Context, evaluateCondition } from "../../../src/core/conditions.ts";
import { OPERATORS, readOperator } from "../../../src/core/operators.ts";

const KEY = "test:key";

/** Whether one condition holds for what a request has. */
function holds(operator: string, values: readonly string[], got: string | readonly string[] | null): boolean {
  const context = new Context(got === null ? [] : [[KEY, got]]);
  return evaluateCondition({ operator, key: KEY, values }, context, true).pass;
}

const words = fc.stringMatching(/^[a-cA-C:/ ]{0,6}$/);
const patterns = fc.stringMatching(/^[a-c*?:/]{0,6}$/);
const numbers = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.integer({ min: -99, max: 99 }).map((one) => one / 4),
);
const octet = fc.nat({ max: 255 });
const addresses = fc.tuple(octet, octet, octet, octet).map((four) => four.join("."));
const times = fc.integer({ min: 0, max: 4_000_000_000 });
const arns = fc
  .tuple(fc.constantFrom("s3", "iam"), fc.constantFrom("1", "2"), words)
  .map(([service, account, name]) => `arn:aws:${service}::${account}:${name || "x"}`);

/** Negations, with what they compare. */
const PAIRS: readonly (readonly [string, string, fc.Arbitrary<string>])[] = [
  ["StringEquals", "StringNotEquals", words],
  ["StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", words],
  ["StringLike", "StringNotLike", patterns],
  ["NumericEquals", "NumericNotEquals", numbers.map(String)],
  ["DateEquals", "DateNotEquals", times.map((time) => new Date(time * 1000).toISOString())],
  ["IpAddress", "NotIpAddress", addresses],
  ["ArnEquals", "ArnNotEquals", arns],
  ["ArnLike", "ArnNotLike", arns],
];

describe("an operator", () => {
  it.each(PAIRS)("%s is the opposite of its negation for every value that is there", (positive, negative, value) => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 3 }), value, (wanted, got) => {
        fc.pre(got !== "");
        expect(holds(negative, wanted, got)).toBe(!holds(positive, wanted, got));
      }),
    );
  });

  it.each(PAIRS)("%s holds for a value that is wanted literally", (positive, negative, value) => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 2 }), value, (others, got) => {
        fc.pre(got !== "" && !/[*?]/.test(got));
        expect(holds(positive, [...others, got], got)).toBe(true);
        expect(holds(negative, [...others, got], got)).toBe(false);
      }),
    );
  });

  it.each(PAIRS)(
    "%s is false and its negation true where the key is missing, both true with IfExists",
    (yes, no, value) => {
      fc.assert(
        fc.property(value, (wanted) => {
          expect([holds(yes, [wanted], null), holds(no, [wanted], null)]).toEqual([false, true]);
          expect([holds(`${yes}IfExists`, [wanted], null), holds(`${no}IfExists`, [wanted], null)]).toEqual([
            true,
            true,
          ]);
        }),
      );
    },
  );

  it("of several values holds when one of them does, in any order", () => {
    fc.assert(
      fc.property(fc.array(patterns, { minLength: 1, maxLength: 4 }), words, (wanted, got) => {
        fc.pre(got !== "");
        const each = wanted.some((one) => holds("StringLike", [one], got));
        expect(holds("StringLike", wanted, got)).toBe(each);
        expect(holds("StringLike", wanted.toReversed(), got)).toBe(each);
      }),
    );
  });

  it("of order agrees with numbers and with time", () => {
    fc.assert(
      fc.property(numbers, numbers, (wanted, got) => {
        const ask = (order: string): boolean => holds(`Numeric${order}`, [String(wanted)], String(got));
        expect(ask("LessThan")).toBe(got < wanted);
        expect(ask("LessThanEquals")).toBe(got <= wanted);
        expect(ask("GreaterThan")).toBe(got > wanted);
        expect(ask("GreaterThanEquals")).toBe(got >= wanted);
      }),
    );
    fc.assert(
      fc.property(times, times, fc.boolean(), (wanted, got, epoch) => {
        const written = epoch ? String(wanted) : new Date(wanted * 1000).toISOString();
        const asked = new Date(got * 1000).toISOString();
        expect(holds("DateLessThan", [written], asked)).toBe(got < wanted);
        expect(holds("DateGreaterThanEquals", [written], asked)).toBe(got >= wanted);
      }),
    );
  });

  it("of addresses takes what shares the network's first bits", () => {
    fc.assert(
      fc.property(addresses, addresses, fc.integer({ min: 0, max: 32 }), (network, got, bits) => {
        const number = (text: string): number => text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
        const size = 2 ** (32 - bits);
        const inside = Math.floor(number(network) / size) === Math.floor(number(got) / size);
        expect(holds("IpAddress", [`${network}/${bits}`], got)).toBe(inside);
      }),
    );
  });

  it("on a set asks for all of its values, or for any", () => {
    const sets = fc.array(
      words.filter((one) => one !== ""),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(sets, fc.array(patterns, { minLength: 1, maxLength: 3 }), (got, wanted) => {
        const one = (value: string): boolean => holds("StringLike", wanted, value);
        expect(holds("ForAnyValue:StringLike", wanted, got)).toBe(got.some(one));
        expect(holds("ForAllValues:StringLike", wanted, got)).toBe(got.every(one));
        expect(holds("ForAnyValue:StringNotLike", wanted, got)).toBe(!got.every(one));
        expect(holds("ForAllValues:StringNotLike", wanted, got)).toBe(!got.some(one));
      }),
    );
  });

  it("throws for no value, be it ever so strange", () => {
    const names = fc.constantFrom(...OPERATORS.map(({ name }) => name), "Null");
    fc.assert(
      fc.property(names, fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (name, wanted, got) => {
        expect(typeof holds(name, [wanted], got)).toBe("boolean");
      }),
    );
  });

  it("is read by its name alone", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const found = readOperator(text);
        if (found?.kind === "compare") expect(OPERATORS).toContain(found.operator);
      }),
    );
  });
});
