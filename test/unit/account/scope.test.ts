import { describe, expect, it } from "vitest";

import { parseConfig } from "../../../src/account/config.ts";
import { isRolecallError } from "../../../src/core/errors.ts";

const ID = "cccccccc-1111-4222-8333-dddddddddddd";

function parse(ci: string, allow: string, issuer = "https://ci.example.com"): unknown {
  const text = `version: 1\nroles:\n  shop:\n    ci: ${ci}\n    issuer: ${issuer}\n    audience: a\n    allow: [{ ${allow} }]`;
  try {
    return parseConfig(text, "rolecall.yaml").roles[0]?.allow[0];
  } catch (error) {
    if (isRolecallError(error)) return error.message;
    throw error;
  }
}

describe("an entry of allow", () => {
  it.each([
    ["github", "project: octo-org/octo-repo, environment: Production EU", { environment: "Production EU" }],
    ["github", "project: o@65/r@74, branch: main", { project: "o@65/r@74", branch: "main" }],
    ["github", "project: o/r, pull_requests: true", { project: "o/r", pullRequests: true }],
    ["circleci", `project: ${ID}`, { project: ID }],
    ["circleci", `project: ${ID}/github.com/o/r, tag: v1`, { tag: "v1" }],
    ["jenkins", "project: my job, branch: main", { project: "my job" }],
    ["bitbucket", `project: "{${ID}}", environment: ${ID}`, { environment: ID }],
    ["custom", "project: 'spiffe://ci/x'", { project: "spiffe://ci/x" }],
  ])("of %s may be %s", (ci, allow, scope) => {
    expect(parse(ci, allow)).toMatchObject(scope);
  });

  it.each([
    [
      "gitlab",
      "project: a/b, environment: prod",
      /environment: no trust policy can test this for GitLab CI, got environment: prod; GitLab's subject has no environment/,
    ],
    [
      "gitlab",
      "project: a/b, pull_requests: true",
      /pull_requests: no trust policy can test this for GitLab CI, got pull_requests: true; AWS does not see pipeline_source of ci.example.com/,
    ],
    ["gitlab", "project: o@65/r@74, branch: main", /project: expected a project with its group/],
    ["github", "project: o/r", /allow\[0\]: expected a branch or a tag besides the project/],
    [
      "github",
      "project: o/r, branch: main, environment: prod",
      /expected one of branch, tag, environment and pull_requests/,
    ],
    ["github", "project: o/r, pull_requests: false", /pull_requests: expected true/],
    ["github", "project: o/r/x, branch: main", /expected a repository such as octo-org\/octo-repo/],
    ["github", "project: o/*, branch: main", /expected a repository such as octo-org\/octo-repo/],
    ["circleci", "project: o/r", /expected the project's id/],
    ["circleci", `project: ${ID}, branch: main`, /expected the project's id and its repository/],
    ["bitbucket", "project: acme/shop", /expected the repository's UUID/],
    [
      "bitbucket",
      `project: ${ID}, branch: main`,
      /branch: no trust policy can test this for Bitbucket Pipelines, got branch: main; Bitbucket's subject has no branch/,
    ],
    ["bitbucket", `project: ${ID}, environment: prod`, /expected the UUID of a deployment environment/],
    ["jenkins", "project: 'a*'", /expected the full name of a job/],
    ["custom", "project: 'x*'", /expected the whole subject of the tokens, without wildcards/],
  ])("of %s may not be %s", (ci, allow, message) => {
    expect(parse(ci, allow)).toMatch(message);
  });
});
