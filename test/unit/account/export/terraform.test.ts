import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { renderHcl } from "../../../../src/account/export/hcl.ts";
import { ANY_ACCOUNT } from "../../../../src/account/export/marks.ts";
import { run } from "../../../support/run.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { consoleModule, readModule, resourcesOf } from "./module.ts";
import { model, textOf, TWO_ACCOUNTS } from "./sample.ts";
import { findTool } from "./tools.ts";

const ACCOUNT = "123456789012";
const CONSOLE = "base64encode(jsonencode(local.all))\n";
const { account } = ANY_ACCOUNT;
const ENV = { ...process.env, CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: undefined };
const terraform = findTool("terraform", "the export is held against our own reading of terraform fmt alone");

describe("Terraform's own language", () => {
  it("has neighbouring equals signs in one column, as terraform fmt wants, and nothing at a line's end", () => {
    const lines = [
      ...textOf("terraform").split("\n"),
      ...textOf("terraform", model(TWO_ACCOUNTS, "production")).split("\n"),
    ];
    expect(lines.filter((line) => /\s$|\t/.test(line))).toEqual([]);
    const signs = lines.map((line) => {
      const [, start] = /^( *(?:"(?:[^"\\]|\\.)*"|[\w-]+) *)= (?!(?:jsonencode\()?[[{(]$)/.exec(line) ?? [];
      return start === undefined ? null : { indent: line.search(/\S/), column: start.length };
    });
    const pairs = signs.flatMap((sign, index) => {
      const before = signs[index - 1];
      return sign && before ? [[before, sign] as const] : [];
    });
    expect(pairs.length).toBeGreaterThan(20);
    for (const [before, sign] of pairs) expect(sign).toEqual(before);
  });

  it("aligns by what is seen, not by bytes", () => {
    const block = { type: "locals", labels: [], attributes: { tags: { größe: "1", e: "2", f: { g: "3" }, h: "4" } } };
    const lines = ['    "größe" = "1"', '    e       = "2"', "    f = {", '      g = "3"', "    }", '    h = "4"'];
    expect(renderHcl([block], ["x"])).toBe(`# x\n\nlocals {\n  tags = {\n${lines.join("\n")}\n  }\n}\n`);
  });

  it.runIf(terraform !== null)("is left as it is by terraform fmt", async () => {
    for (const text of [textOf("terraform"), textOf("terraform", model(TWO_ACCOUNTS, "production"))]) {
      const checked = await run(terraform ?? "", ["fmt", "-check", "-diff", "-"], { input: text });
      expect(checked).toMatchObject({ status: 0, stdout: "" });
    }
  });

  it.runIf(terraform !== null)("means to Terraform what the JSON means", async () => {
    const folder = tempDir();
    writeFileSync(join(folder, "main.tf"), consoleModule(textOf("terraform"), ACCOUNT));
    const answer = await run(terraform ?? "", ["console"], { input: CONSOLE, cwd: folder, env: ENV });
    expect(answer).toMatchObject({ status: 0 });
    const all = readConsole(answer.stdout) as Record<string, Record<string, unknown>>;
    const json = readModule(textOf("terraform", model(), { json: true }), { account: ACCOUNT });
    expect(withDocuments(resourcesOf(all))).toEqual(withDocuments(json));
  });
});

it.runIf(terraform !== null)("a text means to Terraform what it is, whatever is in it", async () => {
  const piece = fc.constantFrom(
    "$",
    "%",
    "{",
    "}",
    "${x}",
    "%{ if }",
    '"',
    "\\",
    "\n",
    "\b",
    "\f",
    "~",
    "ß",
    "a",
    "'",
    "#",
    account,
  );
  const texts = fc.sample(fc.array(piece, { maxLength: 8 }), { numRuns: 300, seed: 5 }).map((parts) => parts.join(""));
  const folder = tempDir();
  const block = { type: "locals", labels: [], attributes: { all: texts, rolecall_account: ACCOUNT } };
  writeFileSync(join(folder, "main.tf"), renderHcl([block], ["texts"]));
  const answer = await run(terraform ?? "", ["console"], { input: CONSOLE, cwd: folder, env: ENV });
  expect(answer).toMatchObject({ status: 0 });
  const wanted = texts.map((text) => text.replaceAll(account, ACCOUNT));
  expect(readConsole(answer.stdout)).toEqual(wanted);
});

/** The console shows a string in Terraform's own way. */
function readConsole(stdout: string): unknown {
  return JSON.parse(Buffer.from(JSON.parse(stdout) as string, "base64").toString("utf8"));
}

/** Terraform's jsonencode orders keys by its own lights. */
function withDocuments(value: unknown): unknown {
  if (typeof value === "string" && value.startsWith("{")) return { document: JSON.parse(value) as unknown };
  if (Array.isArray(value)) return value.map(withDocuments);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withDocuments(one)]));
}

interface Plain {
  readonly data: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly variable: Readonly<Record<string, { readonly type: string; readonly default: boolean }>>;
  readonly resource: Readonly<Record<string, Readonly<Record<string, { readonly depends_on?: readonly string[] }>>>>;
}

describe("Terraform's JSON", () => {
  it("names types and dependencies plainly, since these two are no templates", () => {
    const { variable, resource } = JSON.parse(textOf("terraform", model(), { json: true })) as Plain;
    expect(variable["create_gitlab_com_provider"]).toMatchObject({ type: "bool", default: true });
    expect(resource["aws_iam_role"]?.["shop_deploy"]?.depends_on).toEqual([
      "aws_iam_openid_connect_provider.gitlab_com",
    ]);
  });

  it("of one account stops in another: the role waits for the proof", () => {
    const { data, resource } = JSON.parse(
      textOf("terraform", model(TWO_ACCOUNTS, "production"), { json: true }),
    ) as Plain;
    expect(data).toEqual({
      aws_caller_identity: {
        rolecall: {
          lifecycle: {
            postcondition: {
              condition: '${self.account_id == "123456789012"}',
              error_message: expect.stringContaining("123456789012") as string,
            },
          },
        },
      },
    });
    for (const role of Object.values(resource["aws_iam_role"] ?? {}))
      expect(role.depends_on).toContain("data.aws_caller_identity.rolecall");
  });

  it("gives roles whose names differ in a sign alone labels of their own", () => {
    const { resource } = JSON.parse(textOf("terraform", model(), { json: true })) as Plain;
    expect(Object.keys(resource["aws_iam_role"] ?? {})).toEqual(["shop_deploy", "octo_read", "octo_read2", "circle"]);
  });
});
