import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { INPUTS, readInputs } from "../../../src/action/inputs.ts";

const ROOT = new URL("../../../", import.meta.url);

interface ActionFile {
  readonly runs: { readonly using: string; readonly main: string; readonly post: string; readonly "post-if": string };
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly required: boolean; readonly default?: string }>
  >;
  readonly outputs: Readonly<Record<string, unknown>>;
}

const ACTION = parse(readFileSync(fileURLToPath(new URL("action.yml", ROOT)), "utf8")) as ActionFile;

describe("action.yml", () => {
  test("has the inputs that are read, and no other", () => {
    expect(Object.keys(ACTION.inputs).toSorted()).toEqual(Object.keys(INPUTS).toSorted());
  });

  test("requires a region and defaults an audience, as the action that it stands in for", () => {
    const rows = Object.entries(ACTION.inputs);
    expect(rows.filter(([, row]) => row.required).map(([name]) => name)).toEqual(["aws-region"]);
    expect(rows.filter(([, row]) => row.default !== undefined).map(([name, row]) => [name, row.default])).toEqual([
      ["audience", "sts.amazonaws.com"],
    ]);
  });

  test("starts what is built", () => {
    const { using, main, post, "post-if": condition } = ACTION.runs;
    expect([using, main, post]).toEqual(["node24", "dist/action/main.cjs", "dist/action/post.cjs"]);
    expect(condition).toBe("env.AWS_SKIP_CLEANUP_STEP != 'true'");
  });

  test("names the outputs", () => {
    expect(Object.keys(ACTION.outputs)).toEqual([
      "aws-account-id",
      "authenticated-arn",
      "aws-access-key-id",
      "aws-secret-access-key",
      "aws-session-token",
      "aws-expiration",
    ]);
  });
});

// The README of aws-actions/configure-aws-credentials v6.2.3 has no list; these are what its tests set.
const VARIABLES = [
  "AWS_REGION",
  "ROLE_TO_ASSUME",
  "WEB_IDENTITY_TOKEN_FILE",
  "ROLE_CHAINING",
  "AUDIENCE",
  "HTTP_PROXY",
  "MASK_AWS_ACCOUNT_ID",
  "ROLE_DURATION_SECONDS",
  "ROLE_EXTERNAL_ID",
  "ROLE_SESSION_NAME",
  "ROLE_SKIP_SESSION_TAGGING",
  "TRANSITIVE_TAG_KEYS",
  "INLINE_SESSION_POLICY",
  "MANAGED_SESSION_POLICIES",
  "OUTPUT_CREDENTIALS",
  "UNSET_CURRENT_CREDENTIALS",
  "DISABLE_RETRY",
  "RETRY_MAX_ATTEMPTS",
  "SPECIAL_CHARACTERS_WORKAROUND",
  "USE_EXISTING_CREDENTIALS",
  "NO_PROXY",
  "OVERWRITE_AWS_PROFILE",
] as const;

describe("a variable in the place of an input", () => {
  test.for(VARIABLES)("%s is read, and the input comes first", (variable) => {
    const name = variable.toLowerCase().replaceAll("_", "-") as keyof typeof INPUTS;
    const { kind } = INPUTS[name];
    const [one, other] = { text: ["a", "b"], lines: ["a", "b"], boolean: ["true", "false"], number: ["7", "8"] }[kind];
    const alone = readInputs({ [variable]: one })[name];
    expect(alone).toEqual(readInputs({ [`INPUT_${name.toUpperCase()}`]: one })[name]);
    expect(readInputs({ [variable]: one, [`INPUT_${name.toUpperCase()}`]: other })[name]).not.toEqual(alone);
  });

  test("HTTPS_PROXY comes before HTTP_PROXY", () => {
    expect(readInputs({ HTTPS_PROXY: "s", HTTP_PROXY: "p" })["http-proxy"]).toBe("s");
  });
});

describe("an input", () => {
  test("is read without the white space around it", () => {
    expect(readInputs({ "INPUT_AWS-REGION": " eu-west-1\n" })["aws-region"]).toBe("eu-west-1");
  });

  test("that is not given is nothing", () => {
    const inputs = readInputs({});
    expect([
      inputs["aws-region"],
      inputs["role-chaining"],
      inputs["transitive-tag-keys"],
      inputs["action-timeout-s"],
    ]).toEqual(["", null, [], null]);
  });

  test.for(["true", "True", "TRUE"])("%s is true", (text) => {
    expect(readInputs({ "INPUT_ROLE-CHAINING": text })["role-chaining"]).toBe(true);
  });

  test.for(["yes", "1", "tRuE", "constructor"])("%s is neither true nor false", (text) => {
    expect(() => readInputs({ "INPUT_ROLE-CHAINING": text })).toThrowWithCode(
      "config",
      "role-chaining: expected true or false",
    );
  });

  test.for([
    ["12", 12],
    ["0", null],
    ["-1", -1],
  ] as const)("of a number is %s", ([text, value]) => {
    expect(readInputs({ "INPUT_RETRY-MAX-ATTEMPTS": text })["retry-max-attempts"]).toBe(value);
  });

  test.for(["1h", "1.5", "x"])("%s is no number", (text) => {
    expect(() => readInputs({ "INPUT_ACTION-TIMEOUT-S": text })).toThrowWithCode("config", "action-timeout-s");
  });
});
