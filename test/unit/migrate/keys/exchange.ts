import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";

import { Secret } from "../../../../src/core/secret.ts";
import type { LocalCloud } from "../../../../src/local/index.ts";
import type { AwsKeys } from "../../../../src/wire/aws-sdk.ts";

/** The exchange, by the SDK. */
export async function assumeRoleWithWebIdentity(
  { endpoint }: LocalCloud,
  RoleArn: string,
  WebIdentityToken: string,
): Promise<AwsKeys> {
  const sts = new STSClient({ endpoint, region: "us-east-1" });
  const command = new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: "job", WebIdentityToken });
  const { Credentials: keys } = await sts.send(command);
  return {
    accessKeyId: keys?.AccessKeyId ?? "",
    secretAccessKey: new Secret(keys?.SecretAccessKey ?? ""),
    sessionToken: new Secret(keys?.SessionToken ?? ""),
  };
}
