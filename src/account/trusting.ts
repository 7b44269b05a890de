import { matchGlob, parseGlob } from "../core/glob.ts";
import { readPolicy, type Statement } from "../core/policy.ts";
import type { LiveRole } from "../wire/aws-sdk.ts";

/** That a role trusts a provider, and for which audiences. */
export interface Trusting {
  readonly role: string;
  /** ARN. */
  readonly provider: string;
  /** Values that the trust policy compares the audience with, wildcards included; null when any will do. */
  readonly audiences: readonly string[] | null;
}

/** Which OIDC providers a role trusts, one entry for each statement and provider. */
export function trustings({ name, trust }: Pick<LiveRole, "name" | "trust">): readonly Trusting[] {
  const reading = readPolicy(trust);
  // A policy that cannot be read may name any provider; so it is looked for as text.
  if (reading.kind === "malformed")
    return providersIn(trust).map((provider) => ({ role: name, provider, audiences: null }));
  return reading.policy.statements
    .filter(({ effect }) => effect === "Allow")
    .flatMap((statement) =>
      (statement.principals?.["Federated"] ?? []).map((provider) => ({
        role: name,
        provider,
        audiences: audiencesOf(statement, provider),
      })),
    );
}

function providersIn(text: string): readonly string[] {
  return text.match(/arn:[a-z-]+:iam::\d{12}:oidc-provider\/[^"\\\s]+/g) ?? [];
}

/** The values of plain comparisons with the audience; anything else is taken to let any audience in. */
function audiencesOf({ conditions }: Statement, provider: string): readonly string[] | null {
  const key = `${provider.replace(/^.*?:oidc-provider\//, "")}:aud`.toLowerCase();
  const about = conditions.filter((condition) => condition.key.toLowerCase() === key);
  const plain = about.filter(({ operator }) =>
    /^(For(All|Any)Values?:)?String(Equals|Like|EqualsIgnoreCase)$/.test(operator),
  );
  return plain.length === 0 ? null : plain.flatMap(({ values }) => values);
}

/** True when a role would lose something by the loss of an audience. */
export function needsAudience({ audiences }: Trusting, audience: string): boolean {
  if (audiences === null) return true;
  const wanted = audience.toLowerCase();
  // The case is ignored, since StringEqualsIgnoreCase ignores it: rather one audience too many stays.
  return audiences.some((value) => value.includes("${") || matchGlob(parseGlob(value.toLowerCase()), wanted));
}
