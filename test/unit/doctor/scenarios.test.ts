import { describe, expect, test } from "vitest";
import type { ExplainedFix } from "../../../src/doctor/explained-fixes.ts";
import { linesOf, mintLine } from "../../support/failure-page.ts";
import type { ExchangeScenario } from "../../support/failure-scenarios.ts";
import {
  creds,
  firstOf,
  letIn,
  neighbours,
  scenariosOf,
  shownToAws,
  stage,
  type Told,
  type,
  useTerminal,
} from "../../support/failure-staging.ts";
import type { Ran } from "../../support/shell-lines.ts";

useTerminal();

const EXCHANGES = scenariosOf("exchange");

async function explain(scenario: ExchangeScenario): Promise<Told> {
  await type(mintLine(scenario.job), ...(scenario.meanwhile ?? []));
  const [line = ""] = linesOf(scenario).slice(-1);
  const { stdout, stderr, status } = await type(`${line} --json`);
  expect(status, stderr).toBe(3);
  return JSON.parse(stdout) as Told;
}

describe("a refusal is brought about, explained and mended", () => {
  test.each(EXCHANGES.filter(([, { outcome }]) => outcome !== "allowed"))("%s", async (id, scenario) => {
    await stage(scenario);
    const refused = await creds(scenario.job, scenario);
    expect(refused.status, refused.stderr).toBe(scenario.outcome === "unsent" ? 4 : 3);

    const told = await explain(scenario);
    expect(firstOf(told)).toBe(id);

    const others = neighbours(scenario.job);
    const before = await letIn(others, scenario);
    const mended = await mend(scenario, told);
    expect(mended.status, mended.stderr).toBe(0);
    const after = await letIn(others, scenario);
    const own = await shownToAws(scenario.job);
    const same = after.filter(([, shown]) => shown === own).map(([job]) => job);
    const known = new Set([...before.map(([job]) => job), ...same]);
    expect(after.map(([job]) => job).filter((job) => !known.has(job))).toEqual([]);
  });
});

/** Does what the first fix says, by the commands and values that it gives. */
async function mend(scenario: ExchangeScenario, { unsent = [], refusal }: Told): Promise<Ran> {
  const fixes: readonly ExplainedFix[] = refusal?.fixes ?? [];
  const fix = fixes.find(({ changes }) => changes !== undefined);
  if (scenario.mendedJob !== undefined) {
    // Nothing of the account is wrong, and to change it is not what is told.
    expect(fix).toBeUndefined();
    expect(fixes[0]?.text ?? unsent[0]?.fix ?? "").not.toBe("");
    return creds(scenario.mendedJob, { ...scenario, meanwhile: [] });
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
    // The lines for the CI file, as they are printed: what stands in quotes or behind the colon is the value.
    if (change.kind === "token-audience")
      job = job.with(job.indexOf("--audience") + 1, audienceIn(change.forms.ciFile));
    if (change.kind === "duration") options = (change.forms.ciFile ?? "").split(" ");
  }
  return creds(job, { options });
}

function audienceIn(line: string | null): string {
  return (
    /(https?:\/\/[^\s"']+|sts\.amazonaws\.com(?:\.cn)?)/.exec(line ?? "")?.[0] ?? expect.fail(`no audience: ${line}`)
  );
}

describe("a policy that lets in too many is narrowed to the job", () => {
  const allowed = EXCHANGES.filter(([, { outcome }]) => outcome === "allowed");
  // What F24 lets in is of the event, and no key of AWS has that.
  test.each(allowed.filter(([id]) => id !== "F24"))("%s", async (_, scenario) => {
    await stage(scenario);
    const others = neighbours(scenario.job);
    expect((await letIn(others, scenario)).length).toBeGreaterThan(0);
    await type(mintLine(scenario.job));
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
