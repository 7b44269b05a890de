import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";
import { runScript, wishOf } from "../support/script.ts";
import { tempDir } from "../support/temp-dir.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith(".txtar"));

describe("the command line", () => {
  for (const name of names) {
    const text = readFileSync(`${folder}${name}`, "utf8");
    test.concurrent(`${name}: ${wishOf(text)}`, async ({ skip, onTestFinished }) => {
      const skipped = await runScript(name, text, tempDir(onTestFinished));
      if (skipped !== null) skip(skipped);
      // Real clients take their time when the machine has other work.
    }, 90_000);
  }
});
