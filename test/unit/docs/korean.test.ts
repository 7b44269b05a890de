import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { markdownFiles, parsePage, readDoc, ROOT } from "./markdown.ts";

const korean = markdownFiles().filter((path) => path.endsWith(".ko.md"));
const english = (path: string): string => path.replace(/\.ko\.md$/, ".md");

describe("a Korean page", () => {
  test("is there for the README and for every guide", () => {
    const guides = markdownFiles("docs/guides").filter((path) => !path.endsWith(".ko.md"));
    expect(korean).toEqual(
      expect.arrayContaining(["README.md", ...guides].map((path) => path.replace(/\.md$/, ".ko.md"))),
    );
  });

  test.each(korean)("%s has an English page", (path) => {
    expect(existsSync(join(ROOT, english(path)))).toBe(true);
  });

  test.each(korean)("%s has the English page's code blocks, letter by letter", (path) => {
    expect(parsePage(readDoc(path)).blocks).toEqual(parsePage(readDoc(english(path))).blocks);
  });

  test.each(korean)("%s has the English page's headings, level by level", (path) => {
    expect(levels(path)).toEqual(levels(english(path)));
  });

  test.each(korean)("%s has the English page's tables, row by row", (path) => {
    expect(tables(path)).toEqual(tables(english(path)));
  });
});

function levels(path: string): readonly string[] {
  return parsePage(readDoc(path)).headings.map((heading) => heading.replace(/ .*/, ""));
}

/** The number of cells of each row; a `|` behind a backslash or within code is none. */
function tables(path: string): readonly number[] {
  const rows = parsePage(readDoc(path))
    .prose.split("\n")
    .filter((line) => line.startsWith("|"));
  return rows.map((row) => row.replaceAll(/`[^`]*`|\\\|/g, "").split("|").length);
}
