import { createHash } from "node:crypto";

import type { Iam, IamProvider, LiveRole } from "../wire/aws-sdk.ts";
import type { Desired } from "./desired.ts";
import { AUDIENCE_PREFIX, MANAGED } from "./tags.ts";
import { type Trusting, trustings } from "./trusting.ts";

export type { LiveRole } from "../wire/aws-sdk.ts";

/** What an account holds that concerns a configuration; what is missing has no entry. */
export interface Live {
  /** Those that are asked for, those that bear our marks, and those that differ from one asked for by a slash. By ARN. */
  readonly providers: ReadonlyMap<string, IamProvider>;
  /** Those that are asked for and those that bear our mark. By name. */
  readonly roles: ReadonlyMap<string, LiveRole>;
  /** Every role of the account that trusts one of the providers. */
  readonly trusting: readonly Trusting[];
}

/**
 * Reads what an account holds, one call after the other, as IAM's rate limit wants. The number of calls
 * grows with the account's providers and with its roles divided by a thousand, not with what is asked for.
 *
 * @throws RolecallError as the calls of {@link Iam}
 */
export async function readLive(iam: Iam, desired: Desired): Promise<Live> {
  const providers = new Map<string, IamProvider>();
  for (const arn of await iam.listProviders()) {
    const provider = await iam.getProvider(arn);
    if (provider && concerns(arn, provider, desired)) providers.set(arn, provider);
  }
  const names = new Set(desired.roles.map(({ name }) => name.toLowerCase()));
  const roles = new Map<string, LiveRole>();
  const trusting: Trusting[] = [];
  await iam.eachRole((role) => {
    if (names.has(role.name.toLowerCase()) || role.tags[MANAGED] === desired.config) roles.set(role.name, role);
    trusting.push(...trustings(role).filter(({ provider }) => providers.has(provider)));
  });
  return { providers, roles, trusting };
}

function concerns(arn: string, { tags }: IamProvider, { config, providers }: Desired): boolean {
  if (providers.some((one) => withoutSlash(one.arn) === withoutSlash(arn))) return true;
  return Object.entries(tags).some(
    ([key, value]) => value === config && (key === MANAGED || key.startsWith(AUDIENCE_PREFIX)),
  );
}

/** A provider's ARN or URL without slashes at its end, which make it another provider. */
export function withoutSlash(text: string): string {
  return text.replace(/\/+$/, "");
}

/** A hash of what was read, the same whenever the same was read. */
export function fingerprint({ providers, roles, trusting }: Live): string {
  const value = [
    sortEntries(providers),
    sortEntries(roles).map(([name, { inlinePolicies, ...role }]) => [name, role, sortEntries(inlinePolicies)]),
    trusting.map((one) => stable(one)).toSorted(),
  ];
  return createHash("sha256").update(stable(value)).digest("hex");
}

function sortEntries<Value>(map: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** JSON whose keys are sorted at every level. */
export function stable(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
