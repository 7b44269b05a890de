import type { Rule } from "./rule.ts";
import { DEAD_RULES } from "./rules/dead.ts";
import { OPEN_RULES } from "./rules/open.ts";
import { PROVIDER_RULES } from "./rules/provider.ts";
import { ROLE_RULES } from "./rules/role.ts";

/** Every rule, by its id. */
export const RULES: readonly Rule[] = [...OPEN_RULES, ...DEAD_RULES, ...PROVIDER_RULES, ...ROLE_RULES].toSorted(
  (a, b) => order(a).localeCompare(order(b)),
);

/** T before P before R. */
function order({ id }: Rule): string {
  return `${"TPR".indexOf(id.slice(0, 1))}${id}`;
}

export function findRule(id: string): Rule | undefined {
  return RULES.find((rule) => rule.id === id.toUpperCase());
}
