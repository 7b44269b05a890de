import { describe, expect, it } from "vitest";
import type { Finding } from "../../../src/core/lint/finding.ts";
import {
  fingerprint,
  parseBaseline,
  parseSuppressions,
  renderBaseline,
  sortFindings,
} from "../../../src/doctor/lint-accepted.ts";

const NOW = Date.parse("2026-11-25T12:00:00Z");

function finding(more: Partial<Finding> = {}): Finding {
  return {
    rule: "T004",
    severity: "high",
    resource: "arn:aws:iam::123456789012:role/shop",
    from: "x.json",
    path: "Statement[0]",
    message: "somebody gets the role",
    proof: { kind: "observed", text: "seen" },
    fix: "mend it",
    ...more,
  };
}

function suppressing(entry: string): ReturnType<typeof parseSuppressions> {
  return parseSuppressions(`suppress:\n  - ${entry}\n`, ".rolecall-lint.yaml");
}

describe("a suppression", () => {
  const entry = '{ rule: T004, resource: "*role/shop", reason: "old, going", expires: 2026-11-25 }';

  it("holds until the end of its day, and then counts again", () => {
    const suppressions = suppressing(entry);
    const sorted = sortFindings([finding()], suppressions, [], Date.parse("2026-11-25T23:59:59Z"));
    expect([sorted.counted, sorted.suppressed.map(({ by }) => by.reason), sorted.expired]).toEqual([
      [],
      ["old, going"],
      [],
    ]);
    const later = sortFindings([finding()], suppressions, [], Date.parse("2026-11-26T00:00:00Z"));
    expect([later.counted.length, later.suppressed, later.expired]).toEqual([1, [], suppressions]);
  });

  it("is for its rule and its resource alone", () => {
    const others = [finding({ rule: "T005" }), finding({ resource: "arn:aws:iam::123456789012:role/shop-2" })];
    expect(sortFindings(others, suppressing(entry), [], NOW).counted).toEqual(others);
  });

  it.each([
    ["{ rule: T004, reason: x }", /suppress\[0\]\.expires: expected a day/],
    ["{ rule: T004, expires: 2027-01-01 }", /suppress\[0\]\.reason/],
    ['{ rule: T004, reason: " ", expires: 2027-01-01 }', /suppress\[0\]\.reason/],
    ["{ rule: T999, reason: x, expires: 2027-01-01 }", /suppress\[0\]\.rule/],
    ["{ rule: T004, reason: x, expires: 2027-13-01 }", /suppress\[0\]\.expires/],
    ["{ rule: T004, reason: x, expires: 2027-01-01, until: x }", /suppress\[0\]\.until/],
    ["nothing", /suppress\[0\]: expected rule, reason and expires/],
  ])("%s is refused", (text, message) => {
    expect(() => suppressing(text)).toThrowWithCode("config", message);
  });
});

describe("a baseline", () => {
  it("leaves out what it knows, and counts what is new or got worse", () => {
    const known = parseBaseline(renderBaseline([finding()]), "known.json");
    const worse = finding({ severity: "critical" });
    const other = finding({ path: "Statement[1]" });
    const sorted = sortFindings([finding({ message: "in other words" }), worse, other], [], known, NOW);
    expect(sorted.counted).toEqual([worse, other]);
    expect(sorted.known).toHaveLength(1);
  });

  it("is the same whatever order things are found in", () => {
    const two = [finding(), finding({ rule: "R001" })];
    expect(renderBaseline(two)).toBe(renderBaseline(two.toReversed()));
    expect(fingerprint(finding())).toBe("T004 arn:aws:iam::123456789012:role/shop Statement[0]");
  });

  it.each(["{}", "[]", "no", '{"version":2,"findings":[]}', '{"version":1,"findings":[{}]}'])(
    "%s is refused",
    (text) => {
      expect(() => parseBaseline(text, "known.json")).toThrowWithCode("config", /known\.json/);
    },
  );
});
