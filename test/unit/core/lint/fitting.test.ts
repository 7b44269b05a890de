import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { literalGlob, matchGlob, parseGlob } from "../../../../src/core/glob.ts";
import { fitting, type Form, type Hole, type Pattern } from "../../../../src/core/lint/fitting.ts";

const NAME: Hole = { first: /[a-c]/, rest: /[a-c-]/, usual: "a" };
/** May hold a slash, and not end in it. */
const REF: Hole = { first: /[a-c]/, rest: /[a-c/]/, last: /[a-c]/, usual: "a" };

function pattern(text: string, how: "like" | "equals" | "ignoring case" = "like"): Pattern {
  return { glob: how === "like" ? parseGlob(text) : literalGlob(text), ignoresCase: how === "ignoring case" };
}

describe("a text of a form that patterns match", () => {
  const form: Form = ["r:", NAME, "/", NAME, ":", REF];

  it.each([
    [["r:a/b:*"], /^r:a\/b:[a-c]/],
    [["*:a/b:c"], /^r:a\/b:c$/],
    [["r*a/*:c"], /^r:[a-c-]*a\/[a-c-]+:c$/],
    [["r:?/b:c"], /^r:a\/b:c$/],
    [["r:a/b:c/*"], /^r:a\/b:c\/[a-c]$/],
    [["r:a*/b:*", "r:*c/b:a"], /^r:a[a-c-]*c\/b:a$/],
  ])("of %j is %s", (texts, expected) => {
    expect(
      fitting(
        texts.map((text) => pattern(text)),
        form,
      ),
    ).toMatch(expected);
  });

  it.each([[["r:a/b"]], [["r:A/b:c"]], [["r:a/b:c/"]], [["r:d/b:c"]], [["r:-a/b:c"]], [["r:a/*", "r:b/*"]], [[""]]])(
    "of %j is none",
    (texts) => {
      expect(
        fitting(
          texts.map((text) => pattern(text)),
          form,
        ),
      ).toBeNull();
    },
  );

  it("takes a star of StringEquals as itself, and ignores case where the operator does", () => {
    expect(fitting([pattern("r:*/b:c", "equals")], form)).toBeNull();
    expect(fitting([pattern("R:a/b:c", "equals")], form)).toBeNull();
    expect(fitting([pattern("R:a/b:c", "ignoring case")], form)).toBe("r:a/b:c");
  });
});

describe("whatever pattern and form", () => {
  const piece = fc.constantFrom<string | Hole>(NAME, REF, "a", ":", "/", "b-", "r:");
  const forms = fc.array(piece, { minLength: 1, maxLength: 5 });
  const patterns = fc.array(fc.constantFrom("*", "?", "a", "b", ":", "/", "-", "r:"), { maxLength: 7 });
  const texts = fc.array(fc.constantFrom("a", "b", "a-", "b/c", "cab"), { minLength: 5, maxLength: 5 });

  it("finds only what all match and the form has, and what there is", () => {
    fc.assert(
      fc.property(forms, patterns, patterns, texts, (form, one, other, fills) => {
        const both = [one.join(""), other.join("")];
        const found = fitting(
          both.map((text) => pattern(text)),
          form,
        );
        const allMatch = (text: string): boolean => both.every((glob) => matchGlob(parseGlob(glob), text));
        if (found !== null) {
          expect(allMatch(found)).toBe(true);
          expect(found).toMatch(expressionOf(form));
          return;
        }
        // Any text of the form is one that they do not match.
        const text = form.map((part, index) => (typeof part === "string" ? part : (fills[index] ?? "a"))).join("");
        if (expressionOf(form).test(text)) expect(allMatch(text)).toBe(false);
      }),
      { numRuns: 3000, seed: 6 },
    );
  });
});

function expressionOf(form: Form): RegExp {
  const source = form.map((part) => {
    if (typeof part === "string") return part.replaceAll("/", "\\/");
    return part === NAME ? "[a-c][a-c-]*" : "[a-c](?:[a-c/]*[a-c])?";
  });
  return new RegExp(`^${source.join("")}$`);
}
