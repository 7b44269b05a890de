/** A check of IAM Access Analyzer's ValidatePolicy. */
export interface AnalyzerCheck {
  /** `issueCode` of its findings. */
  readonly code: string;
  readonly type: "ERROR" | "SECURITY_WARNING" | "WARNING";
}

/**
 * The check of Access Analyzer that says of a policy's text what a rule proves by a token; the other rules have none,
 * since it does not ask whose token that would be. Source: IAM guide, access-analyzer-reference-policy-checks.
 */
const CHECKS: Readonly<Record<string, AnalyzerCheck>> = {
  T010: { code: "FORALLVALUES_WITH_SINGLE_VALUED_KEY", type: "SECURITY_WARNING" },
  T025: { code: "MISMATCHED_ACTION_FOR_PRINCIPAL", type: "ERROR" },
  T026: { code: "WILDCARD_WITHOUT_LIKE_OPERATOR", type: "WARNING" },
};

/** The check that corresponds to a rule; null where there is none. */
export function analyzerCheck(rule: string): AnalyzerCheck | null {
  return CHECKS[rule] ?? null;
}
