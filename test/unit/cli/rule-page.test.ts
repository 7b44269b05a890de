import { describe, expect, it } from "vitest";
import { main } from "../../../src/cli/main.ts";
import { RULES } from "../../../src/core/lint/catalogue.ts";
import { fakeIo } from "./fake-io.ts";

async function help(name: string): Promise<{ readonly status: number; readonly out: string; readonly err: string }> {
  const io = fakeIo();
  const status = await main(["help", name], io);
  return { status, out: io.stdout, err: io.stderr };
}

/** A page's text without its line breaks. */
function flat(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

describe("help for a rule", () => {
  it.each(RULES)("$id prints all that the catalogue has of it, in lines for a terminal", async (rule) => {
    const { status, out, err } = await help(rule.id.toLowerCase());
    expect([status, err]).toEqual([0, ""]);
    expect(out).toMatch(new RegExp(`^${rule.id} ${rule.name}: `));
    for (const text of [rule.title, rule.severity, rule.probe, rule.fix, rule.source, rule.needs ?? ""])
      expect(flat(out)).toContain(flat(text));
    const [title = "", ...lines] = out.split("\n");
    expect(title.length).toBeLessThanOrEqual(120);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
    expect(out).toMatch(/[^\n]\n$/);
  });

  it("says that the CI's settings are needed, and how they are given", async () => {
    expect((await help("S001")).out).toContain("--ci-facts FILE");
    expect((await help("T001")).out).not.toContain("--ci-facts");
  });

  it("lists every rule, with its severity", async () => {
    const { out } = await help("rules");
    for (const { id, severity } of RULES) expect(out).toMatch(new RegExp(`^ {2}${id} {2}${severity} +\\S`, "m"));
    expect(RULES.every(({ title }) => out.includes(title))).toBe(true);
  });

  it("of no such id says which there are", async () => {
    const { status, out, err } = await help("T999");
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain("there is no rule T999: expected T001 to T036, P001 to P008, R001 to R007, S001 to S007");
  });
});
