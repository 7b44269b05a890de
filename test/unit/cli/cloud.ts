import { onTestFinished } from "vitest";
import { apply } from "../../../src/account/apply.ts";
import { parseConfig } from "../../../src/account/config.ts";
import { desiredState } from "../../../src/account/desired.ts";
import { gitlab } from "../../../src/ci/gitlab.ts";
import { Secret } from "../../../src/core/secret.ts";
import { createLocalCloud, type LocalCloud, type LocalCloudOptions } from "../../../src/local/index.ts";
import { connectIam } from "../../../src/wire/aws-sdk.ts";
import type { Iam } from "../../../src/wire/aws-sdk.ts";

const CONFIG = `version: 1
roles:
  deploy:
    ci: github
    issuer: https://token.actions.githubusercontent.com
    audience: sts.amazonaws.com
    allow: [{ project: octo-org/octo-repo, branch: main }]
  shop:
    ci: gitlab
    issuer: https://gitlab.com
    audience: sts.amazonaws.com
    allow: [{ project: acme/shop, branch: main }]
`;

export interface JobCloud {
  readonly cloud: LocalCloud;
  readonly iam: Iam;
  readonly role: (name: string) => string;
  /** A job that can ask its CI for tokens at any time. */
  readonly mintingJob: Readonly<Record<string, string>>;
  /** A job with the one token that its CI gave it, good for so many seconds. */
  readonly fixedJob: (expiresIn: number) => Promise<Readonly<Record<string, string>>>;
}

/** A local AWS with a role for a job of GitHub and one for a job of GitLab, gone after the test. */
export async function startJobCloud(options: LocalCloudOptions = {}): Promise<JobCloud> {
  const cloud = await createLocalCloud(options);
  onTestFinished(() => cloud.close());
  const { accessKeyId, secretAccessKey } = cloud.admin;
  const credentials = { accessKeyId, secretAccessKey: new Secret(secretAccessKey) };
  const iam = await connectIam({ endpoint: cloud.endpoint, region: "us-east-1", credentials });
  await apply(iam, desiredState(parseConfig(CONFIG, "rolecall.yaml"), { account: cloud.account, partition: "aws" }));
  const common = { PATH: process.env["PATH"] ?? "", AWS_ENDPOINT_URL: cloud.endpoint, AWS_REGION: "us-east-1" };
  const role = (name: string): string => `arn:aws:iam::${cloud.account}:role/${name}`;
  const { tokenUrl = "", tokenBearer = "" } = cloud.issuers["github"] ?? {};
  return {
    cloud,
    iam,
    role,
    mintingJob: {
      ...common,
      GITHUB_ACTIONS: "true",
      GITHUB_REPOSITORY: "octo-org/octo-repo",
      GITHUB_RUN_ID: "7",
      ACTIONS_ID_TOKEN_REQUEST_URL: tokenUrl,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: tokenBearer,
      AWS_ROLE_ARN: role("deploy"),
    },
    fixedJob: async (expiresIn) => {
      const { token, claims } = await cloud.mint({
        ci: "gitlab",
        project: "acme/shop",
        branch: "main",
        audience: "sts.amazonaws.com",
        expiresIn,
      });
      return { ...common, ...gitlab.jobEnvironment(claims, token), AWS_ROLE_ARN: role("shop") };
    },
  };
}
