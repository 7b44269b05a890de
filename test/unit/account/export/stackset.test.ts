import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { run, type RunResult } from "../../../support/run.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { exported, model } from "./sample.ts";

// The account that the script's credentials are of, an organization with trusted access, no stack set yet.
const ANSWERS: Readonly<Record<string, string>> = {
  "sts get-caller-identity": "echo 123456789012",
  "organizations describe-organization": "echo 123456789012",
  "organizations list-aws-service-access-for-organization": "echo member.org.stacksets.cloudformation.amazonaws.com",
  "cloudformation describe-stack-set": "exit 254",
  "cloudformation create-stack-set": "echo '{}'",
  "cloudformation update-stack-set": "echo operation-0",
  "cloudformation create-stack-instances": "echo operation-1",
  "cloudformation describe-stack-set-operation": "echo SUCCEEDED",
};

interface Roll {
  readonly result: RunResult;
  /** Each call's arguments, those that only read left out. */
  readonly calls: readonly (readonly string[])[];
  readonly template: string;
}

/** Runs the exported script with an AWS CLI that writes down what it was asked, and answers as told. */
async function rollOut(
  args: readonly string[],
  answers: Readonly<Record<string, string>> = {},
  env = {},
): Promise<Roll> {
  const home = tempDir();
  const [template, script] = exported("stackset", model()).files;
  for (const file of [template, script]) if (file) writeFileSync(join(home, file.name), file.text);
  const cases = Object.entries({ ...ANSWERS, ...answers }).map(([call, answer]) => `"${call}") ${answer} ;;`);
  const log = `for one in "$@"; do printf '%s\\0' "$one" >> "${home}/log"; done; printf '\\n\\0' >> "${home}/log"`;
  const front = `#!/bin/sh\n${log}\ncase "$1 $2" in\n${cases.join("\n")}\n*) exit 99 ;;\nesac\n`;
  writeFileSync(join(home, "aws"), front, { mode: 0o755 });
  writeFileSync(join(home, "log"), "");
  const PATH = `${home}:${process.env["PATH"] ?? ""}`;
  const result = await run("sh", [join(home, script?.name ?? ""), ...args], { env: { PATH, ...env } });
  const calls = readFileSync(join(home, "log"), "utf8").split("\n\0").slice(0, -1);
  const changing = calls
    .map((call) => call.split("\0").slice(0, -1))
    .filter(([, name]) => /^(create|update)/.test(name ?? ""));
  return { result, calls: changing, template: template.text };
}

function option(call: readonly string[] | undefined, name: string): string {
  return call?.[call.indexOf(name) + 1] ?? "";
}

describe("the stack set's script", () => {
  it("makes a set that CloudFormation looks after, and its stacks in every unit that is named", async () => {
    const { result, calls, template } = await rollOut(["ou-abcd-11111111", "ou-abcd-22222222"]);
    expect(result).toMatchObject({ status: 0, stdout: "", stderr: "" });
    const [set, stacks, ...others] = calls;
    expect(others).toEqual([]);
    expect(set?.slice(0, 2)).toEqual(["cloudformation", "create-stack-set"]);
    expect(option(set, "--permission-model")).toBe("SERVICE_MANAGED");
    expect(option(set, "--auto-deployment")).toBe("Enabled=true,RetainStacksOnAccountRemoval=false");
    expect(option(set, "--capabilities")).toBe("CAPABILITY_NAMED_IAM");
    expect(option(set, "--template-body")).toBe(template.trimEnd());
    expect(option(stacks, "--regions")).toBe("us-east-1");
    expect(JSON.parse(option(stacks, "--deployment-targets"))).toEqual({
      OrganizationalUnitIds: ["ou-abcd-11111111", "ou-abcd-22222222"],
    });
    expect(option(stacks, "--parameter-overrides")).toBe("[]");
  });

  it("tells the stacks of accounts that have a provider so, and leaves them out of the rest", async () => {
    const both = "GitlabComProviderExists,TokenActionsGithubusercontentComProviderExists";
    const named = [`111111111111=GitlabComProviderExists`, `222222222222=${both}`];
    const { result, calls } = await rollOut(["ou-abcd-11111111", ...named], {
      "cloudformation describe-stack-set": "echo '{}'",
    });
    expect(result).toMatchObject({ status: 0, stderr: "" });
    expect(calls.map(([, name]) => name)).toEqual([
      "update-stack-set",
      ...Array.from({ length: 3 }, () => "create-stack-instances"),
    ]);
    const targets = calls.slice(1).map((call) => JSON.parse(option(call, "--deployment-targets")) as unknown);
    const unit = { OrganizationalUnitIds: ["ou-abcd-11111111"] };
    expect(targets).toEqual([
      { ...unit, Accounts: ["111111111111"], AccountFilterType: "INTERSECTION" },
      { ...unit, Accounts: ["222222222222"], AccountFilterType: "INTERSECTION" },
      { ...unit, Accounts: ["111111111111", "222222222222"], AccountFilterType: "DIFFERENCE" },
    ]);
    const overrides = calls.slice(1).map((call) => JSON.parse(option(call, "--parameter-overrides")) as unknown);
    const yes = (ParameterKey: string): object => ({ ParameterKey, ParameterValue: "yes" });
    expect(overrides).toEqual([[yes("GitlabComProviderExists")], both.split(",").map(yes), []]);
  });

  it.each([
    [
      "another account's credentials",
      { "sts get-caller-identity": "echo 999999999999" },
      "management account 123456789012, got those of 999999999999",
    ],
    [
      "no trusted access",
      { "organizations list-aws-service-access-for-organization": "echo" },
      "activate-organizations-access",
    ],
  ])("changes nothing with %s", async (_, answers, message) => {
    const { result, calls } = await rollOut(["ou-abcd-11111111"], answers);
    expect(result).toMatchObject({ status: 2, stdout: "" });
    expect(result.stderr).toContain(message);
    expect(result.stderr).toContain("nothing was changed");
    expect(calls).toEqual([]);
  });

  it("lets a delegated administrator be another account, and says so with each call", async () => {
    const answers = { "sts get-caller-identity": "echo 999999999999" };
    const { result, calls } = await rollOut(["r-abcd"], answers, {
      ROLECALL_CALL_AS: "DELEGATED_ADMIN",
      AWS_REGION: "eu-west-1",
    });
    expect(result).toMatchObject({ status: 0, stderr: "" });
    expect(calls.map((call) => option(call, "--call-as"))).toEqual(["DELEGATED_ADMIN", "DELEGATED_ADMIN"]);
    expect(option(calls[1], "--regions")).toBe("eu-west-1");
  });

  it("stops where CloudFormation says that it failed", async () => {
    const { result } = await rollOut(["r-abcd"], { "cloudformation describe-stack-set-operation": "echo FAILED" });
    expect(result).toMatchObject({ status: 1 });
    expect(result.stderr).toContain("operation operation-1 of stack set shop: FAILED");
  });
});
