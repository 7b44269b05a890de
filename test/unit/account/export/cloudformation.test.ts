import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { run } from "../../../support/run.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { exported, model, RICH, textOf, TWO_ACCOUNTS } from "./sample.ts";
import { readTemplate, type StackTemplate } from "./stack.ts";
import { findTool } from "./tools.ts";

const cfnLint = findTool("cfn-lint", "templates are not held against CloudFormation's schemas");

describe("the YAML", () => {
  it("means what the JSON means, to a reader of YAML 1.1 too", () => {
    for (const of of [model(), model(TWO_ACCOUNTS, "staging")])
      expect(readTemplate(textOf("cloudformation", of))).toEqual(
        JSON.parse(textOf("cloudformation", of, { json: true })),
      );
  });

  it("keeps policy variables of the file out of Fn::Sub", () => {
    const text = textOf("cloudformation");
    expect(text).toContain("!Sub arn:${AWS::Partition}:s3:::home-${AWS::AccountId}/${!aws:username}/*");
  });

  it.runIf(cfnLint !== null)(
    "has nothing that cfn-lint finds",
    async () => {
      const folder = tempDir();
      const files = [
        ["any.yaml", textOf("cloudformation")],
        ["one.yaml", textOf("cloudformation", model(TWO_ACCOUNTS, "production"))],
        ["stackset.yaml", textOf("stackset")],
        ["any.json", textOf("cloudformation", model(), { json: true })],
      ] as const;
      for (const [name, text] of files) writeFileSync(join(folder, name), text);
      const paths = files.map(([name]) => join(folder, name));
      expect(await run(cfnLint ?? "", paths, { timeout: 90_000 })).toMatchObject({ status: 0, stdout: "" });
    },
    90_000,
  );
});

describe("a template of one account", () => {
  it("has that account's roles alone, and finds no name for its mark in another", () => {
    const staging = readTemplate(textOf("cloudformation", model(TWO_ACCOUNTS, "staging")));
    expect(Object.keys(staging.Resources)).toEqual(["GitlabComProvider", "ShopDeployRole"]);
    expect(staging.Mappings).toEqual({ Accounts: { "111111111111": { Config: "shop" } } });
    const production = textOf("cloudformation", model(TWO_ACCOUNTS, "production"));
    expect(production).toContain("ShopReleaseRole");
    expect(production).not.toContain("111111111111");
  });
});

describe("what CloudFormation does not take", () => {
  it("is told: a template that must come from S3, and one with too many resources", () => {
    const roles = Array.from(
      { length: 501 },
      (_, index) => `  r${index}: { ci: gitlab, audience: a, allow: [{ project: acme/shop, branch: main }] }`,
    );
    const { notes } = exported("cloudformation", model(`version: 1\nroles:\n${roles.join("\n")}\n`));
    expect(notes).toContainEqual(expect.stringMatching(/above 51200 CloudFormation takes it from S3 only/));
    expect(notes).toContainEqual(expect.stringMatching(/502 resources, and CloudFormation takes 500/));
    expect(exported("cloudformation").notes).toHaveLength(1);
  });
});

describe("for whichever account", () => {
  it("a policy of one account is refused in the words of the file", () => {
    const text = RICH.replace(
      "arn:$(partition):iam::$(account):policy/team/base",
      "arn:aws:iam::999999999999:policy/base",
    );
    expect(() => model(text)).toThrowWithCode(
      "config",
      /expected a policy of account \$\(account\) in partition \$\(partition\), got arn:aws:iam::999999999999:policy\/base/,
    );
  });

  it("leaves no mark behind in any format", () => {
    for (const format of ["terraform", "cloudformation", "cdk", "cli", "stackset", "rcp"])
      for (const { text } of exported(format).files) expect(text, format).not.toMatch(/\p{Co}/u);
    const { Resources } = JSON.parse(textOf("cloudformation", model(), { json: true })) as StackTemplate;
    expect(JSON.stringify(Resources)).not.toContain("rolecall:managed");
  });
});
