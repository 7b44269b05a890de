import type { Ci } from "../ci/ci.ts";
import { readRoleArn } from "../core/arn.ts";
import type { Decision, Question } from "../core/decide.ts";
import { FAILURES } from "../core/failures.ts";
import type { JobEvidence } from "../core/failures/failure.ts";
import { type Fix, fixesFor } from "../core/fixes.ts";
import type { FailureName } from "../core/name-failure.ts";
import { CATALOGUE } from "./catalogue.ts";
import type { Change } from "./change.ts";
import type { Request } from "./request.ts";
import { describePatch, type FixForms, type FormContext, formsOf } from "./fix-forms.ts";
import { mend, type Mending, type Proof } from "./mend.ts";
import type { RoleView } from "./role-view.ts";

type Denied = Extract<Decision, { outcome: "denied" }>;

/** A fix, with its proof where it is a change that could be tried in memory. */
export interface ExplainedFix extends Fix {
  /** One after the other, where it takes more than one. */
  readonly steps?: readonly Fix[];
  /** It pins a part of the subject that another run may not have. */
  readonly holdsOnce?: true;
  /** Of a form that what was read does not show to be in use; told where it is asked for. */
  readonly isAside?: true;
  readonly changes?: readonly (Change & { readonly forms: FixForms })[];
  readonly proof?: Proof;
}

// Here the job is refused with good reason: to trust it is not the first thing to do, and of a fork nothing to do.
const ADVISED: ReadonlySet<FailureName> = new Set(["F11", "F28", "F30"]);

/** Ways to mend a refusal: advice, what is proved, or what the catalogue says. */
export function fixesOf(
  id: FailureName | null,
  question: Question,
  decision: Denied,
  request: Request,
): readonly ExplainedFix[] {
  const advised = id && ADVISED.has(id) ? catalogueFix(id, request) : [];
  if (id === "F30") return advised;
  if (decision.checks.at(-1)?.kind === "signature") return issuerFixes(id, request);
  const proved = provedFixes(question, decision, request);
  const { similar } = request.view;
  const respelt =
    similar === undefined || question.role ? [] : [{ where: "job", text: `the role is ${similar}: --role ${similar}` }];
  return [...advised, ...respelt, ...(proved.length > 0 ? proved : plainFixes(id, decision, request))];
}

/** The issuer's documents are not in the account. */
function issuerFixes(id: FailureName | null, request: Request): readonly Fix[] {
  const { fix } = request.signature;
  const first: readonly Fix[] =
    fix === undefined ? (id === null ? [] : catalogueFix(id, request)) : [{ where: "issuer", text: fix }];
  const past = { where: "to see the rest", text: "--offline takes the signature for good" };
  return [...first, past];
}

/** What to do where nothing in the account is to be changed. */
function plainFixes(
  id: FailureName | null,
  decision: Denied,
  { token, view, ci, allowEntry, now }: Request,
): readonly Fix[] {
  const role = readRoleArn(view.roleArn);
  const fixes = fixesFor(decision, {
    token,
    provider: view.provider,
    roleName: role?.name ?? "",
    account: role?.account ?? "",
    ciFile: ci?.file ?? "the CI file",
    allowEntry,
  });
  return fixes.length > 0 || id === null ? fixes : catalogueFix(id, { token, view, now });
}

/** What the catalogue says, with this token's own values where it knows how. */
function catalogueFix(id: FailureName, { token, view, now }: Pick<Request, "token" | "view" | "now">): readonly Fix[] {
  const role = readRoleArn(view.roleArn);
  const known: Readonly<Record<string, { readonly fix: (evidence: JobEvidence) => string } | undefined>> = FAILURES;
  const own = role ? known[id]?.fix({ claims: token.claims, role, now, stsDate: null }) : undefined;
  const texts = own === undefined ? (CATALOGUE.get(id)?.fixes ?? []) : [own];
  return texts.map((text) => ({ where: text.startsWith("aws ") ? "command" : "job", text }));
}

function provedFixes(question: Question, decision: Denied, request: Request): readonly ExplainedFix[] {
  const { view, ci } = request;
  const context = formContext(request);
  const found = mend(question, decision, {
    document: view.document,
    ci,
    audienceIsChosen: ci?.fixedAudience !== true,
  });
  const explained = (list: readonly Mending[]): readonly ExplainedFix[] =>
    list.slice(0, MOST_FIXES).map(({ changes, proof, asAllow, holdsOnce }) => ({
      ...(asAllow ? asEntry(request, context.roleName) : wordsOf(changes, request, context)),
      changes: changes.map((change) => ({ ...change, forms: formsOf(change, context) })),
      proof,
      ...(holdsOnce ? { holdsOnce } : {}),
    }));
  if (view.source === "config") return explained(found);
  // Who keeps the role in rolecall.yaml mends it there, and nobody else can.
  const aside = explained(found.filter((one) => one.asAllow)).map((one) => ({ ...one, isAside: true as const }));
  return [...explained(found.filter((one) => !one.asAllow)), ...aside];
}

/** More would only hide the first. */
const MOST_FIXES = 3;

function asEntry({ allowEntry }: Request, roleName: string): Fix {
  return { where: "rolecall.yaml", text: `under roles.${roleName}.allow:  - ${allowEntry ?? ""}` };
}

function audienceLine(ci: Ci | null, audience: string): string {
  const lines = ci?.snippet({ audience }).split("\n") ?? [];
  // Where a job asks for its tokens itself, the audience is an input of what asks.
  return (
    lines.find((line) => line.includes(audience)) ?? `--audience ${audience}, or audience: ${audience} of an action`
  );
}

/** The first change in the form of its source, and that others must follow. */
function wordsOf(
  changes: readonly Change[],
  { view, ci }: Request,
  context: FormContext,
): Fix & Pick<ExplainedFix, "steps"> {
  const texts = changes.map((change) => wordOf(change, view.source, ci, context));
  const [first = { where: "", text: "" }, ...others] = texts;
  return {
    where: first.where,
    text: [first.text, ...others.map(({ where, text }) => `and ${where}: ${text}`)].join("; "),
    ...(others.length > 0 ? { steps: texts } : {}),
  };
}

/** A change in the form of what was read. */
export function wordOf(change: Change, source: RoleView["source"], ci: Ci | null, context: FormContext): Fix {
  const { aws, patch, ciFile } = formsOf(change, context);
  if (change.kind === "token-audience") return { where: ci?.file ?? "the CI file", text: ciFile ?? "" };
  if (change.kind === "duration") return { where: "job", text: `ask for less: ${ciFile ?? ""}` };
  if (change.kind === "trust-policy" && source !== "iam") {
    return { where: "trust policy", text: (patch ?? []).map(describePatch).join("; ") };
  }
  return { where: "command", text: aws ?? "" };
}

/** What the forms of a fix name beside the change. */
export function formContext({ view, ci }: Request): FormContext {
  const role = readRoleArn(view.roleArn);
  return {
    roleName: role?.name ?? "ROLE",
    account: role?.account ?? "",
    ciLines: (audience) => audienceLine(ci, audience),
  };
}
