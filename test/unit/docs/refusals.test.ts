import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { apply } from "../../../src/account/apply.ts";
import { readConfig } from "../../../src/account/config.ts";
import { desiredState } from "../../../src/account/desired.ts";
import { STS_TEXTS } from "../../../src/core/failures/sts-texts.ts";
import { Secret } from "../../../src/core/secret.ts";
import { CATALOGUE } from "../../../src/doctor/catalogue.ts";
import { createLocalCloud } from "../../../src/local/index.ts";
import { connectIam } from "../../../src/wire/aws-sdk.ts";
import { run } from "../../support/run.ts";
import { inlineCode, markdownFiles, parsePage, readDoc, ROOT } from "./markdown.ts";

const GUIDES = ["docs/guides/gitlab.md", "docs/guides/gitlab.ko.md"];

describe("a guide's table of refusals", () => {
  test.each(GUIDES)("%s has a row for every text that rolecall knows", (guide) => {
    const rows = refusalRows(guide);
    const unknown = STS_TEXTS.filter(({ text }) => !rows.some((row) => matches(row, text)));
    expect(unknown.map(({ text }) => text.source)).toEqual([]);
  });

  test.each(GUIDES)("%s gives each text the causes that rolecall gives it", (guide) => {
    for (const row of refusalRows(guide)) {
      const known = STS_TEXTS.find(({ text }) => matches(row, text));
      expect(known, row).toBeDefined();
      expect(known?.candidates, row).toEqual(expect.arrayContaining([...idsIn(row)]));
      expect(idsIn(row), row).not.toEqual([]);
    }
  });
});

test.each(markdownFiles())("%s names causes that there are", (path) => {
  expect(idsIn(readDoc(path)).filter((id) => !CATALOGUE.has(id))).toEqual([]);
});

describe("the refusal in the README", () => {
  test("is what rolecall prints", async () => {
    const { blocks } = parsePage(readDoc("README.md"));
    const shown = blocks.find(({ language }) => language === "console")?.text ?? "";
    const [command = "", ...rest] = shown.replaceAll(/\\\n\s*/g, "").split("\n");
    const output = rest.slice(0, rest.indexOf("$ echo $?"));
    const { status, stderr } = await runInCloud(command.replace(/^\$ rolecall /, "").split(" "));
    expect(stillOf(stderr.trimEnd())).toBe(stillOf(output.join("\n")));
    expect(String(status)).toBe(rest.at(-1));
  });
});

function refusalRows(path: string): readonly string[] {
  const { prose } = parsePage(readDoc(path));
  return prose.split("\n").filter((line) => /^\| `[A-Z]\w+`: `/.test(line));
}

function matches(row: string, text: RegExp): boolean {
  return inlineCode(row).some((code) => text.test(code));
}

function idsIn(text: string): readonly string[] {
  return [...text.matchAll(/\bF\d\d\b/g)].map(([id]) => id);
}

/** What differs from run to run. */
function stillOf(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "TIME")
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "ID");
}

/** Runs the built rolecall against a local cloud with the example's roles. */
async function runInCloud(args: readonly string[]) {
  const cloud = await createLocalCloud();
  onTestFinished(() => cloud.close());
  const { accessKeyId, secretAccessKey } = cloud.admin;
  const credentials = { accessKeyId, secretAccessKey: new Secret(secretAccessKey) };
  const iam = await connectIam({ endpoint: cloud.endpoint, region: "us-east-1", credentials });
  const config = await readConfig(join(ROOT, "examples/gitlab/rolecall.yaml"));
  await apply(iam, desiredState(config, { account: cloud.account, partition: "aws" }));
  const env = { PATH: process.env["PATH"], AWS_ENDPOINT_URL: cloud.endpoint };
  return run(process.execPath, [join(ROOT, "dist/cli/main.cjs"), ...args], { env });
}
