import type { Check, CheckKind, Decision, Role } from "../../core/decide.ts";
import { diffTexts, nearestText, type TextDiff } from "./text-diff.ts";

/** How a check came out. */
export type State =
  | "pass"
  | "fail"
  /** Taken for granted: the signature of a token that is not signed yet. */
  | "unknown"
  /** STS had already answered. */
  | "skipped"
  /** Did not hold, and did not matter: another statement allowed, or a Deny did not apply. */
  | "aside";

export interface Line {
  readonly check: Check;
  readonly state: State;
  /** The policy's value that is nearest and the token's, where they differ. */
  readonly diff: TextDiff | null;
}

/** One statement of the trust policy, asked about one action. */
export interface StatementLines {
  /** Counted from 1. */
  readonly number: number;
  readonly effect: "Allow" | "Deny";
  readonly action: string;
  readonly state: State;
  readonly lines: readonly Line[];
}

/** One rung: everything that STS compares at that point. */
export interface Rung {
  readonly kind: RungKind;
  readonly state: State;
  readonly lines: readonly Line[];
  /** Of the trust policy. */
  readonly statements: readonly StatementLines[];
}

export type RungKind = Exclude<CheckKind, "principal" | "action" | "condition" | "statement">;

/** In the order in which STS looks. The roles claim is a rung only for a token that has one. */
const RUNGS: readonly RungKind[] = [
  "shape",
  "claims",
  "provider",
  "signature",
  "lifetime",
  "audience",
  "roles-claim",
  "role",
  "trust",
  "duration",
];

/**
 * A Decision as a ladder: every comparison that was made, where it belongs, and the rungs that were not reached. It
 * adds no verdict of its own.
 *
 * @param role of the decision, for the policy's values one by one; null where it is not at hand
 */
export function ladderOf(decision: Decision, role: Role | null): readonly Rung[] {
  const { checks } = decision;
  const kinds = RUNGS.filter((kind) => kind !== "roles-claim" || checks.some((check) => check.kind === kind));
  return kinds.map((kind) => {
    const own = checks.filter((check) => check.kind === kind);
    const statements = kind === "trust" ? statementsOf(decision, role) : [];
    const lines = own.map((check) => lineOf(check, stateOf(check), role));
    return { kind, lines, statements, state: rungState(own) };
  });
}

function rungState(checks: readonly Check[]): State {
  if (checks.length === 0) return "skipped";
  if (checks.some(({ pass }) => !pass)) return "fail";
  return checks.some((check) => stateOf(check) === "unknown") ? "unknown" : "pass";
}

function stateOf({ kind, pass, got }: Check): State {
  if (kind === "signature" && got.startsWith("not checked")) return "unknown";
  return pass ? "pass" : "fail";
}

/** The comparisons of each statement for each action, as the decision made them one after the other. */
function statementsOf(decision: Decision, role: Role | null): readonly StatementLines[] {
  const groups: Check[][] = [];
  for (const check of decision.checks) {
    if (check.kind === "principal") groups.push([check]);
    else if (check.kind === "action" || check.kind === "condition") groups.at(-1)?.push(check);
  }
  const verdicts = decision.checks.filter(({ kind }) => kind === "trust");
  return groups.map((checks) => {
    const { statement = 0, action = "", effect: deny }: Partial<Check> = checks[0] ?? {};
    const effect = deny ?? "Allow";
    const holds = checks.every(({ pass }) => pass);
    const allowed = verdicts.find((verdict) => verdict.action === action)?.pass === true;
    // Where another statement allowed, or a Deny kept out of it, what did not hold is no reason for anything.
    const without = allowed || effect === "Deny" ? "aside" : "fail";
    const state: State = holds ? (effect === "Deny" ? "fail" : "pass") : without;
    return {
      number: statement + 1,
      effect,
      action,
      state,
      lines: checks.map((check) => lineOf(check, check.pass ? "pass" : without, role)),
    };
  });
}

function lineOf(check: Check, state: State, role: Role | null): Line {
  const isSame = check.pass || state === "unknown";
  const wanted = isSame ? null : nearestText(check.got, wantedValues(check, role));
  return { check, state, diff: wanted === null || wanted === check.got ? null : diffTexts(wanted, check.got) };
}

/** What a check would have been content with, where it wants a text and not a kind of thing. */
function wantedValues(check: Check, role: Role | null): readonly string[] {
  if (check.got === "absent") return [];
  if (check.kind === "principal") return check.wanted.split(", ").filter((one) => one.startsWith("arn:"));
  if (check.kind === "audience") return /: (.+)$/s.exec(check.wanted)?.[1]?.split(", ") ?? [];
  if (check.kind !== "condition" || /^Null |Not|Numeric|Date|Bool|IpAddress/.test(check.wanted)) return [];
  const conditions = role?.trust.statements[check.statement ?? 0]?.conditions ?? [];
  const own = conditions.find(
    ({ key, operator, values }) => key === check.subject && check.wanted === `${operator} ${values.join(", ")}`,
  );
  return own?.values ?? [check.wanted.slice(check.wanted.indexOf(" ") + 1)];
}

/** The value and the operator that a condition was checked with: `StringEquals` and the rest. */
export function operatorOf({ kind, wanted }: Check): { readonly operator: string; readonly values: string } {
  const at = kind === "condition" ? wanted.indexOf(" ") : -1;
  return { operator: at < 0 ? "" : wanted.slice(0, at), values: wanted.slice(at + 1) };
}

/** What a rung that holds found, for a glance; null where there is nothing short to say. */
export function briefOf({ kind, state, lines }: Rung): string | null {
  const check = lines[0]?.check;
  return (state === "pass" && check && BRIEFS[kind]?.(check)) || null;
}

const BRIEFS: { readonly [Kind in RungKind]?: (check: Check) => string | undefined } = {
  provider: ({ got }) => got.slice(got.indexOf("/") + 1),
  signature: ({ got }) => /alg ([^,)]+)/.exec(got)?.[1],
  lifetime: ({ got }) => `exp ${got}`,
  audience: ({ got }) => got,
  role: ({ wanted }) => wanted.slice(wanted.lastIndexOf("/") + 1),
  duration: ({ got }) => `${got} s`,
};

/** Whether what STS says depends on its year. */
export function textsDiffer(decision: Decision): boolean {
  return decision.outcome === "denied" && decision.messages["2025"] !== decision.messages["2026"];
}
