import { type Condition, type Policy, readPolicy, type Statement } from "../core/policy.ts";
import type { Json } from "../core/token.ts";

/**
 * True when two policy documents say the same: the order of statements, of values and of keys, Sids,
 * and one value against a list of one make no difference. A document that cannot be read equals none.
 */
export function sameDocument(left: string | Json, right: string | Json): boolean {
  const [a, b] = [readPolicy(left), readPolicy(right)];
  if (a.kind === "malformed" || b.kind === "malformed") return false;
  return canonical(a.policy) === canonical(b.policy);
}

function canonical({ version, statements }: Policy): string {
  return JSON.stringify([version, unique(statements.map(statementText))]);
}

function statementText(statement: Statement): string {
  const { effect, principals, notPrincipals, actions, notActions, resources, notResources } = statement;
  return JSON.stringify([
    effect,
    byType(principals),
    byType(notPrincipals),
    // The case of actions does not count, that of everything else does. Source: IAM guide, Action.
    lowerCase(actions),
    lowerCase(notActions),
    unique(resources),
    unique(notResources),
    unique(statement.conditions.map(conditionText)),
  ]);
}

function conditionText({ operator, key, values }: Condition): string {
  return JSON.stringify([operator, key.toLowerCase(), unique(values)]);
}

function byType(principals: Statement["principals"]): readonly string[] | null {
  if (!principals) return null;
  return unique(Object.entries(principals).map(([type, ids]) => JSON.stringify([type, unique(ids)])));
}

function lowerCase(actions: readonly string[] | undefined): readonly string[] | null {
  return unique(actions?.map((action) => action.toLowerCase()));
}

function unique(values: readonly string[]): readonly string[];
function unique(values: readonly string[] | undefined): readonly string[] | null;
function unique(values: readonly string[] | undefined): readonly string[] | null {
  return values ? [...new Set(values)].toSorted() : null;
}
