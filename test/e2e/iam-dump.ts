import { Secret } from "../../src/core/secret.ts";
import type { LocalCloud } from "../../src/local/index.ts";
import type { AwsOptions, Iam } from "../../src/wire/aws-sdk.ts";

/** Credentials of a local cloud's administrator, for the calls that a test makes itself. */
export function adminOf({ endpoint, admin }: Pick<LocalCloud, "endpoint" | "admin">): AwsOptions {
  const credentials = { accessKeyId: admin.accessKeyId, secretAccessKey: new Secret(admin.secretAccessKey) };
  return { endpoint, region: "us-east-1", credentials };
}

/** All providers and roles of an account with everything that they have, to be compared before and after. */
export async function dump(iam: Iam): Promise<object> {
  const providers: Record<string, unknown> = {};
  for (const arn of await iam.listProviders()) {
    const provider = await iam.getProvider(arn);
    // IAM keeps audiences in the order in which they came.
    providers[arn] = provider && { ...provider, audiences: provider.audiences.toSorted() };
  }
  const roles: Record<string, unknown> = {};
  await iam.eachRole((role) => {
    const inlinePolicies = Object.fromEntries(role.inlinePolicies);
    roles[role.name] = { ...role, managedPolicies: role.managedPolicies.toSorted(), inlinePolicies };
  });
  return { providers, roles };
}
