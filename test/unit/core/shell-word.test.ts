import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shellWord } from "../../../src/core/shell-word.ts";

describe("a word for a shell", () => {
  it.each([
    ["sts.amazonaws.com", "sts.amazonaws.com"],
    ["https://gitlab.com/a_b-c", "https://gitlab.com/a_b-c"],
    ["arn:aws:iam::123456789012:role/a+b=c,d@e", "arn:aws:iam::123456789012:role/a+b=c,d@e"],
    ["", "''"],
    ["a b", "'a b'"],
    ["$(id)", "'$(id)'"],
    ["it's", String.raw`'it'\''s'`],
    ["~root", "'~root'"],
    ["a*", "'a*'"],
  ])("of %j is %s", (text, word) => {
    expect(shellWord(text)).toBe(word);
  });

  it("is read back as the text that it was made of", () => {
    const texts = fc.array(
      fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(texts, (list) => {
        const line = `printf '%s\\0' ${list.map(shellWord).join(" ")}`;
        const printed = list.length === 0 ? "" : execFileSync("sh", ["-c", line], { encoding: "utf8" });
        expect(printed).toBe(list.map((text) => `${text}\0`).join(""));
      }),
      { numRuns: 30 },
    );
  });
});
