import { describe, expect, it } from "vitest";

import { buildTrust } from "../../../src/account/trust.ts";
import type { Ci, Scope } from "../../../src/ci/ci.ts";
import { gitlab } from "../../../src/ci/gitlab.ts";
import { ACCOUNT } from "./example.ts";

/** A CI whose jobs are known by two claims, as GitHub's and gitlab.com's ids will make them. */
const TWO_CLAIMS: Ci = {
  ...gitlab,
  id: "two-claims",
  conditions: (_, { project, branch = "" }) => [
    { operator: "StringEquals", key: "ci.test:sub", values: [branch] },
    { operator: "StringEquals", key: "ci.test:project_id", values: [project] },
  ],
};

function admitted(allow: readonly Scope[]): unknown[] {
  const issuer = "https://ci.test";
  const trust = buildTrust({ ci: TWO_CLAIMS, issuer, audience: "a", allow, account: ACCOUNT, partition: "aws" });
  return trust.Statement.map(({ Sid, Condition }) => {
    const { "ci.test:sub": sub, "ci.test:project_id": project } = Condition["StringEquals"] ?? {};
    return [Sid, sub, project];
  });
}

describe("statements are joined", () => {
  it("when they differ in the values of one condition", () => {
    expect(
      admitted([
        { project: "1", branch: "main" },
        { project: "1", branch: "dev" },
      ]),
    ).toEqual([["TwoClaimsExact", ["main", "dev"], "1"]]);
  });

  it("but not when they differ in two, where each value would go with each", () => {
    expect(
      admitted([
        { project: "1", branch: "main" },
        { project: "2", branch: "dev" },
        { project: "2", branch: "main" },
        { project: "1", branch: "main" },
      ]),
    ).toEqual([
      ["TwoClaimsExact", "main", ["1", "2"]],
      ["TwoClaimsExact2", "dev", "2"],
    ]);
  });
});
