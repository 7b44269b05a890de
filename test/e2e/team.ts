import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, expect } from "vitest";
import { createLocalCloud, type LocalCloud } from "../../src/local/index.ts";
import { type AwsKeys, connectIam, type Iam } from "../../src/wire/aws-sdk.ts";
import { connectUsers, type UserCalls } from "../../src/wire/aws-sdk/user-calls.ts";
import { run, type RunResult } from "../support/run.ts";
import { tempDir } from "../support/temp-dir.ts";
import { makeKey, makeUser } from "../unit/migrate/keys/account.ts";
import { adminOf } from "./iam-dump.ts";
import { type Front, startFront } from "./killing-front.ts";
import { adminEnv, cleanEnv, CLI, HERE } from "./support.ts";

export const ACCOUNT = "123456789012";
export const GITLAB = ".gitlab-ci.yml";
export const GITHUB = ".github/workflows/report.yml";

const FILES: Readonly<Record<string, string>> = {
  [GITLAB]: `stages: [deploy]

# Kept as it is.
deploy:
  stage: deploy
  image: registry.gitlab.com/gitlab-org/cloud-deploy/aws-base:latest
  script:
    - aws sts get-caller-identity --query Arn --output text
    - aws iam get-user --user-name ci
`,
  [GITHUB]: `on:
  push:
    branches: [main]
jobs:
  report:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: aws-actions/configure-aws-credentials@v4
        with:
          aws-access-key-id: \${{ secrets.AWS_ACCESS_KEY_ID }}
          aws-secret-access-key: \${{ secrets.AWS_SECRET_ACCESS_KEY }}
          aws-region: eu-central-1 # Frankfurt
      - run: |
          aws sts get-caller-identity --query Arn --output text
          aws iam get-user --user-name ci
`,
};

const POLICY = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: ["iam:GetUser", "s3:*"], Resource: "*" }],
};

export interface Killing {
  /** At this moment of those of kill-at-write.mjs. */
  readonly atWrite?: number;
  /** At this one of the files that are whole and have their name. */
  readonly atRename?: number;
  /** After so many calls that change something, before rolecall hears of it. */
  readonly afterCall?: number;
}

const KILLING = { NODE_OPTIONS: `--import ${join(HERE, "kill-at-write.mjs")}` };

/** A team with one project, whose GitLab pipeline and GitHub workflow have the same key; its account, and its machine. */
export class Team {
  /** What the CIs have beside the last push: the variables of the project. */
  variables: Readonly<Record<string, string>> = {};
  readonly cloud: LocalCloud;
  readonly front: Front;
  readonly aws: UserCalls;
  readonly iam: Iam;
  readonly root: string;
  #key: AwsKeys | null = null;

  constructor(made: Pick<Team, "cloud" | "front" | "aws" | "iam" | "root">) {
    this.cloud = made.cloud;
    this.front = made.front;
    this.aws = made.aws;
    this.iam = made.iam;
    this.root = made.root;
  }

  /** The team's working copy. */
  get folder(): string {
    return join(this.root, "shop");
  }

  /** The last push. */
  get checkout(): string {
    return join(this.root, "checkout");
  }

  get key(): AwsKeys {
    if (this.#key === null) throw new Error("the team has no key yet");
    return this.#key;
  }

  /** Makes the user and gives its key to the CIs. */
  async newKey(): Promise<void> {
    this.#key = await makeUser(this.cloud, "ci", POLICY);
    const { accessKeyId, secretAccessKey } = this.#key;
    this.variables = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey.reveal() };
  }

  /** The user's first one is deleted. */
  async anotherKey(): Promise<void> {
    this.#key = await makeKey(this.cloud, "ci");
  }

  async git(...args: readonly string[]): Promise<void> {
    const who = ["-c", "user.name=team", "-c", "user.email=team@example.com"];
    const { status, stderr } = await run("git", ["-C", this.folder, ...who, ...args]);
    expect(status, stderr).toBe(0);
  }

  async push(): Promise<void> {
    await this.git("add", "-A", ":!.rolecall");
    await this.git("commit", "-q", "--allow-empty", "-m", "push");
    rmSync(this.checkout, { recursive: true, force: true });
    await this.git("clone", "-q", this.folder, this.checkout);
  }

  /** A file of the working copy; null where there is none. */
  read(path: string): string | null {
    return existsSync(join(this.folder, path)) ? readFileSync(join(this.folder, path), "utf8") : null;
  }

  /** The built rolecall, as the team types it; killed where it is said. */
  async rolecall(
    args: readonly string[],
    { atWrite, atRename, afterCall = Infinity }: Killing = {},
  ): Promise<RunResult> {
    const env = cleanEnv(join(this.root, "home"), {
      ...adminEnv(this.cloud),
      AWS_ENDPOINT_URL: this.front.endpoint,
      GIT_CEILING_DIRECTORIES: this.root,
      ...(atWrite === undefined ? {} : { ...KILLING, KILL_AT_WRITE: String(atWrite) }),
      ...(atRename === undefined ? {} : { ...KILLING, KILL_AT_RENAME: String(atRename) }),
    });
    const child = spawn(process.execPath, [CLI, ...args], { env, cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    let changes = 0;
    this.front.onCall = (_, action) => {
      if (/^(?:Get|List|Generate)/.test(action)) return false;
      changes += 1;
      if (changes < afterCall) return false;
      child.kill("SIGKILL");
      return true;
    };
    const ended = await new Promise<Pick<RunResult, "status" | "signal">>((resolve) => {
      child.once("close", (status, signal) => resolve({ status, signal }));
    });
    this.front.onCall = () => false;
    return { ...ended, stdout, stderr };
  }
}

/** Makes a team, in a cloud of its own; it is gone after the tests of the file. */
export async function startTeam(): Promise<Team> {
  const cloud = await createLocalCloud({ account: ACCOUNT });
  const front = await startFront(cloud.endpoint);
  afterAll(async () => {
    await front.close();
    await cloud.close();
  });
  const admin = adminOf(cloud);
  const [aws, iam] = [await connectUsers(admin), await connectIam(admin)];
  const team = new Team({ cloud, front, aws, iam, root: tempDir(afterAll) });
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(team.folder, path)), { recursive: true });
    writeFileSync(join(team.folder, path), text);
  }
  await team.git("init", "-q", "-b", "main");
  await team.git("remote", "add", "origin", "https://gitlab.com/acme/shop.git");
  return team;
}
