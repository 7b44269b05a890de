import type { Scope } from "../../ci/ci.ts";
import { CIS } from "../../ci/index.ts";
import type { Condition, Statement } from "../../core/policy.ts";
import { type AccountRole, roleOf } from "./account.ts";

/** Whom one value of `sub` lets in, as far as a CI's grammar can read it. */
export type Subject =
  | { readonly kind: "scope"; readonly scope: Scope; readonly text: string }
  /** Of an issuer whose grammar is not known, or in a form of its own. */
  | { readonly kind: "text"; readonly text: string };

/** One statement of a trust policy in its parts: who may come in by it. */
export interface Reach {
  /** Counted from 1. */
  readonly number: number;
  readonly effect: "Allow" | "Deny";
  /** URLs of OIDC providers; another principal is in {@link others}. */
  readonly providers: readonly string[];
  readonly others: readonly string[];
  readonly actions: readonly string[];
  /** Null where the statement does not ask. */
  readonly audiences: readonly string[] | null;
  /** Null where the statement does not ask: every job of the issuer. */
  readonly subjects: readonly Subject[] | null;
  /** What else it asks, as it is written. */
  readonly rest: readonly Condition[];
}

/** Whom a role's trust policy lets in, statement by statement. */
export function reachOf(role: AccountRole): readonly Reach[] {
  return roleOf(role).trust.statements.map(reachOfStatement);
}

function reachOfStatement(statement: Statement, at: number): Reach {
  const { effect, principals = {}, conditions } = statement;
  const federated = principals["Federated"] ?? [];
  const providers = federated.flatMap((arn) => /:oidc-provider\/(.+)$/.exec(arn)?.[1] ?? []);
  const others = Object.entries(principals).flatMap(([type, ids]) =>
    ids.filter((id) => type !== "Federated" || !id.includes(":oidc-provider/")),
  );
  const [issuer = ""] = providers;
  const audience = naming(conditions, `${issuer}:aud`);
  const subject = naming(conditions, `${issuer}:sub`);
  return {
    number: at + 1,
    effect,
    providers,
    others,
    actions: statement.actions ?? [],
    audiences: audience?.values ?? null,
    subjects: subject?.values.map((text) => readSubject(issuer, text)) ?? null,
    rest: conditions.filter((one) => one !== audience && one !== subject),
  };
}

/** The first condition that names the values of a key. */
function naming(conditions: readonly Condition[], wanted: string): Condition | undefined {
  return conditions.find(
    ({ key, operator }) =>
      key.toLowerCase() === wanted.toLowerCase() && /^(ForAnyValue:)?String(Equals|Like)$/.test(operator),
  );
}

function readSubject(issuer: string, text: string): Subject {
  const known = CIS.filter((ci) => ci.issuer === `https://${issuer}`);
  // The CI without a form of its own reads everything as a project, which says no more than the subject.
  const candidates = known.length > 0 ? known : CIS.filter(({ id }) => id !== "custom");
  for (const ci of candidates) {
    const scope = ci.scopeOf({ iss: `https://${issuer}`, sub: text });
    if (scope) return { kind: "scope", scope, text };
  }
  return { kind: "text", text };
}
