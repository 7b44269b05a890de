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

describe("a text that other patterns must not match", () => {
  const form: Form = ["r:", NAME, "/", NAME];
  const without = (texts: readonly string[]): string | null =>
    fitting(
      [pattern("r:*/b")],
      form,
      texts.map((text) => pattern(text)),
    );

  it.each([
    [["r:a/*"], /^r:[bc]/],
    [["r:?/*"], /^r:[a-c][a-c-]+\/b$/],
    [["r:?/*", "r:??/*", "r:a*"], /^r:[bc][a-c-]{2,}\/b$/],
    [["r:*a*", "r:*b/*"], /^r:c/],
  ])("of %j is %s", (texts, expected) => {
    expect(without(texts)).toMatch(expected);
  });

  it.each([[["*"]], [["r:*/b"]], [["r:?/*", "r:??*/*"]]])("of %j is none", (texts) => {
    expect(without(texts)).toBeNull();
  });

  it("takes no other case for another text where case does not count", () => {
    expect(fitting([pattern("r:?/b")], form, [pattern("R:A/B", "ignoring case")])).toMatch(/^r:[bc]\/b$/);
    expect(fitting([pattern("r:a/b")], form, [pattern("R:A/B", "ignoring case")])).toBeNull();
  });
});

describe("whatever pattern and form", () => {
  const piece = fc.constantFrom<string | Hole>(NAME, REF, "a", ":", "/", "b-", "r:");
  const forms = fc.array(piece, { minLength: 1, maxLength: 5 });
  const patterns = fc.array(fc.constantFrom("*", "?", "a", "b", ":", "/", "-", "r:"), { maxLength: 7 });
  const texts = fc.array(fc.constantFrom("a", "b", "a-", "b/c", "cab"), { minLength: 5, maxLength: 5 });

  // Made of the form's own pieces, each as it is or open, since of other patterns few match anything.
  const openings = fc.array(fc.constantFrom("own", "own", "*", "?", "a*"), { minLength: 5, maxLength: 5 });
  const made = fc.tuple(texts, openings);
  const write = (form: Form, [fills, open]: readonly [readonly string[], readonly string[]]): string =>
    form
      .map((part, index) => {
        const own = typeof part === "string" ? part : (fills[index] ?? "a");
        return open[index] === "own" ? own : (open[index] ?? own);
      })
      .join("");
  const asIs = ["own", "own", "own", "own", "own"];

  it("finds only what all match, the form has and nothing avoids, and what there is", () => {
    const counts = { found: 0, avoided: 0, none: 0 };
    fc.assert(
      fc.property(forms, made, fc.array(made, { maxLength: 2 }), patterns, texts, (form, one, not, stray, fills) => {
        const wanted = [write(form, one)];
        const avoided = [stray.join(""), ...not.map((each) => write(form, each))];
        const [all, avoiding] = [wanted, avoided].map((group) => group.map((text) => pattern(text)));
        const found = fitting(all ?? [], form, avoiding);
        const fits = (text: string): boolean =>
          wanted.every((glob) => matchGlob(parseGlob(glob), text)) &&
          !avoided.some((glob) => matchGlob(parseGlob(glob), text));
        if (found !== null) {
          counts.found += 1;
          if (found !== fitting(all ?? [], form)) counts.avoided += 1;
          expect(fits(found)).toBe(true);
          expect(found).toMatch(expressionOf(form));
          return;
        }
        counts.none += 1;
        // Any text of the form is one that does not fit.
        const text = write(form, [fills, asIs]);
        if (expressionOf(form).test(text)) expect(fits(text)).toBe(false);
      }),
      { numRuns: 5000, seed: 6 },
    );
    expect(Math.min(counts.found, counts.avoided, counts.none)).toBeGreaterThan(100);
  });

  it("finds what two patterns match together, and what there is", () => {
    fc.assert(
      fc.property(forms, made, made, texts, (form, one, other, fills) => {
        const both = [write(form, one), write(form, other)];
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
        const text = write(form, [fills, asIs]);
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
