import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyEdits } from "../../../src/migrate/edit.ts";
import { MIGRATIONS } from "../../../src/migrate/index.ts";
import type { Files, Migration } from "../../../src/migrate/migration.ts";
import { goodCases, refusedCases } from "./corpus.ts";

const SETUP = { role: "arn:aws:iam::123456789012:role/shop-deploy", audience: "https://shop.test", jobs: [] };

function gitlab(text: string, more: Readonly<Record<string, string>> = {}): Migration {
  const files = new Map([[".gitlab-ci.yml", text], ...Object.entries(more)]);
  return MIGRATIONS["gitlab"]?.(files, SETUP) ?? { ci: "", files: [], jobs: [], refusals: [], notes: [] };
}

describe("a file that nobody would write", () => {
  const bomb = Array.from({ length: 12 }, (_, at) =>
    at === 0 ? "x0: &x0 [a, b, c]" : `x${at}: &x${at} [${Array.from({ length: 9 }, () => `*x${at - 1}`).join(", ")}]`,
  ).join("\n");

  it.each([
    ["an anchor within itself", "a: &a\n  b: *a\nscript: [aws s3 ls]\n", /anchors are nested/],
    ["aliases of aliases", `${bomb}\njob:\n  script: [aws s3 ls]\n`, /anchors are nested/],
    ["a list", "- a\n", /no YAML mapping/],
    ["a tab", "job:\n\tscript: [aws s3 ls]\n", /not YAML/],
    ["an unknown tag", "job: !ruby/object:X\n  script: [aws s3 ls]\n", /tag/],
  ])("is refused: %s", (_, text, reason) => {
    expect(gitlab(text)).toMatchObject({ files: [], refusals: [{ reason: expect.stringMatching(reason) as string }] });
  });

  it.each([
    ["nothing", ""],
    ["comments alone", "---\n# deploy:\n#   script: [aws s3 ls]\n\n"],
  ])("has nothing to move: %s", (_, text) => {
    expect(gitlab(text)).toMatchObject({ files: [], refusals: [] });
  });

  it("may turn in a circle without end: extends, include, !reference", () => {
    const circle = gitlab(
      "include: /b.yml\na: { extends: b, script: [aws s3 ls] }\nb: { extends: a, script: !reference [a, script] }\n",
      { "b.yml": "include: /.gitlab-ci.yml\n" },
    );
    expect(circle.refusals).not.toEqual([]);
    expect(gitlab("a:\n  script:\n    - !reference [a, script]\n    - aws s3 ls\n").files).toEqual([]);
  });

  it("is read to its end, however long its lines are", () => {
    const long = `job:\n  script:\n    - ${"A=1 ".repeat(20_000)}aws s3 ls\n    - "${"$( ".repeat(20_000)}"\n`;
    expect(gitlab(long).refusals).toEqual([]);
  });
});

describe("any file that is near one of the corpus", () => {
  const cases = [...goodCases(), ...refusedCases()];
  const lines = cases.flatMap(({ files }) => [...files.values()].flatMap((text) => text.split("\n")));

  it("is moved wholly, so that a second run changes nothing, or refused; never half", () => {
    const change = fc.record({ at: fc.nat(), kind: fc.nat(4), other: fc.nat() });
    fc.assert(
      fc.property(fc.nat(), fc.array(change, { minLength: 1, maxLength: 3 }), (pick, changes) => {
        const project = cases[pick % cases.length];
        const migrate = MIGRATIONS[project?.ci ?? ""];
        if (!project || !migrate) return;
        const [[path = "", text = ""] = []] = project.files;
        const files = new Map([...project.files, [path, mutated(text, changes)]]);
        const first = migrate(files, SETUP);
        if (first.refusals.length > 0) return;
        expect(migrate(after(files, first), SETUP)).toMatchObject({ files: [], refusals: [] });
      }),
      { numRuns: 150, seed: 7 },
    );
  });

  function mutated(text: string, changes: readonly { at: number; kind: number; other: number }[]): string {
    const all = text.split("\n");
    for (const { at, kind, other } of changes) {
      const place = at % all.length;
      const line = all[place] ?? "";
      if (kind === 0) all.splice(place, 1);
      else if (kind === 1) all.splice(place, 0, line);
      else if (kind === 2) all[place] = `  ${line}`;
      else if (kind === 3) all[place] = line.replace(/^ {2}/, "");
      else all.splice(place, 0, lines[other % lines.length] ?? "");
    }
    return all.join("\n");
  }
});

function after(files: Files, { files: changed }: Migration): Files {
  return new Map([...files, ...changed.map(({ path, text, edits }) => [path, applyEdits(text, edits)] as const)]);
}
