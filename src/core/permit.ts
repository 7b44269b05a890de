import { type Context, coversAction, evaluateConditions, expand, expandsVariables } from "./conditions.ts";
import { matchArnGlob, matchGlob } from "./glob.ts";
import type { Policy, Statement } from "./policy.ts";

/** A signed call, and the policies that may allow it. */
export interface PermitQuestion {
  /** Identity policies: inline and attached, in any order. */
  readonly policies: readonly Policy[];
  /** Each of these must allow as well. */
  readonly boundary?: Policy | null;
  readonly session?: readonly Policy[] | null;
  /** Of these each one by itself. STS API reference, GetScopedCredentials. */
  readonly scopes?: readonly Policy[];
  /** `service:Operation`. */
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
}

export type PolicyKind = "identity-based policy" | "permissions boundary" | "session policy";

export type Permit =
  | { readonly outcome: "allowed" }
  | {
      readonly outcome: "denied";
      /** True when a Deny statement applied, false when nothing allowed. */
      readonly explicit: boolean;
      /** Which kind of policy said no, in the words of AWS's message. */
      readonly by: PolicyKind;
    };

/**
 * Answers whether identity policies, boundary and session policy together permit a call. Each kind
 * (of the scopes each policy) must allow; a Deny in any of them wins. Source: IAM guide, policy evaluation logic.
 */
export function permit(question: PermitQuestion): Permit {
  const kinds: readonly { by: PolicyKind; policies: readonly Policy[] }[] = [
    { by: "identity-based policy", policies: question.policies },
    ...(question.boundary ? [{ by: "permissions boundary" as const, policies: [question.boundary] }] : []),
    ...(question.session ? [{ by: "session policy" as const, policies: question.session }] : []),
    ...(question.scopes ?? []).map((scope) => ({ by: "session policy" as const, policies: [scope] })),
  ];
  for (const { by, policies } of kinds) {
    if (policies.some((policy) => applies(policy, "Deny", question))) {
      return { outcome: "denied", explicit: true, by };
    }
  }
  for (const { by, policies } of kinds) {
    if (!policies.some((policy) => applies(policy, "Allow", question))) {
      return { outcome: "denied", explicit: false, by };
    }
  }
  return { outcome: "allowed" };
}

function applies(policy: Policy, effect: Statement["effect"], question: CallQuestion): boolean {
  const variables = expandsVariables(policy);
  return policy.statements.some((statement) => statement.effect === effect && speaks(statement, question, variables));
}

/** What a statement is asked about. */
export type CallQuestion = Pick<PermitQuestion, "action" | "resource" | "context">;

/** The statements of a policy that apply to a call, whatever their effect. */
export function matchingStatements(policy: Policy, question: CallQuestion): readonly Statement[] {
  const variables = expandsVariables(policy);
  return policy.statements.filter((statement) => speaks(statement, question, variables));
}

function speaks(statement: Statement, question: CallQuestion, variables: boolean): boolean {
  return (
    coversAction(statement, question.action) &&
    coversResource(statement, question, variables) &&
    evaluateConditions(statement, question.context, variables).every(({ pass }) => pass)
  );
}

function coversResource(
  { effect, resources, notResources }: Statement,
  { resource, context }: CallQuestion,
  variables: boolean,
): boolean {
  const match = (pattern: string): boolean | null => matchResource(pattern, resource, context, variables);
  if (resources) return resources.some((pattern) => match(pattern) === true);
  if (!notResources) return false;
  const matches = notResources.map(match);
  // A variable without a value: what AWS makes of it under NotResource is not documented. Nobody gains by it here.
  return !matches.includes(true) && (effect === "Deny" || !matches.includes(null));
}

/** null when a policy variable in the pattern has no value: such a pattern covers nothing. AWS IAM guide, policy variables. */
function matchResource(pattern: string, resource: string, context: Context, variables: boolean): boolean | null {
  const wanted = expand(pattern, context, variables);
  if (!wanted) return null;
  return pattern.startsWith("arn:") ? matchArnGlob(wanted.glob, resource) : matchGlob(wanted.glob, resource);
}
