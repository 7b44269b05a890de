import { isBuiltin } from "node:module";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { npmCommand } from "../../scripts/setup.mjs";
import { run } from "../support/run.ts";
import { ROOT } from "../unit/docs/markdown.ts";

// One pack for all tests. `--ignore-scripts`: the build is there, and another would change it under other tests.
let folder = "";
let tarball = "";
let files: ReadonlyMap<string, string> = new Map();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rolecall-package-"));
  const { command, args } = npmCommand();
  const pack = [...args, "pack", "--ignore-scripts", "--offline", "--pack-destination", folder];
  const { status, stderr } = await run(command, pack, { cwd: ROOT, timeout: 60_000 });
  if (status !== 0) throw new Error(`npm pack failed: ${stderr}`);
  tarball = join(folder, readdirSync(folder)[0] ?? "");
  files = new Map(entriesOf(gunzipSync(readFileSync(tarball))));
}, 90_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Regular files of a tar archive, without the `package/` before their paths. Source: POSIX pax, ustar interchange. */
function entriesOf(tar: Buffer): [string, string][] {
  const entries: [string, string][] = [];
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const field = (from: number, length: number): string =>
      tar.toString("latin1", at + from, at + from + length).replace(/\0.*$/s, "");
    const size = Number.parseInt(field(124, 12), 8);
    const path = [field(345, 155), field(0, 100)].filter((part) => part !== "").join("/");
    const start = at + 512;
    if (field(156, 1) === "0")
      entries.push([path.replace(/^package\//, ""), tar.toString("utf8", start, start + size)]);
    at = start + Math.ceil(size / 512) * 512;
  }
  return entries;
}

/** Hashes and names of commands change; folders and what stands alone do not. */
function shapeOf(path: string): string {
  return path.replace(/^dist\/(cli\/commands|cli\/chunks|shared|lib\/types)\/.*$/, "dist/$1/…");
}

/** The part of esbuild's metafile that says what an output imports. */
interface Metafile {
  readonly outputs: Readonly<
    Record<string, { readonly imports: readonly { readonly path: string; readonly external?: boolean }[] }>
  >;
}

describe("the package", () => {
  test("holds what it is to hold, and nothing else", () => {
    const shapes = [...new Set([...files.keys()].map(shapeOf))].filter((path) => !path.endsWith(".LEGAL.txt"));
    expect(shapes.toSorted()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.ko.md",
      "README.md",
      "dist/THIRD-PARTY-LICENSES.txt",
      "dist/cli/chunks/…",
      "dist/cli/commands/…",
      "dist/cli/main.cjs",
      "dist/console/index.html",
      "dist/lib/index.js",
      "dist/lib/local.js",
      "dist/lib/types/…",
      "dist/rolecall.sh",
      "dist/shared/…",
      "examples/README.md",
      "examples/gitlab/.gitlab-ci.yml",
      "examples/gitlab/rolecall.yaml",
      "package.json",
      "schema.json",
    ]);
  });

  test("has less than 1 MB, which npx loads for a job", () => {
    expect(statSync(tarball).size).toBeLessThan(1_000_000);
  });

  test("needs no other package and runs no script when it is installed", () => {
    const manifest = JSON.parse(files.get("package.json") ?? "{}") as Record<string, Record<string, string>>;
    expect(manifest["dependencies"]).toBeUndefined();
    expect(manifest["peerDependencies"]).toBeUndefined();
    const atInstall = ["preinstall", "install", "postinstall", "prepare"];
    expect(Object.keys(manifest["scripts"] ?? {}).filter((name) => atInstall.includes(name))).toEqual([]);
  });

  test("names no folder of the machine that built it, and no source map", () => {
    const holding = (text: string): readonly string[] =>
      [...files].filter(([, content]) => content.includes(text)).map(([path]) => path);
    expect(holding(ROOT)).toEqual([]);
    expect(holding("sourceMappingURL")).toEqual([]);
  });

  test("imports nothing but its own files and Node's modules", () => {
    const metafiles = ["job", "rest"].map((name) => readFileSync(join(ROOT, "dist", "meta", `${name}.json`), "utf8"));
    const outside = metafiles.flatMap((text) => {
      const { outputs } = JSON.parse(text) as Metafile;
      return Object.values(outputs).flatMap(({ imports }) => imports.filter(({ external }) => external));
    });
    const names = new Set(outside.map(({ path }) => path).filter((path) => !path.startsWith("./")));
    // The SDK asks for it where somebody installed it, and goes on without.
    names.delete("@aws-sdk/signature-v4-crt");
    expect(names).toContain("node:http");
    expect([...names].filter((name) => !isBuiltin(name))).toEqual([]);
  });

  test("has declarations that stand by themselves", () => {
    const declarations = [...files].filter(([path]) => path.endsWith(".d.ts"));
    expect(declarations.length).toBeGreaterThan(10);
    const foreign = declarations.flatMap(([path, text]) =>
      [...text.matchAll(/(?:\bfrom|\bimport\()\s*["']([^."'][^"']*)["']/g)].map(([, name = ""]) => `${path}: ${name}`),
    );
    expect(foreign).toEqual([]);
  });

  test("exports files that are there", () => {
    const { exports, bin } = JSON.parse(files.get("package.json") ?? "{}") as { exports: unknown; bin: unknown };
    const paths = [...JSON.stringify([exports, bin]).matchAll(/"(?:\.\/)?((?:dist|schema|package)[^"]*\.\w+)"/g)];
    expect(paths.length).toBeGreaterThan(5);
    expect(paths.map(([, path = ""]) => path).filter((path) => !files.has(path))).toEqual([]);
  });
});
