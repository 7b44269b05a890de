import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { findInHistory, readProjectFiles } from "../../../src/cli/migration-files.ts";
import { findKeys } from "../../../src/migrate/find-keys.ts";
import { run } from "../../support/run.ts";
import { tempDir } from "../../support/temp-dir.ts";

// Made of two parts, so that no scanner takes them for real ones; nobody's keys.
const ID = ["AKIA", "QWERTYUIOP234567"].join("");
const SECRET = ["wJalrXUtnFEMI/K7MDENG", "/bPxRfiCYzzzzzzzzzz"].join("").slice(0, 40).padEnd(40, "z");

function found(path: string, text: string): readonly string[] {
  return findKeys(new Map([[path, text]])).map(({ line, kind, shown }) => `${line} ${kind} ${shown}`);
}

describe("a key", () => {
  it.each([
    [".env", `AWS_ACCESS_KEY_ID=${ID}\nOTHER=1\n`, ["1 key id AKIA…", "1 name AWS_ACCESS_KEY_ID"]],
    [
      "main.tf",
      `provider "aws" {\n  access_key = "${ID}"\n  secret_key = var.secret\n}\n`,
      ["2 key id AKIA…", "2 setting access_key", "3 setting secret_key"],
    ],
    ["Dockerfile", "FROM x\nENV AWS_SECRET_ACCESS_KEY=$S\n", ["2 name AWS_SECRET_ACCESS_KEY"]],
    [
      ".aws/credentials",
      `[default]\naws_access_key_id = ${ID}\naws_secret_access_key = ${SECRET}\n`,
      [
        "2 key id AKIA…",
        "2 setting aws_access_key_id",
        "3 secret a secret access key",
        "3 setting aws_secret_access_key",
      ],
    ],
    ["ci.yml", `# ${ID} is out\n# AWS_ACCESS_KEY_ID was here\n`, ["1 key id AKIA…"]],
    ["ci.yml", "key: AKIAIOSFODNN7EXAMPLE\n", []],
    ["settings.yml", "access_key: x\n", []],
  ])("in %s is found with its line, and its value is not shown", (path, text, expected) => {
    expect(found(path, text)).toEqual(expected);
    expect(JSON.stringify(found(path, text))).not.toContain(ID.slice(4));
  });

  it("in git's history is found in the commit that had it, once, although it is gone", async () => {
    const folder = tempDir();
    const git = async (...args: readonly string[]): Promise<void> => {
      const identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
      const result = await run("git", [...identity, ...args], { cwd: folder });
      expect(result.status, result.stderr).toBe(0);
    };
    await git("init", "--quiet", ".");
    writeFileSync(join(folder, "deploy.sh"), `echo\nexport AWS_ACCESS_KEY_ID=${ID}\n`);
    await git("add", ".");
    await git("commit", "--quiet", "-m", "one");
    writeFileSync(join(folder, "deploy.sh"), "echo\n");
    writeFileSync(join(folder, "other.sh"), `# ${ID}\n`);
    await git("add", ".");
    await git("commit", "--quiet", "-m", "two");
    const findings = await findInHistory(folder);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      kind: "key id",
      shown: "AKIA…",
      commit: expect.stringMatching(/^[0-9a-f]{10}$/) as string,
    });
    expect(JSON.stringify(findings)).not.toContain(ID.slice(4));
  });

  it("is looked for in files of CI and of infrastructure, and not in what others installed", async () => {
    const folder = tempDir();
    const paths = [
      ".gitlab-ci.yml",
      ".github/workflows/a.yml",
      "infra/main.tf",
      "node_modules/x/.env",
      "src/main.ts",
      ".env.production",
    ];
    for (const path of paths) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), "x: 1\n");
    }
    const files = await readProjectFiles(folder);
    expect([...files.keys()]).toEqual([
      ".env.production",
      ".github/workflows/a.yml",
      ".gitlab-ci.yml",
      "infra/main.tf",
    ]);
  });
});
