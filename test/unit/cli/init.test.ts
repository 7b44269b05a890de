import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";

import { parseConfig } from "../../../src/account/config.ts";
import { main } from "../../../src/cli/main.ts";
import { readProjectFolder, readRemote } from "../../../src/cli/project-folder.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { fakeIo } from "./fake-io.ts";

const HOME = process.cwd();
let folder = "";

beforeEach(() => {
  folder = tempDir();
});

afterEach(() => process.chdir(HOME));

/** A checkout with a remote and the files of CIs. */
function checkout(remote: string, ...files: readonly string[]): void {
  execFileSync("git", ["init", "--quiet", folder]);
  execFileSync("git", ["-C", folder, "remote", "add", "origin", remote]);
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), "x: 1\n");
  }
}

async function init(...args: readonly string[]): Promise<{ status: number; stderr: string; stdout: string }> {
  process.chdir(folder);
  const io = fakeIo({ PATH: process.env["PATH"] ?? "" });
  const status = await main(["init", ...args], io);
  return { status, stderr: io.stderr, stdout: io.stdout };
}

function written(file = "rolecall.yaml"): string {
  return readFileSync(join(folder, file), "utf8");
}

describe("rolecall init", () => {
  it.each([
    ["https://gitlab.com/acme/team/shop.git", ".gitlab-ci.yml", "gitlab", "https://gitlab.com", "acme/team/shop"],
    ["git@gitlab.example.com:acme/shop.git", ".gitlab-ci.yml", "gitlab", "https://gitlab.example.com", "acme/shop"],
    [
      "ssh://git@github.com/octo-org/octo-repo",
      ".github/workflows/ci.yml",
      "github",
      "https://token.actions.githubusercontent.com",
      "octo-org/octo-repo",
    ],
    ["https://octo.ghe.com/a/b.git", ".github/workflows/ci.yml", "github", "https://token.actions.octo.ghe.com", "a/b"],
    ["https://codeberg.org/a/b.git", ".forgejo/workflows/ci.yml", "forgejo", "https://codeberg.org/api/actions", "a/b"],
  ])("of a checkout of %s with %s", async (remote, file, ci, issuer, project) => {
    checkout(remote, file);
    expect((await init()).status).toBe(0);
    const [role] = parseConfig(written(), "rolecall.yaml").roles;
    expect(role).toMatchObject({ ci, issuer, allow: [{ project, branch: "main" }], session: 900 });
    expect(role?.name).toBe(`${project.split("/").at(-1) ?? ""}-deploy`);
    expect(role?.audience).toBe(`${project}/${role?.name ?? ""}`);
    expect(written()).toContain(`audience: ${role?.audience ?? ""}`);
  });

  it("writes for readers: a comment for each thing that is not told by its key, and the schema for editors", async () => {
    checkout("https://gitlab.com/acme/shop.git", ".gitlab-ci.yml");
    const { stderr, stdout } = await init();
    expect(written()).toBe(
      [
        "# yaml-language-server: $schema=https://unpkg.com/rolecall/schema.json",
        "# Which jobs of GitLab CI may take which AWS role. rolecall plan shows what comes of it.",
        "version: 1",
        "roles:",
        "  shop-deploy:",
        "    ci: gitlab",
        "    audience: acme/shop/shop-deploy # the job asks for a token for it",
        "    allow: # jobs of these get the role, and nobody else does",
        "      - { project: acme/shop, branch: main }",
        "    permissions: # what the role may do",
        "      - { preset: read-only }",
        "    session: 15m",
        "",
      ].join("\n"),
    );
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^rolecall: wrote rolecall\.yaml$/m);
    expect(stderr).toMatch(/^rolecall: {3}.*aud: "?acme\/shop\/shop-deploy/m);
  });

  it("takes the remote's own default branch, and what is given before that", async () => {
    checkout("https://gitlab.com/acme/shop.git", ".gitlab-ci.yml");
    execFileSync("git", ["-C", folder, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk"]);
    await init();
    expect(written()).toContain("{ project: acme/shop, branch: trunk }");
    await init("--force", "--tag", "v*", "--role", "release");
    expect(written()).toContain('{ project: acme/shop, tag: "v*" }');
    expect(written()).toContain("\n  release:\n");
  });

  it("never writes a password that is in the remote", async () => {
    checkout("https://me:s3cr3t@gitlab.example.com/acme/shop.git", ".gitlab-ci.yml");
    const { stderr } = await init();
    expect(written() + stderr).not.toContain("s3cr3t");
  });

  it("writes the ids that the CI's API tells, and sends a token that was meant for it alone", async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end(JSON.stringify({ id: 74, full_name: "o/r", owner: { id: 65 } }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    process.chdir(folder);
    const line = [
      "init",
      "--ci",
      "github",
      "--project",
      "o/r",
      "--environment",
      "production",
      "--resolve",
      "--api-url",
      url,
    ];
    const io = fakeIo({ GITHUB_TOKEN: "not-for-others", MY_TOKEN: "for-this" });
    expect(await main(line, io)).toBe(0);
    expect(written()).toContain(
      '{ project: o/r, environment: production, repository_id: "74", repository_owner_id: "65" }',
    );
    expect(await main([...line, "--force", "--api-token-env", "MY_TOKEN"], io)).toBe(0);
    expect(seen).toEqual([undefined, "Bearer for-this"]);
  });

  it("replaces no file unasked, and writes through no link", async () => {
    checkout("https://gitlab.com/acme/shop.git", ".gitlab-ci.yml");
    writeFileSync(join(folder, "rolecall.yaml"), "mine\n");
    const { status, stderr } = await init();
    expect([status, written()]).toEqual([2, "mine\n"]);
    expect(stderr).toContain("rolecall.yaml is there already");
    symlinkSync(join(folder, "rolecall.yaml"), join(folder, "link.yaml"));
    expect((await init("--config", "link.yaml", "--force")).status).toBe(2);
    expect(written()).toBe("mine\n");
    expect((await init("--force")).status).toBe(0);
    expect(written()).toContain("version: 1");
  });

  it.each([
    ["no CI that anything tells of", [], [], /expected a CI \(.*\), no CI's file is here/],
    ["two CIs", [".circleci/config.yml", "Jenkinsfile"], [], /there are files of circleci, jenkins/],
    ["an unknown CI", [], ["--ci", "gitlub"], /expected a CI \(.*\), got "gitlub"/],
    ["a project that only the CI knows", [".circleci/config.yml"], [], /expected --project: the project's id/],
    ["an issuer that only the CI knows", [], ["--ci", "jenkins", "--project", "shop"], /expected --issuer/],
    [
      "a project of another form",
      [],
      ["--ci", "github", "--project", "shop"],
      /allow\[0\]\.project: expected a repository/,
    ],
    [
      "a branch where there is none",
      [],
      [
        "--ci",
        "bitbucket",
        "--project",
        "{aaaaaaaa-2222-4333-8444-555555555555}",
        "--issuer",
        "https://b.example.com",
        "--branch",
        "x",
      ],
      /no trust policy can test this for Bitbucket/,
    ],
  ])("asks nobody where there is no terminal, and writes nothing: %s", async (_, files, args, message) => {
    checkout("https://git.example.com/acme/shop.git", ...files);
    const { status, stderr } = await init(...args);
    expect(stderr).toMatch(message);
    expect([status, existsSync(join(folder, "rolecall.yaml"))]).toEqual([2, false]);
  });
});

describe("a folder", () => {
  it("that is no checkout tells nothing", async () => {
    expect(await readProjectFolder(folder)).toEqual({ remote: null, branch: "main", cis: [] });
  });

  it("with an empty folder for workflows has no CI", async () => {
    mkdirSync(join(folder, ".github", "workflows"), { recursive: true });
    expect((await readProjectFolder(folder)).cis).toEqual([]);
  });

  it.each([
    ["git@host.example:a/b.git", { host: "host.example", path: "a/b" }],
    ["ssh://git@host.example:2222/a/b", { host: "host.example", path: "a/b" }],
    ["https://user:pass@host.example/a/b/c.git/", { host: "host.example", path: "a/b/c" }],
    ["/srv/git/a.git", null],
    ["../a", null],
    ["file:///srv/a.git", null],
  ])("has of the remote %s host and path", (url, expected) => {
    expect(readRemote(url)).toEqual(expected);
  });
});
