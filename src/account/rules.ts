import { FILE_RULES } from "./rules/file-rules.ts";
import { ISSUER_RULES } from "./rules/issuer-rules.ts";
import { ROLE_RULES } from "./rules/role-rules.ts";
import type { Rule } from "./rules/rule.ts";
import { SCOPE_RULES } from "./rules/scope-rules.ts";

/**
 * Every kind of value in rolecall.yaml. What is refused although IAM would take it is refused because
 * it lets in more than it seems to, or nobody at all. A rule that accepts everything is one that
 * `schema.ts` applies itself, since it needs more than the value.
 */
export const RULES = { ...FILE_RULES, ...ISSUER_RULES, ...SCOPE_RULES, ...ROLE_RULES } as const;

export type RuleId = keyof typeof RULES;

/** A rule by its id, in the general shape. */
export function ruleOf(id: RuleId): Rule {
  return RULES[id];
}

export function isRuleId(text: string): text is RuleId {
  return Object.hasOwn(RULES, text);
}
