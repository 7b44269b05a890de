import { RULES } from "./lint/catalogue.ts";
import type { Finding, LintContext, LintRole } from "./lint/finding.ts";
import { type AccountFacts, completed, factsOf, type RoleFacts } from "./lint/rule.ts";
import { SEVERITIES } from "./lint/severity.ts";
import { providerUrl } from "./lint/unit.ts";

/** What is to be judged together: roles, and the providers of their account. */
export interface LintSubject extends LintContext {
  readonly roles: readonly LintRole[];
  /** Where the providers were read. */
  readonly from: string;
}

export interface LintResult {
  /** Worst first, then by resource. */
  readonly findings: readonly Finding[];
  /** Roles that trust an OIDC provider; the others are not for tokens, and were not judged. */
  readonly judged: number;
}

/**
 * Judges roles and providers. Each finding is proved by `decide`: by a token that gets the role and should not, or by
 * the one that was meant and does not.
 */
export function lint(subject: LintSubject): LintResult {
  const roles = subject.roles.filter(isForTokens);
  const facts = roles.map((role) => factsOf(role, subject));
  const findings = [...facts.flatMap(roleFindings), ...accountFindings(subject, facts)];
  return { findings: findings.toSorted(bySeverity), judged: roles.length };
}

/** The findings about one role. */
export function lintRole(role: LintRole, context: LintContext): readonly Finding[] {
  return roleFindings(factsOf(role, context)).toSorted(bySeverity);
}

/** True when a statement of the trust policy names an OIDC provider. */
export function isForTokens({ trust }: LintRole): boolean {
  return trust.statements.some(
    ({ effect, principals }) =>
      effect === "Allow" && (principals?.["Federated"] ?? []).some((one) => providerUrl(one) !== null),
  );
}

function roleFindings(facts: RoleFacts): readonly Finding[] {
  const { resource, from, line } = facts.role;
  const about = { resource, from, ...(line === undefined ? {} : { line }) };
  return RULES.flatMap((rule) => (rule.role ? completed(rule, rule.role(facts), about) : []));
}

/** Whether something is used can be told only of a whole account. */
function accountFindings(subject: LintSubject, roles: readonly RoleFacts[]): readonly Finding[] {
  if (!subject.allProviders) return [];
  const facts: AccountFacts = { roles, providers: subject.providers };
  const about = { resource: "", from: subject.from };
  return RULES.flatMap((rule) => (rule.account ? completed(rule, rule.account(facts), about) : []));
}

function bySeverity(a: Finding, b: Finding): number {
  const worse = SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity);
  if (worse !== 0) return worse;
  return a.resource === b.resource ? compare(a.rule, b.rule) : compare(a.resource, b.resource);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
