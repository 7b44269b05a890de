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
import { gitlabVariable, startFake, VALUE } from "../unit/migrate/variables/fakes.ts";
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

describe("migrate --variables", () => {
  it("names what GitLab's variables hold, with its page, and shows no value", async () => {
    const fake = await startFake((path) =>
      path.startsWith("/api/v4/projects/acme%2Fshop/")
        ? [gitlabVariable("AWS_ACCESS_KEY_ID", { protected: true }), gitlabVariable("AWS_SECRET_ACCESS_KEY")]
        : 404,
    );
    const folder = tempDir();
    writeFileSync(join(folder, ".gitlab-ci.yml"), readFileSync(join(CORPUS, "blog-keys.yml")));
    const options = ["--variables", "--role", ROLE, "--project", "acme/shop", "--branch", "main"];
    const env = { GITLAB_TOKEN: "token-of-a-maintainer", GITLAB_HOST: fake.address };
    const ci = ["--ci", "gitlab"];
    const results = [
      await inFolder(folder, ["migrate", ...ci, ...options], env),
      await inFolder(folder, ["migrate", ...ci, ...options, "--json"], { ...env, ROLECALL_DEBUG: "1" }),
    ];
    for (const { stdout, stderr, status } of results) {
      expect(status).toBe(0);
      for (const secret of [VALUE, "token-of-a-maintainer"]) expect(stdout + stderr).not.toContain(secret);
    }
    const [shown, json] = results;
    expect(shown?.stdout).toContain("GitLab project acme/shop: variable: AWS_ACCESS_KEY_ID (protected, masked)\n");
    expect(shown?.stderr).toContain(`hint:   ${fake.address}/acme/shop/-/settings/ci_cd`);
    expect(shown?.stderr).toContain("GitLab: group acme was not read (404)");
    expect(JSON.parse(json?.stdout ?? "")).toMatchObject({
      variables: [{ name: "AWS_ACCESS_KEY_ID", owner: "project acme/shop" }, { name: "AWS_SECRET_ACCESS_KEY" }],
    });
  });
});

describe("migrate --job-role", () => {
  const file = join(CORPUS, "..", "refused", "github-two-secrets.yml");
  const place = ".github/workflows/deploy.yml";

  it("gives a job of another account its role, where one for all is refused", async () => {
    const folder = tempDir();
    mkdirSync(join(folder, dirname(place)), { recursive: true });
    writeFileSync(join(folder, place), readFileSync(file));
    const options = [
      "migrate",
      "--ci",
      "github",
      "--role",
      ROLE,
      "--project",
      "acme/shop",
      "--branch",
      "main",
      "--write",
    ];
    const refused = await inFolder(folder, options);
    expect(refused.stderr).toContain("give it its role by --job-role JOB=ARN");
    expect(refused.status).toBe(3);
    const other = "arn:aws:iam::210987654321:role/shop-live";
    const result = await inFolder(folder, [...options, "--job-role", `deploy.yml:production=${other}`]);
    expect(result.status).toBe(0);
    const { jobs } = parse(readFileSync(join(folder, place), "utf8")) as {
      jobs: Record<string, { steps: { with: object }[] }>;
    };
    expect(jobs["staging"]?.steps[0]?.with).toMatchObject({ "role-to-assume": ROLE });
    expect(jobs["production"]?.steps[0]?.with).toMatchObject({ "role-to-assume": other });
    const bad = await inFolder(folder, [...options, "--job-role", "production"]);
    expect(bad.status).toBe(2);
    expect(bad.stderr).toContain("--job-role: expected JOB=ARN");
  });
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

  it("tries a job as its file says that it runs, and fails where the role does not let that in", async () => {
    const folder = tempDir();
    mkdirSync(join(folder, ".github/workflows"), { recursive: true });
    const file = readFileSync(join(CORPUS, "..", "github/env-job.yml"), "utf8");
    const name = ".github/workflows/deploy.yml";
    writeFileSync(join(folder, name), file.replace(/^  release:$/m, "  release:\n    environment: production"));
    const allow = (entry: string): void =>
      writeFileSync(
        join(folder, "rolecall.yaml"),
        `version: 1\nroles:\n  shop-deploy:\n    ci: github\n    allow: [{ ${entry} }]\n`,
      );
    allow("project: acme/shop, branch: main");
    const refused = await inFolder(folder, ["migrate", "--prove", "--account", ACCOUNT]);
    expect(refused.stdout).toContain(`✗ ${name}: release\n`);
    expect(refused.stderr).toMatch(/release was tried as a job of .*in environment production, as its file says/);
    expect(refused.stderr).toContain("sub  repo:acme/shop:environment:production");
    expect(refused.status).toBe(3);
    allow("project: acme/shop, environment: production");
    const proved = await inFolder(folder, ["migrate", "--prove", "--account", ACCOUNT]);
    expect(proved.stdout).toContain(`✓ ${name}: release\n`);
    expect(proved.status).toBe(0);
  });

  it("tries a job of --job-role with the role that rolecall.yaml makes, for that role's audience", async () => {
    const folder = twoSecrets();
    const roles = [
      "  shop-deploy: { ci: github, allow: [{ project: acme/shop, branch: main }], accounts: [dev] }",
      "  shop-live: { ci: github, audience: https://live.test, allow: [{ project: acme/shop, branch: main }], accounts: [live] }",
    ];
    const accounts = `accounts: { dev: "${ACCOUNT}", live: "210987654321" }`;
    writeFileSync(join(folder, "rolecall.yaml"), ["version: 1", accounts, "roles:", ...roles, ""].join("\n"));
    const options = ["migrate", "--ci", "github", "--role", ROLE, "--prove", "--job-role"];
    const result = await inFolder(folder, [...options, "production=arn:aws:iam::210987654321:role/shop-live"]);
    expect(result.stdout).toContain("+          audience: https://live.test\n");
    expect(result.stdout).toContain("✓ .github/workflows/deploy.yml: staging\n");
    expect(result.stdout).toContain("✓ .github/workflows/deploy.yml: production\n");
    expect(result.stderr).not.toContain("not made by rolecall.yaml");
    expect(result.status).toBe(0);
  });

  it("tries a job of a role that rolecall.yaml does not make, and says what its account needs", async () => {
    const options = ["--role", ROLE, "--project", "acme/shop", "--branch", "main", "--prove", "--job-role"];
    const other = "arn:aws:iam::210987654321:role/ci/shop-live";
    const result = await inFolder(twoSecrets(), ["migrate", "--ci", "github", ...options, `production=${other}`]);
    expect(result.stdout).toContain("✓ .github/workflows/deploy.yml: production\n");
    expect(result.stderr).toContain(`production: ${other} is not made by rolecall.yaml`);
    expect(result.stderr).toContain(
      "OIDC provider https://token.actions.githubusercontent.com with the audience acme/shop/shop-deploy",
    );
    const [, policy = ""] = /needs this trust policy: (.*)/.exec(result.stderr) ?? [];
    expect(JSON.parse(policy)).toMatchObject({
      Statement: [
        {
          Principal: { Federated: "arn:aws:iam::210987654321:oidc-provider/token.actions.githubusercontent.com" },
          Condition: {
            StringEquals: { "token.actions.githubusercontent.com:sub": "repo:acme/shop:ref:refs/heads/main" },
          },
        },
      ],
    });
    expect(result.status).toBe(0);
  });

  it("says so where an action's file names a role that rolecall.yaml does not make", async () => {
    const folder = twoSecrets();
    const file = join(folder, ".github/workflows/deploy.yml");
    const text = readFileSync(file, "utf8").replaceAll("PRODUCTION_", "STAGING_");
    const named = `aws-region: eu-west-1\n          role-to-assume: arn:aws:iam::${ACCOUNT}:role/other`;
    writeFileSync(file, text.replace("aws-region: eu-west-1", named));
    const options = ["--role", ROLE, "--project", "acme/shop", "--branch", "main", "--prove", "--write"];
    const result = await inFolder(folder, ["migrate", "--ci", "github", ...options]);
    expect(result.stdout).toContain("✗ .github/workflows/deploy.yml: staging\n");
    expect(result.stdout).toContain("✓ .github/workflows/deploy.yml: production\n");
    expect(result.status).toBe(3);
    expect(readFileSync(file, "utf8")).toContain("secrets.STAGING_KEY");
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

function twoSecrets(): string {
  return folderWith({ ".github/workflows/deploy.yml": "../refused/github-two-secrets.yml" });
}

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = tempDir();
  for (const [path, file] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), readFileSync(join(CORPUS, file)));
  }
  return folder;
}

describe("migrate in a folder of two CIs", () => {
  const FILES = { ".gitlab-ci.yml": "extends.yml", ".github/workflows/deploy.yml": "../github/configure-keys.yml" };
  const PLACE = ["--project", "acme/shop", "--branch", "main"];

  it("gives each CI a role of its own in one rolecall.yaml, proves both, and changes nothing again", async () => {
    const folder = folderWith(FILES);
    const options = ["migrate", "--role", ROLE, ...PLACE, "--prove", "--write"];
    const result = await inFolder(folder, options);
    expect(result.stdout).toContain("✓ .gitlab-ci.yml: deploy-prod\n");
    expect(result.stdout).toContain("✓ .github/workflows/deploy.yml: deploy\n");
    expect(result.stdout.match(/^\+version: 1$/gm)).toHaveLength(1);
    expect(result.stderr).toContain("rolecall keys policy shows what the keys were used for");
    expect(result.status).toBe(0);
    const config = await readConfig(join(folder, "rolecall.yaml"));
    expect(config.roles.map(({ name, ci, audience }) => [name, ci, audience])).toEqual([
      ["shop-deploy", "gitlab", "acme/shop/shop-deploy"],
      ["shop-deploy-github", "github", "acme/shop/shop-deploy-github"],
    ]);
    expect(readFileSync(join(folder, ".gitlab-ci.yml"), "utf8")).toMatch(/--role \S+:role\/shop-deploy /);
    expect(readFileSync(join(folder, ".github/workflows/deploy.yml"), "utf8")).toMatch(
      /role-to-assume: \S+:role\/shop-deploy-github\n +audience: acme\/shop\/shop-deploy-github\n/,
    );
    const before = readFileSync(join(folder, "rolecall.yaml"), "utf8");
    expect(before).toContain("\n# Which jobs may take which AWS role.");
    const again = await inFolder(folder, options);
    expect(again.stderr).toContain("no job here needs a change");
    expect(readFileSync(join(folder, "rolecall.yaml"), "utf8")).toBe(before);
  });

  it("puts the second CI's role into the rolecall.yaml that is there, whose comments stay", async () => {
    const folder = folderWith(FILES);
    const ours = [
      "# ours",
      "version: 1",
      'accounts: { dev: "123456789012", live: "210987654321" }',
      "roles:",
      "    # the pipeline",
      "    shop-deploy:",
      "        ci: gitlab",
      "        allow: [{ project: acme/shop, branch: main }] # main alone",
      "        accounts: [dev]",
      "        # session: 1h",
    ];
    const rest = ["", "# the end", ""];
    writeFileSync(join(folder, "rolecall.yaml"), [...ours, ...rest].join("\n"));
    const result = await inFolder(folder, ["migrate", "--role", ROLE, ...PLACE, "--prove", "--write"]);
    expect(result.stdout).toContain("✓ .github/workflows/deploy.yml: deploy\n");
    expect(result.stdout).toContain("--- a/rolecall.yaml\n+++ b/rolecall.yaml\n@@ -8,5 +8,");
    expect(result.status).toBe(0);
    const text = readFileSync(join(folder, "rolecall.yaml"), "utf8");
    expect(text.startsWith(`${ours.join("\n")}\n    shop-deploy-github:\n`)).toBe(true);
    expect(text.endsWith(`\n${rest.join("\n")}`)).toBe(true);
    const { roles } = await readConfig(join(folder, "rolecall.yaml"));
    expect(roles[1]).toMatchObject({ ci: "github", accounts: ["dev"] });
  });

  it("gives no role that one CI has to another whose project and issuer nothing tells", async () => {
    const folder = folderWith({ ...FILES, ".circleci/config.yml": "../circleci/project-variables.yml" });
    await run("git", ["init", "-q", folder]);
    await run("git", ["-C", folder, "remote", "add", "origin", "git@github.com:acme/shop.git"]);
    const audience = ["--audience", "https://shop.test"];
    const result = await inFolder(folder, ["migrate", "--role", ROLE, ...audience, "--prove", "--write"]);
    expect(result.stdout).toContain("✓ .github/workflows/deploy.yml: deploy\n");
    expect(result.stderr).toContain("has no role for GitLab CI, and git's remote does not tell its project there");
    expect(result.stderr).toContain("has no role for CircleCI, and nothing here tells its issuer and project there");
    expect(result.status).toBe(3);
    const { roles } = await readConfig(join(folder, "rolecall.yaml"));
    expect(roles.map(({ name, ci }) => [name, ci])).toEqual([["shop-deploy", "github"]]);
    for (const path of [".gitlab-ci.yml", ".circleci/config.yml"])
      expect(readFileSync(join(folder, path), "utf8")).not.toContain("shop-deploy");
  });

  it.each([
    [
      "its roles stand in braces",
      "roles: { shop-deploy: { ci: gitlab, allow: [{ project: acme/shop, branch: main }] } }",
      PLACE,
      "its roles are written so that none can be put in: add these lines below roles:",
      "rolecall:       - { project: acme/shop, branch: main }",
    ],
    [
      "nothing tells the project there",
      "roles:\n  shop-deploy: { ci: gitlab, allow: [{ project: acme/shop, branch: main }] }",
      [],
      "say --ci github --project PATH, or add these lines below roles:",
      "rolecall:     allow: [{ project: PROJECT, branch: main }]",
    ],
  ])("leaves the second CI as it is where %s, with the lines to add", async (_, roles, place, reason, line) => {
    const folder = folderWith(FILES);
    writeFileSync(join(folder, "rolecall.yaml"), `version: 1\n${roles}\n`);
    await run("git", ["init", "-q", folder]);
    await run("git", ["-C", folder, "remote", "add", "origin", "https://gitlab.com/acme/shop.git"]);
    const result = await inFolder(folder, ["migrate", "--role", ROLE, ...place, "--write"]);
    expect(result.stderr).toContain("refused: rolecall.yaml:1: rolecall.yaml has no role for GitHub Actions");
    expect(result.stderr).toContain(reason);
    expect(result.stderr).toContain("rolecall:   shop-deploy-github:\nrolecall:     ci: github\n");
    expect(result.stderr).toContain(line);
    expect(result.stderr).toContain("wrote .gitlab-ci.yml");
    expect(result.status).toBe(3);
    expect(readFileSync(join(folder, ".github/workflows/deploy.yml"), "utf8")).toContain("aws-access-key-id");
    expect(readFileSync(join(folder, "rolecall.yaml"), "utf8")).toBe(`version: 1\n${roles}\n`);
  });
});
