import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { shellWord } from "../../src/core/shell-word.ts";
import type { ExplainedFix } from "../../src/doctor/explained-fixes.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { createLocalCloud } from "../../src/local/index.ts";
import { linesOf, mintLine } from "./failure-page.ts";
import { ACCOUNT, type ExchangeScenario, SCENARIOS, type Scenario } from "./failure-scenarios.ts";
import { type Ran, type Terminal, typeLines } from "./shell-lines.ts";

/** Every scenario of one kind, with its id. */
export function scenariosOf<Kind extends Scenario["kind"]>(
  kind: Kind,
): readonly (readonly [string, Extract<Scenario, { readonly kind: Kind }>])[] {
  return Object.entries(SCENARIOS).flatMap(([id, scenario]) =>
    scenario.kind === kind ? [[id, scenario as Extract<Scenario, { readonly kind: Kind }>] as const] : [],
  );
}

const used: { terminal: Terminal | null } = { terminal: null };

/** One local AWS and one folder for a file of tests; the account is empty before each. */
export function useTerminal(): () => Terminal {
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "rolecall-scenarios-"));
    used.terminal = { cloud: await createLocalCloud(), folder };
  });
  beforeEach(() => here().cloud.reset());
  afterAll(async () => {
    await here().cloud.close();
    await rm(here().folder, { recursive: true });
  });
  return here;
}

function here(): Terminal {
  return used.terminal ?? expect.fail("no terminal is used");
}

/** Types lines, and gives what the last of them did. */
export async function type(...lines: readonly string[]): Promise<Ran> {
  const ran = await typeLines(lines, here());
  return ran.at(-1) ?? expect.fail("nothing ran");
}

export const words = (list: readonly string[]): string => list.map(shellWord).join(" ");

type Asked = Pick<ExchangeScenario, "role" | "options" | "credsOptions" | "meanwhile">;

/** Asks for the role as a job of these words. */
export async function creds(job: readonly string[], scenario: Asked): Promise<Ran> {
  const { role = "demo", options = [], credsOptions = [], meanwhile = [] } = scenario;
  const asked = ["--token-file", "job.jwt", "--role", `arn:aws:iam::${ACCOUNT}:role/${role}`, ...options];
  return type(mintLine(job), ...meanwhile, `rolecall creds ${words([...asked, ...credsOptions])}`);
}

/** Makes the account of a scenario. */
export async function stage(scenario: Scenario): Promise<void> {
  const lines = linesOf(scenario).filter((line) => line.startsWith("aws "));
  for (const ran of await typeLines(lines, here())) expect(ran.status, ran.stderr).toBe(0);
}

/** What `explain --json` says of something that is refused. */
export interface Told {
  readonly unsent?: readonly Finding[];
  readonly refusal?: { readonly failure: { readonly id: string }; readonly fixes: readonly ExplainedFix[] };
}

/** The entry that is named first. */
export function firstOf({ unsent, refusal }: Told): string | undefined {
  return unsent?.[0]?.failure ?? refusal?.failure.id;
}

/** Jobs that differ from a scenario's in one thing. */
export function neighbours(job: readonly string[]): readonly (readonly string[])[] {
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
export async function letIn(
  jobs: readonly (readonly string[])[],
  scenario: Asked,
): Promise<readonly (readonly [job: string, shown: string])[]> {
  const allowed: (readonly [string, string])[] = [];
  for (const job of jobs) {
    if ((await creds(job, scenario)).status === 0) allowed.push([words(job), await shownToAws(job)]);
  }
  return allowed;
}

/** Two jobs of which AWS sees the same are one to it: beside the subject it sees GitHub's ref, and GitLab's event. */
export async function shownToAws(job: readonly string[]): Promise<string> {
  await type(mintLine(job));
  const [, payload = ""] = (await readFile(join(here().folder, "job.jwt"), "utf8")).split(".");
  const {
    iss,
    sub,
    ref,
    pipeline_source: event,
  } = JSON.parse(Buffer.from(payload, "base64url").toString()) as Readonly<Record<string, string>>;
  return [sub, iss?.includes("github") ? ref : "", iss === "https://gitlab.com" ? event : ""].join(" ");
}
