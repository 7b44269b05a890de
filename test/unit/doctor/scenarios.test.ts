import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { shellWord } from "../../../src/core/shell-word.ts";
import type { ExplainedFix } from "../../../src/doctor/explained-fixes.ts";
import { createLocalCloud, type LocalCloud } from "../../../src/local/index.ts";
import { linesOf } from "../../support/failure-page.ts";
import { ACCOUNT, type ExchangeScenario, SCENARIOS } from "../../support/failure-scenarios.ts";
import { type Ran, type Terminal, typeLines } from "../../support/shell-lines.ts";

/** Refusals that can be brought about, in the order of the catalogue. */
const REFUSED = Object.entries(SCENARIOS).filter(
  (pair): pair is [string, ExchangeScenario] => pair[1].kind === "exchange" && pair[1].outcome !== "allowed",
);

// What mends these is in the job, or is no matter of the account: to trust a fork is no fix.
const NOT_IN_THE_ACCOUNT = ["F04", "F30", "F40", "F53"];

let cloud: LocalCloud;
let folder: string;
let terminal: Terminal;
beforeAll(async () => {
  cloud = await createLocalCloud();
  folder = await mkdtemp(join(tmpdir(), "rolecall-scenarios-"));
  terminal = { cloud, folder };
});
beforeEach(() => cloud.reset());
afterAll(async () => {
  await cloud.close();
  await rm(folder, { recursive: true });
});

async function type(...lines: readonly string[]): Promise<Ran> {
  const ran = await typeLines(lines, terminal);
  return ran.at(-1) ?? expect.fail("nothing ran");
}

const words = (list: readonly string[]): string => list.map(shellWord).join(" ");

/** Asks for the role as a job of these words. */
async function creds(
  job: readonly string[],
  { role = "demo", options = [] }: Pick<ExchangeScenario, "role" | "options">,
): Promise<Ran> {
  const asked = ["--token-file", "job.jwt", "--role", `arn:aws:iam::${ACCOUNT}:role/${role}`, ...options];
  return type(`rolecall token mint ${words(job)} > job.jwt`, `rolecall creds ${words(asked)}`);
}

async function stage(scenario: ExchangeScenario): Promise<void> {
  for (const ran of await typeLines(
    linesOf(scenario).filter((line) => line.startsWith("aws ")),
    terminal,
  )) {
    expect(ran.status, ran.stderr).toBe(0);
  }
}

interface Told {
  readonly refusal: { readonly failure: { readonly id: string }; readonly fixes: readonly ExplainedFix[] };
}

async function explain(scenario: ExchangeScenario): Promise<Told["refusal"]> {
  await type(`rolecall token mint ${words(scenario.job)} > job.jwt`);
  const [line = ""] = linesOf(scenario).slice(-1);
  const { stdout, stderr, status } = await type(`${line} --json`);
  expect(status, stderr).toBe(3);
  return (JSON.parse(stdout) as Told).refusal;
}

/** Jobs that differ from a scenario's in one thing. */
function neighbours(job: readonly string[]): readonly (readonly string[])[] {
  const at = job.indexOf("--project") + 1;
  const project = job[at] ?? "";
  const without = (...names: readonly string[]): string[] =>
    job.filter((word, place) => !names.includes(word) && !names.includes(job[place - 1] ?? ""));
  const bare = without("--branch", "--tag", "--environment", "--event", "--claim");
  const others = project.includes("/")
    ? [job.with(at, `${project}-other`), job.with(at, `eve/${project.split("/")[1] ?? ""}`)]
    : [bare.with(at, "11111111-2222-4333-8444-555555555555")];
  const environment = job[job.indexOf("--environment") + 1] ?? "";
  return [
    ...(job.includes("--environment") ? [[...bare, "--environment", environment, "--branch", "feature/probe"]] : []),
    ...(job.includes("--branch") ? [[...bare, "--branch", `${job[job.indexOf("--branch") + 1] ?? ""}-other`]] : []),
    [...bare, "--branch", "feature/probe"],
    [...bare, "--tag", "v9"],
    [...bare, "--environment", "probe"],
    [...bare, "--branch", "feature/probe", "--event", "pull_request"],
    ...others,
  ];
}

/** The jobs that get the role, with what AWS sees of each. */
async function letIn(
  jobs: readonly (readonly string[])[],
  scenario: ExchangeScenario,
): Promise<readonly (readonly [job: string, shown: string])[]> {
  const allowed: (readonly [string, string])[] = [];
  for (const job of jobs) {
    if ((await creds(job, scenario)).status === 0) allowed.push([words(job), await shownToAws(job)]);
  }
  return allowed;
}

/** Two jobs of which AWS sees the same are one to it: beside the subject it sees GitHub's ref, and GitLab's event. */
async function shownToAws(job: readonly string[]): Promise<string> {
  await type(`rolecall token mint ${words(job)} > job.jwt`);
  const [, payload = ""] = (await readFile(join(folder, "job.jwt"), "utf8")).split(".");
  const {
    iss,
    sub,
    ref,
    pipeline_source: event,
  } = JSON.parse(Buffer.from(payload, "base64url").toString()) as Readonly<Record<string, string>>;
  return [sub, iss?.includes("github") ? ref : "", iss === "https://gitlab.com" ? event : ""].join(" ");
}

describe("a refusal is brought about, explained and mended", () => {
  test.each(REFUSED)("%s", async (id, scenario) => {
    await stage(scenario);
    const refused = await creds(scenario.job, scenario);
    expect(refused.status, refused.stderr).toBe(scenario.outcome === "unsent" ? 4 : 3);

    const { failure, fixes } = await explain(scenario);
    expect(failure.id).toBe(id);

    const others = neighbours(scenario.job);
    const before = await letIn(others, scenario);
    const mended = await mend(scenario, fixes, id);
    expect(mended.status, mended.stderr).toBe(0);
    const after = await letIn(others, scenario);
    const own = await shownToAws(scenario.job);
    const same = after.filter(([, shown]) => shown === own).map(([job]) => job);
    const known = new Set([...before.map(([job]) => job), ...same]);
    expect(after.map(([job]) => job).filter((job) => !known.has(job))).toEqual([]);
  });
});

const ALLOWED = Object.entries(SCENARIOS).filter(
  (pair): pair is [string, ExchangeScenario] => pair[1].kind === "exchange" && pair[1].outcome === "allowed",
);

describe("a policy that lets in too many is narrowed to the job", () => {
  // What F24 lets in is of the event, and no key of AWS has that.
  test.each(ALLOWED.filter(([id]) => id !== "F24"))("%s", async (_, scenario) => {
    await stage(scenario);
    const others = neighbours(scenario.job);
    expect((await letIn(others, scenario)).length).toBeGreaterThan(0);
    await type(`rolecall token mint ${words(scenario.job)} > job.jwt`);
    const [line = ""] = linesOf(scenario).slice(-1);
    const { stdout, status } = await type(`${line} --fix aws`);
    expect(status).toBe(0);
    const ran = await type(stdout.trim());
    expect(ran.status, ran.stderr).toBe(0);
    expect((await creds(scenario.job, scenario)).status).toBe(0);
    const own = await shownToAws(scenario.job);
    expect((await letIn(others, scenario)).filter(([, shown]) => shown !== own)).toEqual([]);
  });
});

/** Does what the first fix says, by the commands that it gives. */
async function mend(scenario: ExchangeScenario, fixes: readonly ExplainedFix[], id: string): Promise<Ran> {
  const fix = fixes.find(({ changes }) => changes !== undefined);
  if (NOT_IN_THE_ACCOUNT.includes(id)) {
    expect(fix).toBeUndefined();
    expect(fixes).not.toEqual([]);
    return creds(scenario.mendedJob ?? expect.fail("no job that has it right"), scenario);
  }
  if (scenario.role !== undefined) {
    const [, role = ""] = /--role \S+role\/(\S+)/.exec(fixes[0]?.text ?? "") ?? [];
    return creds(scenario.job, { ...scenario, role });
  }
  expect(fix?.proof).toMatchObject({ alsoAdmits: [] });
  let { job, options = [] } = scenario;
  for (const change of fix?.changes ?? []) {
    if (change.forms.aws !== null) {
      const ran = await type(change.forms.aws);
      expect(ran.status, ran.stderr).toBe(0);
    }
    if (change.kind === "token-audience") job = job.with(job.indexOf("--audience") + 1, change.audience);
    if (change.kind === "duration") options = ["--duration", String(change.seconds)];
  }
  return creds(job, { options });
}
