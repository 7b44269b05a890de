import { describe, expect, it } from "vitest";
import { main } from "../../../src/cli/main.ts";
import { fakeIo } from "./fake-io.ts";

const PROJECT = "cccccccc-1111-4222-8333-dddddddddddd";
const UUID = "{aaaaaaaa-2222-4333-8444-555555555555}";
const IDS = "--id repository_id=74 --id repository_owner_id=65";

async function subject(line: string): Promise<{ status: number; lines: readonly string[]; stderr: string }> {
  const io = fakeIo();
  const status = await main(["subject", ...line.split(" ")], io);
  return { status, lines: io.stdout.split("\n").slice(0, -1), stderr: io.stderr };
}

// The subjects are those of the vendors' documentation, as in test/unit/ci.
describe("rolecall subject", () => {
  it.each([
    ["gitlab --project acme/shop --branch main", ["project_path:acme/shop:ref_type:branch:ref:main"]],
    ["gitlab --project acme/shop --tag v1", ["project_path:acme/shop:ref_type:tag:ref:v1"]],
    ["github --project o/r --branch main", ["repo:o/r:ref:refs/heads/main"]],
    ["github --project o/r --tag v1", ["repo:o/r:ref:refs/tags/v1"]],
    ["github --project o/r --pull-requests", ["repo:o/r:pull_request"]],
    ["github --project o/r --environment Production:V1", ["repo:o/r:environment:Production%3AV1"]],
    ["github --project o@65/r@74 --branch main", ["repo:o@65/r@74:ref:refs/heads/main"]],
    [
      `github --project o/r --branch main ${IDS}`,
      ["repo:o/r:ref:refs/heads/main", "repo:o@65/r@74:ref:refs/heads/main"],
    ],
    [`github --project o/r --branch main ${IDS} --immutable`, ["repo:o@65/r@74:ref:refs/heads/main"]],
    [
      "buildkite --project acme-inc/shop --branch main",
      ["organization:acme-inc:pipeline:shop:ref:refs/heads/main:commit:*"],
    ],
    [`bitbucket --project ${UUID}`, [`${UUID}:*`]],
    [
      "jenkins --project deploy/shop --issuer https://ci.example.com/oidc",
      ["https://ci.example.com/job/deploy/job/shop/"],
    ],
    ["forgejo --project o/r --pull-requests --issuer https://ci.example.com/api/actions", ["repo:o/r:pull_request"]],
    [
      `circleci --project ${PROJECT}/github.com/o/r --branch main --issuer https://oidc.circleci.com/org/${PROJECT}`,
      [
        `org/${PROJECT}/project/${PROJECT}/user/????????-????-????-????-????????????/vcs-origin/github.com/o/r/vcs-ref/refs/heads/main`,
      ],
    ],
  ])("%s", async (line, expected) => {
    expect(await subject(line)).toMatchObject({ status: 0, lines: expected });
  });

  it.each([
    ["github --project o/r --branch main --template repo", "repo:o/r"],
    ["github --project o@6/r@7 --branch main --template repo,context", "repo:o@6/r@7:ref:refs/heads/main"],
    [
      "github --project o/r --environment prod --template repo,context,job_workflow_ref --claim job_workflow_ref=o/x/.github/workflows/oidc.yml@refs/heads/main",
      "repo:o/r:environment:prod:job_workflow_ref:o/x/.github/workflows/oidc.yml@refs/heads/main",
    ],
    [
      "github --project monalisa/r --branch main --template repository_owner,repository_visibility --claim repository_visibility=private",
      "repository_owner:monalisa:repository_visibility:private",
    ],
    [`github --project o/r --branch main ${IDS} --template repository_id`, "repository_id:74"],
    ["gitlab --project g/p --branch main --template project_path", "project_path:g/p"],
    [
      "gitlab --project g/p --branch main --template project_path,ref_type,ref,ref_protected --claim ref_protected=true",
      "project_path:g/p:ref_type:branch:ref:main:ref_protected:true",
    ],
  ])("of a project's own template: %s", async (line, expected) => {
    expect(await subject(line)).toMatchObject({ status: 0, lines: [expected] });
  });

  it("says of a pattern that it is one", async () => {
    expect((await subject("gitlab --project a/b --tag v*")).stderr).toMatch(
      /^rolecall: a pattern: test it with StringLike/,
    );
    expect((await subject("gitlab --project a/b --tag v1")).stderr).toBe("");
  });

  it("gives scripts issuer, key and operator as well", async () => {
    const { lines } = await subject("gitlab --project a/b --tag v* --json");
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      issuer: "https://gitlab.com",
      key: "gitlab.com:sub",
      operator: "StringLike",
      subjects: ["project_path:a/b:ref_type:tag:ref:v*"],
    });
  });

  it.each([
    ["gitlub --project a/b", "expected one of gitlab, github,"],
    ["gitlab --branch main", "expected --project"],
    ["gitlab --project a/b", "expected a branch or a tag besides the project"],
    [
      "gitlab --project a/* --branch main",
      'project: expected a project with its group and without wildcards, such as acme/shop, got "a/*"',
    ],
    ["gitlab --project a/b --environment x", "no trust policy can test environment for GitLab CI"],
    ["gitlab --project a/b --branch main --tag v1", "expected one of branch, tag, environment and pull_requests"],
    ["gitlab --project a/b --branch main --template ref", "expected project_path as the first component, got ref"],
    ["github --project a/b --branch main --template repo,actor", "expected a value for actor, got none"],
    [
      "jenkins --project a --template x --issuer https://ci.example.com/oidc",
      "only projects of github and gitlab make their own subject",
    ],
    ["github --project a/b --branch main --id 74", "--id: expected NAME=ID"],
    [
      "github --project a/b --branch main --immutable --id repository_id=74",
      "immutable: expected repository_id and repository_owner_id",
    ],
    [
      "jenkins --project a --issuer https://ci.example.com/oidc --resolve",
      "--resolve: expected github or gitlab, got jenkins",
    ],
    ["github --project a/b --branch main --resolve --api-token-env NO_SUCH", "--api-token-env: NO_SUCH is not set"],
  ])("is refused: %s", async (line, message) => {
    const { status, lines, stderr } = await subject(line);
    expect([status, lines]).toEqual([2, []]);
    expect(stderr).toContain(message);
  });
});
