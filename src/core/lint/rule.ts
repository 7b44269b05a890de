import type { AssumeGrant } from "../assume-role.ts";
import type { Provider } from "../decide.ts";
import type { Finding, Found, LintContext, LintRole } from "./finding.ts";
import { type Accepted, acceptedBy, type Meant, meantBy } from "./judge.ts";
import type { Severity } from "./severity.ts";
import { type Unit, unitsOf } from "./unit.ts";

/** What is found out about a role once, for all rules. */
export interface RoleFacts {
  readonly role: LintRole;
  readonly context: LintContext;
  readonly units: readonly Unit[];
  readonly accepted: readonly Accepted[];
  readonly meant: readonly Meant[];
}

export interface AccountFacts {
  /** Roles that trust an OIDC provider. */
  readonly roles: readonly RoleFacts[];
  readonly providers: readonly Provider[];
}

/** One row of the catalogue. */
export interface Rule {
  /** T: trust policy, P: provider, R: role, S: the CI's settings. */
  readonly id: string;
  readonly name: string;
  /** As a rule; a finding may be milder or worse, and says so. */
  readonly severity: Severity;
  readonly title: string;
  /** The token, or the call, that proves it. */
  readonly probe: string;
  readonly fix: string;
  readonly source: string;
  /** What of the CI's settings has to be known; nothing is found without. */
  readonly needs?: string;
  readonly role?: (facts: RoleFacts) => readonly Found[];
  readonly account?: (facts: AccountFacts) => readonly Found[];
}

export function factsOf(role: LintRole, context: LintContext): RoleFacts {
  const units = unitsOf(role, context);
  return { role, context, units, accepted: units.flatMap(acceptedBy), meant: units.flatMap(meantBy) };
}

/** A rule's findings with what the rule tells of all of them. */
export function completed(
  rule: Rule,
  found: readonly Found[],
  about: Pick<Finding, "resource" | "from" | "line">,
): readonly Finding[] {
  return found.map((one) => ({ severity: rule.severity, fix: rule.fix, ...about, ...one, rule: rule.id }));
}

/** The place of a condition in a trust policy. */
export function conditionPath(index: number, operator: string, key: string): string {
  return `Statement[${index}].Condition.${operator}["${key}"]`;
}

/** What a grant of AssumeRole is worth to the one who has it. */
export function lets(grant: AssumeGrant): boolean {
  return grant === "direct" || grant === "account";
}
