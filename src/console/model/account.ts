import type { Provider, Role } from "../../core/decide.ts";
import { readPolicy } from "../../core/policy.ts";
import { isObject, type Json } from "../../core/token.ts";

/** The local account as the console is told of it (`GET /_rolecall/console/account`). */
export interface Account {
  readonly account: string;
  /** Which generation of STS's texts this cloud speaks. */
  readonly stsTexts: "2025" | "2026";
  /** AWS's clock, milliseconds since 1970. */
  readonly now: number;
  readonly issuers: readonly { readonly issuer: string; readonly name: string }[];
  readonly providers: readonly AccountProvider[];
  readonly roles: readonly AccountRole[];
}

export interface AccountProvider {
  readonly arn: string;
  /** Without scheme. */
  readonly url: string;
  readonly audiences: readonly string[];
  /** Milliseconds since 1970. */
  readonly created: number;
}

export interface AccountRole {
  readonly arn: string;
  readonly name: string;
  readonly description: string | null;
  /** Seconds. */
  readonly maxSessionDuration: number;
  /** The trust policy, as it was sent. */
  readonly trust: string;
  /** Inline policies: name to document. */
  readonly inline: Readonly<Record<string, string>>;
  /** `document` is null where this cloud does not know what the policy says. */
  readonly attached: readonly { readonly arn: string; readonly document: string | null }[];
  readonly boundary: string | null;
  readonly created: number;
}

/** A role as the decision wants it. */
export function roleOf({ arn, trust, maxSessionDuration }: AccountRole): Role {
  const reading = readPolicy(trust);
  const policy = reading.kind === "policy" ? reading.policy : { version: null, statements: [] };
  return { arn, trust: policy, maxSessionDuration };
}

/** The trust policy as it is written; null when it is no JSON object. */
export function trustDocument({ trust }: AccountRole): { readonly [name: string]: Json } | null {
  try {
    const value: unknown = JSON.parse(trust);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** The provider of an issuer: exactly its URL, as STS looks for it. */
export function providerOf({ providers }: Account, issuer: string): Provider | null {
  const url = issuer.replace(/^https?:\/\//, "");
  const found = providers.find((one) => one.url === url);
  return found ? { arn: found.arn, url: found.url, audiences: found.audiences, thumbprints: [] } : null;
}

/** ARNs of the OIDC providers that a role's trust policy allows. */
export function trustedProviders(role: AccountRole): readonly string[] {
  const allowing = roleOf(role).trust.statements.filter(({ effect }) => effect === "Allow");
  const federated = allowing.flatMap(({ principals }) => principals?.["Federated"] ?? []);
  return [...new Set(federated.filter((arn) => arn.includes(":oidc-provider/")))];
}
