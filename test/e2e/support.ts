import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { createLocalCloud, type LocalCloud, type LocalCloudOptions } from "../../src/local/index.ts";
import type { AwsCli } from "../support/aws-clis.ts";
import { run, type RunResult } from "../support/run.ts";

export { AWS_CLIS, type AwsCli } from "../support/aws-clis.ts";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const CLI = join(ROOT, "dist", "cli", "main.cjs");
export const AUDIENCE = "https://shop-deploy.test";
export const SUB_MAIN = "project_path:acme/shop:ref_type:branch:ref:main";

export type Env = Readonly<Record<string, string>>;

/** A local cloud that is gone after the test. */
export async function startCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const cloud = await createLocalCloud(options);
  onTestFinished(() => cloud.close());
  return cloud;
}

/** An environment of its own for a client: nothing of this machine's AWS settings gets in. */
export function cleanEnv(home: string, extra: Env = {}): Env {
  const { PATH = "", PYENV_ROOT, HOME = "" } = process.env;
  const pyenv = PYENV_ROOT ?? join(HOME, ".pyenv");
  return {
    PATH,
    HOME: home,
    // Where a version manager's shim finds the program, although HOME is another.
    ...(existsSync(pyenv) ? { PYENV_ROOT: pyenv } : {}),
    AWS_CONFIG_FILE: join(home, "config"),
    AWS_SHARED_CREDENTIALS_FILE: join(home, "credentials"),
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
    AWS_REGION: "eu-central-1",
    AWS_DEFAULT_REGION: "eu-central-1",
    ...extra,
  };
}

export function adminEnv(cloud: LocalCloud): Env {
  return { AWS_ACCESS_KEY_ID: cloud.admin.accessKeyId, AWS_SECRET_ACCESS_KEY: cloud.admin.secretAccessKey };
}

/** Runs an AWS CLI against the local cloud; `--endpoint-url` is what all versions know. */
export function aws(cli: AwsCli, cloud: LocalCloud, args: readonly string[], env: Env): Promise<RunResult> {
  return run(cli.path, ["--endpoint-url", cloud.endpoint, ...args], { env });
}

/** Runs the built rolecall. */
export function rolecall(args: readonly string[], env: Env, input = ""): Promise<RunResult> {
  return run(process.execPath, [CLI, ...args], { env, input });
}

/** The trust policy that the blog's reader would write. */
export function trustPolicy(cloud: LocalCloud): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${cloud.account}:oidc-provider/gitlab.com` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringEquals: { "gitlab.com:aud": AUDIENCE, "gitlab.com:sub": SUB_MAIN } },
      },
    ],
  });
}

export function roleArn(cloud: LocalCloud): string {
  return `arn:aws:iam::${cloud.account}:role/shop-deploy`;
}

/** Folder of this test's helpers that run as processes of their own. */
export const HERE = dirname(fileURLToPath(import.meta.url));
