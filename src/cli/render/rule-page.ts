import { findRule } from "../../core/lint/catalogue.ts";

/** One rule of `rolecall lint`, for `rolecall help T010`; null when there is none of that id. */
export function rulePage(id: string): string | null {
  const rule = findRule(id);
  if (!rule) return null;
  return [
    `${rule.id} ${rule.name}: ${rule.title}`,
    "",
    `severity  ${rule.severity}, as a rule`,
    `proof     ${rule.probe}`,
    `fix       ${rule.fix}`,
    `source    ${rule.source}`,
    "",
  ].join("\n");
}
