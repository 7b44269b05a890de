import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

import { run } from "../../../support/run.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { model, textOf, TWO_ACCOUNTS } from "./sample.ts";

const STAND_IN = new URL("cdk-stand-in.ts", import.meta.url).pathname;

/** Runs an exported app; `aws-cdk-lib` is 180 MB, so what it uses of it stands in. */
async function synthesize(text: string): Promise<unknown> {
  const outfile = join(tempDir(), "app.mjs");
  await build({
    stdin: { contents: text, loader: "ts", resolveDir: import.meta.dirname },
    alias: { "aws-cdk-lib": STAND_IN, "aws-cdk-lib/aws-iam": STAND_IN },
    bundle: true,
    platform: "node",
    format: "esm",
    outfile,
    logLevel: "silent",
  });
  const { status, stdout, stderr } = await run(process.execPath, [outfile]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout);
}

describe("the exported app", () => {
  it("synthesizes to the template of cloudformation", async () => {
    const { Resources, ...others } = JSON.parse(textOf("cloudformation", model(), { json: true })) as Record<
      string,
      unknown
    >;
    const { AWSTemplateFormatVersion: _, ...rest } = others;
    expect(await synthesize(textOf("cdk"))).toEqual({ stack: "shop", account: null, ...rest, Resources });
  });

  it("of one account is for that account", async () => {
    const of = model(TWO_ACCOUNTS, "production");
    const template = JSON.parse(textOf("cloudformation", of, { json: true })) as Record<string, unknown>;
    expect(await synthesize(textOf("cdk", of))).toMatchObject({
      stack: "shop",
      account: "123456789012",
      Mappings: template["Mappings"],
      Resources: template["Resources"],
    });
  });
});
