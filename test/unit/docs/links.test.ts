import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { inlineCode, markdownFiles, parsePage, readDoc, ROOT } from "./markdown.ts";

const files = markdownFiles();

/** A path below the project's folder, without wildcards and without NAME, which stands for any name. */
const SOURCE = /^(src|test|scripts|docs|examples)\/(?!.*NAME)[\w./-]+$/;

describe("a page", () => {
  test.each(files)("%s links to files and headings that are there", (path) => {
    const missing = linksOf(parsePage(readDoc(path)).prose).filter((target) => !resolves(path, target));
    expect(missing).toEqual([]);
  });

  test.each(files)("%s names source files that are there", (path) => {
    const named = inlineCode(parsePage(readDoc(path)).prose).filter((code) => SOURCE.test(code));
    expect(named.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });
});

test("the layout names every folder of src/", () => {
  const { blocks } = parsePage(readDoc("docs/layout.md"));
  const tree = blocks.map(({ text }) => text).find((text) => text.startsWith("src/")) ?? "";
  const drawn = [...tree.matchAll(/^ {2}(\w+)\//gm)].map(([, folder = ""]) => folder);
  const inSource = drawn.filter((folder) => existsSync(join(ROOT, "src", folder)));
  expect(inSource).toEqual(expect.arrayContaining(["core", "ci", "wire", "credentials", "account", "local", "cli"]));
});

/** Targets inside the project; addresses are not looked up. */
function linksOf(prose: string): readonly string[] {
  const targets = [...prose.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

function resolves(path: string, target: string): boolean {
  const [file = "", anchor] = target.split("#");
  const found = file === "" ? path : join(dirname(path), file);
  if (!existsSync(join(ROOT, found))) return false;
  return anchor === undefined || anchorsOf(readDoc(found)).includes(decodeURIComponent(anchor));
}

/** Anchors as GitLab and GitHub make them: lower case, blanks to hyphens, nothing but letters, digits, `_` and `-`. */
function anchorsOf(markdown: string): readonly string[] {
  return parsePage(markdown).headings.map((heading) =>
    heading
      .replace(/^#+ /, "")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-"),
  );
}
