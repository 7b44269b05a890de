import { decide, type Check, type Decision, type Question } from "../core/decide.ts";
import { FAILURES, type FailureId } from "../core/failures.ts";
import { decisiveCheck, type Fix, fixesFor } from "../core/fixes.ts";
import { nameFailure } from "../core/name-failure.ts";
import type { Token } from "../core/token.ts";
import type { RoleView } from "./role-view.ts";

/** Everything that is to be said about one exchange. */
export interface Explanation {
  readonly decision: Decision;
  /** What the explanation rests on, and is not known. */
  readonly assumed: readonly string[];
  /** Null when the exchange would be allowed. */
  readonly refusal: RefusalExplained | null;
}

export interface RefusalExplained {
  /** The catalogue's entry; null where it has none. */
  readonly failure: { readonly id: FailureId; readonly title: string } | null;
  /** The comparison that decided. */
  readonly check: Check | null;
  /** The policy's value that was nearest, and where the token's departs from it. */
  readonly nearest: Near | null;
  readonly fixes: readonly Fix[];
}

/** Two texts that nearly match. */
export interface Near {
  readonly wanted: string;
  readonly got: string;
  /** Offset, in UTF-16 units, of the first character that differs. */
  readonly at: number;
}

export interface Request {
  readonly token: Token;
  readonly view: RoleView;
  readonly sessionName: string;
  /** Seconds. */
  readonly duration: number | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The CI's own file, and the token's scope as an entry of `allow:`. */
  readonly ciFile: string;
  readonly allowEntry: string | null;
}

/** Answers what STS would say to this token and why. The signature is taken for good: its keys are not asked for. */
export function explain({ token, view, sessionName, duration, now, ciFile, allowEntry }: Request): Explanation {
  const question: Question = {
    token,
    signature: "unchecked",
    provider: view.provider,
    role: view.role,
    request: { roleArn: view.roleArn, sessionName, ...(duration === undefined ? {} : { duration }) },
    now,
  };
  const decision = decide(question);
  if (decision.outcome === "allowed") return { decision, assumed: view.assumed, refusal: null };
  const id = nameFailure(decision, question);
  const check = decisiveCheck(decision);
  const nearest = check ? nearestOf(check, question) : null;
  const [, , , , account = "", roleName = ""] = view.roleArn.replace(":role/", ":").split(":");
  return {
    decision,
    assumed: view.assumed,
    refusal: {
      failure: id ? { id, title: FAILURES[id].title } : null,
      check,
      nearest,
      fixes: [
        ...(id === "F18" && check && nearest ? [underStringLike(check, nearest)] : []),
        ...fixesFor(decision, {
          token,
          provider: view.provider,
          roleName: roleName.slice(roleName.lastIndexOf("/") + 1),
          account,
          ciFile,
          allowEntry,
        }),
      ],
    },
  };
}

/** What the policy's author meant; the value stays as it is. */
function underStringLike({ subject }: Check, { wanted }: Near): Fix {
  return { where: "trust policy", text: `"StringLike": { ${JSON.stringify(subject)}: ${JSON.stringify(wanted)} }` };
}

function nearestOf(check: Check, { role, provider }: Question): Near | null {
  if (check.kind === "audience") return nearestTo(check.got, provider?.audiences ?? []);
  if (check.kind !== "condition") return null;
  const conditions = role?.trust.statements[check.statement ?? 0]?.conditions ?? [];
  const tried = conditions.filter(({ key, operator }) => key === check.subject && check.wanted.startsWith(operator));
  return nearestTo(
    check.got,
    tried.flatMap(({ values }) => values),
  );
}

/** The value that shares the longest beginning with the text; null when none shares any. */
export function nearestTo(got: string, values: readonly string[]): Near | null {
  const all = values.map((wanted) => ({ wanted, got, at: sharedLength(wanted, got) }));
  const [best] = all.toSorted((a, b) => b.at - a.at);
  return best && best.at > 0 ? best : null;
}

function sharedLength(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}
