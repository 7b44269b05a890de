import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const DIST = new URL("../../../dist/", import.meta.url);
const FILES = ["action/main.cjs", "action/post.cjs"];

interface Metafile {
  readonly outputs: Readonly<Record<string, { readonly inputs: Readonly<Record<string, unknown>> }>>;
}

describe("the action's bundle", () => {
  test("is under 200 KB in all", () => {
    const sizes = FILES.map((file) => statSync(fileURLToPath(new URL(file, DIST))).size);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(200 * 1024);
  });

  test("needs nothing beside it", () => {
    const needed = FILES.map((file) => readFileSync(new URL(file, DIST), "utf8"))
      .flatMap((text) => [...text.matchAll(/\b(?:require|import)\(\s*["']([^"']+)["']/g)])
      .map(([, name = ""]) => name);
    expect(needed.filter((name) => !name.startsWith("node:"))).toEqual([]);
  });

  test("holds no package, and nothing of the account's or the laptop's side", () => {
    const { outputs } = JSON.parse(readFileSync(new URL("meta/action.json", DIST), "utf8")) as Metafile;
    const sources = FILES.flatMap((file) => Object.keys(outputs[`dist/${file}`]?.inputs ?? {}));
    expect(sources).toContain("src/action/main.ts");
    expect(
      sources.filter((path) => /node_modules|^src\/(account|doctor|migrate|local|console|cli)\//.test(path)),
    ).toEqual([]);
  });
});
