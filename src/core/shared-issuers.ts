import { issuerName } from "./arn.ts";
import { coversAction } from "./conditions.ts";
import { readOperator } from "./operators.ts";
import type { Policy, Statement } from "./policy.ts";

interface SharedIssuer {
  readonly issuer: string;
  /** Suffix of the issuer's own key, or a whole key that holds a colon. One of them must be scoped. */
  readonly keys: readonly string[];
  /** Also every issuer that begins with this name; its own prefix then counts. */
  readonly byPrefix?: boolean;
  /** A value that is blank or begins with a star is refused too. */
  readonly strict?: boolean;
}

/**
 * Issuers that serve many customers under one name: IAM saves a trust policy for them only when it
 * tests who the customer is. Source: IAM guide, id_roles_providers_oidc_secure-by-default, as published
 * 2026-09-11; GitHub's second key, prefix and strictness are measured.
 */
export const SHARED_ISSUERS: readonly SharedIssuer[] = [
  { issuer: "cognito-identity.amazonaws.com", keys: ["aud"] },
  { issuer: "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d", keys: ["sts:RoleSessionName"] },
  { issuer: "agent.buildkite.com", keys: ["sub"] },
  { issuer: "oidc.codefresh.io", keys: ["sub"] },
  { issuer: "studio.datachain.ai/api", keys: ["sub"] },
  {
    issuer: "token.actions.githubusercontent.com",
    keys: ["sub", "job_workflow_ref"],
    byPrefix: true,
    strict: true,
  },
  { issuer: "oidc-configuration.audit-log.githubusercontent.com", keys: ["sub"] },
  { issuer: "vstoken.actions.githubusercontent.com", keys: ["sub"] },
  { issuer: "gitlab.com", keys: ["sub"] },
  ...[
    "22ejnvnnturfmt6km08idd0nt4hekbn7",
    "23e3sd27sju1hoou6ohfs68vbno607tr",
    "23ne21h005qjl3n33d8dui5dlrmv2tmg",
    "24jrf12m5dj7ljlfb4ta2frhrcoadm26",
  ].map((id) => ({ issuer: `rh-oidc.s3.us-east-1.amazonaws.com/${id}`, keys: ["sub"] })),
  ...["2f785sojlpb85i7402pk3qogugim5nfb", "2c51blsaqa9gkjt0o9rt11mle8mmropu"].map((id) => ({
    issuer: `oidc.op1.openshiftapps.com/${id}`,
    keys: ["sub"],
  })),
  { issuer: "api.pulumi.com/oidc", keys: ["aud"] },
  { issuer: "sandboxes.cloud", keys: ["aud"] },
  { issuer: "scalr.io", keys: ["sub"] },
  { issuer: "tokens.cloud.shisho.dev", keys: ["sub"] },
  { issuer: "app.terraform.io", keys: ["sub"] },
  { issuer: "proidc.upbound.io", keys: ["sub"] },
  { issuer: "oidc.vercel.com", keys: ["aud"] },
];

interface BuiltInIssuer {
  readonly issuer: string;
  /** Whole keys, of which one must be tested; spelt exactly so. */
  readonly keys: readonly string[];
}

/**
 * Issuers that IAM knows without a provider, and guarded long before the others. Text, and that the keys' case counts,
 * are captured from AWS; which keys and operators count is read out of code that was replayed against captures.
 */
export const BUILT_IN_ISSUERS: readonly BuiltInIssuer[] = [
  {
    issuer: "accounts.google.com",
    keys: ["accounts.google.com:aud", "accounts.google.com:oaud", "accounts.google.com:sub"],
  },
  { issuer: "www.amazon.com", keys: ["www.amazon.com:app_id", "www.amazon.com:sub"] },
  { issuer: "graph.facebook.com", keys: ["graph.facebook.com:app_id", "graph.facebook.com:sub"] },
];

const COGNITO = "cognito-identity.amazonaws.com";

// Measured: set prefixes count, IfExists, negated operators, Null, Bool and Numeric do not.
const COUNTING = new Set(["StringEquals", "StringLike", "StringEqualsIgnoreCase"]);
const COUNTING_OF_BUILT_IN = new Set(["StringEquals", "StringEqualsIgnoreCase"]);

/** IAM's refusal of a trust policy that leaves a shared issuer open, or null when it would be saved. */
export function checkSharedIssuers(policy: Policy): string | null {
  for (const statement of policy.statements) {
    if (statement.effect === "Deny" || !coversAction(statement, "sts:AssumeRoleWithWebIdentity")) continue;
    for (const principal of statement.principals?.["Federated"] ?? []) {
      const refusal = checkPrincipal(statement, principal);
      if (refusal) return refusal;
    }
  }
  return null;
}

function checkPrincipal(statement: Statement, principal: string): string | null {
  const issuer = issuerName(principal.replace(/^arn:[^/]*:oidc-provider\//, ""));
  // Captured. Whether AWS asks for it in a Deny, or for other actions, is not known.
  if (issuer === COGNITO && statement.conditions.length === 0) {
    return "A condition block must be present for the Cognito provider";
  }
  const builtIn = BUILT_IN_ISSUERS.find((one) => one.issuer === issuer);
  if (builtIn) {
    return testsAny(statement, builtIn.keys)
      ? null
      : `Policy trusting ${issuer} requires a StringEquals condition on an application id`;
  }
  const shared = SHARED_ISSUERS.find((one) => (one.byPrefix ? issuer.startsWith(one.issuer) : issuer === one.issuer));
  if (!shared) return null;
  const keys = shared.keys.map((key) => (key.includes(":") ? key : `${issuer}:${key}`));
  if (isScoped(statement, keys, shared.strict ?? false)) return null;
  return (
    `Trust policy with trusted principal ${principal} must evaluate, using StringEquals, StringLike or ` +
    `StringEqualsIgnoreCase, ${keys.join(" or ")} which is not scoped to all.`
  );
}

/** True when one operator block tests the keys it has, all of them, against something narrower than "*". */
function isScoped(statement: Statement, keys: readonly string[], strict: boolean): boolean {
  const wanted = new Set(keys.map((key) => key.toLowerCase()));
  const testing = statement.conditions.filter(
    (condition) => wanted.has(condition.key.toLowerCase()) && counts(condition.operator, COUNTING),
  );
  return testing.some(({ operator }) =>
    testing
      .filter((condition) => condition.operator === operator)
      .every((condition) => condition.values.every((value) => !opensAll(value, strict))),
  );
}

/** The older check looks at keys alone, and not at what they are compared with. */
function testsAny({ conditions }: Statement, keys: readonly string[]): boolean {
  return conditions.some(({ key, operator }) => keys.includes(key) && counts(operator, COUNTING_OF_BUILT_IN));
}

function counts(text: string, counting: ReadonlySet<string>): boolean {
  const name = readOperator(text);
  return name?.kind === "compare" && !name.ifExists && counting.has(name.operator.name);
}

function opensAll(value: string, strict: boolean): boolean {
  return strict ? value.startsWith("*") || value.trim() === "" : value === "*";
}
