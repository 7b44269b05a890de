import { mkdtemp, rm } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CATALOGUE } from "../../../src/doctor/catalogue.ts";
import { createLocalCloud, type LocalCloud } from "../../../src/local/index.ts";
import { linesOf, renderList, renderPage } from "../../support/failure-page.ts";
import { SCENARIOS } from "../../support/failure-scenarios.ts";
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
    const { blocks } = parsePage(readDoc(`docs/errors/${id}.md`));
    const text = blocks.find(({ language }) => language === "sh")?.text ?? expect.fail("no commands");
    const ran = await typeLines(text.split("\n"), { cloud, folder });
    const last = ran.at(-1) ?? expect.fail("nothing ran");
    for (const one of ran) {
      if (one.line.startsWith("aws ") || one.line.includes(" mint "))
        expect(one, one.stderr).toMatchObject({ status: 0 });
    }
    const scenario = scenarioOf(id);
    if (scenario.kind === "exchange") {
      const creds = ran.at(-2) ?? expect.fail("no exchange was tried");
      expect(creds, creds.stderr).toMatchObject({ status: { refused: 3, unsent: 4, allowed: 0 }[scenario.outcome] });
      expect(last.stdout, last.stderr).toMatch(
        new RegExp(scenario.outcome === "allowed" ? `^careful  ${id} ` : `^why      ${id} `, "m"),
      );
      expect(last.status).toBe(scenario.outcome === "allowed" ? 0 : 3);
    } else if (scenario.kind === "doctor") {
      expect(last.stdout, last.stderr).toMatch(new RegExp(`^[!✗] \\w+ +${id} `, "m"));
    } else expect(last.stdout, last.stderr).toMatch(new RegExp(`^${id} `));
  });
});
