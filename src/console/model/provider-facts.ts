import { issuerName } from "../../core/arn.ts";
import { audiencesOf, textClaim } from "../../core/token.ts";
import { type Account, type AccountRole, trustedProviders } from "./account.ts";
import type { Exchange } from "./exchange.ts";
import { reachOf } from "./reach.ts";

/** What is to be told of a provider beside what it is. */
export interface ProviderFacts {
  readonly url: string;
  /** Each with the number of roles that ask for it. */
  readonly audiences: readonly { readonly audience: string; readonly asked: number }[];
  /** Audiences of tokens of this issuer that came, and that the provider does not list. */
  readonly unlisted: readonly string[];
  /** Those that trust it. */
  readonly roles: readonly AccountRole[];
  /** The local cloud has the issuer's keys itself. */
  readonly isPlayed: boolean;
}

export function providerFacts(
  arn: string,
  { providers, roles: all, issuers }: Account,
  exchanges: readonly Exchange[],
): ProviderFacts | null {
  const provider = providers.find((one) => one.arn === arn);
  if (!provider) return null;
  const { url, audiences } = provider;
  const roles = all.filter((role) => trustedProviders(role).includes(arn));
  const asks = (role: AccountRole, audience: string): boolean =>
    reachOf(role).some((reach) => reach.effect === "Allow" && reach.audiences?.includes(audience));
  const came = exchanges.flatMap(({ claims }) => {
    if (!claims || issuerName(textClaim(claims, "iss") ?? "") !== url) return [];
    // What STS compares: the authorized party where there is one.
    return textClaim(claims, "azp") ?? audiencesOf(claims)[0] ?? [];
  });
  return {
    url,
    audiences: audiences.map((audience) => ({
      audience,
      asked: roles.filter((role) => asks(role, audience)).length,
    })),
    unlisted: [...new Set(came)].filter((audience) => !audiences.includes(audience)),
    roles,
    isPlayed: issuers.some(({ issuer }) => issuerName(issuer) === url),
  };
}
