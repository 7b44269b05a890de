import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";

import { apply } from "../../../../src/account/apply.ts";
import { parseConfig } from "../../../../src/account/config.ts";
import { desiredState } from "../../../../src/account/desired.ts";
import { Secret } from "../../../../src/core/secret.ts";
import type { LocalCloud } from "../../../../src/local/index.ts";
import { type AwsKeys, type AwsOptions, callerIdentity, connectIam } from "../../../../src/wire/aws-sdk.ts";
import { assumeRoleWithWebIdentity } from "./exchange.ts";

// A local AWS as a team has it before it goes off its keys: a user whose key is in the CI, and the role that is to
// take its place.

export const AUDIENCE = "https://shop.test";
const CONFIG = `version: 1
roles:
  shop-deploy:
    ci: gitlab
    audience: ${AUDIENCE}
    allow: [{ project: acme/shop, branch: main }]
`;

export function adminOf({ endpoint, admin }: LocalCloud): AwsOptions & { readonly credentials: AwsKeys } {
  const { accessKeyId, secretAccessKey } = admin;
  return { endpoint, region: "us-east-1", credentials: { accessKeyId, secretAccessKey: new Secret(secretAccessKey) } };
}

export function roleOf({ account }: LocalCloud): string {
  return `arn:aws:iam::${account}:role/shop-deploy`;
}

/** The role, as rolecall apply makes it. */
export async function makeRole(cloud: LocalCloud): Promise<void> {
  const iam = await connectIam(adminOf(cloud));
  await apply(iam, desiredState(parseConfig(CONFIG, "rolecall.yaml"), { account: cloud.account, partition: "aws" }));
}

/** A client for what a test prepares. */
export function iamClient(cloud: LocalCloud): IAMClient {
  const { accessKeyId, secretAccessKey } = cloud.admin;
  return new IAMClient({
    endpoint: cloud.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey },
  });
}

/** A user with an access key and a policy. */
export async function makeUser(cloud: LocalCloud, user: string, policy?: object): Promise<AwsKeys> {
  const iam = iamClient(cloud);
  await iam.send(new CreateUserCommand({ UserName: user }));
  if (policy)
    await iam.send(
      new PutUserPolicyCommand({ UserName: user, PolicyName: "own", PolicyDocument: JSON.stringify(policy) }),
    );
  return await makeKey(cloud, user);
}

export async function makeKey(cloud: LocalCloud, user: string): Promise<AwsKeys> {
  const { AccessKey: key } = await iamClient(cloud).send(new CreateAccessKeyCommand({ UserName: user }));
  return { accessKeyId: key?.AccessKeyId ?? "", secretAccessKey: new Secret(key?.SecretAccessKey ?? "") };
}

/** A call with a key, as a job with it makes; rejects when the key is no good. */
export async function useKey(cloud: LocalCloud, credentials: AwsKeys, region = "eu-central-1"): Promise<void> {
  await callerIdentity({ endpoint: cloud.endpoint, region, credentials });
}

/** A job with a token: takes the role and calls AWS with it; rejects when it cannot. */
export async function useRole(cloud: LocalCloud, audience = AUDIENCE): Promise<void> {
  const { token } = await cloud.mint({ ci: "gitlab", project: "acme/shop", branch: "main", audience });
  const credentials = await assumeRoleWithWebIdentity(cloud, roleOf(cloud), token);
  await callerIdentity({ endpoint: cloud.endpoint, region: "us-east-1", credentials });
}
