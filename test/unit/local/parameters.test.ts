import { describe, expect, it } from "vitest";

import { paginate } from "../../../src/local/pages.ts";
import {
  integer,
  listOf,
  optional,
  readParameters,
  type Shape,
  structure,
  text,
} from "../../../src/local/parameters.ts";
import { parseQuery } from "../../../src/wire/query.ts";

const STS = { repeatsValues: true, patternFirst: true };
const IAM = { repeatsValues: false, patternFirst: false };

function read(shape: Shape, query: string, style = STS): unknown {
  const result = readParameters(shape, parseQuery(query), style);
  return result.kind === "values" ? result.values : `${result.code}: ${result.message}`;
}

// The expected texts were measured at AWS by others: STS and IAM validation probes of 2025 and 2026.
describe("a parameter", () => {
  const name = { RoleArn: text({ min: 20, max: 22, pattern: "[a-z]+" }) };

  it("is told that it is missing, by STS with null and by IAM without", () => {
    expect(read(name, "")).toBe(
      "ValidationError: 1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null",
    );
    expect(read(name, "", IAM)).toBe(
      "ValidationError: 1 validation error detected: Value at 'roleArn' failed to satisfy constraint: Member must not be null",
    );
  });

  it("hears of its pattern first from STS, of its length first from IAM", () => {
    expect(read(name, "RoleArn=")).toBe(
      "ValidationError: 2 validation errors detected: Value '' at 'roleArn' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+; " +
        "Value '' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20",
    );
    expect(read(name, "RoleArn=", IAM)).toBe(
      "ValidationError: 2 validation errors detected: Value at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20; " +
        "Value at 'roleArn' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+",
    );
  });

  it("with a sentence of its own is told it alone, in place of the pattern, when no constraint is broken", () => {
    const ruled = {
      A: text({ min: 1, max: 3, pattern: "[a-z]+", rule: "It is a word." }),
      B: optional(text({ max: 1 })),
    };
    const sentence = "ValidationError: The specified value for a is invalid. It is a word.";
    expect([read(ruled, "A=1", IAM), read(ruled, "A=", IAM)]).toEqual([sentence, sentence]);
    expect(read(ruled, "A=1&B=22", IAM)).toBe(
      "ValidationError: 1 validation error detected: Value at 'b' failed to satisfy constraint: Member must have length less than or equal to 1",
    );
    expect(read(ruled, "A=1111", IAM)).toContain("Value at 'a' failed to satisfy constraint: Member must have length");
    expect(read(ruled, "", IAM)).toContain("Value at 'a' failed to satisfy constraint: Member must not be null");
  });

  it("is measured in characters, not in halves of them", () => {
    const short = { A: text({ max: 2 }) };
    expect(read(short, `A=${encodeURIComponent("😀😀")}`)).toEqual({ A: "😀😀" });
    expect(read(short, `A=${encodeURIComponent("é😀a")}`)).toContain("less than or equal to 2");
  });

  it("that is a number may have a sign and zeros before it, and nothing else", () => {
    const number = { N: optional(integer({ min: 900, max: 43_200 })) };
    expect(["N=900", "N=%2B900", "N=0900"].map((query) => read(number, query))).toEqual([
      { N: 900 },
      { N: 900 },
      { N: 900 },
    ]);
    expect(read(number, "N=")).toBe("MalformedInput: missing value for decimal type");
    for (const value of ["abc", "900.0", "2147483648", "-2147483649", "0x384", "9e2"])
      expect(read(number, `N=${value}`)).toBe("MalformedInput: null");
    expect(read(number, "N=-1")).toContain(
      "Value '-1' at 'n' failed to satisfy constraint: Member must have value greater than or equal to 900",
    );
    expect(read(number, "N=2147483647")).toContain("less than or equal to 43200");
  });

  it("that is a list says so as a whole when a text in it is wrong, and once", () => {
    const keys = { TagKeys: listOf(text({ min: 1, max: 128, pattern: "[a-z]+" }), { max: 2 }) };
    const members =
      "[Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [a-z]+, Member must not be null]";
    expect(read(keys, "TagKeys.member.1=A&TagKeys.member.2=B", IAM)).toBe(
      `ValidationError: 1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: ${members}`,
    );
    expect(read(keys, "TagKeys=")).toEqual({ TagKeys: [] });
    expect(read(keys, "TagKeys.member.1=a&TagKeys.member.2=b&TagKeys.member.3=c", IAM)).toContain(
      "'tagKeys' failed to satisfy constraint: Member must have length less than or equal to 2",
    );
  });

  it("that is a list of structures names the member", () => {
    const tags = { Tags: listOf(structure({ Key: text({ min: 1 }), Value: text() })) };
    expect(read(tags, "Tags.member.1.Key=a&Tags.member.1.Value=&Tags.member.2.Key=", IAM)).toBe(
      "ValidationError: 2 validation errors detected: Value at 'tags.2.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
        "Value at 'tags.2.member.value' failed to satisfy constraint: Member must not be null",
    );
    expect(read(tags, "Tags=text", IAM)).toEqual({ Tags: [] });
  });

  it("that nobody asked for is not looked at", () => {
    expect(read({ A: text() }, "A=1&B=2&constructor=3")).toEqual({ A: "1" });
    expect(read({ constructor: text() }, "")).toContain(
      "'constructor' failed to satisfy constraint: Member must not be null",
    );
  });
});

describe("a list in pages", () => {
  const all = ["d", "b", "a", "c"];
  const page = (
    Marker: string | undefined,
    MaxItems: number | undefined,
    items = all,
  ): ReturnType<typeof paginate<string>> => paginate(items, (one) => one, { Marker, MaxItems });

  it("goes on where it stopped, also when entries came and went meanwhile", () => {
    const first = page(undefined, 2);
    if (first.kind !== "page") throw new Error("refused");
    expect(first).toMatchObject({ items: ["a", "b"], tail: { IsTruncated: true } });
    expect(page(first.tail.Marker, 2, ["a", "bb", "c", "d", "e"])).toMatchObject({
      items: ["bb", "c"],
      tail: { IsTruncated: true },
    });
    expect(page(first.tail.Marker, undefined)).toMatchObject({
      items: ["c", "d"],
      tail: { IsTruncated: false, Marker: undefined },
    });
  });

  it("ends without a marker when the last page is full", () => {
    expect(page(undefined, 4)).toMatchObject({
      items: ["a", "b", "c", "d"],
      tail: { IsTruncated: false, Marker: undefined },
    });
  });

  it("has a hundred entries to a page when nobody says otherwise", () => {
    const many = Array.from({ length: 101 }, (_, at) => String(at).padStart(3, "0"));
    expect(page(undefined, undefined, many)).toMatchObject({ items: many.slice(0, 100), tail: { IsTruncated: true } });
  });
});
