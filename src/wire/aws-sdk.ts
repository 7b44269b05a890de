import { PARTITIONS, type Partition } from "../core/arn.ts";
import { RolecallError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { accountCalls } from "./aws-sdk/account-calls.ts";
import { call } from "./aws-sdk/call.ts";
import { regional } from "./aws-sdk/client.ts";
import { policyCalls } from "./aws-sdk/policy-calls.ts";
import { providerCalls } from "./aws-sdk/provider-calls.ts";
import { roleCalls } from "./aws-sdk/role-calls.ts";
import type { AwsKeys, AwsOptions, CallerIdentity, Iam } from "./aws-sdk/types.ts";

// Everything signed goes through the AWS SDK, for its credential chain. Both clients are imported
// inside functions only, so that a bundler puts each into a chunk of its own.

export type {
  AwsKeys,
  AwsOptions,
  CallerIdentity,
  Iam,
  IamProvider,
  IamRole,
  LiveRole,
  NewProvider,
  NewRole,
  Tags,
} from "./aws-sdk/types.ts";

/** Connects to IAM; nothing is sent before the first call. */
export async function connectIam(options: AwsOptions = {}): Promise<Iam> {
  const sdk = await import("@aws-sdk/client-iam");
  const client = await regional(options, (config) => new sdk.IAMClient(config));
  return {
    ...providerCalls(sdk, client),
    ...roleCalls(sdk, client),
    ...policyCalls(sdk, client),
    ...accountCalls(sdk, client),
  };
}

/**
 * Asks STS whose credentials these are.
 *
 * @throws RolecallError as {@link Iam}
 */
export async function callerIdentity(options: AwsOptions = {}): Promise<CallerIdentity> {
  const { STSClient, GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
  const client = await regional(options, (config) => new STSClient(config));
  const answer = await call("sts:GetCallerIdentity", "", () => client.send(new GetCallerIdentityCommand({})));
  const { Account: account = "", Arn: arn = "", UserId: userId = "" } = answer;
  return { account, arn, userId, partition: partitionOfArn(arn) };
}

/**
 * Takes a role with the credentials at hand, as a way into another account. Its session lives an hour,
 * the most that a chained one can.
 *
 * @throws RolecallError as {@link Iam}
 */
export async function assumeRole(options: AwsOptions, roleArn: string, sessionName: string): Promise<AwsKeys> {
  const { STSClient, AssumeRoleCommand } = await import("@aws-sdk/client-sts");
  const client = await regional(options, (config) => new STSClient(config));
  const command = new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: sessionName });
  const { Credentials: keys } = await call("sts:AssumeRole", roleArn, () => client.send(command));
  if (!keys?.AccessKeyId || !keys.SecretAccessKey || !keys.SessionToken)
    throw new RolecallError("unexpected", `AWS gave no credentials for ${roleArn}`);
  return {
    accessKeyId: keys.AccessKeyId,
    secretAccessKey: new Secret(keys.SecretAccessKey),
    sessionToken: new Secret(keys.SessionToken),
  };
}

function partitionOfArn(arn: string): Partition {
  const name = arn.split(":")[1];
  const known = Object.keys(PARTITIONS) as Partition[];
  return known.find((partition) => partition === name) ?? "aws";
}
