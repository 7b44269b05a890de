import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/account/config.ts";
import { freeName, withRole } from "../../../src/cli/migration-extend.ts";

const LINES = ["shop-github:", "  ci: github", "  allow: [{ project: acme/shop, branch: main }]"];
const FIRST = [
  "version: 1",
  "roles:",
  "  shop:",
  "    ci: gitlab",
  "    allow: [{ project: acme/shop, branch: main }]",
];

function add(text: string): string | null {
  return withRole(text, parseConfig(text, "rolecall.yaml"), LINES);
}

describe("a role that is put into a rolecall.yaml", () => {
  it.each([
    ["at its end", [...FIRST, ""].join("\n"), [...FIRST, ...LINES.map((line) => `  ${line}`), ""].join("\n")],
    ["without a last line end", FIRST.join("\n"), [...FIRST, ...LINES.map((line) => `  ${line}`), ""].join("\n")],
    ["with CRLF", [...FIRST, ""].join("\r\n"), [...FIRST, ...LINES.map((line) => `  ${line}`), ""].join("\r\n")],
    [
      "behind the last role's comments, and before what is no role's",
      [...FIRST, "    # session: 1h", "  # shop-old:", "", "accounts: { dev: '123456789012' }", ""].join("\n"),
      [
        ...FIRST,
        "    # session: 1h",
        ...LINES.map((line) => `  ${line}`),
        "  # shop-old:",
        "",
        "accounts: { dev: '123456789012' }",
        "",
      ].join("\n"),
    ],
    [
      "behind a last comment without a line end",
      [...FIRST, "    # session: 1h"].join("\n"),
      [...FIRST, "    # session: 1h", ...LINES.map((line) => `  ${line}`), ""].join("\n"),
    ],
  ])("stands %s, and the rest stays byte for byte", (_, text, expected) => {
    expect(add(text)).toBe(expected);
  });

  it.each([
    ["in braces", "version: 1\nroles: { shop: { ci: gitlab, allow: [{ project: acme/shop, branch: main }] } }\n"],
    ["that has such a role", [...FIRST, ...LINES.map((line) => `  ${line}`), ""].join("\n")],
  ])("is not put into one %s", (_, text) => {
    expect(add(text)).toBeNull();
  });

  it("has a name that no other has, whatever its case, and that IAM takes", () => {
    const config = parseConfig([...FIRST, ""].join("\n"), "rolecall.yaml");
    const [role] = config.roles;
    expect(freeName("site", "github", config)).toBe("site");
    expect(freeName("Shop", "github", config)).toBe("Shop-github");
    const name = "a".repeat(64);
    const roles = role
      ? [
          { ...role, name },
          { ...role, name: `${"a".repeat(57)}-github` },
        ]
      : [];
    expect(freeName(name, "github", { ...config, roles })).toBe(`${"a".repeat(55)}-github-2`);
  });
});
