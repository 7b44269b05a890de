import { apply } from "../../account/apply.ts";
import { type Config, parseConfig, readConfig } from "../../account/config.ts";
import { desiredState } from "../../account/desired.ts";
import { Secret } from "../../core/secret.ts";
import type { LocalCloud } from "../../local/index.ts";
import { connectIam } from "../../wire/aws-sdk.ts";
import type { ConfigObject } from "../apply-config.ts";

/** Reads a configuration from its file, or from its value, where JSON is YAML too. */
export async function readForCloud(config: string | ConfigObject): Promise<Config> {
  return typeof config === "string" ? readConfig(config) : parseConfig(JSON.stringify(config, null, 2), "the object");
}

/**
 * Makes a configuration's providers and roles in a local cloud, by the same calls as in a real account.
 *
 * @returns the ARN of each role, by its name
 */
export async function provision(cloud: LocalCloud, config: Config): Promise<Readonly<Record<string, string>>> {
  const { endpoint, region, credentials } = cloud.client;
  const { accessKeyId, secretAccessKey } = credentials;
  const iam = await connectIam({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey: new Secret(secretAccessKey) },
  });
  const desired = desiredState(config, { account: cloud.account, partition: "aws" });
  await apply(iam, desired);
  return Object.fromEntries(desired.roles.map(({ name, arn }) => [name, arn]));
}
