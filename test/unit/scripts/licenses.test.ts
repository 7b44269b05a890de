import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bundledPackages, isPermissive, renderLicenses } from "../../../scripts/licenses.mjs";
import { tempDir } from "../../support/temp-dir.ts";

/** The part of esbuild's metafile that says which inputs are in an output. */
function metafile(inputs: Readonly<Record<string, number>>) {
  const sizes = new Map(Object.entries(inputs).map(([path, bytesInOutput]) => [path, { bytesInOutput }]));
  const output = { inputs: Object.fromEntries(sizes), bytes: 1, imports: [], exports: [] };
  return { inputs: {}, outputs: { "dist/x.js": output } };
}

/** A root with one package in its node_modules. */
function rootWith(manifest: object, files: Readonly<Record<string, string>> = {}): string {
  const root = tempDir();
  const folder = join(root, "node_modules/some");
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries({ "package.json": JSON.stringify(manifest), ...files })) {
    writeFileSync(join(folder, name), text);
  }
  return root;
}

const SOME = metafile({ "node_modules/some/index.js": 10 });

describe("licences of bundled packages", () => {
  test("finds scoped and nested packages, and leaves out what was shaken off", () => {
    const inputs = {
      "src/cli/main.ts": 5,
      "node_modules/yaml/dist/index.js": 5,
      "node_modules/yaml/dist/parse.js": 5,
      "node_modules/@aws-sdk/core/a.js": 5,
      "node_modules/@aws-sdk/core/node_modules/tslib/b.js": 5,
      "node_modules/unused/c.js": 0,
    };
    expect(bundledPackages([metafile(inputs)])).toEqual([
      "node_modules/yaml",
      "node_modules/@aws-sdk/core",
      "node_modules/@aws-sdk/core/node_modules/tslib",
    ]);
  });

  test.for([
    ["MIT", true],
    ["(MIT OR GPL-3.0-only)", true],
    ["Apache-2.0 AND MIT", true],
    ["AGPL-3.0-only", false],
    ["GPL-2.0-or-later", false],
    ["MIT AND GPL-3.0-only", false],
    ["(MIT OR Apache-2.0) AND AGPL-3.0-only", false],
    ["no licence", false],
  ] as const)("of %s says %s", ([license, permissive]) => {
    expect(isPermissive(license)).toBe(permissive);
  });

  test("gives the text of the package's own file", () => {
    const root = rootWith({ name: "some", version: "1.2.3", license: "MIT" }, { "LICENSE.md": "Do as you like.\n" });
    expect(renderLicenses(root, [SOME])).toContain("some 1.2.3 (MIT)\n\nDo as you like.\n");
  });

  test("refuses a package under the AGPL, and one that names no licence", () => {
    const agpl = rootWith({ name: "some", version: "1.0.0", license: "AGPL-3.0-only" });
    const none = rootWith({ name: "some", version: "1.0.0" });
    expect(() => renderLicenses(agpl, [SOME])).toThrow("not to be bundled: some 1.0.0 (AGPL-3.0-only)");
    expect(() => renderLicenses(none, [SOME])).toThrow("not to be bundled: some 1.0.0 (no licence)");
  });
});
