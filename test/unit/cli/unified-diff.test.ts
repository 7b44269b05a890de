import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { renderPatch } from "../../../src/cli/render/unified-diff.ts";
import { tempDir } from "../../support/temp-dir.ts";

const text = fc
  .tuple(fc.array(fc.constantFrom("a", "b", "", "-- c", "+++ d", "e"), { minLength: 1, maxLength: 24 }), fc.boolean())
  .map(([lines, ended]) => `${lines.join("\n")}${ended ? "\n" : ""}`)
  .filter((one) => one !== "");

it("is what git apply makes the one file of the other with", () => {
  const folder = tempDir();
  fc.assert(
    fc.property(text, text, (before, after) => {
      const patch = renderPatch("x.txt", before, after);
      if (before === after) {
        expect(patch).toBe("");
        return;
      }
      writeFileSync(join(folder, "x.txt"), before);
      const { status, stderr } = spawnSync("git", ["apply", "--whitespace=nowarn", "-"], {
        cwd: folder,
        input: patch,
        encoding: "utf8",
      });
      expect([status, stderr]).toEqual([0, ""]);
      expect(readFileSync(join(folder, "x.txt"), "utf8")).toBe(after);
    }),
    { numRuns: 40 },
  );
});
