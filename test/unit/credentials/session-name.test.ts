import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeSessionName, parseSessionName } from "../../../src/credentials/session-name.ts";

/** What STS takes. API reference, RoleSessionName. */
const LEGAL = /^[\w+=,.@-]{2,64}$/;

describe("a session name made of parts", () => {
  it.each([
    [["gitlab", "20", "574", "302"], "gitlab-20-574-302"],
    [["gitlab", "acme/shop", "feature: x"], "gitlab-acme-shop-feature-x"],
    [["gitlab", "", "574"], "gitlab-574"],
    [["한국어", "302"], "302"],
    [["--a--", "b"], "a-b"],
    [["rolecall"], "rolecall"],
    [[], "rolecall"],
    [["a"], "rolecall"],
    [["/", ":"], "rolecall"],
  ])("of %j is %s", (parts, name) => {
    expect(makeSessionName(parts)).toBe(name);
  });

  it("is always one that STS takes", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme", maxLength: 80 }), { maxLength: 5 }), (parts) => {
        expect(makeSessionName(parts)).toMatch(LEGAL);
      }),
      { numRuns: 1000 },
    );
  });

  it("keeps the run, its last part, however long the others are", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 100 });
    fc.assert(
      fc.property(fc.constantFrom("gitlab", "github"), text, fc.nat({ max: 1e12 }), (ci, project, run) => {
        const name = makeSessionName([ci, project, String(run)]);
        expect(name).toMatch(new RegExp(`^${ci}-(.*-)?${run}$`));
      }),
    );
  });

  it("that is too long loses the beginning of its middle", () => {
    const name = makeSessionName(["gitlab", "a".repeat(40) + "b".repeat(40), "574", "302"]);
    expect(name).toBe(`gitlab-${"a".repeat(9)}${"b".repeat(40)}-574-302`);
    expect(name).toHaveLength(64);
  });
});

describe("a session name that is given", () => {
  it.each(["ab", "gitlab-20", "jane+ci=a,b.c@d_e", "x".repeat(64)])("may be %s", (name) => {
    expect(parseSessionName(name, "--session-name")).toBe(name);
  });

  it.each(["", "a", "acme/shop", "a:b", "a b", "ab\n", "é1", "x".repeat(65)])("is not %j", (name) => {
    expect(() => parseSessionName(name, "--session-name")).toThrowWithCode(
      "usage",
      "--session-name is not a session name",
    );
  });

  it("that is wrong is answered with one that would do", () => {
    try {
      parseSessionName("acme/shop: main", "AWS_ROLE_SESSION_NAME");
    } catch (error) {
      expect(error).toMatchObject({ hints: ["for example acme-shop-main"] });
    }
    expect.assertions(1);
  });
});
