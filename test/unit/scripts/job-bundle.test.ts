import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const DIST = new URL("../../../dist/", import.meta.url);

interface Metafile {
  readonly outputs: Readonly<Record<string, { readonly inputs: Readonly<Record<string, unknown>> }>>;
}

/** The source files with code in the bundle that every job starts. */
function sources(): readonly string[] {
  const metafile = JSON.parse(readFileSync(new URL("meta/job.json", DIST), "utf8")) as Metafile;
  return Object.keys(metafile.outputs["dist/cli/main.cjs"]?.inputs ?? {});
}

describe("the job bundle", () => {
  test("holds what a job runs", () => {
    expect(sources()).toContain("src/cli/commands/exec.ts");
  });

  test("is at most 60 KB", () => {
    expect(statSync(fileURLToPath(new URL("cli/main.cjs", DIST))).size).toBeLessThanOrEqual(60 * 1024);
  });

  test("holds no package: no yaml, jose, valibot or AWS SDK", () => {
    expect(sources().filter((path) => path.includes("node_modules"))).toEqual([]);
  });

  test("holds nothing of the account's or the laptop's side", () => {
    expect(sources().filter((path) => /^src\/(account|doctor|migrate|local|console)\//.test(path))).toEqual([]);
    expect(sources().filter((path) => /\/(aws-sdk|sigv4|oidc|jwks|decide|permit)\.ts$/.test(path))).toEqual([]);
  });
});
