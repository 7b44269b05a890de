import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { CiQuestions } from "../../../src/cli/lint-ask-ci.ts";
import { readLintSource } from "../../../src/cli/lint-source.ts";
import { main } from "../../../src/cli/main.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { type Fake, githubList, gitlabVariable, startFake, VALUE } from "../migrate/variables/fakes.ts";
import { fakeIo } from "./fake-io.ts";

const GITHUB = "token.actions.githubusercontent.com";
const TOKEN = "nobodys-token";

interface Run {
  readonly status: number;
  readonly stderr: string;
  /** `T017 critical`. */
  readonly found: readonly string[];
  readonly messages: string;
}

/** A trust policy that is fine but for what only its CI can tell. */
function policyFile(issuer: string, subjects: readonly string[]): string {
  const file = join(tempDir(onTestFinished), "trust.json");
  const policy = {
    Version: "2012-10-17",
    Statement: {
      Effect: "Allow",
      Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${issuer}` },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringEquals: { [`${issuer}:aud`]: "https://shop.test", [`${issuer}:sub`]: subjects } },
    },
  };
  writeFileSync(file, JSON.stringify(policy));
  return file;
}

async function lint(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Run> {
  const io = fakeIo(env);
  const status = await main(["lint", "--json", ...args], io);
  expect(io.stdout + io.stderr).not.toContain(TOKEN);
  const { findings = [] } = (io.stdout === "" ? {} : JSON.parse(io.stdout)) as {
    findings?: readonly { rule: string; severity: string; message: string }[];
  };
  return {
    status,
    stderr: io.stderr,
    found: findings.map(({ rule, severity }) => `${rule} ${severity}`),
    messages: findings.map(({ message }) => message).join("\n"),
  };
}

/** Rules that look at what the CI says, of what was found. */
const ofTheCi = ({ found }: Run): readonly string[] => found.filter((one) => /^(?:S|T017|T018|T021)/.test(one));

const base64 = (text: string): string => Buffer.from(text).toString("base64");

const WORKFLOW = `
on: { pull_request_target: , push: { branches: [main] } }
permissions: { id-token: write }
jobs: { build: { steps: [] }, deploy: { steps: [] }, lint: { permissions: {}, steps: [] } }
`;

/** What GitHub answers about acme/shop, in the shapes of its REST API; what is not here is not there. */
function answersOf(more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const root = "/repos/acme/shop";
  return {
    [root]: { id: 74, full_name: "acme/shop", default_branch: "main", owner: { login: "acme", id: 65 } },
    [`${root}/actions/oidc/customization/sub`]: { use_default: true, sub_claim_prefix: "repo:acme/shop" },
    [`${root}/branches?protected=true&per_page=100&page=1`]: [{ name: "main", protected: true }],
    [`${root}/environments?per_page=100&page=1`]: {
      total_count: 2,
      environments: [
        { name: "production", protection_rules: [{ type: "required_reviewers" }], deployment_branch_policy: null },
        { name: "slow", protection_rules: [{ type: "wait_timer", wait_timer: 30 }], deployment_branch_policy: null },
      ],
    },
    [`${root}/contents/.github/workflows`]: [],
    ...Object.fromEntries<unknown>(
      ["secrets", "variables"].flatMap((list): readonly (readonly [string, unknown])[] => [
        [`${root}/actions/${list}?per_page=100&page=1`, githubList(list, [])],
        [`${root}/actions/organization-${list}?per_page=100&page=1`, githubList(list, [])],
        ...["production", "slow"].map((name): readonly [string, unknown] => [
          `${root}/environments/${name}/${list}?per_page=100&page=1`,
          githubList(list, []),
        ]),
      ]),
    ),
    ...more,
  };
}

async function github(
  subjects: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
  args: readonly string[] = [],
): Promise<Run & { readonly fake: Fake }> {
  const answers = answersOf(more);
  const fake = await startFake((path) => answers[path] ?? 404);
  const env = { GITHUB_TOKEN: TOKEN, GITHUB_API_URL: fake.address };
  return { ...(await lint([policyFile(GITHUB, subjects), "--ask-ci", ...args], env)), fake };
}

const MAIN = "repo:acme/shop:ref:refs/heads/main";

describe("lint --ask-ci, of GitHub", () => {
  it("finds nothing where everything is as it should be, with a token that goes into one header", async () => {
    const run = await github([MAIN, "repo:acme/shop:environment:production"]);
    expect(ofTheCi(run)).toEqual([]);
    expect(run.stderr).toBe("rolecall: asked GitHub about 1 project\nrolecall: the CIs told of 1 of 1 project\n");
    expect(run.fake.headers().every(({ authorization }) => authorization === `Bearer ${TOKEN}`)).toBe(true);
  });

  it("tells a branch, a tag and environments that are not protected", async () => {
    const branches = "/repos/acme/shop/branches";
    const run = await github(
      [
        MAIN,
        "repo:acme/shop:ref:refs/tags/v1",
        "repo:acme/shop:environment:slow",
        "repo:acme/shop:environment:gone",
        "repo:acme/shop:environment:production",
      ],
      {
        [`${branches}?protected=true&per_page=100&page=1`]: [],
        [`${branches}/main`]: { name: "main", protected: false },
        "/repos/acme/shop/rules/branches/main?per_page=100&page=1": [{ type: "deletion" }],
        "/repos/acme/shop/rulesets?targets=tag&includes_parents=true&per_page=100&page=1": [
          { id: 1, target: "tag", enforcement: "disabled" },
          { id: 2, target: "tag", enforcement: "active" },
        ],
        "/repos/acme/shop/rulesets/2?includes_parents=true": {
          id: 2,
          rules: [{ type: "creation" }],
          conditions: { ref_name: { include: ["refs/tags/release-*"], exclude: [] } },
        },
      },
    );
    expect(ofTheCi(run).toSorted()).toEqual(["S001 high", "S001 high", "S002 medium", "S002 medium"]);
    expect(run.messages).toMatch(/environment slow of acme\/shop has no rule/);
    expect(run.messages).toMatch(/environment gone of acme\/shop is not there/);
    expect(run.messages).toMatch(/branch main of acme\/shop is not protected/);
    expect(run.messages).toMatch(/tag v1 of acme\/shop is not protected/);
  });

  it("knows branches and tags that a ruleset protects, also before they exist", async () => {
    const run = await github(["repo:acme/shop:ref:refs/heads/next", "repo:acme/shop:ref:refs/tags/v1"], {
      "/repos/acme/shop/rules/branches/next?per_page=100&page=1": [{ type: "pull_request" }],
      "/repos/acme/shop/rulesets?targets=tag&includes_parents=true&per_page=100&page=1": [
        { id: 2, target: "tag", enforcement: "active" },
      ],
      "/repos/acme/shop/rulesets/2?includes_parents=true": {
        rules: [{ type: "update" }],
        conditions: { ref_name: { include: ["refs/tags/v[0-9]"], exclude: [] } },
      },
    });
    expect(ofTheCi(run)).toEqual([]);
  });

  it("does not judge a branch that is not there, which a pattern may protect", async () => {
    const run = await github(["repo:acme/shop:ref:refs/heads/next"], {
      "/repos/acme/shop/rules/branches/next?per_page=100&page=1": [],
    });
    expect(ofTheCi(run)).toEqual([]);
    expect(run.stderr).toContain("next is not there, and no ruleset is about it");
  });

  it("takes an environment for protected branches as open where no branch is", async () => {
    const open = {
      "/repos/acme/shop/environments?per_page=100&page=1": {
        total_count: 1,
        environments: [
          {
            name: "production",
            protection_rules: [{ type: "branch_policy" }],
            deployment_branch_policy: { protected_branches: true, custom_branch_policies: false },
          },
        ],
      },
    };
    const subjects = ["repo:acme/shop:environment:production"];
    expect(ofTheCi(await github(subjects, open))).toEqual([]);
    const none = { ...open, "/repos/acme/shop/branches?protected=true&per_page=100&page=1": [] };
    expect(ofTheCi(await github(subjects, none))).toEqual(["S001 high"]);
  });

  it("reads workflows: who starts them, and which of their jobs have tokens", async () => {
    const run = await github([MAIN], {
      "/repos/acme/shop/contents/.github/workflows": [
        { type: "file", name: "a.yml", path: ".github/workflows/a.yml" },
        { type: "file", name: "b.yml", path: ".github/workflows/b.yml" },
        { type: "file", name: "notes.md", path: ".github/workflows/notes.md" },
      ],
      "/repos/acme/shop/contents/.github/workflows/a.yml": { content: base64(WORKFLOW), encoding: "base64" },
      "/repos/acme/shop/contents/.github/workflows/b.yml": { content: base64("on: [push"), encoding: "base64" },
    });
    expect(ofTheCi(run)).toEqual(["S003 high", "S005 low"]);
    expect(run.messages).toContain("each of the 2 jobs of .github/workflows/a.yml");
    expect(run.stderr).toContain(".github/workflows/b.yml of acme/shop: it is no workflow");
  });

  it("tells names of keys, never values, and subjects that are made of something else", async () => {
    const run = await github([MAIN], {
      "/repos/acme/shop/actions/secrets?per_page=100&page=1": githubList("secrets", ["AWS_SECRET_ACCESS_KEY"]),
      "/repos/acme/shop/actions/oidc/customization/sub": {
        use_default: false,
        include_claim_keys: ["repository_owner_id", "context"],
      },
    });
    expect(ofTheCi(run)).toEqual(["S006 high", "T021 medium"]);
    expect(run.messages).toContain("AWS_SECRET_ACCESS_KEY");
    expect(run.messages + run.stderr).not.toContain(VALUE);
  });

  it("takes the organization's template for a repository that has none of its own", async () => {
    const own = { "/repos/acme/shop/actions/oidc/customization/sub": { use_default: false } };
    const path = "/orgs/acme/actions/oidc/customization/sub";
    expect(ofTheCi(await github([MAIN], { ...own, [path]: { include_claim_keys: ["repo", "actor"] } }))).toEqual([
      "T021 medium",
    ]);
    const unread = await github([MAIN], own);
    expect(ofTheCi(unread)).toEqual([]);
    expect(unread.stderr).toContain("not read: the subject template of acme (404)");
  });

  it("tells once that jobs send ids, however many subjects end alike", async () => {
    const template = { use_default: true, use_immutable_subject: false, sub_claim_prefix: "repo:acme@65/shop@74" };
    const run = await github([MAIN, "repo:acme/other:ref:refs/heads/main"], {
      "/repos/acme/shop/actions/oidc/customization/sub": template,
    });
    expect(ofTheCi(run).filter((one) => one.startsWith("T018"))).toEqual(["T018 medium"]);
    expect(run.messages).toContain(
      `jobs send repo:acme@65/shop@74:ref:refs/heads/main, and the policy knows only ${MAIN}`,
    );
  });

  it("proves nothing from a 404, and says so, save of a name that nobody has", async () => {
    const hidden = await github([MAIN], { "/repos/acme/shop": 404, "/users/acme": { login: "acme" } });
    expect(hidden.found.filter((one) => one.startsWith("T017"))).toEqual([]);
    expect(hidden.stderr).toContain("acme/shop is not visible with this token (404): it is private, or there is none");
    const free = await github([MAIN], { "/repos/acme/shop": 404 });
    expect(free.found).toContain("T017 critical");
    const managed = await github(["repo:ann_acme/shop:ref:refs/heads/main"]);
    expect(managed.found.filter((one) => one.startsWith("T017"))).toEqual([]);
    const refused = await github([MAIN], { "/repos/acme/shop": 403, "/users/acme": 404 });
    expect(refused.found.filter((one) => one.startsWith("T017"))).toEqual([]);
  });

  it.each([
    ["its owner, who sees all that there are", { public_repos: 1, total_private_repos: 1 }, "private", ["T017 high"]],
    ["somebody who sees less", { public_repos: 1, total_private_repos: 2 }, "private", []],
    ["somebody whom GitHub does not tell how many", { public_repos: 1 }, "private", []],
    ["somebody who sees the enterprise's instead", { public_repos: 1, total_private_repos: 1 }, "internal", []],
  ])("believes that a repository is gone from the token of %s", async (_, counts, visibility, found) => {
    const other = ["repo:acme/shop:ref:refs/heads/main", "repo:acme/Blog:ref:refs/heads/main"];
    const run = await github(other, {
      "/repos/acme/shop": 404,
      "/repos/acme/Blog": 404,
      "/users/acme": { login: "acme" },
      "/orgs/acme": { login: "acme", ...counts },
      "/orgs/acme/repos?type=all&per_page=100&page=1": [
        { name: "blog", visibility },
        { name: "site", visibility: "public" },
      ],
    });
    expect(run.found.filter((one) => one.startsWith("T017"))).toEqual(found);
    expect(run.messages).not.toContain("acme/Blog: there is no such project");
    expect(run.fake.asked().filter((path) => path === "/orgs/acme")).toHaveLength(1);
  });

  it("takes a name that leads elsewhere for one that may be made again", async () => {
    const run = await github([MAIN], { "/repos/acme/shop": 301, "/users/acme": { login: "acme" } });
    expect(run.found).toContain("T017 high");
  });

  it("says what the token may not read, and judges by the rest", async () => {
    const run = await github([MAIN, "repo:acme/shop:environment:slow"], {
      "/repos/acme/shop/environments?per_page=100&page=1": 403,
      "/repos/acme/shop/actions/secrets?per_page=100&page=1": 403,
    });
    expect(ofTheCi(run)).toEqual([]);
    expect(run.stderr).toContain("not read: the environments of acme/shop (403): the token needs Actions (read)");
    expect(run.stderr).toContain("not read: names of variables: GitHub: repository acme/shop, its secrets");
  });

  it("keeps what was said for a machine without a token, and asks about each project once", async () => {
    const file = join(tempDir(onTestFinished), "facts.json");
    const open = { "/repos/acme/shop": 404 };
    const run = await github([MAIN, "repo:acme/shop:ref:refs/heads/next"], open, ["--write-ci-facts", file]);
    expect(run.fake.asked().filter((path) => path === "/repos/acme/shop")).toHaveLength(1);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
      projects: [{ issuer: GITHUB, project: "acme/shop", state: "owner-gone" }],
      servers: [],
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const later = await lint([policyFile(GITHUB, [MAIN]), "--ci-facts", file], {});
    expect(later.found).toContain("T017 critical");
    // What the CI says now counts more than a file, which says the rest.
    const both = await github([MAIN], {}, ["--ci-facts", file]);
    expect(both.found.filter((one) => one.startsWith("T017"))).toEqual([]);
  });

  it.each([
    [["--ask-ci"], {}, 2, "--ask-ci: expected a token in the environment: GH_TOKEN, GITHUB_TOKEN, GITLAB_TOKEN"],
    [["--write-ci-facts", "x.json"], {}, 2, "--write-ci-facts goes with --ask-ci"],
    [["--ask-ci"], { GITLAB_TOKEN: TOKEN }, 0, "GitHub was not asked: GH_TOKEN or GITHUB_TOKEN is not set"],
    [
      ["--ask-ci"],
      { GH_TOKEN: TOKEN, GH_HOST: "github.acme.test" },
      0,
      `projects of ${GITHUB} were not asked for: the token is for github.acme.test (GH_HOST names another)`,
    ],
    [["--ask-ci"], { GITHUB_TOKEN: TOKEN, GITHUB_API_URL: "http://api.acme.test" }, 2, "GITHUB_API_URL: expected"],
  ])("%j with %j ends with %i: %s", async (args, env, status, message) => {
    const run = await lint([policyFile(GITHUB, [MAIN]), ...args], env);
    expect([run.status, run.stderr]).toEqual([status, expect.stringContaining(message)]);
  });

  it("ends where the token is no good", async () => {
    const run = await github([MAIN], { "/repos/acme/shop": 401 });
    expect([run.status, run.stderr]).toEqual([2, expect.stringContaining("GitHub does not take the token (401)")]);
  });
});

describe("audit --ask-ci", () => {
  const roleOf = (name: string, subjects: readonly string[]): object => ({
    RoleName: name,
    Arn: `arn:aws:iam::123456789012:role/${name}`,
    AssumeRolePolicyDocument: JSON.parse(readFileSync(policyFile(GITHUB, subjects), "utf8")) as unknown,
  });

  it("asks about a project once for all roles, and what is left by --fix tells it too", async () => {
    const gone = { "/repos/acme/shop": 404 };
    const answers = answersOf(gone);
    const fake = await startFake((path) => answers[path] ?? 404);
    const file = join(tempDir(onTestFinished), "account.json");
    writeFileSync(file, JSON.stringify({ RoleDetailList: [roleOf("one", [MAIN]), roleOf("two", [MAIN])] }));
    const env = { GH_TOKEN: TOKEN, GITHUB_API_URL: fake.address };
    const io = fakeIo(env);
    expect(await main(["audit", "--file", file, "--ask-ci"], io)).toBe(3);
    expect(io.stdout.match(/critical T017/g)).toHaveLength(2);
    expect(fake.asked().filter((path) => path === "/repos/acme/shop")).toHaveLength(1);
    const fix = fakeIo(env);
    expect(await main(["audit", "--file", file, "--ask-ci", "--fix"], fix)).toBe(3);
    expect(fix.stderr.match(/left T017/g)).toHaveLength(2);
  });

  it("asks again only where another account has another branch, and keeps what is known of both", async () => {
    const branches = "/repos/acme/shop/branches?protected=true&per_page=100&page=1";
    const answers = answersOf({
      "/repos/acme/shop/rules/branches/next?per_page=100&page=1": [{ type: "pull_request" }],
    });
    const fake = await startFake((path) => answers[path] ?? 404);
    const facts = join(tempDir(onTestFinished), "facts.json");
    const input = { "ask-ci": true, "write-ci-facts": facts, quiet: true };
    const io = fakeIo({ GH_TOKEN: TOKEN, GITHUB_API_URL: fake.address });
    const questions = new CiQuestions("audit", input, io);
    for (const branch of ["main", "next", "main"]) {
      const [subject] = (await readLintSource(policyFile(GITHUB, [`repo:acme/shop:ref:refs/heads/${branch}`])))
        .subjects;
      if (subject) await questions.factsFor(subject);
    }
    await questions.finish(input);
    expect(fake.asked().filter((path) => path === branches)).toHaveLength(2);
    expect(JSON.parse(readFileSync(facts, "utf8"))).toMatchObject({
      projects: [{ protectedBranches: ["main", "next"] }],
    });
  });
});

describe("lint --ask-ci, of GitLab", () => {
  async function gitlab(more: Readonly<Record<string, unknown>>, subject = "ref_type:branch:ref:main"): Promise<Run> {
    const root = "/api/v4/projects/acme%2Fweb%2Fshop";
    const answers: Readonly<Record<string, unknown>> = {
      [root]: { id: 20, build_timeout: 3600, ci_allow_fork_pipelines_to_run_in_parent_project: true },
      [`${root}/protected_branches?per_page=100&page=1`]: [{ name: "ma*" }],
      [`${root}/variables?per_page=50&page=1`]: [],
      "/api/v4/groups/acme%2Fweb/variables?per_page=50&page=1": [],
      "/api/v4/groups/acme/variables?per_page=50&page=1": [],
      "/api/v4/version": { version: "18.3.0-ee" },
      ...more,
    };
    const fake = await startFake((path) => answers[path] ?? 404);
    const issuer = fake.address.replace("http://", "");
    const file = policyFile(issuer, [`project_path:acme/web/shop:${subject}`]);
    return await lint([file, "--ask-ci"], { GITLAB_TOKEN: TOKEN, GITLAB_HOST: fake.address });
  }
  const ROOT = "/api/v4/projects/acme%2Fweb%2Fshop";

  it("asks a server of one's own, and is content with what is protected", async () => {
    const run = await gitlab({});
    expect(ofTheCi(run)).toEqual([]);
    expect(run.stderr).toContain("the CIs told of 1 of 1 project");
  });

  it("tells open branches and tags, forks on old servers, long tokens and keys", async () => {
    const open = {
      [ROOT]: { build_timeout: 7200, ci_allow_fork_pipelines_to_run_in_parent_project: true },
      [`${ROOT}/protected_branches?per_page=100&page=1`]: [],
      [`${ROOT}/variables?per_page=50&page=1`]: [gitlabVariable("AWS_ACCESS_KEY_ID")],
      "/api/v4/version": { version: "18.1.0-ee" },
    };
    const run = await gitlab(open);
    expect(ofTheCi(run).toSorted()).toEqual(["S002 medium", "S004 medium", "S006 high", "S007 low"]);
    const tags = { [`${ROOT}/protected_tags?per_page=100&page=1`]: [{ name: "release-*" }] };
    expect(ofTheCi(await gitlab(tags, "ref_type:tag:ref:v1"))).toEqual(["S002 medium"]);
  });

  it("believes GitLab that a namespace is free, and nothing else", async () => {
    const exists = "/api/v4/namespaces/acme/exists";
    const hidden = await gitlab({ [ROOT]: 404, [exists]: { exists: true, suggests: [] } });
    expect(hidden.found.filter((one) => one.startsWith("T017"))).toEqual([]);
    expect(hidden.stderr).toContain("acme/web/shop is not visible with this token (404)");
    expect((await gitlab({ [ROOT]: 404, [exists]: { exists: false } })).found).toContain("T017 critical");
    expect((await gitlab({ [ROOT]: 301, [exists]: { exists: true } })).found).toContain("T017 high");
  });
});
