import { mkdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parsePage, readDoc } from "../unit/docs/markdown.ts";
import { run } from "../support/run.ts";
import { tempDir } from "../support/temp-dir.ts";
import { adminEnv, AWS_CLIS, cleanEnv, CLI, startCloud } from "./support.ts";

// Older ones ask for thumbprints, which IAM has not needed for years.
const [CLI_OF_TODAY] = AWS_CLIS.filter(({ version }) => !/aws-cli\/2\.\d\./.test(version));

/** One of each kind of page: of the policy, of the provider, of a claim with JSON in it. */
const PAGES = ["F05", "F18", "F56"];

describe.skipIf(CLI_OF_TODAY === undefined)("the commands of a page, typed into a shell", () => {
  test.each(PAGES)("of %s bring it about, and what explain prints mends it", async (id) => {
    const cloud = await startCloud();
    const folder = tempDir();
    const bin = join(folder, "bin");
    mkdirSync(bin);
    symlinkSync(CLI, join(bin, "rolecall"));
    symlinkSync(CLI_OF_TODAY?.path ?? "", join(bin, "aws"));
    const clean = cleanEnv(folder, { ...adminEnv(cloud), AWS_ENDPOINT_URL: cloud.endpoint, NO_COLOR: "1" });
    const env = { ...clean, PATH: [bin, clean["PATH"]].join(delimiter) };
    const sh = (script: string) => run("/bin/sh", ["-c", script], { env, cwd: folder, timeout: 60_000 });

    const { blocks } = parsePage(readDoc(`docs/errors/${id}.md`));
    const script = blocks.find(({ language }) => language === "sh")?.text ?? expect.fail("no commands");
    const told = await sh(script);
    expect(told.stdout, told.stderr).toMatch(new RegExp(`^why {6}${id} `, "m"));
    expect(told.status).toBe(3);

    const [creds = "", explain = ""] = script.split("\n").slice(-2);
    const mended = await sh(`${explain} --fix aws > fix.sh; sh -e fix.sh && ${creds}`);
    expect(mended.status, mended.stderr).toBe(0);
    expect(mended.stdout).toContain('"AccessKeyId"');
  });
});
