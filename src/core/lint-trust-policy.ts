import type { Finding } from "./lint/finding.ts";
import { isForTokens, lintRole } from "./lint.ts";
import type { Provider } from "./decide.ts";
import { readPolicy } from "./policy.ts";
import type { Json } from "./token.ts";

/** What is known of the role beside its trust policy; what is left out makes no finding. */
export interface LintOptions {
  /** Milliseconds since 1970: `Date.now()`. Of the tokens that prove the findings. */
  readonly now: number;
  /** ARN or name of the role, for the findings; `role` when left out. */
  readonly role?: string;
  /** OIDC providers of the account, as far as they are known. */
  readonly providers?: readonly Provider[];
  /** The longest session of the role, in seconds. */
  readonly maxSessionDuration?: number;
}

/** What a trust policy was found to have; or why it could not be read. */
export type LintReading =
  | { readonly kind: "findings"; readonly findings: readonly Finding[] }
  | { readonly kind: "unread"; readonly message: string };

/**
 * Judges a role's trust policy as `rolecall lint` does. Each finding is proved by `decide`: by a token that gets the role
 * and should not, or by the one that was meant and does not.
 *
 * @param document the trust policy, as text or as its value
 * @returns the findings, worst first; none for a policy that trusts no OIDC provider
 * @example
 * const reading = lintTrustPolicy(policy, { now: Date.now() });
 * assert.deepEqual(reading, { kind: "findings", findings: [] });
 */
export function lintTrustPolicy(document: string | Json, options: LintOptions): LintReading {
  const { now, role: resource = "role", providers = [], maxSessionDuration = null } = options;
  const reading = readPolicy(document);
  if (reading.kind !== "policy") return { kind: "unread", message: reading.message };
  const text = typeof document === "string" ? document : JSON.stringify(document);
  const role = {
    resource,
    from: resource,
    trust: reading.policy,
    // As IAM counts.
    size: text.replaceAll(/\s/g, "").length,
    maxSessionDuration,
    permissions: null,
  };
  const context = { providers, allProviders: false, now };
  return { kind: "findings", findings: isForTokens(role) ? lintRole(role, context) : [] };
}
