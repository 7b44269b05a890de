import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { build } from "../../../scripts/build.mjs";
import { run } from "../../support/run.ts";
import { tempDir } from "../../support/temp-dir.ts";

const MODULES = fileURLToPath(new URL("../../../node_modules", import.meta.url));

const SOURCES = {
  "src/cli/bin.ts": `
    const COMMANDS = {
      creds: () => import("./commands/creds.ts"),
      exec: () => import("./commands/exec.ts"),
      up: () => import("./commands/up.ts"),
    };
    const [name] = process.argv.slice(2);
    COMMANDS[name as "creds"]().then(({ run }) => run());
  `,
  "src/cli/commands/creds.ts": `export const run = (): void => console.log("job side");`,
  "src/cli/commands/exec.ts": `
    export const run = (): Promise<void> => import("../chunks/heavy.ts").then(({ heavy }) => heavy());
  `,
  "src/cli/commands/up.ts": `
    import { parse } from "yaml";
    export const run = (): void => console.log(JSON.stringify(parse("side: local")));
  `,
  "src/cli/chunks/heavy.ts": `export const heavy = (): void => console.log("from a chunk");`,
};

/** A project of these sources, built. */
async function built(sources: Readonly<Record<string, string>>): Promise<string> {
  const root = tempDir();
  symlinkSync(MODULES, join(root, "node_modules"));
  for (const [path, text] of Object.entries(sources)) write(join(root, path), text);
  await build({ root });
  return root;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

describe("the build", () => {
  test("makes one executable of what a job runs, and keeps the rest beside it", async () => {
    const root = await built(SOURCES);
    const main = join(root, "dist/cli/main.cjs");
    const text = readFileSync(main, "utf8");
    expect(text).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(statSync(main).mode & 0o777).toBe(0o755);
    expect(text).toContain("job side");
    expect(text).not.toContain("from a chunk");
    expect(readdirSync(join(root, "dist/cli/commands"))).toEqual(["up.js"]);
  });

  test.for([
    ["creds", "job side\n"],
    ["exec", "from a chunk\n"],
    ["up", '{"side":"local"}\n'],
  ] as const)("gives a %s that runs", async ([command, stdout]) => {
    const root = await built(SOURCES);
    const result = await run(join(root, "dist/cli/main.cjs"), [command]);
    expect(result).toMatchObject({ status: 0, stdout, stderr: "" });
  });

  test("removes what an earlier build left behind", async () => {
    const root = await built(SOURCES);
    write(join(root, "dist/cli/commands/gone.js"), "");
    await build({ root });
    expect(existsSync(join(root, "dist/cli/commands/gone.js"))).toBe(false);
  });

  test("makes a library of both entry points", async () => {
    const root = await built({
      "src/index.ts": `export const here = "api";`,
      "src/local.ts": `import { parse } from "yaml"; export const here: unknown = parse("local");`,
    });
    const script = `for (const name of ["index", "local"]) console.log((await import("./dist/lib/" + name + ".js")).here)`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { cwd: root });
    expect(stdout).toBe("api\nlocal\n");
  });

  test("names the licences of what it bundled, and of nothing else", async () => {
    const root = await built(SOURCES);
    const text = readFileSync(join(root, "dist/THIRD-PARTY-LICENSES.txt"), "utf8");
    expect(text).toMatch(/^yaml [\d.]+ \(ISC\)\n\nCopyright/m);
    expect(text).not.toContain("jose");
  });
});
