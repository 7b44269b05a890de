import { describe, expect, it } from "vitest";
import { FAILURES } from "../../../src/core/failures.ts";
import { CATALOGUE, entriesSaying } from "../../../src/doctor/catalogue.ts";

describe("the failure catalogue", () => {
  it("has every entry whole", () => {
    for (const entry of CATALOGUE.values()) {
      expect(entry.title, entry.id).toMatch(
        /^[^A-Z.].*[^.]$|^(AWS|CDK|GitHub|GitLab|Terraform|Serverless|Jenkins|IAM|ForAllValues|China|AWS_PROFILE|upper)/,
      );
      expect(entry.fixes.length, entry.id).toBeGreaterThan(0);
      expect(entry.sources.length, entry.id).toBeGreaterThan(0);
      for (const text of [entry.cause, entry.tell]) expect(text, entry.id).toMatch(/\S{2}/);
    }
  });

  it("calls what a job can guess as the job calls it", () => {
    for (const [id, { title }] of Object.entries(FAILURES)) expect(CATALOGUE.get(id)?.title).toBe(title);
  });
});

describe("a pasted text", () => {
  it.each([
    ["Error: Could not load credentials from any providers", "F20"],
    ["The config profile (oidc) could not be found", "F58"],
    ["Error: Failed to save state: error uploading: ExpiredToken: the token has expired", "F42"],
    ["✖ SSM parameter /cdk-bootstrap/hnb659fds/version not found. Has the environment been bootstrapped?", "F69"],
    [
      "1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
      "F37",
    ],
    [
      "1 validation error detected: Value 'aaa' at 'roleSessionName' failed to satisfy constraint: Member must have length less than or equal to 64",
      "F38",
    ],
  ])("%s is of %s", (said, id) => {
    expect(entriesSaying(said)[0]?.id).toBe(id);
  });

  it("that says nothing of the kind is of none", () => {
    expect(entriesSaying("make: *** [deploy] Error 1")).toEqual([]);
  });
});
