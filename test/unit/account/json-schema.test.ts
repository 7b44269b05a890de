import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { parseConfig } from "../../../src/account/config.ts";
import { configJsonSchema } from "../../../src/account/json-schema.ts";
import type { JsonSchema } from "../../../src/account/rules/rule.ts";
import { CIS } from "../../../src/ci/index.ts";
import { isRolecallError } from "../../../src/core/errors.ts";
import { conforms } from "../../support/json-schema.ts";
import { parsePage, readDoc } from "../docs/markdown.ts";
import { EXAMPLE } from "./example.ts";

const PUBLISHED = new URL("../../../schema.json", import.meta.url);
const PLAIN = EXAMPLE.replaceAll(/^#.*\n/gm, "").replaceAll(/ +# .*$/gm, "");

function isTaken(text: string): boolean {
  try {
    parseConfig(text, "rolecall.yaml");
    return true;
  } catch (error) {
    if (isRolecallError(error)) return false;
    throw error;
  }
}

/** The example with some of it replaced. */
function changed(from: string, to: string): string {
  if (!PLAIN.includes(from)) throw new Error(`the example does not have ${from}`);
  return PLAIN.replace(from, to);
}

describe("schema.json", () => {
  it("is what the rules make", () => {
    const made = configJsonSchema();
    // After a rule has changed: UPDATE_SCHEMA=1 npm test -- test/unit/account/json-schema.test.ts; npm run fix
    if (process.env["UPDATE_SCHEMA"] === "1") writeFileSync(PUBLISHED, `${JSON.stringify(made, null, 2)}\n`);
    expect(JSON.parse(readFileSync(PUBLISHED, "utf8"))).toEqual(made);
  });

  it("has a row in the guide for every CI, with every word of an entry", () => {
    const rows = readDoc("docs/rolecall-yaml.md")
      .split("\n")
      .filter((line) => /^\| [a-z, ]+ \| `/.test(line));
    const rowOf = (id: string): string =>
      rows.find((row) =>
        row
          .split(" | ")[0]
          ?.match(/[a-z]+/g)
          ?.includes(id),
      ) ?? "";
    const words = CIS.flatMap(({ id, words: own }) => Object.keys(own).map((word) => [id, word] as const));
    expect(words.filter(([id, word]) => !new RegExp(`\`${word}\\b`).test(rowOf(id)))).toEqual([]);
  });

  it("takes every example of the documentation, as rolecall does", () => {
    const pages = ["docs/rolecall-yaml.md", "docs/ci.md", "docs/guides/gitlab.md"];
    const files = pages.flatMap((page) =>
      parsePage(readDoc(page)).blocks.filter(({ text }) => /^version: 1$/m.test(text)),
    );
    expect(files.length).toBeGreaterThan(8);
    for (const { text } of files)
      expect([conforms(configJsonSchema(), parse(text)), isTaken(text), text]).toEqual([true, true, text]);
  });

  it.each([
    ["an unknown key at the top", "version: 1", "version: 1\nrole: {}"],
    ["an unknown key in a role", "audience:", "audeince:"],
    ["an unknown key in an entry", "branch: main", "brunch: main"],
    ["a key of another CI in an entry", "branch: main", "environment: production"],
    ["another version", "version: 1", "version: 2"],
    ["no CI that there is", "ci: gitlab", "ci: gitlub"],
    [
      "no entry",
      'allow:\n      - { project: acme/shop, branch: main }\n      - { project: acme/shop, tag: "v*" }',
      "allow: []",
    ],
    ["a wildcard project", "acme/shop, branch", '"acme/*", branch'],
    ["a project without its group", "acme/shop, branch", "shop, branch"],
    ["a number as branch", "branch: main", "branch: 1"],
    ["a branch with a space", "branch: main", "branch: 'a b'"],
    ["a pull request that is false", "branch: main", "pull_requests: false"],
    ["an id that is text", "branch: main", "branch: main, project_id: shop"],
    ["a policy by its name", "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess", "ReadOnlyAccess"],
    ["a policy of an account of 11 digits", "iam::aws:policy", "iam::12345678901:policy"],
    ["an unknown preset", "- arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess", "- { preset: everything }"],
    ["a preset without what it needs", "- arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess", "- { preset: s3-sync }"],
    [
      "a preset with a wildcard",
      "- arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess",
      "- { preset: s3-sync, bucket: '*' }",
    ],
    ["a session as text", "15m", "long"],
    ["a session of 5 minutes in seconds", "15m", "300"],
    ["a path without slashes", "session: 15m", "path: ci"],
    ["a tag value that is a number", "session: 15m", "tags: { cost: 1 }"],
    ["an account of 11 digits", "version: 1", 'version: 1\naccounts: { dev: "12345678901" }'],
    [
      "a partition that there is not",
      "version: 1",
      'version: 1\naccounts: { dev: { id: "123456789012", partition: moon } }',
    ],
    ["a variable that is a number", "version: 1", "version: 1\nvariables: { a: 1 }"],
  ])("refuses %s, as rolecall does", (_, from, to) => {
    const text = changed(from, to);
    expect([conforms(configJsonSchema(), parse(text)), isTaken(text)]).toEqual([false, false]);
  });

  it.each([
    ["an issuer", "ci: gitlab", "ci: gitlab\n    issuer: https://gitlab.example.com"],
    ["ids", "branch: main", "branch: main, project_id: 20, namespace_id: '72'"],
    [
      "a document",
      "- arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess",
      "- Statement: { Effect: Allow, Action: s3:GetObject, Resource: '*' }",
    ],
    ["a preset", "- arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess", "- { preset: ecr-push, repositories: [a, b] }"],
    ["an account", "version: 1", "version: 1\naccounts: { dev: 123456789012 }"],
    ["a variable in a form", "version: 1", "version: 1\nvariables: { group: acme }"],
    ["seconds", "15m", "900"],
  ])("takes %s, as rolecall does", (_, from, to) => {
    const text = changed(from, to);
    expect([conforms(configJsonSchema(), parse(text)), isTaken(text)]).toEqual([true, true]);
  });

  it("takes a variable where its value would be in order", () => {
    const text = changed("version: 1", "version: 1\nvariables: { group: acme }").replaceAll(
      "acme/shop",
      "$(group)/shop",
    );
    expect([conforms(configJsonSchema(), parse(text)), isTaken(text)]).toEqual([true, true]);
  });

  it("tells editors what each key is for", () => {
    const keys = (schema: unknown): readonly JsonSchema[] =>
      Object.values((schema as { properties: Record<string, JsonSchema> }).properties);
    const { roles } = configJsonSchema()["properties"] as Record<string, { additionalProperties: JsonSchema }>;
    const all = [...keys(configJsonSchema()), ...keys(roles?.additionalProperties)];
    expect(all.filter(({ description }) => typeof description !== "string")).toEqual([]);
  });
});
