import { type Context, coversAction, evaluateConditions, expandsVariables } from "./conditions.ts";
import type { Policy, Statement } from "./policy.ts";

/** Who signs AssumeRole: a user, or a session of a role. */
export interface Assumer {
  /** `arn:aws:iam::<account>:user/<name>` or `arn:aws:sts::<account>:assumed-role/<role>/<session>`. */
  readonly arn: string;
  /** The role whose session it is; null for a user. */
  readonly roleArn: string | null;
  readonly account: string;
}

/**
 * What a trust policy says of an AWS principal. `account`: it trusts the principal's whole account, so that the
 * account's own policies must allow the call as well. `direct`: it names the principal, which within one account
 * is enough. Source: IAM guide, policy evaluation logic for requests within a single account.
 */
export type AssumeGrant = "account" | "direct" | "none" | "explicit-deny";

/** Evaluates a trust policy for one action of an AWS principal. The order of statements does not matter. */
export function evaluateAssumeTrust(policy: Policy, assumer: Assumer, action: string, context: Context): AssumeGrant {
  const variables = expandsVariables(policy);
  const found = new Set<AssumeGrant>();
  for (const statement of policy.statements) {
    const named = namesPrincipal(statement, assumer);
    if (named === "none" || !coversAction(statement, action)) continue;
    if (!evaluateConditions(statement, context, variables).every(({ pass }) => pass)) continue;
    found.add(statement.effect === "Deny" ? "explicit-deny" : named);
  }
  return STRONGEST.find((grant) => found.has(grant)) ?? "none";
}

const STRONGEST: readonly AssumeGrant[] = ["explicit-deny", "direct", "account"];

function namesPrincipal(statement: Statement, assumer: Assumer): "account" | "direct" | "none" {
  const { principals } = statement;
  const values = [...(principals?.["AWS"] ?? []), ...(principals?.["*"] ?? [])];
  // Inferred: within an account `*` needs no further permission, as in other resource-based policies.
  if (values.some((value) => value === "*" || value === assumer.arn || value === assumer.roleArn)) return "direct";
  return values.some((value) => isAccount(value, assumer.account)) ? "account" : "none";
}

// An account is written as its number or as its root. IAM guide, AWS JSON policy elements: Principal.
function isAccount(value: string, account: string): boolean {
  return value === account || /^arn:[a-z-]+:iam::(\d{12}):root$/.exec(value)?.[1] === account;
}
