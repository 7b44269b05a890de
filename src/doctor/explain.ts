import { decide, type Check, type Decision, type Question } from "../core/decide.ts";
import { decisiveCheck } from "../core/fixes.ts";
import { type FailureName, nameAllowance, nameFailure } from "../core/name-failure.ts";
import { CATALOGUE } from "./catalogue.ts";
import { type ExplainedFix, fixesOf, formContext, wordOf } from "./explained-fixes.ts";
import { formsOf } from "./fix-forms.ts";
import { alsoAdmitted, narrow } from "./mend.ts";
import type { Request } from "./request.ts";
import type { RoleView } from "./role-view.ts";
import type { SignatureVerdict } from "./signature-verdict.ts";

/** Everything that is to be said about one exchange. */
export interface Explanation {
  readonly decision: Decision;
  /** What the explanation rests on, and is not known. */
  readonly assumed: readonly string[];
  /** Null when the exchange would be allowed. */
  readonly refusal: RefusalExplained | null;
  /** Null when it would be refused. */
  readonly allowance: Allowance | null;
}

/** An entry of the failure catalogue. */
export interface Named {
  readonly id: FailureName;
  readonly title: string;
}

/** An exchange that works may work for too many. */
export interface Allowance {
  /** The catalogue's entry for a policy that lets in more than was meant; null where none is known. */
  readonly failure: Named | null;
  /** Neighbours of this job that the policy lets in as well. */
  readonly alsoAdmits: readonly string[];
  /** The exact statement for this job instead, where that refuses them all; null where there is nothing to narrow. */
  readonly narrower: (ExplainedFix & { readonly shutsOut: readonly string[] }) | null;
}

export interface RefusalExplained {
  /** The catalogue's entry; null where it has none. */
  readonly failure: Named | null;
  /** The comparison that decided. */
  readonly check: Check | null;
  /** The policy's value that was nearest, and where the token's departs from it. */
  readonly nearest: Near | null;
  /** The narrowest first. */
  readonly fixes: readonly ExplainedFix[];
}

/** Two texts that nearly match. */
export interface Near {
  readonly wanted: string;
  readonly got: string;
  /** Offset, in UTF-16 units, of the first character that differs. */
  readonly at: number;
}

/** Answers what STS would say to this token and why. A signature that was not checked is taken for good. */
export function explain(request: Request): Explanation {
  const { token, view, sessionName, region, duration, now, signature } = request;
  const question: Question = {
    token,
    signature: signature.state,
    provider: view.provider,
    role: view.role,
    request: {
      roleArn: view.roleArn,
      sessionName,
      secureTransport: true,
      ...(region === undefined ? {} : { region }),
      ...(duration === undefined ? {} : { duration }),
    },
    now,
  };
  const decision = withNote(decide(question), signature);
  const assumed = [...view.assumed, ...unknownOf(view)];
  return decision.outcome === "allowed"
    ? { decision, assumed, refusal: null, allowance: allowanceOf(decision, question, request) }
    : { decision, assumed, refusal: refusalOf(question, decision, request), allowance: null };
}

/** The decision with what is known of the signature beside its check. */
function withNote(decision: Decision, { says }: SignatureVerdict): Decision {
  const checks = decision.checks.map((check) => (check.kind === "signature" ? { ...check, note: says } : check));
  return { ...decision, checks };
}

/** What the policy asks of the request that nobody here can know. */
function unknownOf({ role }: RoleView): readonly string[] {
  const keys = role?.trust.statements.flatMap(({ conditions }) => conditions.map(({ key }) => key.toLowerCase())) ?? [];
  return keys.includes("aws:sourceip")
    ? ["no address: where the job asks from is not known here, so that no condition on aws:SourceIp is met"]
    : [];
}

function allowanceOf(decision: Allowed, question: Question, request: Request): Allowance {
  const { ci, view } = request;
  const alsoAdmits = alsoAdmitted(question, ci);
  const context = formContext(request);
  const found = narrow(question, decision.statement, { document: view.document, ci, audienceIsChosen: false });
  return {
    failure: entry(nameAllowance(decision, question, alsoAdmits.length > 0)),
    alsoAdmits,
    narrower: found && {
      ...wordOf(found.change, view.source, ci, context),
      changes: [{ ...found.change, forms: formsOf(found.change, context) }],
      shutsOut: found.shutsOut,
    },
  };
}

function entry(id: FailureName | null): Named | null {
  return id && { id, title: CATALOGUE.get(id)?.title ?? "" };
}

function refusalOf(question: Question, decision: Denied, request: Request): RefusalExplained {
  const id = nameRefusal(question, decision, request);
  const check = decisiveCheck(decision);
  const nearest = check ? nearestOf(check, question) : null;
  return { failure: entry(id), check, nearest, fixes: fixesOf(id, question, decision, request) };
}

/** Which of the issuer's documents is wrong the outside tells, and the decision does not. */
function nameRefusal(question: Question, decision: Denied, { view, signature }: Request): FailureName | null {
  const { failure } = signature;
  if (decision.checks.at(-1)?.kind === "signature" && failure !== undefined) return failure as FailureName;
  return nameFailure(decision, question, view.otherProviders);
}

type Denied = Extract<Decision, { outcome: "denied" }>;
type Allowed = Extract<Decision, { outcome: "allowed" }>;

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
