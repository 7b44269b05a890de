import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { describe, expect, it } from "vitest";
import { tempDir } from "../support/temp-dir.ts";
import { cleanEnv } from "./support.ts";

const LIBRARY = pathToFileURL(resolve("dist/lib/local.js")).href;
const SPENT = "const { user, system } = process.cpuUsage(); console.log((user + system) / 1000);";

/** Runs a module in a node of its own; gives the last line of what it prints. */
function run(module: string, home: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", module], {
    env: { ...cleanEnv(home), TMPDIR: home },
    encoding: "utf8",
    timeout: 30_000,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.trim().split("\n").at(-1) ?? "";
}

/** The least processor time of some runs, in milliseconds: other work on the machine only makes it more. */
function least(module: string, home: string): number {
  return Math.min(...Array.from({ length: 5 }, () => Number(run(`${module}\n${SPENT}`, home))));
}

describe("createLocalCloud() of the built library", () => {
  it("takes under 150 ms more than a bare node to start", () => {
    const home = tempDir();
    const cloud = `import { createLocalCloud } from ${JSON.stringify(LIBRARY)}; const cloud = await createLocalCloud(); await cloud.close();`;
    const more = least(cloud, home) - least("", home);
    expect(more).toBeGreaterThan(0);
    expect(more).toBeLessThan(150);
  });

  it("makes many clouds at once that know nothing of each other, and leaves nothing behind", () => {
    const home = tempDir();
    const many = `
      import { createLocalCloud } from ${JSON.stringify(LIBRARY)};
      const clouds = await Promise.all(Array.from({ length: 20 }, () => createLocalCloud()));
      const answers = await Promise.all(clouds.map(({ endpoint }) => fetch(endpoint + "/_rolecall/health")));
      const keys = new Set(clouds.map(({ admin }) => admin.accessKeyId));
      const endpoints = new Set(clouds.map(({ endpoint }) => endpoint));
      await Promise.all(answers.map((answer) => answer.text()));
      await Promise.all(clouds.map((cloud) => cloud.close()));
      console.log(JSON.stringify([answers.filter(({ ok }) => ok).length, keys.size, endpoints.size]));`;
    // It ends by itself: nothing holds the process.
    expect(JSON.parse(run(many, home))).toEqual([20, 20, 20]);
    expect(readdirSync(home)).toEqual([]);
  });
});
