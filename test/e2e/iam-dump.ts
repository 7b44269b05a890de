import { Secret } from "../../src/core/secret.ts";
import type { LocalCloud } from "../../src/local/index.ts";
import type { AwsOptions, Iam, IamProvider, LiveRole } from "../../src/wire/aws-sdk.ts";

/** Credentials of a local cloud's administrator, for the calls that a test makes itself. */
export function adminOf({ endpoint, admin }: Pick<LocalCloud, "endpoint" | "admin">): AwsOptions {
  const credentials = { accessKeyId: admin.accessKeyId, secretAccessKey: new Secret(admin.secretAccessKey) };
  return { endpoint, region: "us-east-1", credentials };
}

export interface Dump {
  /** By ARN. */
  readonly providers: Readonly<Record<string, IamProvider>>;
  /** By name; policies in the order of their names. */
  readonly roles: Readonly<Record<string, Omit<LiveRole, "inlinePolicies"> & { readonly inlinePolicies: object }>>;
}

/** All providers and roles of an account with everything that they have, to be compared before and after. */
export async function dump(iam: Iam): Promise<Dump> {
  const providers: Record<string, IamProvider> = {};
  for (const arn of await iam.listProviders()) {
    const provider = await iam.getProvider(arn);
    // IAM keeps audiences in the order in which they came.
    if (provider) providers[arn] = { ...provider, audiences: provider.audiences.toSorted() };
  }
  const roles: Record<string, Dump["roles"][string]> = {};
  await iam.eachRole((role) => {
    const inlinePolicies = Object.fromEntries(role.inlinePolicies);
    roles[role.name] = { ...role, managedPolicies: role.managedPolicies.toSorted(), inlinePolicies };
  });
  return { providers, roles };
}
