import type { Check, Decision, StsTexts } from "../../core/decide.ts";
import type { Fix } from "../../core/fixes.ts";
import type { ExplainedFix } from "../../doctor/explained-fixes.ts";
import type { Allowance, Explanation, Near, RefusalExplained } from "../../doctor/explain.ts";
import { describePatch } from "../../doctor/fix-forms.ts";
import { printable } from "../report.ts";
import type { Colors } from "./colors.ts";

/** How many characters of two long texts are shown on either side of where they part. */
const AROUND = 60;

/** The ladder of checks in AWS's order, then what was wrong with it and how to mend it. */
export function renderExplanation(explanation: Explanation, texts: StsTexts, colors: Colors): string[] {
  const { decision, refusal, allowance, assumed } = explanation;
  return [
    ...shownChecks(decision).flatMap((check) => renderCheck(check, colors)),
    "",
    ...(decision.outcome === "allowed"
      ? [colors.good(`allowed by statement ${decision.statement + 1} of the trust policy`)]
      : [colors.bad(`refused: ${decision.code}: ${printable(decision.messages[texts])}`)]),
    ...(refusal ? renderRefusal(refusal, colors) : []),
    ...(allowance ? renderAllowance(allowance, colors) : []),
    ...assumed.map((text) => colors.faint(`taken for granted: ${printable(text)}`)),
  ];
}

/** Where one statement allows, what the others would have said is no part of why. */
function shownChecks(decision: Decision): readonly Check[] {
  if (decision.outcome === "denied") return decision.checks;
  return decision.checks.filter(({ statement }) => statement === undefined || statement === decision.statement);
}

function renderCheck(check: Check, colors: Colors): string[] {
  const { kind, pass, subject, statement, wanted, got, note } = check;
  const isUnknown = kind === "signature" && got.startsWith("not checked");
  const sign = isUnknown ? colors.faint("-") : pass ? colors.good("✓") : colors.bad("✗");
  const place = statement === undefined || kind === "trust" ? "" : `statement ${statement + 1} `;
  const isPlain = kind === "signature" || (SPEAKS_FOR_ITSELF.includes(kind) && pass);
  const what = isPlain ? "" : `${place}${printable(subject)}`;
  const head = `${sign} ${kind.padEnd(11)} ${what}`;
  if (pass) {
    const line = `${head}${what === "" ? "" : "  "}${colors.faint(printable(told(check)))}`;
    const isSame = kind !== "condition" || wanted.endsWith(` ${got}`);
    return isSame ? [line] : [line, colors.faint(`    policy  ${printable(wanted)}`)];
  }
  return [
    `${head}${note ? `${what === "" ? "" : ": "}${printable(note)}` : ""}`,
    `    wanted  ${printable(wanted)}`,
    `    got     ${printable(got)}`,
  ];
}

/** Checks whose name already says what they look at. */
const SPEAKS_FOR_ITSELF: readonly Check["kind"][] = ["shape", "claims"];

/** What was found, of a check that passed. */
function told({ kind, got, note }: Check): string {
  if (kind === "shape") return "a JWT that STS can read";
  if (kind === "claims") return "iss, sub, aud, iat and exp are there";
  if (kind !== "signature" || !note) return got;
  return got.startsWith("not checked") ? `not checked: ${note}` : note;
}

function renderRefusal({ failure, check, nearest, fixes }: RefusalExplained, colors: Colors): string[] {
  return [
    ...(failure ? [`why      ${colors.strong(failure.id)} ${failure.title}`] : []),
    ...(check ? [`decided  ${colors.strong(printable(check.subject))}`] : []),
    ...(nearest ? renderNear(nearest, colors) : []),
    ...fixes.filter(({ isAside }) => !isAside).flatMap((fix, at) => renderFix(fix, at === 0 ? "fix" : " or", colors)),
    ...(fixes.some(({ changes }) => changes) ? [colors.faint(OTHER_FORMS)] : []),
  ];
}

const OTHER_FORMS = "the fix alone, in another form: --fix aws, terraform, policy, patch, ci or rolecall";

function renderFix(fix: ExplainedFix, head: string, colors: Colors): string[] {
  const { where, text, steps, proof, changes = [], holdsOnce } = fix;
  const lines = (steps ?? [{ where, text }]).flatMap((step, at) => renderStep(step, at === 0 ? head : "and", colors));
  if (!proof) return lines;
  const { tried, alsoAdmits, indistinguishable } = proof;
  // A command has the whole policy in it; what changes would be hard to find there.
  const patches = where === "command" ? changes.flatMap((change) => change.forms.patch ?? []) : [];
  return [
    ...lines,
    ...patches.map((step) => `  change   ${printable(describePatch(step))}`),
    alsoAdmits.length === 0
      ? colors.faint(`  proved   lets this job in, and none of ${tried} neighbours that were tried`)
      : colors.bad(`  careful  lets in as well: ${few(alsoAdmits)}`),
    ...(holdsOnce ? [colors.bad("  careful  pins a part of sub that another run may not have")] : []),
    ...(indistinguishable.length > 0
      ? [colors.faint(`           to AWS the same job: ${few(indistinguishable)}`)]
      : []),
  ];
}

/** A command stands alone in its line, to be marked and pasted. */
function renderStep({ where, text }: Fix, head: string, colors: Colors): string[] {
  const typed = colors.good(printable(text));
  return where === "command" ? [`${head.padEnd(8)} run`, `  ${typed}`] : [`${head.padEnd(8)} ${where}: ${typed}`];
}

/** How many jobs are named; more would only hide the first. */
const NAMED = 3;

function few(jobs: readonly string[]): string {
  const more = jobs.length > NAMED ? ` and ${jobs.length - NAMED} more` : "";
  return printable(jobs.slice(0, NAMED).join(", ")) + more;
}

function renderAllowance({ failure, alsoAdmits, narrower }: Allowance, colors: Colors): string[] {
  return [
    ...(failure ? [`careful  ${colors.strong(failure.id)} ${failure.title}`] : []),
    ...(alsoAdmits.length > 0 ? [`lets in as well: ${few(alsoAdmits)}`] : []),
    ...(failure && narrower ? renderFix(narrower, "fix", colors) : []),
  ];
}

/** Both texts from a little before the place where they part, and a mark under it. */
function renderNear({ wanted, got, at }: Near, colors: Colors): string[] {
  const from = Math.max(0, at - AROUND);
  const cut = (text: string): string =>
    printable((from > 0 ? "…" : "") + text.slice(from, at + AROUND) + (text.length > at + AROUND ? "…" : ""));
  const before = printable((from > 0 ? "…" : "") + got.slice(from, at)).length;
  return [`  policy ${cut(wanted)}`, `  token  ${cut(got)}`, `         ${" ".repeat(before)}${colors.bad("^")}`];
}
