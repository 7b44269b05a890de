import { describe, expect, it } from "vitest";
import { RULES } from "../../../src/core/lint/catalogue.ts";
import { parsePlatformFacts } from "../../../src/doctor/platform-facts.ts";
import { parsePage, readDoc } from "./markdown.ts";

/** `T001 to T004, T007`: the first cell of a row, and of the Korean page `T001부터 T004, T007`. */
function idsOf(cell: string): readonly string[] {
  return cell.split(", ").flatMap((part) => {
    const [first = "", last = first] = part.split(/ to |부터 /);
    const [from, to] = [first, last].map((id) => Number(id.slice(1)));
    const kind = first.slice(0, 1);
    return Array.from(
      { length: (to ?? 0) - (from ?? 0) + 1 },
      (_, index) => `${kind}${String((from ?? 0) + index).padStart(3, "0")}`,
    );
  });
}

describe.each([
  ["docs/lint.md", "## The rules"],
  ["docs/lint.ko.md", "## 규칙"],
])("%s", (path, heading) => {
  it("has every rule of the catalogue in one row of its table, and no other", () => {
    const [, section = ""] = readDoc(path).split(`${heading}\n`);
    const cells = [...section.matchAll(/^\| ([TPRS]\d{3}[^|]*?) \|/gm)].map(([, cell = ""]) => cell);
    expect(cells.flatMap(idsOf).toSorted()).toEqual(RULES.map(({ id }) => id).toSorted());
  });

  it("has an example of what the CI says that is taken as it stands", () => {
    const blocks = parsePage(readDoc(path)).blocks.filter(({ language }) => language === "json");
    expect(blocks.map(({ text }) => parsePlatformFacts(text, path).projects?.length)).toEqual([3]);
  });
});
