import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { handOver } from "../../../src/action/hand-over.ts";
import { planAction } from "../../../src/action/plan.ts";
import { readIfThere } from "../../../src/action/profile.ts";
import { Secret } from "../../../src/core/secret.ts";
import { testStep, type TestStep } from "./step.ts";

const KEYS = {
  accessKeyId: "ASIAEXAMPLE",
  secretAccessKey: new Secret("s3cret/key"),
  sessionToken: new Secret("t0ken+"),
};
const IDENTITY = {
  kind: "identity",
  account: "123456789012",
  arn: "arn:aws:sts::123456789012:assumed-role/a/b",
} as const;
const INPUTS = {
  "INPUT_AWS-REGION": "eu-central-1",
  "INPUT_AWS-PROFILE": "shop",
  "INPUT_OUTPUT-CREDENTIALS": "true",
  "INPUT_OUTPUT-ENV-CREDENTIALS": "true",
  "INPUT_MASK-AWS-ACCOUNT-ID": "true",
};

/** Everything that the step has written so far, its log aside. */
function written(step: TestStep): string {
  const files = ["GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_STATE"].map((name) => step.written(name));
  const profile = join(step.env["HOME"] ?? "", ".aws", "credentials");
  return [...files, readIfThere(profile) ?? ""].join("\n");
}

test("every secret is masked before it is written anywhere", async () => {
  const step = testStep(INPUTS);
  const early: string[] = [];
  const watching = {
    ...step,
    out: (text: string) => {
      const [, secret] = /^::add-mask::(.*)\n$/.exec(text) ?? [];
      if (secret !== undefined && written(step).includes(secret)) early.push(secret);
      step.out(text);
    },
  };
  const obtained = { keys: KEYS, expiration: new Date("2026-11-24T13:00:00Z"), identity: IDENTITY };
  await handOver(watching, planAction(step.env, Date.now), obtained);
  expect(early).toEqual([]);
  for (const secret of ["ASIAEXAMPLE", "s3cret/key", "t0ken+", IDENTITY.account, IDENTITY.arn]) {
    expect(step.lines).toContain(`::add-mask::${secret}\n`);
    expect(written(step)).toContain(secret);
  }
});

test("no secret is left as word for the post step", async () => {
  const step = testStep(INPUTS);
  const plan = planAction(step.env, Date.now);
  await handOver(step, plan, { keys: KEYS, expiration: null, identity: IDENTITY });
  expect(step.written("GITHUB_STATE")).toContain("shop");
  expect(step.written("GITHUB_STATE")).not.toMatch(/ASIAEXAMPLE|s3cret|t0ken/);
});

test("what else may win over the keys is named", async () => {
  const step = testStep({ "INPUT_AWS-REGION": "eu-central-1", AWS_PROFILE: "old" });
  const plan = planAction(step.env, Date.now);
  await handOver(step, plan, { keys: KEYS, expiration: null, identity: IDENTITY });
  expect(step.lines.join("")).toMatch(/^rolecall: AWS_PROFILE is set as well/m);
  expect(readFileSync(step.env["GITHUB_ENV"] ?? "", "utf8")).not.toContain("AWS_PROFILE");
});
