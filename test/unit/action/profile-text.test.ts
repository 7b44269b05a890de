import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasSection, placeEntry, removeEntry } from "../../../src/action/profile-text.ts";
import { readSection } from "../../../src/action/ini.ts";

const ENTRY = { section: "profile shop", settings: [["region", "eu-central-1"]] } as const;

const CONFIG = [
  "# of the team",
  "[default]",
  "region = us-east-1",
  "",
  "[profile shop]",
  "# why: see the wiki",
  "role_arn = arn:aws:iam::111122223333:role/old",
  "region=us-west-2",
  "s3 =",
  "  region = not-a-setting-of-the-profile",
  "  max_concurrent_requests = 20",
  "cli_pager =",
  "[profile other]",
  "role_arn = arn:aws:iam::111122223333:role/other",
  "",
].join("\n");

describe("an entry in a profile that is there", () => {
  const placed = placeEntry(CONFIG, ENTRY);

  test("takes the place of its credentials and of the same settings, and of nothing else", () => {
    expect(readSection(placed, "profile shop")).toEqual({ region: "eu-central-1", s3: "", cli_pager: "" });
    expect(placed).toContain("# why: see the wiki\n");
    expect(placed).toContain("s3 =\n  region = not-a-setting-of-the-profile\n  max_concurrent_requests = 20\n");
    expect(readSection(placed, "profile other")).toEqual({ role_arn: "arn:aws:iam::111122223333:role/other" });
    expect(placed.startsWith("# of the team\n[default]\nregion = us-east-1\n\n[profile shop]\n")).toBe(true);
  });

  test("is there once, however often it is placed", () => {
    expect(placeEntry(placed, ENTRY)).toBe(placed);
  });

  test("goes without a trace", () => {
    expect(removeEntry(placed, ENTRY.section)).toEqual({ text: CONFIG, found: true, deleteFile: false });
  });

  test("goes, and what was written meanwhile stays", () => {
    const later = placed.replace("cli_pager =", "cli_pager = less").concat("[profile new]\nregion = x\n");
    const wanted = CONFIG.replace("cli_pager =", "cli_pager = less").concat("[profile new]\nregion = x\n");
    expect(removeEntry(later, ENTRY.section).text).toBe(wanted);
  });
});

describe("an entry in a new profile", () => {
  test.for([
    ["no file", null, true],
    ["an empty file", "", false],
    ["a file", CONFIG, false],
    ["a file without a last line end", "[a]\nx = 1", false],
    ["a file of Windows", "[a]\r\nx = 1\r\n", false],
    ["a file of Windows without a last line end", "[a]\r\nx = 1", false],
  ] as const)("comes to %s and goes again", ([, text, deleteFile]) => {
    const entry = { ...ENTRY, section: "fresh" };
    const placed = placeEntry(text, entry);
    expect(readSection(placed, "fresh")).toEqual({ region: "eu-central-1" });
    expect(placed.includes("\r\n")).toBe(text?.includes("\r\n") ?? false);
    expect(placed.replaceAll("\r\n", "").includes("\n")).toBe(!placed.includes("\r\n"));
    expect(removeEntry(placed, "fresh")).toEqual({ text: text ?? "", found: true, deleteFile });
  });

  test("of two, each goes alone", () => {
    const first = placeEntry(null, { ...ENTRY, section: "a" });
    const both = placeEntry(first, { ...ENTRY, section: "b" });
    expect(removeEntry(both, "b").text).toBe(first);
    expect(readSection(removeEntry(both, "a").text, "b")).toEqual({ region: "eu-central-1" });
  });
});

describe("any file", () => {
  const line = fc.oneof(
    fc.constantFrom(
      "[profile shop]",
      "[default]",
      "[ profile 'shop' ]",
      "region = a",
      "aws_access_key_id=b",
      "s3 =",
      "  x = 1",
      "# c",
      "",
      "; d",
    ),
    fc.string({ maxLength: 12 }).filter((text) => !/[\r\n]/.test(text)),
  );
  const file = fc
    .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom("\n", "\r\n"), fc.boolean())
    .map(([lines, eol, ends]) => lines.join(eol) + (ends && lines.length > 0 ? eol : ""));

  test("is the same after an entry has come and gone", () => {
    fc.assert(
      fc.property(file, (text) => {
        const placed = placeEntry(text, ENTRY);
        expect(removeEntry(placed, ENTRY.section).text).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test("gives the entry's settings while it is there", () => {
    fc.assert(
      fc.property(file, (text) => {
        const settings = readSection(placeEntry(text, ENTRY), ENTRY.section);
        expect(settings?.["region"]).toBe("eu-central-1");
        expect(settings).not.toHaveProperty("aws_access_key_id");
      }),
      { numRuns: 500 },
    );
  });
});

test("a block that lost its end is left alone", () => {
  const placed = placeEntry(null, ENTRY);
  const broken = placed.replace(/# <<<.*\n/, "[profile later]\nregion = x\n");
  expect(removeEntry(broken, ENTRY.section)).toEqual({ text: broken, found: false, deleteFile: false });
});

test.for([
  ["[shop]", "shop", true],
  ["  [ shop ]", "shop", true],
  ['[profile "shop"]', "profile shop", true],
  ["[profile shop]", "shop", false],
  ["# [shop]", "shop", false],
] as const)("%s is section %s: %s", ([text, section, is]) => {
  expect(hasSection(`${text}\n`, section)).toBe(is);
});
