import { describe, expect, it } from "vitest";

import { claimGroups, claimRows, goneClaims } from "../../../src/console/model/claim-rows.ts";
import { claimsOf, FIRST_JOB, type Job } from "../../../src/console/model/job.ts";
import type { Claims } from "../../../src/core/token.ts";
import { exampleAccount } from "./account.ts";

function claims(job: Partial<Job>, now = 0): Claims {
  const held = claimsOf({ ...FIRST_JOB, ...job }, exampleAccount(), now);
  if (!held) throw new Error("no token");
  return held;
}

describe("the claims of a token", () => {
  it("stand by who reads them, with the condition key that holds them", () => {
    const rows = claimRows({ ...claims({}), "https://aws.amazon.com/tags": {} }, null);
    const groups = claimGroups(rows);
    expect(groups.map(({ reader }) => reader)).toEqual(["sts", "session", "policy", "nobody"]);
    expect(groups[0]?.rows.map(({ name }) => name)).toEqual(["iss", "sub", "aud", "exp", "iat", "nbf"]);
    expect(rows.find(({ name }) => name === "ref_protected")).toMatchObject({
      reader: "policy",
      key: "gitlab.com:ref_protected",
    });
    expect(rows.find(({ name }) => name === "project_path")).toMatchObject({ reader: "nobody", key: null });
  });

  it("of a self-managed GitLab are hidden from policies where those of gitlab.com are not", () => {
    const rows = claimRows(claims({ issuer: "https://git.example.com" }), null);
    expect(rows.find(({ name }) => name === "ref_protected")?.reader).toBe("nobody");
  });

  it("show what the last choice changed, took and brought, and not what every token has anew", () => {
    const before = claims({ environment: "production" });
    const after = claims({ name: "dev" }, 60_000);
    const changed = claimRows(after, before).filter((row) => row.before !== undefined);
    expect(Object.fromEntries(changed.map(({ name, before: was }) => [name, was]))).toMatchObject({
      sub: "project_path:acme/shop:ref_type:branch:ref:main",
      ref: "main",
      ref_protected: "true",
    });
    expect(changed.map(({ name }) => name)).not.toContain("iat");
    expect(goneClaims(after, before)).toContain("environment");
    expect(claimRows(before, after).find(({ name }) => name === "environment")?.before).toBeNull();
  });

  it("are not compared with another issuer's", () => {
    const other = claims({ ci: "github", project: "octo/shop" });
    expect(claimRows(claims({}), other).filter((row) => row.before !== undefined)).toEqual([]);
    expect(goneClaims(claims({}), other)).toEqual([]);
  });
});
