import { neverExposed } from "./condition-keys.ts";
import { type Context, coversAction, evaluateConditions, expandsVariables } from "./conditions.ts";
import type { Check, Provider } from "./decide.ts";
import type { Policy, Statement } from "./policy.ts";

/** What a check got for a key that the request does not have. */
export const ABSENT = "absent";

/** What a trust policy says of one action, with every comparison. */
export interface TrustResult {
  readonly allowed: boolean;
  readonly checks: readonly Check[];
}

/**
 * Evaluates a trust policy for one action of a token from one provider. An explicit Deny wins over
 * any Allow; statements are otherwise independent. Source: IAM guide, policy evaluation logic.
 */
export function evaluateTrust(policy: Policy, provider: Provider, action: string, context: Context): TrustResult {
  const variables = expandsVariables(policy);
  const results = policy.statements.map((statement, index) =>
    evaluateStatement(statement, index, { provider, action, context, variables }),
  );
  const denied = results.findIndex(({ applies }, at) => applies && isDeny(policy, at));
  const allowed = results.findIndex(({ applies }, at) => applies && !isDeny(policy, at));
  const decisive = denied >= 0 ? denied : allowed;
  const verdict: Check = {
    kind: "trust",
    pass: denied < 0 && allowed >= 0,
    subject: "trust policy",
    action,
    wanted: "a statement that allows, and none that denies",
    got:
      denied >= 0
        ? `statement ${denied + 1} denies`
        : allowed >= 0
          ? `statement ${allowed + 1} allows`
          : "no statement allows",
    ...(decisive >= 0 ? { statement: decisive } : {}),
  };
  return { allowed: verdict.pass, checks: [...results.flatMap(({ checks }) => checks), verdict] };
}

function isDeny(policy: Policy, index: number): boolean {
  return policy.statements[index]?.effect === "Deny";
}

interface Surroundings {
  readonly provider: Provider;
  readonly action: string;
  readonly context: Context;
  readonly variables: boolean;
}

function evaluateStatement(
  statement: Statement,
  index: number,
  { provider, action, context, variables }: Surroundings,
): { applies: boolean; checks: Check[] } {
  const place = {
    statement: index,
    action,
    ...(statement.effect === "Deny" ? { effect: statement.effect } : {}),
  };
  const federated = statement.principals?.["Federated"] ?? [];
  const checks: Check[] = [
    {
      ...place,
      kind: "principal",
      pass: federated.includes(provider.arn),
      subject: "Principal",
      wanted: federated.length > 0 ? federated.join(", ") : "another kind of principal",
      got: provider.arn,
    },
    {
      ...place,
      kind: "action",
      pass: coversAction(statement, action),
      subject: "Action",
      wanted: (statement.actions ?? []).join(", "),
      got: action,
    },
  ];
  // Where principal or action do not fit, the statement is about somebody else: its conditions would only distract.
  if (!checks.every(({ pass }) => pass)) return { applies: false, checks };
  for (const { condition, got, pass, note } of evaluateConditions(statement, context, variables)) {
    const why = note ?? (got === null ? neverExposed(condition.key, provider) : null);
    checks.push({
      ...place,
      kind: "condition",
      pass,
      subject: condition.key,
      wanted: `${condition.operator} ${condition.values.join(", ")}`,
      got: got === null ? ABSENT : got.join(", "),
      ...(why ? { note: why } : {}),
    });
  }
  return { applies: checks.every(({ pass }) => pass), checks };
}
