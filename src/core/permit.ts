import { type Context, coversAction, evaluateConditions, expandsVariables } from "./conditions.ts";
import { matchArnGlob, matchGlob, parseGlob } from "./glob.ts";
import type { Policy, Statement } from "./policy.ts";

/** A signed call, and the policies that may allow it. */
export interface PermitQuestion {
  /** Identity policies: inline and attached, in any order. */
  readonly policies: readonly Policy[];
  /** Each of these must allow as well. */
  readonly boundary?: Policy | null;
  readonly session?: readonly Policy[] | null;
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
 * must allow; a Deny in any of them wins. Source: IAM guide, policy evaluation logic.
 */
export function permit(question: PermitQuestion): Permit {
  const kinds: readonly { by: PolicyKind; policies: readonly Policy[] }[] = [
    { by: "identity-based policy", policies: question.policies },
    ...(question.boundary ? [{ by: "permissions boundary" as const, policies: [question.boundary] }] : []),
    ...(question.session ? [{ by: "session policy" as const, policies: question.session }] : []),
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

function applies(policy: Policy, effect: Statement["effect"], question: PermitQuestion): boolean {
  const variables = expandsVariables(policy);
  return policy.statements.some(
    (statement) =>
      statement.effect === effect &&
      coversAction(statement, question.action) &&
      coversResource(statement, question.resource) &&
      evaluateConditions(statement, question.context, variables).every(({ pass }) => pass),
  );
}

function coversResource(statement: Statement, resource: string): boolean {
  const covers = (patterns: readonly string[]): boolean => patterns.some((pattern) => matchResource(pattern, resource));
  if (statement.resources) return covers(statement.resources);
  return statement.notResources ? !covers(statement.notResources) : false;
}

function matchResource(pattern: string, resource: string): boolean {
  const glob = parseGlob(pattern);
  return pattern.startsWith("arn:") ? matchArnGlob(glob, resource) : matchGlob(glob, resource);
}
