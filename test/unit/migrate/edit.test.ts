import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { applyEdits, type Edit, renderNewFile, renderPatch } from "../../../src/migrate/edit.ts";
import { run } from "../../support/run.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { goodCases, patchOf } from "./corpus.ts";

describe("edits", () => {
  it("leave everything outside of them as it is", () => {
    const edits: readonly Edit[] = [
      { start: 4, end: 4, text: "new " },
      { start: 0, end: 3, text: "THE" },
    ];
    expect(applyEdits("the end", edits)).toBe("THE new end");
  });

  it("are refused where two overlap", () => {
    const edits = [
      { start: 0, end: 3, text: "" },
      { start: 2, end: 4, text: "" },
    ];
    expect(() => applyEdits("abcdef", edits)).toThrow("overlap");
  });
});

describe("a patch", () => {
  // What applies it is not ours: git, all of the corpus at once.
  it("of every project of the corpus is taken by git apply, and changes the files that it names", async () => {
    const folder = tempDir();
    const cases = goodCases().map((one, index) => ({ ...one, place: `case-${index}` }));
    for (const { files, place } of cases)
      for (const [path, text] of files) {
        mkdirSync(join(folder, place, dirname(path)), { recursive: true });
        writeFileSync(join(folder, place, path), text);
      }
    const input = cases
      .map(({ name, place }) => patchOf(name).replaceAll(/^(--- a|\+\+\+ b)\//gm, `$1/${place}/`))
      .join("");
    const result = await run("git", ["apply", "--whitespace=nowarn", "-"], { cwd: folder, input });
    expect(result).toMatchObject({ status: 0, stderr: "" });
    for (const { files, name, place } of cases) {
      const changed = [...files].filter(([path, text]) => readFileSync(join(folder, place, path), "utf8") !== text);
      expect(changed.length, name).toBe(patchOf(name).match(/^--- a\//gm)?.length);
    }
  });

  it("of a new file makes it", async () => {
    const folder = tempDir();
    const result = await run("git", ["apply", "-"], { cwd: folder, input: renderNewFile("a.yml", "one\ntwo\n") });
    expect(result.status).toBe(0);
    expect(readFileSync(join(folder, "a.yml"), "utf8")).toBe("one\ntwo\n");
  });

  it("is empty where nothing changes", () => {
    expect(renderPatch({ path: "a", text: "x\n", edits: [] })).toBe("");
  });
});
