import { existsSync, readFileSync } from "node:fs";
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

/**
 * A `node_modules` with aws-cdk-lib: this package's own after `npm install --no-save aws-cdk-lib constructs`, or that of
 * the variable. Without it the stand-in is all that is asked.
 */
const LIBRARIES = process.env["ROLECALL_CDK_MODULES"] ?? new URL("../../../../node_modules", import.meta.url).pathname;
const hasLibrary = existsSync(join(LIBRARIES, "aws-cdk-lib", "package.json"));

/** Runs an exported app with aws-cdk-lib itself, as the CDK does. */
async function synthesizeTruly(text: string, stack: string): Promise<unknown> {
  const folder = tempDir();
  const outfile = join(folder, "app.cjs");
  await build({
    stdin: { contents: text, loader: "ts" },
    external: ["aws-cdk-lib", "constructs"],
    bundle: true,
    platform: "node",
    format: "cjs",
    outfile,
    logLevel: "silent",
  });
  const env = { PATH: process.env["PATH"] ?? "", HOME: folder, NODE_PATH: LIBRARIES, CDK_OUTDIR: join(folder, "out") };
  const { status, stderr } = await run(process.execPath, [outfile], { env, timeout: 60_000 });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(readFileSync(join(folder, "out", `${stack}.template.json`), "utf8"));
}

describe.runIf(hasLibrary)("the exported app, with aws-cdk-lib itself,", () => {
  it.each([
    ["for any account", model()],
    ["for one account", model(TWO_ACCOUNTS, "production")],
  ])(
    "synthesizes to the template of cloudformation: %s",
    async (_, of) => {
      const wanted = JSON.parse(textOf("cloudformation", of, { json: true })) as { AWSTemplateFormatVersion?: string };
      delete wanted.AWSTemplateFormatVersion;
      // The version of the bootstrap stack is what the CDK adds of its own, and asks before it deploys.
      const made = (await synthesizeTruly(textOf("cdk", of), "shop")) as { Parameters?: { BootstrapVersion?: object } };
      delete made.Parameters?.BootstrapVersion;
      expect(made).toEqual(wanted);
    },
    90_000,
  );
});

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
