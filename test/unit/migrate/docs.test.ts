import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { applyEdits } from "../../../src/migrate/edit.ts";
import { MIGRATIONS } from "../../../src/migrate/index.ts";
import { parsePage, readDoc, ROOT } from "../docs/markdown.ts";

const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
const SETUP = { role: "arn:aws:iam::123456789012:role/shop-deploy", jobs: [] };

/** What rolecall.yaml has where the page's files have no audience of their own. */
const AUDIENCE = "acme/shop/shop-deploy";

const PLACES: readonly (readonly [string, string, number])[] = [
  ["gitlab", ".gitlab-ci.yml", 4],
  ["github", ".github/workflows/main.yml", 2],
  ["circleci", ".circleci/config.yml", 2],
  ["bitbucket", "bitbucket-pipelines.yml", 2],
];

describe.each(PLACES)("docs/from-keys/%s.md", (ci, path, count) => {
  const blocks = parsePage(readDoc(`docs/from-keys/${ci}.md`)).blocks.filter(({ language }) => language === "yaml");
  const pairs = Array.from({ length: blocks.length / 2 }, (_, at) => [blocks[2 * at]?.text, blocks[2 * at + 1]?.text]);

  it("shows files as they were and as they become", () => {
    expect(pairs).toHaveLength(count);
    for (const [before = "", after = ""] of pairs) {
      const own = /aud: (https:\S+)/.exec(before)?.[1] ?? AUDIENCE;
      const migration = MIGRATIONS[ci]?.(new Map([[path, before]]), { ...SETUP, audience: own });
      expect(migration?.refusals).toEqual([]);
      const [file] = migration?.files ?? [];
      expect(file && applyEdits(file.text, file.edits).replaceAll("rolecall@dev", `rolecall@${version}`)).toBe(after);
    }
  });
});
