import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { apply } from "../../src/account/apply.ts";
import { readConfig } from "../../src/account/config.ts";
import { desiredState } from "../../src/account/desired.ts";
import { Secret } from "../../src/core/secret.ts";
import type { LocalCloud } from "../../src/local/index.ts";
import { connectIam } from "../../src/wire/aws-sdk.ts";
import { run, type RunResult } from "../support/run.ts";
import { tempDir } from "../support/temp-dir.ts";
import { startCloudFormation } from "./cloudformation.ts";
import { AWS_CLIS, cleanEnv, CLI, type Env, HERE, ROOT, startCloud } from "./support.ts";

const CORPUS = join(HERE, "..", "unit", "migrate", "corpus", "gitlab");
const CDK = join(ROOT, "node_modules", "aws-cdk", "bin", "cdk");
const ACCOUNT = "123456789012";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/shop-deploy`;
const PROJECT = "cccccccc-1111-4222-8333-dddddddddddd";
const ORGANIZATION = "aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb";
const CIRCLECI = [
  "ci: circleci",
  `issuer: https://oidc.circleci.com/org/${ORGANIZATION}`,
  `audience: ${ORGANIZATION}`,
].join("\n    ");
const BITBUCKET = [
  "ci: bitbucket",
  "issuer: https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc",
].join("\n    ");
// What the blog's reader left among the CI variables.
const STALE = [
  `export AWS_ACCESS_KEY_ID=${["AKIA", "IOSFODNN7EXAMPLE"].join("")}`,
  "export AWS_SECRET_ACCESS_KEY=stale",
];

interface Job {
  readonly id_tokens: Readonly<Record<string, { readonly aud: string }>>;
  readonly before_script?: readonly string[];
  readonly script: readonly string[];
}

/** A checkout with one of the blog's files, moved by `migrate --write`. */
async function moved(file: string): Promise<{ folder: string; job: Job; text: string }> {
  const folder = tempDir();
  writeFileSync(join(folder, ".gitlab-ci.yml"), readFileSync(join(CORPUS, file)));
  const options = ["--write", "--role", ROLE, "--project", "acme/shop", "--branch", "main"];
  const result = await inFolder(folder, ["migrate", ...options]);
  expect(result.stderr).toContain("wrote .gitlab-ci.yml");
  expect(result.status).toBe(0);
  const text = readFileSync(join(folder, ".gitlab-ci.yml"), "utf8");
  return { folder, text, job: (parse(text) as { deploy: Job }).deploy };
}

function inFolder(folder: string, args: readonly string[], extra: Env = {}): Promise<RunResult> {
  const env = cleanEnv(folder, { GIT_CEILING_DIRECTORIES: dirname(folder), ...extra });
  return run(process.execPath, [CLI, ...args], { env, cwd: folder, timeout: 55_000 });
}

/** The role's permissions as its team would set them: a first file knows no more than that it should read. */
function allowDescribe(folder: string): void {
  const file = join(folder, "rolecall.yaml");
  const policy = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "ec2:DescribeInstances", Resource: "*" }],
  };
  const text = readFileSync(file, "utf8");
  expect(text).toContain("{ preset: read-only }");
  writeFileSync(file, text.replace("{ preset: read-only }", JSON.stringify(policy)));
}

/** An account with the roles of the rolecall.yaml that was written. */
async function accountFor(folder: string): Promise<LocalCloud> {
  const cloud = await startCloud({ account: ACCOUNT });
  const { accessKeyId, secretAccessKey } = cloud.admin;
  const credentials = { accessKeyId, secretAccessKey: new Secret(secretAccessKey) };
  const iam = await connectIam({ endpoint: cloud.endpoint, region: "us-east-1", credentials });
  const config = await readConfig(join(folder, "rolecall.yaml"));
  await apply(iam, desiredState(config, { account: ACCOUNT, partition: "aws" }));
  return cloud;
}

/** Runs the job's script as GitLab's runner does, with the keys still among its variables. */
async function runJob(cloud: LocalCloud, folder: string, job: Job, extra: Env = {}): Promise<RunResult> {
  const [name = ""] = Object.keys(job.id_tokens);
  const aud = job.id_tokens[name]?.aud ?? "";
  // Installing is the image's business; this machine has the tools.
  const lines = [...(job.before_script ?? []), ...job.script].filter(
    (line) => !/^(?:apk add|npm install)\b/.test(line),
  );
  const token = name === "ROLECALL_TOKEN" ? [] : [`export ${name}="$ROLECALL_TOKEN"; unset ROLECALL_TOKEN`];
  const script = [...STALE, `export ROLE_ARN=${ROLE}`, ...token, ...lines].join("\n");
  const pretend = ["--endpoint-url", cloud.endpoint, "--project", "acme/shop", "--branch", "main", "--audience", aud];
  return inFolder(folder, ["job", "gitlab", ...pretend, "--", "sh", "-ec", script], extra);
}

/** This rolecall as `npm install` would have put it, so that npx asks no registry. */
function installRolecall(folder: string): void {
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, ".bin"), { recursive: true });
  symlinkSync(ROOT, join(modules, "rolecall"));
  symlinkSync(CLI, join(modules, ".bin", "rolecall"));
}

/** A cloud assembly with one stack, as `cdk synth` would leave it, and `cdk` on a PATH of its own. */
function cdkProject(folder: string): Env {
  const stack = {
    type: "aws:cloudformation:stack",
    environment: `aws://${ACCOUNT}/eu-central-1`,
    properties: { templateFile: "shop.template.json", terminationProtection: false },
    displayName: "shop",
  };
  const files: Readonly<Record<string, unknown>> = {
    "cdk.json": { app: "cdk.out", notices: false, versionReporting: false },
    "cdk.out/manifest.json": { version: "36.0.0", artifacts: { shop: stack } },
    "cdk.out/shop.template.json": {
      Resources: { Topic: { Type: "AWS::SNS::Topic", Properties: { DisplayName: "new" } } },
    },
  };
  mkdirSync(join(folder, "cdk.out"));
  for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(value));
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "cdk"), `#!/bin/sh\nexec "${process.execPath}" "${CDK}" "$@"\n`);
  chmodSync(join(bin, "cdk"), 0o755);
  return { PATH: [bin, process.env["PATH"] ?? ""].join(delimiter), CDK_DISABLE_CLI_TELEMETRY: "true" };
}

function rolecallLines(text: string): readonly string[] {
  return text.split("\n").filter((line) => /rolecall(?:\.sh|@\S+) /.test(line) && !line.trim().startsWith("#"));
}

describe.each(AWS_CLIS.map((cli) => [cli.version.split(" ")[0] ?? "", cli] as const))(
  "the blog's AWS CLI job with %s",
  (_, cli) => {
    const path = { PATH: [join(cli.path, ".."), process.env["PATH"] ?? ""].join(delimiter) };

    it.each([
      ["with keys among the CI variables", "blog-keys.yml"],
      ["with a profile written by hand", "blog-profile.yml"],
    ])("%s becomes one line, and is green with a stale key beside it", async (__, file) => {
      const { folder, job, text } = await moved(file);
      expect(rolecallLines(text)).toHaveLength(1);
      allowDescribe(folder);
      const cloud = await accountFor(folder);
      const identity = { ...job, script: [...job.script, "aws sts get-caller-identity --query Arn --output text"] };
      const result = await runJob(cloud, folder, identity, path);
      expect(result.stderr).toBe("");
      expect(result.stdout).toMatch(/^arn:aws:sts::123456789012:assumed-role\/shop-deploy\/gitlab-/m);
      expect(result.stdout).toContain('"Reservations": []');
      expect(result.status).toBe(0);
    });

    it("fails where the role is not the job's, instead of using the stale key", async () => {
      const { folder, job } = await moved("blog-keys.yml");
      const cloud = await startCloud({ account: ACCOUNT });
      const result = await runJob(cloud, folder, job, path);
      expect(result.status).not.toBe(0);
      expect(result.stdout).toBe("");
      expect(result.stderr).toContain("STS refused");
    });
  },
);

describe("the blog's CDK job", () => {
  it("becomes one line, and cdk diff is green with a stale key beside it", async () => {
    const { folder, job, text } = await moved("blog-sts.yml");
    expect(rolecallLines(text)).toHaveLength(1);
    expect(text).toContain("# 러너에 임시자격증명을 세팅(OIDC)");
    installRolecall(folder);
    const cloud = await accountFor(folder);
    const server = await startCloudFormation();
    const env = {
      ...cdkProject(folder),
      AWS_ENDPOINT_URL_CLOUDFORMATION: server.endpoint,
      AWS_ENDPOINT_URL_SSM: server.endpoint,
    };
    const result = await runJob(cloud, folder, job, env);
    expect(result.stdout + result.stderr).toContain("AWS::SNS::Topic");
    expect(result.stdout + result.stderr).not.toContain("Unable to resolve AWS account");
    expect(result.status).toBe(0);
    expect(server.accessKeyIds()).toEqual([expect.stringMatching(/^ASIA/)]);
    // The name that the file gave its sessions is the one that AWS still sees.
    expect(cloud.exchanges().map(({ session }) => session)).toEqual([
      expect.stringMatching(/:assumed-role\/shop-deploy\/GitLabRunner-\d+-574$/),
    ]);
  }, 60_000);
});

describe("migrate --prove", () => {
  it("runs each changed job's line on a local AWS with the planned role", async () => {
    const folder = tempDir();
    writeFileSync(join(folder, ".gitlab-ci.yml"), readFileSync(join(CORPUS, "extends.yml")));
    const result = await inFolder(folder, [
      "migrate",
      "--prove",
      "--role",
      ROLE,
      "--project",
      "acme/shop",
      "--branch",
      "main",
    ]);
    expect(result.stdout).toContain("✓ .gitlab-ci.yml: deploy-dev\n✓ .gitlab-ci.yml: deploy-prod\n");
    expect(result.status).toBe(0);
  });

  it.each([
    [
      "github/configure-keys.yml",
      ".github/workflows/deploy.yml",
      "ci: github",
      "project: acme/shop, branch: main",
      "deploy",
    ],
    ["github/env-job.yml", ".github/workflows/deploy.yml", "ci: github", "project: acme/shop, branch: main", "release"],
    ["circleci/environment.yml", ".circleci/config.yml", CIRCLECI, `project: ${PROJECT}`, "deploy"],
    ["circleci/orb-setup.yml", ".circleci/config.yml", CIRCLECI, `project: ${PROJECT}`, "deploy"],
    ["bitbucket/exports.yml", "bitbucket-pipelines.yml", BITBUCKET, `project: "{${PROJECT}}"`, "nightly"],
    ["bitbucket/pipe-keys.yml", "bitbucket-pipelines.yml", BITBUCKET, `project: "{${PROJECT}}"`, "Deploy to S3"],
  ])("of %s proves its job", async (file, path, ci, project, name) => {
    const folder = tempDir();
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), readFileSync(join(CORPUS, "..", file)));
    const text = `version: 1\nroles:\n  shop-deploy:\n    ${ci}\n    allow: [{ ${project} }]\n`;
    writeFileSync(join(folder, "rolecall.yaml"), text);
    const result = await inFolder(folder, ["migrate", "--prove", "--account", ACCOUNT]);
    expect(result.stdout).toContain(`✓ ${path}: ${name}\n`);
    expect(result.status).toBe(0);
  });

  it("says so, with status 3, where the planned role does not let the job in", async () => {
    const folder = tempDir();
    writeFileSync(join(folder, ".gitlab-ci.yml"), readFileSync(join(CORPUS, "extends.yml")));
    const other = `arn:aws:iam::${ACCOUNT}:role/other`;
    const text = `version: 1\nroles:\n  shop-deploy:\n    ci: gitlab\n    audience: https://shop.test\n    allow: [{ project: acme/shop, branch: main }]\n`;
    writeFileSync(join(folder, "rolecall.yaml"), text);
    const file = join(folder, ".gitlab-ci.yml");
    const before = readFileSync(file, "utf8");
    // The file names a role that rolecall.yaml does not make.
    writeFileSync(
      file,
      before.replace(
        "    - pip install awscli",
        `    - export AWS_ROLE_ARN=${other} AWS_WEB_IDENTITY_TOKEN_FILE=/tmp/t\n    - pip install awscli`,
      ),
    );
    const result = await inFolder(folder, ["migrate", "--prove", "--write", "--account", ACCOUNT]);
    expect(result.stdout).toContain("✗ .gitlab-ci.yml: deploy-dev");
    expect(result.status).toBe(3);
    expect(readFileSync(file, "utf8")).not.toContain("rolecall");
  });
});
