import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isSupported, packagesMatch, ROOT } from "../../../scripts/setup.mjs";
import { tempDir } from "../../support/temp-dir.ts";

type Packages = Readonly<Record<string, { readonly version: string; readonly optional?: boolean }>>;

/** A project that asks for some packages and has others; null is a folder without node_modules. */
function project(wanted: Packages, installed: Packages | null): string {
  const root = tempDir();
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages: { "": { version: "0.1.0" }, ...wanted } }));
  if (installed === null) return root;
  mkdirSync(join(root, "node_modules"));
  writeFileSync(join(root, "node_modules/.package-lock.json"), JSON.stringify({ packages: installed }));
  return root;
}

const YAML = { "node_modules/yaml": { version: "2.0.0" } };

interface Lock {
  readonly packages: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
}

describe("package-lock.json", () => {
  // npm leaves out other platforms' packages when it writes the lock beside an installed node_modules, and then
  // `npm ci` refuses a fresh clone. To mend it: delete node_modules, `npm install --package-lock-only`.
  test("names the optional packages of every platform", () => {
    const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as Lock;
    const names = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, "")));
    const wanted = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
    expect(wanted.filter((name) => !names.has(name))).toEqual([]);
  });
});

describe("Node.js", () => {
  test.for([
    ["18.20.8", false],
    ["20.18.3", false],
    ["20.19.0", true],
    ["22.0.0", true],
  ] as const)("%s is supported: %s", ([version, supported]) => {
    expect(isSupported(version)).toBe(supported);
  });
});

describe("installed packages", () => {
  test("match when npm's record has what the lock asks for", () => {
    expect(packagesMatch(project(YAML, YAML))).toBe(true);
  });

  test("do not match when nothing was installed", () => {
    expect(packagesMatch(project(YAML, null))).toBe(false);
  });

  test("do not match when one is missing or of another version", () => {
    expect(packagesMatch(project(YAML, {}))).toBe(false);
    expect(packagesMatch(project(YAML, { "node_modules/yaml": { version: "1.0.0" } }))).toBe(false);
  });

  test("match without the optional ones of other platforms", () => {
    const optional = { "node_modules/@esbuild/aix-ppc64": { version: "1.0.0", optional: true } };
    expect(packagesMatch(project({ ...YAML, ...optional }, YAML))).toBe(true);
  });
});
