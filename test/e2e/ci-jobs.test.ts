import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apply } from "../../src/account/apply.ts";
import { parseConfig } from "../../src/account/config.ts";
import { desiredState } from "../../src/account/desired.ts";
import { findCi } from "../../src/ci/index.ts";
import { Secret } from "../../src/core/secret.ts";
import { createLocalCloud, type LocalCloud } from "../../src/local/index.ts";
import { connectIam } from "../../src/wire/aws-sdk.ts";
import { run, type RunResult } from "../support/run.ts";
import { tempDir } from "../support/temp-dir.ts";
import { AWS_CLIS, cleanEnv, type Env, HERE, rolecall } from "./support.ts";

const SDK = join(HERE, "sdk-identity.mjs");
const CIRCLECI = "cccccccc-1111-4222-8333-dddddddddddd/github.com/my-org/my-repo";
const BITBUCKET = "{aaaaaaaa-2222-4333-8444-555555555555}";

const STS = ["--audience", "sts.amazonaws.com"];

/** CI, project, what the role allows of it, what else the command line needs, and the audience where it is another. */
const JOBS: readonly (readonly [
  ci: string,
  project: string,
  allow: string,
  options: readonly string[],
  audience?: string,
])[] = [
  ["gitlab", "acme/shop", "branch: main", STS],
  ["github", "octo-org/octo-repo", "branch: main", []],
  ["circleci", CIRCLECI, "branch: main", STS],
  ["jenkins", "deploy/shop", "", STS],
  ["bitbucket", BITBUCKET, "", STS],
  ["buildkite", "acme/shop", "branch: main", []],
  ["forgejo", "acme/shop", "branch: main", []],
  ["azure", "acme/shop/deploy", "", [], "api://AzureADTokenExchange"],
  ["semaphore", "acme/936a5312-a3b8-4921-8b3f-2cec8baac574/web", "branch: main", [], "https://acme.semaphoreci.com"],
  ["codefresh", "5f30ebd30312313ae7008/64f0c40800aafd1455566", "branch: main", []],
  ["spacelift", "production/infra", "access: write", [], "demo.app.spacelift.io"],
  ["terraform", "acme/shop", "run_phase: apply", [], "aws.workload.identity"],
  ["vercel", "acme/web", "environment: production", [], "https://vercel.com/acme"],
  ["fly", "example-org/example-app", "", []],
  ["eks", "ci/runner", "", []],
  ["kubernetes", "ci/runner", "", STS],
];

/** Those whose jobs can ask for a token at any time. */
const ASKING = ["github", "circleci", "buildkite", "forgejo", "azure", "codefresh", "fly"];

let cloud: LocalCloud;

beforeAll(async () => {
  cloud = await createLocalCloud();
  const roles = JOBS.map(([ci, project, allow, , audience = "sts.amazonaws.com"]) =>
    [
      `  ${ci}-deploy:`,
      `    ci: ${ci}`,
      `    issuer: ${findCi(ci)?.pretendedIssuer ?? ""}`,
      `    audience: ${audience}`,
      `    allow: [{ project: "${project}"${allow === "" ? "" : `, ${allow}`} }]`,
    ].join("\n"),
  );
  const config = parseConfig(["version: 1", "roles:", ...roles].join("\n"), "rolecall.yaml");
  const { accessKeyId, secretAccessKey } = cloud.admin;
  const credentials = { accessKeyId, secretAccessKey: new Secret(secretAccessKey) };
  const iam = await connectIam({ endpoint: cloud.endpoint, region: "us-east-1", credentials });
  await apply(iam, desiredState(config, { account: cloud.account, partition: "aws" }));
});
afterAll(() => cloud.close());

function job([ci, project, , options]: (typeof JOBS)[number], command: readonly string[]): Promise<RunResult> {
  const role = `arn:aws:iam::${cloud.account}:role/${ci}-deploy`;
  const home = tempDir();
  const pretend = ["job", ci, "--endpoint-url", cloud.endpoint, "--project", project, "--role", role, ...options];
  return rolecall([...pretend, "--", ...command], cleanEnv(home, { ROLECALL_CACHE_DIR: join(home, "cache") }));
}

describe.each(JOBS.map((one) => [one[0], one] as const))("a job of %s", (ci, one) => {
  const session = new RegExp(`assumed-role/${ci}-deploy/${ci}-`);

  it("is its role in the AWS SDK for JavaScript, by exec", async () => {
    const result = await job(one, ["rolecall", "exec", "--", process.execPath, SDK]);
    expect(result.stdout).toMatch(session);
  });

  it.skipIf(AWS_CLIS.length === 0)("is its role in the AWS CLI, by exec", async () => {
    const result = await job(one, ["rolecall", "exec", "--", "aws", "sts", "get-caller-identity"]);
    expect(JSON.parse(result.stdout)).toMatchObject({ Arn: expect.stringMatching(session) as string });
  });

  it("is its role by login's profile, which finds the token again without what was kept", async () => {
    const script = `rolecall login -q && rm -rf "$ROLECALL_CACHE_DIR" && exec "${process.execPath}" "${SDK}"`;
    const result = await job(one, ["sh", "-ec", script]);
    expect(result.stdout).toMatch(session);
  });

  it("says who it is", async () => {
    const { stdout } = await job(one, ["rolecall", "whoami"]);
    expect(stdout).toMatch(new RegExp(`^ci +${ci} \\(`));
    expect(stdout).toMatch(session);
  });
});

/** What a job of the CI has when it has no token. */
const BARE: Readonly<Record<string, Env>> = {
  gitlab: { GITLAB_CI: "true" },
  github: { GITHUB_ACTIONS: "true" },
  forgejo: { GITHUB_ACTIONS: "true", FORGEJO_ACTIONS: "true" },
  circleci: { CIRCLECI: "true" },
  jenkins: { JENKINS_URL: "https://jenkins.example.com/", BUILD_ID: "7" },
  bitbucket: { BITBUCKET_BUILD_NUMBER: "7" },
  buildkite: { BUILDKITE: "true" },
  azure: { TF_BUILD: "True", SYSTEM_OIDCREQUESTURI: "https://dev.azure.com/acme/oidctoken" },
  semaphore: { SEMAPHORE: "true" },
  codefresh: { CF_BUILD_ID: "1" },
  spacelift: { TF_VAR_spacelift_run_id: "01H" },
  terraform: { TFC_RUN_ID: "run-1" },
  vercel: { VERCEL: "1" },
  fly: { FLY_APP_NAME: "a", FLY_MACHINE_ID: "m" },
  eks: { AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere/eks.amazonaws.com/serviceaccount/token" },
  kubernetes: { KUBERNETES_SERVICE_HOST: "10.0.0.1" },
};

describe("a job without a token", () => {
  it.each(JOBS.map(([ci]) => ci))("of %s ends with 4, and is told the lines to add, one by one", async (ci) => {
    const role = `arn:aws:iam::${cloud.account}:role/${ci}-deploy`;
    const result = await rolecall(["creds", "--role", role], cleanEnv(tempDir(), BARE[ci]));
    expect(result.status).toBe(4);
    const lines = findCi(ci)?.snippet({}).split("\n") ?? [];
    for (const line of lines) expect(result.stderr.split("\n")).toContain(`rolecall: hint: ${line.replace(/^# /, "")}`);
  });
});

describe("a job that can ask for tokens", () => {
  const asking = JOBS.filter(([ci]) => ASKING.includes(ci) && ci !== "azure");

  it.each(asking.map((one) => [one[0], one] as const))("of %s has one for whatever audience", async (_, one) => {
    const { stdout } = await job(one, ["rolecall", "token", "show", "--json", "--audience", "https://other.test"]);
    expect(JSON.parse(stdout)).toMatchObject({ claims: { aud: "https://other.test" } });
  });

  it("of Azure Pipelines has its connection's, when it is told the id", async () => {
    const one = JOBS.find(([ci]) => ci === "azure");
    if (!one) throw new Error("no azure");
    const script = "ROLECALL_SERVICE_CONNECTION_ID=c-1 rolecall token show --json";
    const { stdout } = await job(one, ["sh", "-ec", script]);
    expect(JSON.parse(stdout)).toMatchObject({ claims: { sub: "sc://acme/shop/c-1" } });
  });

  it("of Fly.io asks at a socket that is gone with the job", async () => {
    const one = JOBS.find(([ci]) => ci === "fly");
    if (!one) throw new Error("no fly");
    const { stdout } = await job(one, [
      "sh",
      "-ec",
      'test -S "${AWS_WEB_IDENTITY_TOKEN_FILE%/*}/api"; echo "$AWS_WEB_IDENTITY_TOKEN_FILE"',
    ]);
    expect(stdout).toMatch(/\/\.fly\/oidc_token$/m);
    expect(existsSync(stdout.trim())).toBe(false);
  });
});

describe("a job in a pod that has a role of its own", () => {
  it.each(["gitlab", "github", "azure"])("of %s is itself, and the pod when it says so", async (ci) => {
    const one = JOBS.find(([id]) => id === ci);
    if (!one) throw new Error(`no ${ci}`);
    const home = tempDir();
    const folder = join(home, "eks.amazonaws.com", "serviceaccount");
    mkdirSync(folder, { recursive: true });
    const { token } = await cloud.mint({ ci: "eks", project: "ci/runner" });
    writeFileSync(join(folder, "token"), token);
    const script = `export AWS_WEB_IDENTITY_TOKEN_FILE=${join(folder, "token")} KUBERNETES_SERVICE_HOST=10.100.0.1
      rolecall whoami | grep -E '^(ci|aws) '
      rolecall whoami --ci eks --role arn:aws:iam::${cloud.account}:role/eks-deploy | grep -E '^(ci|aws) '`;
    const { stdout } = await job(one, ["sh", "-ec", script]);
    const [first, second, third, fourth] = stdout.trim().split("\n");
    expect(first).toMatch(new RegExp(`^ci +${ci} `));
    expect(second).toContain(`assumed-role/${ci}-deploy/`);
    expect(third).toMatch(/^ci +eks \(named by --ci\)$/);
    expect(fourth).toContain("assumed-role/eks-deploy/");
  });
});

describe("a token that a command writes", () => {
  it("is taken in a job of no known CI, by exec and by login's profile", async () => {
    const home = tempDir();
    const { token } = await cloud.mint({ ci: "eks", project: "ci/runner" });
    writeFileSync(join(home, "the token"), token);
    const env = cleanEnv(home, {
      ROLECALL_CACHE_DIR: join(home, "cache"),
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_ROLE_ARN: `arn:aws:iam::${cloud.account}:role/eks-deploy`,
    });
    const command = ["--token-command", `cat '${join(home, "the token")}'`];
    const result = await rolecall(["exec", ...command, "--", process.execPath, SDK], env);
    expect(result.stdout).toContain("assumed-role/eks-deploy/rolecall");
    expect((await rolecall(["login", "-q", ...command], env)).status).toBe(0);
    const { AWS_ROLE_ARN: _, ...plain } = env;
    expect((await run(process.execPath, [SDK], { env: plain })).stdout).toContain("assumed-role/eks-deploy/");
  });
});

describe("a job of another CI", () => {
  it("names its token", async () => {
    const pretend = ["job", "custom", "--endpoint-url", cloud.endpoint, "--issuer", "https://ci.acme.test"];
    const result = await rolecall(
      [
        ...pretend,
        "--project",
        "build-7",
        "--audience",
        "a",
        "--",
        "rolecall",
        "token",
        "show",
        "--token-env",
        "ROLECALL_TOKEN",
      ],
      cleanEnv(tempDir()),
    );
    expect(result.stdout).toMatch(/^iss +https:\/\/ci\.acme\.test$/m);
    expect(result.stdout).toMatch(/^sub +build-7$/m);
  });

  it("does not have this shell's own CI about it", async () => {
    const home = tempDir();
    writeFileSync(join(home, "env.sh"), "env");
    const outer = {
      GITHUB_ACTIONS: "true",
      BUILDKITE: "true",
      CIRCLECI: "true",
      JENKINS_URL: "x",
      BITBUCKET_BRANCH: "x",
      TF_BUILD: "True",
      SYSTEM_ACCESSTOKEN: "x",
      SEMAPHORE: "true",
      CF_BUILD_ID: "x",
      TF_VAR_spacelift_run_id: "x",
      TFC_RUN_ID: "x",
      VERCEL: "1",
      FLY_MACHINE_ID: "x",
      KUBERNETES_SERVICE_HOST: "x",
    };
    const pretend = ["job", "gitlab", "--endpoint-url", cloud.endpoint, "--project", "a/b", "--audience", "a"];
    const result = await rolecall([...pretend, "--", "sh", join(home, "env.sh")], cleanEnv(home, outer));
    expect(result.stdout).toContain("GITLAB_CI=true");
    for (const name of Object.keys(outer)) expect(result.stdout).not.toContain(`${name}=`);
  });
});
