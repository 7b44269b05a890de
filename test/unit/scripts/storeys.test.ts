import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { run } from "../../support/run.ts";
import { tempDir } from "../../support/temp-dir.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const FEATURES = ["credentials", "account", "doctor", "migrate", "local"];
const STOREYS = ["core", "ci", "wire", ...FEATURES, "console", "cli", "action"];

/** What each storey may import of the others; the picture is in docs/layout.md. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  ci: ["core"],
  wire: ["core"],
  ...Object.fromEntries(FEATURES.map((feature) => [feature, ["core", "ci", "wire"]])),
  console: ["core", "ci", "doctor"],
  cli: ["core", "ci", "wire", ...FEATURES],
  action: ["core", "ci", "wire", "credentials"],
};

interface Attempt {
  readonly from: string;
  readonly to: string;
  readonly allowed: boolean;
}

/** Every import that one storey could make of another, and what each could make of Node and of packages. */
function attempts(): readonly Attempt[] {
  const among = STOREYS.flatMap((from) =>
    STOREYS.filter((to) => to !== from).map((to) => ({
      from: `src/${from}/from-${to}.ts`,
      to: `../${to}/some.ts`,
      allowed: ALLOWED[from]?.includes(to) ?? false,
    })),
  );
  const outside = STOREYS.flatMap((from) => [
    { from: `src/${from}/from-node.ts`, to: "node:fs", allowed: !["core", "ci", "console"].includes(from) },
    { from: `src/${from}/from-package.ts`, to: "some-package", allowed: !["core", "ci"].includes(from) },
    { from: `src/${from}/from-api.ts`, to: "../index.ts", allowed: false },
  ]);
  return [...among, ...outside, ...ways()];
}

/** One forbidden import in each form that the language has for it, and from a nested folder. */
function ways(): readonly Attempt[] {
  return [
    { from: "src/ci/deep/nested.ts", to: "../../wire/some.ts", allowed: false },
    { from: "src/ci/deep/own.ts", to: "../some.ts", allowed: true },
    { from: "src/ci/detour.ts", to: "../../src/wire/some.ts", allowed: false },
    { from: "src/index.ts", to: "./cli/main.ts", allowed: false },
  ];
}

const FORMS: Readonly<Record<string, string>> = {
  "a type": 'import type { Some } from "../wire/some.ts";\nexport type Mine = Some;',
  "a re-export": 'export { some } from "../wire/some.ts";',
  "a re-export of everything": 'export * from "../wire/some.ts";',
  "a dynamic import": 'export const mine = () => import("../wire/some.ts");',
  "a type in place": 'export type Mine = import("../wire/some.ts").Some;',
  "a require": 'export const mine = require("../wire/some.ts");',
};

/** A project of these files under our lint configuration; gives the files that oxlint reports. */
async function reportedFiles(files: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const folder = tempDir();
  cpSync(join(ROOT, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const { stdout } = await lint(folder);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: readonly { filename: string }[] };
  return [...new Set(diagnostics.map(({ filename }) => filename))].toSorted();
}

function lint(cwd: string) {
  const oxlint = join(ROOT, "node_modules", "oxlint", "bin", "oxlint");
  return run(process.execPath, [oxlint, "--format=json", "src"], { cwd });
}

describe("the storey rule", () => {
  test("lets imports go downwards, never up and never to a neighbour", async () => {
    const all = attempts();
    const files = new Map(all.map(({ from, to }) => [from, `export { some } from "${to}";\n`]));
    const forbidden = all.filter(({ allowed }) => !allowed).map(({ from }) => from);
    expect(await reportedFiles(files)).toEqual(forbidden.toSorted());
  });

  test.for(Object.entries(FORMS))("sees %s", async ([, text]) => {
    expect(await reportedFiles(new Map([["src/ci/some.ts", `${text}\n`]]))).toEqual(["src/ci/some.ts"]);
  });

  test("holds in this project", async () => {
    const { stdout } = await lint(ROOT);
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: readonly { code?: string }[] };
    expect(diagnostics.filter(({ code }) => code?.includes("no-restricted-imports"))).toEqual([]);
  });
});
