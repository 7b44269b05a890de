import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { literalGlob, matchArnGlob, matchGlob, parseGlob } from "../../../src/core/glob.ts";

/** The same, slow and plain: what `*` and `?` mean, said once more by recursion. */
function covers(pattern: readonly string[], text: readonly string[]): boolean {
  const [symbol, ...restPattern] = pattern;
  const [character, ...restText] = text;
  if (symbol === undefined) return text.length === 0;
  if (symbol === "*") return covers(restPattern, text) || (character !== undefined && covers(pattern, restText));
  return character !== undefined && (symbol === "?" || symbol === character) && covers(restPattern, restText);
}

const texts = (alphabet: readonly string[], maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...alphabet), { maxLength }).map((letters) => letters.join(""));

const PATTERNS = texts(["a", "b", ":", "*", "?", "😀"], 8);
const TEXTS = texts(["a", "b", ":", "*", "?", "😀"], 9);

describe("a pattern with * and ?", () => {
  it("covers what a recursive reading of it covers", () => {
    fc.assert(
      fc.property(PATTERNS, TEXTS, (pattern, text) => {
        expect(matchGlob(parseGlob(pattern), text)).toBe(covers(Array.from(pattern), Array.from(text)));
      }),
      { numRuns: 5000 },
    );
  });

  it("covers every text that is made from it", () => {
    const fillings = fc.array(texts(["a", "b", "/", ":"], 4), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(PATTERNS, fillings, (pattern, filling) => {
        let at = 0;
        const text = pattern.replaceAll(/[*?]/gu, (symbol) => {
          const run = filling[at++ % filling.length] ?? "";
          return symbol === "*" ? run : (run[0] ?? "x");
        });
        expect(matchGlob(parseGlob(pattern), text)).toBe(true);
      }),
    );
  });

  it("without either covers itself alone", () => {
    fc.assert(
      fc.property(texts(["a", "b"], 6), texts(["a", "b"], 6), (pattern, text) => {
        expect(matchGlob(parseGlob(pattern), text)).toBe(pattern === text);
      }),
    );
  });

  it.each([
    ["repo:acme/*", "repo:acme/shop:ref:refs/heads/main", true],
    ["*:ref:main", "project_path:acme/shop:ref_type:branch:ref:main", true],
    ["*:ref:main", "project_path:acme/shop:ref_type:branch:ref:main2", false],
    ["repo:acme/*", "Repo:acme/shop", false],
    ["v?", "v", false],
    ["v?", "v10", false],
    ["", "", true],
    ["*", "", true],
    ["?", "", false],
  ])("%s and %s: %s", (pattern, text, wanted) => {
    expect(matchGlob(parseGlob(pattern), text)).toBe(wanted);
  });

  it("takes a character that needs two code units as one", () => {
    expect(matchGlob(parseGlob("?"), "😀")).toBe(true);
    expect(matchGlob(parseGlob("??"), "😀")).toBe(false);
  });

  it("has no wildcards where every character is meant as itself", () => {
    expect(matchGlob(literalGlob("a*"), "a*")).toBe(true);
    expect(matchGlob(literalGlob("a*"), "ab")).toBe(false);
    expect(matchGlob(literalGlob("?"), "a")).toBe(false);
  });

  it("is quick when made to be slow", () => {
    const began = performance.now();
    const hostile = [`${"*a".repeat(500)}b`, `${"a*".repeat(500)}b`, `${"*?".repeat(500)}b`, `${"*".repeat(1000)}b`];
    for (const pattern of hostile) expect(matchGlob(parseGlob(pattern), "a".repeat(2000))).toBe(false);
    // By backtracking into every star it would not end in this century.
    expect(performance.now() - began).toBeLessThan(3000);
  });
});

describe("a pattern of an ARN", () => {
  /** The six parts one by one; the sixth runs to the end. */
  function coversArn(pattern: string, text: string): boolean {
    const split = (arn: string): string[] => {
      const parts = arn.split(":");
      return parts.length < 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(":")];
    };
    const wanted = split(pattern);
    const got = split(text);
    return (
      wanted.length === 6 &&
      got.length === 6 &&
      wanted.every((part, at) => covers(Array.from(part), Array.from(got[at] ?? "")))
    );
  }

  it("covers what a reading part by part covers", () => {
    const part = texts(["a", "*", "?"], 3);
    const arn = fc.array(part, { minLength: 4, maxLength: 8 }).map((parts) => parts.join(":"));
    fc.assert(
      fc.property(arn, arn, (pattern, text) => {
        expect(matchArnGlob(parseGlob(pattern), text)).toBe(coversArn(pattern, text));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ["arn:aws:iam::*:role/ci", "arn:aws:iam::123456789012:role/ci", true],
    ["arn:aws:iam::*", "arn:aws:iam::123456789012:role/ci", false],
    ["arn:*", "arn:aws:iam::123456789012:role/ci", false],
    ["arn:aws:iam:*:role/ci", "arn:aws:iam::123456789012:role/ci", false],
    ["arn:aws:logs:*:*:*", "arn:aws:logs:eu-central-1:123456789012:log-group:a:b", true],
    ["arn:aws:s3:::b/*", "arn:aws:s3:::b/a:b", true],
    ["arn:aws:iam::1:role/CI", "arn:aws:iam::1:role/ci", false],
    ["*:*:*:*:*:*", "no-arn", false],
  ])("%s and %s: %s", (pattern, text, wanted) => {
    expect(matchArnGlob(parseGlob(pattern), text)).toBe(wanted);
  });
});
