import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { LocalCloud } from "../../src/local/index.ts";
import { linesOf } from "../support/failure-page.ts";
import type { ExchangeScenario } from "../support/failure-scenarios.ts";
import { firstOf, scenariosOf, type Told } from "../support/failure-staging.ts";
import { run, type RunResult } from "../support/run.ts";
import { splitWords, typeLines } from "../support/shell-lines.ts";
import { tempDir } from "../support/temp-dir.ts";
import { parsePage, readDoc } from "../unit/docs/markdown.ts";
import { adminEnv, AWS_CLIS, type AwsCli, cleanEnv, CLI, type Env, rolecall, startCloud } from "./support.ts";

/** One of each kind of page: of the provider, of the policy, of a claim with JSON in it. */
const PAGES = ["F05", "F18", "F56"];

// The provider is what AWS CLIs differ about: the first types them all, the others that one.
const TYPED = AWS_CLIS.flatMap((cli, at) => (at === 0 ? PAGES : PAGES.slice(0, 1)).map((id) => ({ id, cli })));

describe.skipIf(TYPED.length === 0)("the commands of a page, typed into a shell", () => {
  test.each(TYPED)(
    "of $id bring it about with $cli.version, and what explain prints mends it",
    async ({ id, cli }) => {
      const cloud = await startCloud();
      const folder = tempDir();
      const env = shellEnv(cloud, folder);
      const sh = (script: string, bin: string) =>
        run("/bin/sh", ["-c", script], {
          env: { ...env, PATH: `${bin}${delimiter}${env["PATH"]}` },
          cwd: folder,
          timeout: 60_000,
        });

      const { blocks } = parsePage(readDoc(`docs/errors/${id}.md`));
      const script = blocks.find(({ language }) => language === "sh")?.text ?? expect.fail("no commands");
      const told = await sh(script, binOf(folder, cli));
      expect(told.stdout, told.stderr).toMatch(new RegExp(`^why {6}${id} `, "m"));
      expect(told.status).toBe(3);

      const [creds = "", explain = ""] = script.split("\n").slice(-2);
      const mended = await sh(`${explain} --fix aws > fix.sh; sh -e fix.sh && ${creds}`, localBinOf(folder, cli));
      expect(mended.status, mended.stderr).toBe(0);
      expect(mended.stdout).toContain('"AccessKeyId"');
    },
    60_000,
  );
});

function shellEnv(cloud: LocalCloud, folder: string): Env & { readonly PATH: string } {
  const env = cleanEnv(folder, { ...adminEnv(cloud), AWS_ENDPOINT_URL: cloud.endpoint, NO_COLOR: "1" });
  return { ...env, PATH: env["PATH"] ?? "" };
}

function binOf(folder: string, { path }: AwsCli): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  symlinkSync(CLI, join(bin, "rolecall"));
  symlinkSync(path, join(bin, "aws"));
  return bin;
}

/** A fix is for the real AWS, and has no address in it; older CLIs do not read the variable. */
function localBinOf(folder: string, { path }: AwsCli): string {
  const bin = join(folder, "local");
  mkdirSync(bin);
  symlinkSync(CLI, join(bin, "rolecall"));
  const script = `#!/bin/sh\nexec ${path} --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n`;
  writeFileSync(join(bin, "aws"), script, { mode: 0o700 });
  return bin;
}

interface Staged {
  readonly id: string;
  readonly scenario: ExchangeScenario;
  readonly cloud: LocalCloud;
  readonly folder: string;
  readonly env: Env;
}

const REFUSED = scenariosOf("exchange").filter(([, { outcome }]) => outcome !== "allowed");

describe("the built rolecall", () => {
  test("names every refusal first, and gets the role after the fix that it told", async () => {
    const staged: Staged[] = [];
    // The lines before the exchange run in this process, which has one environment: one after the other.
    for (const [id, scenario] of REFUSED) {
      const [cloud, folder] = [await startCloud(), tempDir()];
      const lines = linesOf(scenario).slice(0, -2);
      for (const ran of await typeLines(lines, { cloud, folder })) expect(ran.status, ran.stderr).toBe(0);
      const env = cleanEnv(folder, { ...adminEnv(cloud), AWS_ENDPOINT_URL: cloud.endpoint, PATH: "" });
      staged.push({ id, scenario, cloud, folder, env });
    }
    const results = await inTurns(staged, toldAndMended);
    expect(Object.fromEntries(results)).toEqual(Object.fromEntries(REFUSED.map(([id]) => [id, MENDED])));
  }, 120_000);
});

const MENDED = "named, mended";

async function toldAndMended(one: Staged): Promise<readonly [id: string, outcome: string]> {
  const { id, scenario, cloud, folder } = one;
  const [creds = "", explain = ""] = linesOf(scenario).slice(-2);
  const { stdout, stderr } = await typed(one, `${explain} --json`);
  const told = parse(stdout);
  if (told === null || firstOf(told) !== id) return [id, `named ${told ? String(firstOf(told)) : stderr}`];
  // What is no matter of the account, or of the job's own words, the other tests mend.
  const changes = told.refusal?.fixes.find((fix) => fix.changes !== undefined)?.changes ?? [];
  const commands = changes.map(({ forms }) => forms.aws);
  if (commands.length === 0 || commands.includes(null)) return [id, MENDED];
  for (const ran of await typeLines(
    commands.filter((command) => command !== null),
    { cloud, folder },
  )) {
    if (ran.status !== 0) return [id, ran.stderr];
  }
  const got = await typed(one, creds);
  return [id, got.status === 0 ? MENDED : got.stderr];
}

/** Runs a line of rolecall as a process of its own. */
function typed({ folder, env }: Staged, line: string): Promise<RunResult> {
  const [, ...words] = splitWords(line);
  return rolecall(
    words.map((word) => (word === "job.jwt" ? join(folder, word) : word)),
    env,
  );
}

function parse(text: string): Told | null {
  try {
    return JSON.parse(text) as Told;
  } catch {
    return null;
  }
}

/** As many at a time as there are cores. */
async function inTurns<In, Out>(all: readonly In[], work: (one: In) => Promise<Out>): Promise<readonly Out[]> {
  const results: Out[] = [];
  const queue = [...all];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results.push(await work(next));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}
