import type { Json } from "../core/token.ts";
import type { LocalCloud } from "../local/index.ts";

/** What a rolecall.yaml holds, as a value; `rolecall/schema.json` describes it. */
export interface ConfigObject {
  readonly version: 1;
  readonly roles: { readonly [name: string]: Json };
  readonly [key: string]: Json;
}

/**
 * Makes in a local cloud what a rolecall.yaml describes, by the same calls as `rolecall apply` makes in a real account.
 * Done again, it does nothing, or mends what was changed.
 *
 * @param config the path of the file, or what it would hold
 * @returns the ARN of each role that it describes for this account, by the role's name in IAM
 * @throws RolecallError `config` when it cannot be read or holds something wrong, with line and column;
 *   `refused` and `unavailable` as the cloud answers, for example in bad weather
 * @example
 * const roles = await applyConfig(cloud, "rolecall.yaml");
 * roles["shop-deploy"]; // arn:aws:iam::123456789012:role/shop-deploy
 */
export async function applyConfig(
  cloud: LocalCloud,
  config: string | ConfigObject,
): Promise<Readonly<Record<string, string>>> {
  // Beside the library, where the command line has it: it holds the YAML parser and the AWS SDK.
  const { readForCloud, provision } = await import("./chunks/provision.ts");
  return provision(cloud, await readForCloud(config));
}
