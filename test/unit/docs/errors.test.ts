import { mkdtemp, rm } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { CATALOGUE } from "../../../src/doctor/catalogue.ts";
import { createLocalCloud, type LocalCloud } from "../../../src/local/index.ts";
import { linesOf, renderList, renderPage } from "../../support/failure-page.ts";
import { type Scenario, SCENARIOS, type TextScenario } from "../../support/failure-scenarios.ts";
import { typeLines } from "../../support/shell-lines.ts";
import { parsePage, readDoc, ROOT } from "./markdown.ts";

const IDS = [...CATALOGUE.keys()];
const entryOf = (id: string) => CATALOGUE.get(id) ?? expect.fail(`${id} is not in the catalogue`);
const scenarioOf = (id: string) => SCENARIOS[id] ?? expect.fail(`${id} has no scenario`);

test("the catalogue, its scenarios and its pages are of the same 84 failures", () => {
  const ids = Array.from({ length: 84 }, (_, at) => `F${String(at + 1).padStart(2, "0")}`);
  expect(IDS).toEqual(ids);
  expect(Object.keys(SCENARIOS)).toEqual(ids);
  const pages = readdirSync(join(ROOT, "docs/errors")).filter((name) => name.startsWith("F"));
  expect(pages.toSorted()).toEqual(ids.map((id) => `${id}.md`));
});

/** Of another's program, of a network, or of a time that nobody waits for; each page says why. */
const UNSTAGED = "F21 F41 F42 F44 F45 F50 F51 F55 F64 F66 F67 F68 F69 F70 F71 F72 F73 F74 F75 F77 F83";

test("all but those that are no matter of STS, IAM or the job are brought about", () => {
  const unstaged = IDS.filter((id) => scenarioOf(id).kind === "text");
  expect(unstaged.join(" ")).toBe(UNSTAGED);
  for (const id of unstaged) {
    const because = (scenarioOf(id) as TextScenario).because;
    expect(readDoc(`docs/errors/${id}.md`)).toContain(`cannot be reproduced on the local AWS: ${because}.`);
  }
});

test.each(IDS)("the page of %s says what the catalogue says", async (id) => {
  await expect(renderPage(entryOf(id), scenarioOf(id))).toMatchFileSnapshot(join(ROOT, "docs/errors", `${id}.md`));
});

test("the list of pages has them all, with what can be reproduced", async () => {
  await expect(renderList([...CATALOGUE.values()], SCENARIOS)).toMatchFileSnapshot(join(ROOT, "docs/errors/README.md"));
});

describe("the commands of a page", () => {
  let cloud: LocalCloud;
  let folder: string;
  beforeAll(async () => {
    cloud = await createLocalCloud();
    folder = await mkdtemp(join(tmpdir(), "rolecall-errors-"));
  });
  beforeEach(() => cloud.reset());
  afterAll(async () => {
    await cloud.close();
    await rm(folder, { recursive: true });
  });

  const typed = IDS.filter((id) => linesOf(scenarioOf(id)).length > 0);

  test.each(typed)("of %s bring it about, and name it", async (id) => {
    const scenario = scenarioOf(id);
    if (scenario.kind === "weather") cloud.setWeather(weatherOf(scenario.weather));
    onTestFinished(() => cloud.setWeather({ propagation: "0s", "key-unreachable": 0 }));
    const { blocks } = parsePage(readDoc(`docs/errors/${id}.md`));
    const text = blocks.find(({ language }) => language === "sh")?.text ?? expect.fail("no commands");
    const ran = await typeLines(text.split("\n"), { cloud, folder });
    const last = ran.at(-1) ?? expect.fail("nothing ran");
    for (const one of ran) {
      if (!/^aws |^curl | mint /.test(one.line)) continue;
      const isRefused = scenario.kind === "policy" && one.line.includes("create-role");
      expect(one, one.stderr).toMatchObject({ status: isRefused ? 254 : 0 });
      if (isRefused) expect(one.stderr).toContain(scenario.said.replace(/^\w+: /, ""));
    }
    expect(last.stdout, last.stderr).toMatch(named(id, scenario));
    if (scenario.kind === "exchange" || scenario.kind === "weather") {
      const creds = ran.at(-2) ?? expect.fail("no exchange was tried");
      const outcome = scenario.kind === "exchange" ? scenario.outcome : "refused";
      expect(creds, creds.stderr).toMatchObject({ status: { refused: 3, unsent: 4, allowed: 0 }[outcome] });
      expect(last.status).toBe(outcome === "allowed" ? 0 : 3);
    }
  });
});

/** How the last command names the entry, before any other. */
function named(id: string, scenario: Scenario): RegExp {
  if (scenario.kind === "job" && scenario.by === "doctor") return new RegExp(`^[!✗] \\w+ +${id} `, "m");
  if (scenario.kind === "exchange" && scenario.outcome === "allowed") return new RegExp(`^careful  ${id} `, "m");
  const isOfText = ["text", "weather", "policy"].includes(scenario.kind);
  return new RegExp(isOfText ? `^${id} ` : `^(?:(?!why ).*\n)*why {6}${id} `);
}

function weatherOf(text: string): Record<string, string> {
  const [name = "", value = ""] = text.split("=");
  return { [name]: value };
}
