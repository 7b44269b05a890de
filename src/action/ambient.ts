import { RolecallError } from "../core/errors.ts";
import type { AwsKeys } from "../wire/aws-sdk/types.ts";
import type { Env } from "./inputs.ts";
import { environmentKeys, type Surroundings, type TokenFile, webIdentityKeys } from "./key-sources.ts";
import { containerKeys, instanceKeys } from "./metadata.ts";
import { profileKeys } from "./profile-keys.ts";

type Source = (around: Surroundings) => Promise<AwsKeys | null>;

/**
 * Where a machine may have AWS credentials, in the order of the AWS SDK for JavaScript; the last two are of AWS's own
 * machines. Sign-in through a browser is left out: a job has none.
 * Source: AWS SDKs and Tools reference guide, "Standardized credential providers"; @aws-sdk/credential-provider-node.
 */
const SOURCES: readonly Source[] = [
  ({ env }) => Promise.resolve(env["AWS_PROFILE"] ? null : environmentKeys(env)),
  (around) => profileKeys(around, around.env["AWS_PROFILE"] || "default"),
  ({ env, sts }) => webIdentityKeys(sts, tokenFileOf(env)),
  ({ env }) => containerKeys(env),
  ({ env }) => instanceKeys(env),
];

/**
 * The AWS credentials that this machine or an earlier step has.
 *
 * @throws RolecallError `config` when there are none, or where a source that is set up does not give any
 */
export async function ambientKeys(around: Surroundings): Promise<AwsKeys> {
  for (const source of SOURCES) {
    const keys = await source(around);
    if (keys) return keys;
  }
  throw new RolecallError("config", "there are no AWS credentials in this job");
}

function tokenFileOf(env: Env): TokenFile {
  return {
    path: env["AWS_WEB_IDENTITY_TOKEN_FILE"],
    roleArn: env["AWS_ROLE_ARN"],
    sessionName: env["AWS_ROLE_SESSION_NAME"],
  };
}
