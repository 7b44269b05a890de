import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { markdownFiles, readDoc, ROOT } from "./markdown.ts";

const PAGES = markdownFiles("docs").filter((path) => /\/local(\.ko)?\.md$/.test(path));

interface Claim {
  readonly claim: string;
  readonly file: string;
  readonly test: string;
}

/** The rows of the first table whose second cell is a test file. */
function claimsIn(page: string): readonly Claim[] {
  return readDoc(page)
    .split("\n")
    .flatMap((line) => {
      const [, claim, file, name] = /^\| (.+) \| `(test\/[\w./-]+\.test\.ts)` \| (.+) \|$/.exec(line) ?? [];
      return claim && file && name ? [{ claim, file, test: name }] : [];
    });
}

/** The names that a file gives its tests: what stands in quotes first behind `it(`, `test(` or a table of them. */
function testNames(file: string): readonly string[] {
  const calls = readDoc(file).matchAll(/^ *(?:\]\)|\)|(?:it|test)(?:\.\w+\(.*\))?)\(\s*(["'`])((?:(?!\1).)+)\1,\s/gm);
  return [...calls].map(([, , name = ""]) => name);
}

describe("a claim of the page about the local AWS", () => {
  test("is one of many, in every language", () => {
    expect(PAGES).toContain("docs/local.md");
    for (const page of PAGES) expect(claimsIn(page).length, page).toBeGreaterThan(25);
  });

  test.each(PAGES)("in %s has a test of that name", (page) => {
    const missing = claimsIn(page).filter(({ file, test: name }) => {
      return !existsSync(join(ROOT, file)) || !testNames(file).includes(name);
    });
    expect(missing).toEqual([]);
  });

  test.each(PAGES)("in %s is not made twice", (page) => {
    const claims = claimsIn(page).map(({ claim }) => claim);
    expect(claims).toEqual([...new Set(claims)]);
  });
});
