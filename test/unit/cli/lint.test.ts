import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readLintSource } from "../../../src/cli/lint-source.ts";
import { lint } from "../../../src/core/lint.ts";
import { isAtLeast } from "../../../src/core/lint/severity.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { NOW } from "./fake-io.ts";

const UUID = "cccccccc-1111-4222-8333-dddddddddddd";

// What docs and examples tell people to write, one branch, tag or environment each.
const NARROW: readonly (readonly [ci: string, allow: string])[] = [
  ["gitlab", "project: acme/shop, branch: main"],
  ["gitlab", 'project: acme/shop, tag: "v*"'],
  ["gitlab", 'project: acme/team/shop, branch: "release/*"'],
  ["gitlab", "project: acme/shop, branch: main, protected: true, project_id: 20"],
  ["github", "project: acme/shop, branch: main"],
  ["github", 'repository: acme/shop, tag: "v*"'],
  ["github", "project: acme/shop, environment: production"],
  ["github", "project: acme/shop, branch: main, repository_id: 74, repository_owner_id: 65"],
  ["github", "project: acme@65/shop@74, branch: main"],
  ["github", "project: acme/shop, branch: main, workflow: deploy.yml"],
  ["circleci", `project: ${UUID}`],
  ["circleci", `project: ${UUID}/github.com/acme/shop, tag: "v*"`],
  ["buildkite", "pipeline: acme-inc/shop, branch: main"],
  ["bitbucket", `project: "{${UUID}}"`],
  ["jenkins", "job: deploy/shop"],
  ["jenkins", 'project: shop, branch: "release/*"'],
  ["codefresh", "pipeline: acc/pip, branch: main"],
  ["spacelift", "stack: production/infra, access: write"],
  ["terraform", "workspace: acme/Default Project/shop, run_phase: apply"],
  ["vercel", "project: acme/web, environment: production"],
  ["fly", "app: acme/web"],
];

const ISSUERS: Readonly<Record<string, string>> = {
  circleci: "https://oidc.circleci.com/org/aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb",
  bitbucket: "https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc",
  jenkins: "https://jenkins.example.com/oidc",
  spacelift: "https://acme.app.spacelift.io",
  vercel: "https://oidc.vercel.com/acme",
  fly: "https://oidc.fly.io/acme",
};

async function findingsOf(
  ci: string,
  allow: string,
): Promise<readonly (readonly [string, string, number | undefined])[]> {
  const file = join(tempDir(onTestFinished), "rolecall.yaml");
  const issuer = ISSUERS[ci];
  const lines = [
    "version: 1",
    "roles:",
    "  shop:",
    `    ci: ${ci}`,
    ...(issuer === undefined ? [] : [`    issuer: ${issuer}`]),
    "    audience: https://shop.test",
    `    allow: [{ ${allow} }]`,
  ];
  writeFileSync(file, lines.join("\n"));
  const { subjects } = await readLintSource(file);
  return subjects
    .flatMap((subject) => lint({ ...subject, now: NOW }).findings)
    .map(({ rule, severity, line }) => [rule, severity, line] as const);
}

describe("what rolecall itself makes of rolecall.yaml", () => {
  it.each(NARROW)("for %s, %s has no finding from medium on", async (ci, allow) => {
    const found = await findingsOf(ci, allow);
    expect(found.filter(([, severity]) => isAtLeast(severity as "medium", "medium"))).toEqual([]);
  });

  it("is found all the same where it lets in many, at the line of its role", async () => {
    expect(await findingsOf("gitlab", 'project: acme/shop, branch: "*"')).toContainEqual(["T005", "medium", 3]);
    expect(await findingsOf("github", "project: acme/shop, pull_requests: true")).toContainEqual(["T006", "medium", 3]);
  });
});
