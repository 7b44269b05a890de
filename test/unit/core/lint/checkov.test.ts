import { describe, expect, it } from "vitest";
import { lintRole } from "../../../../src/core/lint.ts";
import { isAtLeast } from "../../../../src/core/lint/severity.ts";
import type { Json } from "../../../../src/core/token.ts";
import { AUD, GITHUB, github, NOW, roleWith, statement } from "./cases.ts";

// What Checkov 03d5fda (2026-08-20) says of these with CKV_AWS_393, measured: six wrong passes, one wrong failure.
const GOOD = github({ StringEquals: { "C.aud": AUD, "C.sub": "repo:acme/app:ref:refs/heads/main" } });
const OPEN = statement(GITHUB, undefined);
const EC2 = { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" };
const like = (values: Json, operator = "StringLike"): Json =>
  github({ StringEquals: { "C.aud": AUD }, [operator]: { "C.sub": values } });

const WRONG_PASSES: readonly (readonly [string, readonly Json[], string])[] = [
  ["a service's statement before one without any condition", [EC2, OPEN], "T001"],
  ["a good statement before an open one", [GOOD, OPEN], "T001"],
  ["a good value before an open one", [like(["repo:acme/app:*", "*"])], "T002"],
  ["StringNotEquals", [like("repo:acme/app:ref:refs/heads/main", "StringNotEquals")], "T009"],
  ["ForAllValues", [like("repo:acme/app:*", "ForAllValues:StringLike")], "T010"],
  ["a wildcard in the word repo", [like("repo*:acme/app:*")], "T002"],
];

function rules(statements: readonly Json[]): readonly string[] {
  const found = lintRole(roleWith(statements), { providers: [], allProviders: false, now: NOW });
  return found.filter(({ severity }) => isAtLeast(severity, "medium")).map(({ rule }) => rule);
}

describe("what another linter passes wrongly", () => {
  it.each(WRONG_PASSES)("%s is found", (_, statements, rule) => {
    expect(rules(statements)).toContain(rule);
  });
});

describe("what it fails wrongly", () => {
  it("GitHub's subject with ids is good", () => {
    const subject = "repo:octo-org@123456/octo-repo@456789:ref:refs/heads/main";
    expect(rules([github({ StringEquals: { "C.aud": AUD, "C.sub": subject } })])).toEqual([]);
  });
});

describe("what it judges rightly", () => {
  it.each([
    ["no subject", [github({ StringEquals: { "C.aud": AUD } })], "T001"],
    ["repo:*", [like("repo:*")], "T002"],
    ["repo:*/x", [like("repo:*/x")], "T002"],
    ["repo:acme*", [like("repo:acme*")], "T003"],
  ] as const)("%s is found here too", (_, statements, rule) => {
    expect(rules(statements)).toContain(rule);
  });
});
