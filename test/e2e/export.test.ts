import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CreatePolicyCommand, IAMClient } from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";

import { apply } from "../../src/account/apply.ts";
import { parseConfig } from "../../src/account/config.ts";
import { desiredState } from "../../src/account/desired.ts";
import { EXPORTED } from "../../src/account/export/model.ts";
import { shellWord } from "../../src/core/shell-word.ts";
import type { LocalCloud } from "../../src/local/index.ts";
import { connectIam, type Iam } from "../../src/wire/aws-sdk.ts";
import { run, type RunResult } from "../support/run.ts";
import { tempDir } from "../support/temp-dir.ts";
import { applyModule, readModule } from "../unit/account/export/module.ts";
import { model, RICH, textOf, TWO_ACCOUNTS } from "../unit/account/export/sample.ts";
import { createStack, readTemplate } from "../unit/account/export/stack.ts";
import { adminOf, dump } from "./iam-dump.ts";
import { adminEnv, AWS_CLIS, type AwsCli, cleanEnv, startCloud } from "./support.ts";

interface Account {
  readonly cloud: LocalCloud;
  readonly iam: Iam;
}

/** An account of its own, with the policy that the file names. */
async function newAccount(id = "123456789012"): Promise<Account> {
  const cloud = await startCloud({ account: id });
  const { accessKeyId, secretAccessKey } = cloud.admin;
  const client = new IAMClient({
    endpoint: cloud.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey },
  });
  const PolicyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: { Effect: "Allow", Action: "s3:ListAllMyBuckets", Resource: "*" },
  });
  await client.send(new CreatePolicyCommand({ PolicyName: "base", Path: "/team/", PolicyDocument }));
  client.destroy();
  return { cloud, iam: await connectIam(adminOf(cloud)) };
}

/** The same, with the issuers' providers made by somebody else. */
async function withProviders(audiences: Readonly<Record<string, readonly string[]>>): Promise<Account> {
  const account = await newAccount();
  for (const [url, list] of Object.entries(audiences))
    await account.iam.createProvider({ url, audiences: list, tags: { owner: "platform" } });
  return account;
}

/** All of IAM, our marks aside, with documents read, since their spaces say nothing. */
async function contents(iam: Iam): Promise<unknown> {
  return withoutMarks(await dump(iam));
}

function withoutMarks(value: unknown): unknown {
  if (typeof value === "string" && value.startsWith("{")) return JSON.parse(value) as unknown;
  if (Array.isArray(value)) return value.map(withoutMarks);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !key.startsWith("rolecall:"));
  return Object.fromEntries(entries.map(([key, one]) => [key, withoutMarks(one)]));
}

/** What apply makes of a file. */
async function applied({ cloud, iam }: Account, text: string = RICH): Promise<unknown> {
  const target = { account: cloud.account, partition: "aws" } as const;
  await apply(iam, desiredState(parseConfig(text, "rolecall.yaml"), target));
  return contents(iam);
}

/** Runs an exported script by sh, with an AWS CLI that is led to the local cloud; all versions know the option. */
async function runScript(cli: AwsCli, { cloud }: Pick<Account, "cloud">, text: string): Promise<RunResult> {
  const home = tempDir();
  const script = join(home, "rolecall.sh");
  writeFileSync(script, text);
  const front = join(home, "aws");
  writeFileSync(front, `#!/bin/sh\nexec ${shellWord(cli.path)} --endpoint-url ${shellWord(cloud.endpoint)} "$@"\n`);
  chmodSync(front, 0o755);
  const env = cleanEnv(home, { ...adminEnv(cloud), LC_ALL: "C.UTF-8", PYTHONUTF8: "1" });
  return run("sh", [script], { env: { ...env, PATH: `${home}:${env["PATH"] ?? ""}` }, timeout: 110_000 });
}

const THEIRS = {
  "https://gitlab.com": ["theirs", "https://shop.test"],
  "https://token.actions.githubusercontent.com": ["sts.amazonaws.com", "https://second.test"],
};
const ACCOUNT = "123456789012";
const ONE_ROLE = `version: 1
name: shop
roles:
  shop-deploy:
    ci: gitlab
    audience: https://shop.test
    allow: [{ project: acme/shop, branch: main }]
    permissions: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
`;

describe("what is exported makes what apply makes:", () => {
  it("the CloudFormation template, as YAML and as JSON, and the stack set's", async () => {
    const wanted = await applied(await newAccount());
    const texts = [textOf("cloudformation"), textOf("cloudformation", model(), { json: true }), textOf("stackset")];
    for (const text of texts) {
      const { iam } = await newAccount();
      await createStack(iam, readTemplate(text), { account: ACCOUNT });
      expect(await contents(iam)).toEqual(wanted);
      expect((await iam.getRole("shop-deploy"))?.tags).toMatchObject({ [EXPORTED]: "shop" });
    }
  }, 60_000);

  it("the template, where the account has two of the providers", async () => {
    const wanted = await applied(await withProviders(THEIRS));
    const { iam } = await withProviders(THEIRS);
    const parameters = { GitlabComProviderExists: "yes", TokenActionsGithubusercontentComProviderExists: "yes" };
    const made = await createStack(iam, readTemplate(textOf("cloudformation")), { account: ACCOUNT, parameters });
    expect(made).not.toContain("GitlabComProvider");
    expect(await contents(iam)).toEqual(wanted);
  });

  it("the Terraform module", async () => {
    const wanted = await applied(await newAccount());
    const { iam } = await newAccount();
    await applyModule(iam, readModule(textOf("terraform", model(), { json: true }), { account: ACCOUNT }));
    expect(await contents(iam)).toEqual(wanted);
  });

  it("the Terraform module, where the account has two of the providers", async () => {
    const wanted = await applied(await withProviders(THEIRS));
    const { iam } = await withProviders(THEIRS);
    const variables = {
      create_gitlab_com_provider: false,
      create_token_actions_githubusercontent_com_provider: false,
    };
    const text = textOf("terraform", model(), { json: true });
    await applyModule(iam, readModule(text, { account: ACCOUNT, variables }));
    expect(await contents(iam)).toEqual(wanted);
  });

  it("one account's share, in the template and in the module", async () => {
    const wanted = await applied(await newAccount(), TWO_ACCOUNTS);
    const production = model(TWO_ACCOUNTS, "production");
    const stack = await newAccount();
    await createStack(stack.iam, readTemplate(textOf("cloudformation", production)), { account: ACCOUNT });
    expect(await contents(stack.iam)).toEqual(wanted);
    const module = await newAccount();
    await applyModule(module.iam, readModule(textOf("terraform", production, { json: true }), { account: ACCOUNT }));
    expect(await contents(module.iam)).toEqual(wanted);
  });
});

describe("what is exported for one account", () => {
  it("makes nothing by CloudFormation in another", async () => {
    const { iam } = await newAccount("999999999999");
    const template = readTemplate(textOf("cloudformation", model(TWO_ACCOUNTS, "production")));
    await expect(createStack(iam, template, { account: "999999999999" })).rejects.toThrow(
      "Unable to get mapping for Accounts::999999999999::Config",
    );
    expect(await dump(iam)).toEqual({ providers: {}, roles: {} });
  });
});

describe("what is exported and applied", () => {
  it("is not ours to change afterwards: apply stops at its roles, destroy leaves them", async () => {
    const { iam } = await newAccount();
    await createStack(iam, readTemplate(textOf("cloudformation")), { account: ACCOUNT });
    const before = await dump(iam);
    const desired = desiredState(parseConfig(RICH, "rolecall.yaml"), { account: ACCOUNT, partition: "aws" });
    await expect(apply(iam, desired)).rejects.toThrow(/is there already and not ours/);
    await apply(iam, { ...desired, providers: [], roles: [] });
    expect(await dump(iam)).toEqual(before);
  });
});

// An AWS CLI from before July 2024 asks for a thumbprint.
const EARLIER = /^aws-cli\/(1\.([0-9]|[12]\d|3[0-3])|2\.([0-9]|1[0-6]))\./;

// The two of a kind differ in nothing else that the script does, and the old one takes seconds for each call.
const LATER = AWS_CLIS.filter(({ version }) => !EARLIER.test(version));
const named = (cli: AwsCli): readonly [string, AwsCli] => [cli.version.split(" ")[0] ?? "", cli];

describe.each(LATER.map(named))("the script, by %s,", (_, cli) => {
  it("makes what apply makes", async () => {
    const text = RICH.slice(0, RICH.indexOf("  octo.read:"));
    const wanted = await applied(await newAccount(), text);
    const account = await newAccount();
    expect(await runScript(cli, account, textOf("cli", model(text)))).toMatchObject({ status: 0, stderr: "" });
    expect(await contents(account.iam)).toEqual(wanted);
  }, 120_000);

  it("gives a provider that is there its audience, and a second time mends what drifted", async () => {
    const theirs = { "https://gitlab.com": ["theirs"] };
    const wanted = await applied(await withProviders(theirs), ONE_ROLE);
    const account = await withProviders(theirs);
    const text = textOf("cli", model(ONE_ROLE));
    expect(await runScript(cli, account, text)).toMatchObject({ status: 0, stderr: "" });
    expect(await contents(account.iam)).toEqual(wanted);
    const { trust = "" } = (await account.iam.getRole("shop-deploy")) ?? {};
    await account.iam.setTrust("shop-deploy", trust.replace("branch:ref:main", "branch:ref:dev"));
    await account.iam.updateRole("shop-deploy", { description: "drifted", maxSessionDuration: 7200 });
    expect(await contents(account.iam)).not.toEqual(wanted);
    expect(await runScript(cli, account, text)).toMatchObject({ status: 0, stderr: "" });
    expect(await contents(account.iam)).toEqual(wanted);
  }, 120_000);

  it("stops in another account, and at a role that another made", async () => {
    const text = textOf("cli", model(TWO_ACCOUNTS, "production"));
    const other = await newAccount("999999999999");
    const elsewhere = await runScript(cli, other, text);
    expect(elsewhere).toMatchObject({ status: 2, stdout: "" });
    expect(elsewhere.stderr).toContain("expected credentials of account 123456789012, got those of 999999999999");
    expect(await dump(other.iam)).toEqual({ providers: {}, roles: {} });

    const account = await newAccount();
    const trust = JSON.stringify(model(TWO_ACCOUNTS, "production").desired.roles[0]?.trust).replaceAll(
      "main",
      "theirs",
    );
    const role = { name: "shop-deploy", path: "/", description: "theirs", maxSessionDuration: 3600, boundary: null };
    await account.iam.createRole({ ...role, trust, tags: { owner: "platform" } });
    const before = await account.iam.getRole("shop-deploy");
    const taken = await runScript(cli, account, text);
    expect(taken).toMatchObject({ status: 3 });
    expect(taken.stderr).toContain("role shop-deploy is there already, and another made it");
    expect(await account.iam.getRole("shop-deploy")).toEqual(before);
    expect(await account.iam.getRole("shop-release")).toBeNull();
  }, 120_000);
});

describe.each(AWS_CLIS.map(named))("a new provider, by %s,", (_, cli) => {
  it("is made, and what a thumbprint may be needed for is said of an issuer of one's own alone", async () => {
    const own = ONE_ROLE.replace("ci: gitlab\n", "ci: gitlab\n    issuer: https://gitlab.example.com\n");
    const account = await newAccount();
    const { status, stderr } = await runScript(cli, account, textOf("cli", model(own)));
    expect(status, stderr).toBe(0);
    const advice = "https://gitlab.example.com: this AWS CLI asks for a thumbprint";
    expect(stderr.includes(advice), stderr).toBe(EARLIER.test(cli.version));
    expect(textOf("cli", model(ONE_ROLE))).not.toContain("this AWS CLI asks");
    const { providers, roles } = await dump(account.iam);
    expect(Object.values(providers)).toMatchObject([{ url: "gitlab.example.com", audiences: ["https://shop.test"] }]);
    expect(Object.keys(roles)).toEqual(["shop-deploy"]);
  }, 180_000);

  it("that cannot be made for another reason ends the script with what AWS said", async () => {
    const text = textOf("cli", model(ONE_ROLE)).replaceAll('"Url":"https://gitlab.com"', '"Url":"ftp://gitlab.com"');
    const account = await newAccount();
    const { status, stderr } = await runScript(cli, account, text);
    expect(status).toBeGreaterThan(0);
    expect(stderr).toContain("CreateOpenIDConnectProvider");
    expect(await dump(account.iam)).toEqual({ providers: {}, roles: {} });
  }, 120_000);
});
