import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apply } from "../../src/account/apply.ts";
import { parseConfig } from "../../src/account/config.ts";
import { desiredState } from "../../src/account/desired.ts";
import { findCi } from "../../src/ci/index.ts";
import { Secret } from "../../src/core/secret.ts";
import { createLocalCloud, type LocalCloud } from "../../src/local/index.ts";
import { connectIam } from "../../src/wire/aws-sdk.ts";
import type { RunResult } from "../support/run.ts";
import { tempDir } from "../support/temp-dir.ts";
import { cleanEnv, HERE, rolecall } from "./support.ts";

const SDK = join(HERE, "sdk-identity.mjs");
const CIRCLECI = "cccccccc-1111-4222-8333-dddddddddddd/github.com/my-org/my-repo";
const BITBUCKET = "{aaaaaaaa-2222-4333-8444-555555555555}";

/** CI, project, what the role allows of it, and what else the command line needs. */
const JOBS: readonly (readonly [ci: string, project: string, allow: string, options: readonly string[]])[] = [
  ["gitlab", "acme/shop", "branch: main", ["--audience", "sts.amazonaws.com"]],
  ["github", "octo-org/octo-repo", "branch: main", []],
  ["circleci", CIRCLECI, "branch: main", ["--audience", "sts.amazonaws.com"]],
  ["jenkins", "deploy/shop", "", ["--audience", "sts.amazonaws.com"]],
  ["bitbucket", BITBUCKET, "", ["--audience", "sts.amazonaws.com"]],
  ["buildkite", "acme/shop", "branch: main", []],
  ["forgejo", "acme/shop", "branch: main", []],
];

let cloud: LocalCloud;

beforeAll(async () => {
  cloud = await createLocalCloud();
  const roles = JOBS.map(([ci, project, allow]) =>
    [
      `  ${ci}-deploy:`,
      `    ci: ${ci}`,
      `    issuer: ${findCi(ci)?.pretendedIssuer ?? ""}`,
      "    audience: sts.amazonaws.com",
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
    };
    const pretend = ["job", "gitlab", "--endpoint-url", cloud.endpoint, "--project", "a/b", "--audience", "a"];
    const result = await rolecall([...pretend, "--", "sh", join(home, "env.sh")], cleanEnv(home, outer));
    expect(result.stdout).toContain("GITLAB_CI=true");
    for (const name of Object.keys(outer)) expect(result.stdout).not.toContain(`${name}=`);
  });
});
