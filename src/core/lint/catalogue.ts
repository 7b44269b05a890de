import type { Rule } from "./rule.ts";
import { ACTION_RULES } from "./rules/action-rules.ts";
import { KEY_RULES } from "./rules/key-rules.ts";
import { OPEN_RULES } from "./rules/open-rules.ts";
import { PLATFORM_RULES } from "./rules/platform-rules.ts";
import { PRINCIPAL_RULES } from "./rules/principal-rules.ts";
import { PROVIDER_RULES } from "./rules/provider-rules.ts";
import { REGISTRATION_RULES } from "./rules/registration-rules.ts";
import { ROLE_RULES } from "./rules/role-rules.ts";
import { SUBJECT_FACTS_RULES } from "./rules/subject-facts-rules.ts";
import { UNSAVED_RULES } from "./rules/unsaved-rules.ts";
import { VALUE_RULES } from "./rules/value-rules.ts";

/** Every rule, by its id. */
export const RULES: readonly Rule[] = [
  ...OPEN_RULES,
  ...KEY_RULES,
  ...VALUE_RULES,
  ...ACTION_RULES,
  ...PRINCIPAL_RULES,
  ...UNSAVED_RULES,
  ...REGISTRATION_RULES,
  ...PROVIDER_RULES,
  ...ROLE_RULES,
  ...SUBJECT_FACTS_RULES,
  ...PLATFORM_RULES,
].toSorted((a, b) => order(a).localeCompare(order(b)));

/** T before P before R before S. */
function order({ id }: Rule): string {
  return `${"TPRS".indexOf(id.slice(0, 1))}${id}`;
}

export function findRule(id: string): Rule | undefined {
  return RULES.find((rule) => rule.id === id.toUpperCase());
}
