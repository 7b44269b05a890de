import { isMap } from "yaml";
import { describe, expect, it } from "vitest";
import { addPairs, dropKeys, pairOf, proveRewrite, startRewrite } from "../../../src/migrate/rewrite.ts";
import { isUnreadable, readYamlFile, type YamlFile } from "../../../src/migrate/yaml-file.ts";

const TEXT = "a:\n  env:\n    KEY: $x # why\n    OTHER: 1\n  run: [one, two]\nb: 2\n";

function file(): YamlFile {
  const read = readYamlFile("ci.yml", TEXT);
  if (isUnreadable(read)) throw new Error(read.reason);
  return read;
}

describe("a rewrite", () => {
  it("is proved where the new file says what was planned", () => {
    const rewrite = startRewrite(file());
    const a = pairOf(rewrite.file.root, "a")?.value;
    if (!isMap(a)) throw new Error("no map");
    expect(dropKeys(rewrite, a, ["a"], "env", (key) => key === "KEY")).toBe(1);
    const run = pairOf(a, "run");
    if (run) addPairs(rewrite, a, ["a"], { oidc: true }, { before: run });
    expect(proveRewrite(rewrite)).toEqual([]);
  });

  it.each([
    [
      "another value",
      { start: TEXT.indexOf("two"), end: TEXT.indexOf("two") + 3, text: "three" },
      /not say what was planned/,
    ],
    ["a key more", { start: 0, end: 0, text: "c: 3\n" }, /not say what was planned/],
    ["no YAML", { start: 0, end: 0, text: "]\n" }, /could not be read/],
  ])("is refused where an edit makes of it %s", (_, edit, reason) => {
    const rewrite = startRewrite(file());
    rewrite.edits.push(edit);
    expect(proveRewrite(rewrite)).toMatchObject([{ reason: expect.stringMatching(reason) as string }]);
  });

  it("is refused where two edits meet", () => {
    const rewrite = startRewrite(file());
    rewrite.edits.push({ start: 0, end: 9, text: "" }, { start: 3, end: 12, text: "" });
    expect(proveRewrite(rewrite)).toMatchObject([{ reason: expect.stringContaining("meet") as string }]);
  });
});
