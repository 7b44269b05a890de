import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type AskedCi, findVariables } from "../../../../src/cli/ci-variables.ts";
import type { Io } from "../../../../src/cli/io.ts";
import { ask, type Api } from "../../../../src/wire/rest.ts";
import { isKeyName } from "../../../../src/migrate/variables/variable.ts";
import { Secret } from "../../../../src/core/secret.ts";
import { run } from "../../../support/run.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { githubList, gitlabVariable, startFake, VALUE } from "./fakes.ts";

const FILES: Readonly<Record<string, string>> = {
  gitlab: ".gitlab-ci.yml",
  github: ".github/workflows/a.yml",
  circleci: ".circleci/config.yml",
};

async function project(ci: string, remote: string | null = null): Promise<string> {
  const root = tempDir();
  const file = join(root, FILES[ci] ?? "");
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, "x: 1\n");
  await run("git", ["init", "--quiet", "."], { cwd: root });
  if (remote !== null) await run("git", ["remote", "add", "origin", remote], { cwd: root });
  return root;
}

function io(env: Io["env"]): Io {
  const nothing = (): void => undefined;
  return {
    env,
    platform: "linux",
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    stdinIsTerminal: false,
    out: nothing,
    err: nothing,
    readStdin: () => Promise.resolve(""),
    now: () => 0,
  };
}

async function find(ci: string, env: Io["env"], path: string | null = "acme/shop"): Promise<AskedCi | undefined> {
  const root = await project(ci);
  const [asked] = await findVariables({ ci: null, project: path, root }, io(env));
  expect(JSON.stringify(asked)).not.toContain(VALUE);
  return asked;
}

describe("GitLab's variables", () => {
  it("are found in the project and its groups, page by page, with what GitLab says of them and without values", async () => {
    const many = Array.from({ length: 50 }, (_, index) => gitlabVariable(`OTHER_${index}`));
    const fake = await startFake((path) => {
      if (path === "/api/v4/projects/acme%2Fweb%2Fshop/variables?per_page=50&page=1") return many;
      if (path === "/api/v4/projects/acme%2Fweb%2Fshop/variables?per_page=50&page=2")
        return [
          gitlabVariable("AWS_ACCESS_KEY_ID", { protected: true, environment_scope: "production" }),
          gitlabVariable("AWS_SECRET_ACCESS_KEY", { masked: false, variable_type: "file" }),
          gitlabVariable("AWS_REGION"),
        ];
      if (path === "/api/v4/groups/acme%2Fweb/variables?per_page=50&page=1")
        return [gitlabVariable("STAGING_AWS_SECRET_KEY", { hidden: true })];
      return path.startsWith("/api/v4/groups/acme/") ? 403 : 404;
    });
    const asked = await find("gitlab", { GITLAB_TOKEN: "t-1", GITLAB_HOST: fake.address }, "acme/web/shop");
    expect(asked?.lines).toEqual([
      "GitLab project acme/web/shop: variable: AWS_ACCESS_KEY_ID (protected, masked, environment production)",
      "GitLab project acme/web/shop: variable: AWS_SECRET_ACCESS_KEY (not protected, not masked, a file)",
      "GitLab group acme/web: variable: STAGING_AWS_SECRET_KEY (not protected, hidden)",
    ]);
    expect(asked?.unread).toEqual(["group acme was not read (403): a group's variables need the role Owner there"]);
    expect(asked?.removal.join("\n")).toContain("they outrank variables: of the file");
    expect(asked?.removal).toContain(`  ${fake.address}/acme/web/shop/-/settings/ci_cd#js-cicd-variables-settings`);
    expect(fake.headers().every(({ authorization }) => authorization === "Bearer t-1")).toBe(true);
  });

  it("are of the host of the remote only where the token is said to be of there", async () => {
    const root = await project("gitlab", "git@gitlab.acme.test:acme/shop.git");
    const query = { ci: null, project: null, root };
    await expect(findVariables(query, io({ GITLAB_TOKEN: "t" }))).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("the remote is at gitlab.acme.test, and the token is for gitlab.com") as string,
      hints: ["GITLAB_HOST=gitlab.acme.test, when the token is of there"],
    });
  });

  it("are not asked for over a network in the clear", async () => {
    const root = await project("gitlab");
    const env = { GITLAB_TOKEN: "t", GITLAB_HOST: "http://gitlab.acme.test" };
    await expect(findVariables({ ci: null, project: "a/b", root }, io(env))).rejects.toMatchObject({ code: "config" });
  });

  it("cannot be read with a job's own token, which is said", async () => {
    const root = await project("gitlab");
    await expect(findVariables({ ci: null, project: "a/b", root }, io({ CI_JOB_TOKEN: "t" }))).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("GITLAB_TOKEN") as string,
      hints: [expect.stringContaining("CI_JOB_TOKEN cannot read variables") as string],
    });
  });
});

describe("GitHub's secrets and variables", () => {
  it("are found in the repository, its environments and its organization, by name", async () => {
    const fake = await startFake((path) => {
      const answers: Readonly<Record<string, unknown>> = {
        "/api/v3/repos/acme/shop/actions/secrets?per_page=100&page=1": githubList(
          "secrets",
          ["AWS_ACCESS_KEY_ID", "NPM_TOKEN"],
          3,
        ),
        "/api/v3/repos/acme/shop/actions/secrets?per_page=100&page=2": githubList(
          "secrets",
          ["AWS_SECRET_ACCESS_KEY"],
          3,
        ),
        "/api/v3/repos/acme/shop/actions/variables?per_page=100&page=1": githubList("variables", [
          "AWS_KEY",
          "SHOP_AWS_ACCESS_KEY",
        ]),
        "/api/v3/repos/acme/shop/actions/organization-secrets?per_page=100&page=1": githubList("secrets", [
          "ORG_AWS_SECRET",
        ]),
        "/api/v3/repos/acme/shop/environments?per_page=100&page=1": {
          total_count: 1,
          environments: [{ id: 1, name: "live/eu" }],
        },
        "/api/v3/repos/acme/shop/environments/live%2Feu/secrets?per_page=100&page=1": githubList("secrets", [
          "AWS_SESSION_TOKEN",
        ]),
        "/api/v3/repos/acme/shop/environments/live%2Feu/variables?per_page=100&page=1": githubList("variables", []),
      };
      return answers[path] ?? 404;
    });
    const asked = await find("github", { GH_TOKEN: "t-2", GITHUB_TOKEN: "other", GH_HOST: fake.address });
    expect(asked?.lines).toEqual([
      "GitHub repository acme/shop: secret: AWS_ACCESS_KEY_ID",
      "GitHub repository acme/shop: secret: AWS_SECRET_ACCESS_KEY",
      "GitHub organization acme: secret: ORG_AWS_SECRET",
      "GitHub repository acme/shop: variable: SHOP_AWS_ACCESS_KEY",
      "GitHub environment live/eu of acme/shop: secret: AWS_SESSION_TOKEN",
    ]);
    expect(asked?.unread).toEqual([
      "variables of organization acme was not read (404): they need a token of a collaborator",
    ]);
    expect(asked?.removal).toContain(`  ${fake.address}/acme/shop/settings/secrets/actions`);
    expect(fake.headers().every(({ authorization }) => authorization === "Bearer t-2")).toBe(true);
  });

  it.each([
    [401, "GitHub does not take the token (401)"],
    [403, "GitHub: repository acme/shop, its secrets, cannot be read (403): the token may not read it"],
    [
      404,
      "GitHub: repository acme/shop, its secrets, cannot be read (404): there is none of that name, or the token may not see it",
    ],
  ])("say on %s what is wrong, and what a token needs", async (status, message) => {
    const fake = await startFake(() => status);
    const root = await project("github");
    const query = { ci: null, project: "acme/shop", root };
    const failing = findVariables(query, io({ GITHUB_TOKEN: "t-3", GH_HOST: fake.address }));
    await expect(failing).rejects.toMatchObject({
      code: "config",
      message,
      hints: [expect.stringContaining("a job's own GITHUB_TOKEN cannot read their names") as string],
    });
  });
});

describe("CircleCI's variables", () => {
  it("are found in the project and in contexts, page by page, by name", async () => {
    const context = (id: string, name: string): unknown => ({ id, name, created_at: "2026-01-01T00:00:00Z" });
    const fake = await startFake((path) => {
      const answers: Readonly<Record<string, unknown>> = {
        "/api/v2/project/gh/acme/shop": { slug: "gh/acme/shop", organization_id: "org-1" },
        "/api/v2/project/gh/acme/shop/envvar": {
          items: [{ name: "AWS_ACCESS_KEY_ID", value: VALUE }],
          next_page_token: "two/2",
        },
        "/api/v2/project/gh/acme/shop/envvar?page-token=two%2F2": {
          items: [{ name: "AWS_SECRET_ACCESS_KEY", value: VALUE }],
          next_page_token: null,
        },
        "/api/v2/context?owner-id=org-1": {
          items: [context("c-1", "aws"), context("c-2", "secret")],
          next_page_token: null,
        },
        "/api/v2/context/c-1/environment-variable": {
          items: [{ variable: "AWS_ACCESS_KEY_ID", context_id: "c-1" }],
          next_page_token: null,
        },
      };
      return answers[path] ?? 403;
    });
    const asked = await find("circleci", { CIRCLECI_TOKEN: "t-4", CIRCLECI_CLI_HOST: fake.address }, "gh/acme/shop");
    expect(asked?.lines).toEqual([
      "CircleCI project gh/acme/shop: variable: AWS_ACCESS_KEY_ID",
      "CircleCI project gh/acme/shop: variable: AWS_SECRET_ACCESS_KEY",
      "CircleCI context aws: variable: AWS_ACCESS_KEY_ID",
    ]);
    expect(asked?.unread).toEqual(["context secret was not read (403): the token's user may not use it"]);
    expect(fake.headers().every((headers) => headers["circle-token"] === "t-4")).toBe(true);
  });

  it("are of the project that the remote names, on GitHub or Bitbucket", async () => {
    const fake = await startFake(() => ({ items: [], next_page_token: null }));
    const root = await project("circleci", "git@bitbucket.org:acme/shop.git");
    await findVariables({ ci: null, project: null, root }, io({ CIRCLE_TOKEN: "t", CIRCLECI_CLI_HOST: fake.address }));
    expect(fake.asked()[0]).toBe("/api/v2/project/bitbucket/acme/shop");
  });
});

describe("an API", () => {
  const api = (base: string, waits: number[]): Api => ({
    name: "GitLab",
    base,
    headers: () => ({}),
    token: new Secret("t"),
    needs: "a token",
    env: {},
    sleep: (milliseconds) => Promise.resolve(void waits.push(milliseconds)),
  });

  it("that has had too many requests is waited for, and not for ever", async () => {
    let count = 0;
    const waits: number[] = [];
    const fake = await startFake(() => (count++ < 2 ? 429 : [1]));
    expect(await ask(api(fake.address, waits), "/a")).toEqual([1]);
    expect(waits).toEqual([2000, 5000]);
    const never = await startFake(() => 429);
    await expect(ask(api(never.address, []), "/a")).rejects.toMatchObject({ code: "unavailable" });
    expect(never.asked()).toHaveLength(3);
  });

  it("is read without the values that it answers", async () => {
    const fake = await startFake(() => [gitlabVariable("A")]);
    expect(JSON.stringify(await ask(api(fake.address, []), "/a"))).not.toContain(VALUE);
  });

  it("that answers no JSON is not quoted", async () => {
    const fake = await startFake(() => `<html>${VALUE}`);
    const failing = ask(api(fake.address, []), "/a");
    await expect(failing).rejects.toThrow(/no JSON$/);
    await expect(failing).rejects.not.toThrow(VALUE);
  });

  it("that leads elsewhere is not followed", async () => {
    const fake = await startFake(() => 301);
    await expect(ask(api(fake.address, []), "/a")).rejects.toMatchObject({ code: "config" });
  });
});

it.each([
  ["AWS_ACCESS_KEY_ID", true],
  ["AWS_SECRET_ACCESS_KEY", true],
  ["PROD_AWS_SECRET", true],
  ["AWS_S3_DEPLOY_ACCESS_KEY", true],
  ["AwsSecretAccessKey", true],
  ["S3_SECRET_ACCESS_KEY", true],
  ["AWS_REGION", false],
  ["AWS_ROLE_ARN", false],
  ["NPM_TOKEN", false],
])("%s holds a key by its name: %s", (name, expected) => {
  expect(isKeyName(name)).toBe(expected);
});
