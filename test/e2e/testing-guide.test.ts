import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { run } from "../support/run.ts";
import { tempDir } from "../support/temp-dir.ts";
import { parsePage, readDoc, ROOT } from "../unit/docs/markdown.ts";

const { blocks } = parsePage(readDoc("docs/testing.md"));

/** The files of the guide: what a block is called stands in its first line; JSON has no comments. */
const FILES = blocks
  .filter(({ language }) => ["js", "ts", "yaml", "json"].includes(language))
  .map(({ language, text }): [string, string] => {
    const [, name] = /^(?:\/\/|#) ([\w.-]+\.\w+)/.exec(text) ?? [];
    return [name ?? (language === "json" ? "trust.json" : ""), text];
  });

/** Milliseconds: each starts Node.js, the SDK and clouds, beside other tests that do. */
const PATIENCE = 60_000;

const byName = (end: string): readonly string[] => FILES.map(([name]) => name).filter((name) => name.endsWith(end));

/** A project with the guide's files, and the package as it is built where an installation would put it. */
function makeProject(): string {
  const project = tempDir();
  mkdirSync(join(project, "node_modules"));
  symlinkSync(ROOT, join(project, "node_modules", "rolecall"));
  for (const name of ["@aws-sdk", "vitest"]) {
    symlinkSync(join(ROOT, "node_modules", name), join(project, "node_modules", name));
  }
  for (const [name, text] of FILES) writeFileSync(join(project, name), text);
  return project;
}

describe("the guide to testing", () => {
  test("has a name for every block that is a file", () => {
    expect(FILES.map(([name]) => name)).toEqual([
      "first.test.mjs",
      "rolecall.yaml",
      "allowed.test.mjs",
      "trust.json",
      "trust.test.mjs",
      "time.test.mjs",
      "fake-clock.test.ts",
      "weather.test.mjs",
      "job.test.mjs",
    ]);
  });

  // Nothing ends these processes but that nothing is left open.
  test.each(byName(".test.mjs"))(
    "has a %s that passes, and ends by itself",
    async (name) => {
      const cwd = makeProject();
      const { status, stdout } = await run(process.execPath, ["--test", "--test-reporter=tap", name], {
        cwd,
        timeout: PATIENCE,
      });
      expect(stdout).toContain("# fail 0");
      expect(stdout).toMatch(/^# pass [1-9]/m);
      expect(status).toBe(0);
    },
    PATIENCE,
  );

  test.each(byName(".test.ts"))(
    "has a %s that passes in vitest",
    async (name) => {
      const cwd = makeProject();
      const vitest = join(cwd, "node_modules", "vitest", "vitest.mjs");
      const args = [vitest, "run", "--root", cwd, "--testTimeout", String(PATIENCE), name];
      const { status, stdout, stderr } = await run(process.execPath, args, { cwd, timeout: PATIENCE });
      expect(stdout + stderr).toMatch(/1 passed/);
      expect(status).toBe(0);
    },
    PATIENCE,
  );
});
