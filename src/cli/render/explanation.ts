import type { Check, Decision, StsTexts } from "../../core/decide.ts";
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
  const unknown = check.kind === "signature" && check.got.startsWith("not checked");
  const sign = unknown ? colors.faint("-") : check.pass ? colors.good("✓") : colors.bad("✗");
  const place = check.statement === undefined || check.kind === "trust" ? "" : `statement ${check.statement + 1} `;
  const head = `${sign} ${check.kind.padEnd(11)} ${place}${printable(check.subject)}`;
  if (check.pass) return [`${head}  ${colors.faint(printable(check.got))}`];
  return [
    `${head}${check.note ? `: ${printable(check.note)}` : ""}`,
    `    wanted  ${printable(check.wanted)}`,
    `    got     ${printable(check.got)}`,
  ];
}

function renderRefusal({ failure, check, nearest, fixes }: RefusalExplained, colors: Colors): string[] {
  return [
    ...(failure ? [`why      ${colors.strong(failure.id)} ${failure.title}`] : []),
    ...(check ? [`decided  ${colors.strong(printable(check.subject))}`] : []),
    ...(nearest ? renderNear(nearest, colors) : []),
    ...fixes.flatMap((fix, at) => renderFix(fix, at === 0 ? "fix" : " or", colors)),
  ];
}

function renderFix({ where, text, proof, changes = [] }: ExplainedFix, head: string, colors: Colors): string[] {
  const line = `${head}      ${where}: ${colors.good(printable(text))}`;
  if (!proof) return [line];
  const { tried, alsoAdmits, indistinguishable } = proof;
  // A command has the whole policy in it; what changes would be hard to find there.
  const patches = where === "command" ? changes.flatMap((change) => change.forms.patch ?? []) : [];
  return [
    line,
    ...patches.map((step) => `  change   ${printable(describePatch(step))}`),
    alsoAdmits.length === 0
      ? colors.faint(`  proved   lets this job in, and none of ${tried} neighbours that were tried`)
      : colors.bad(`  careful  lets in as well: ${few(alsoAdmits)}`),
    ...(indistinguishable.length > 0
      ? [colors.faint(`           to AWS the same job: ${few(indistinguishable)}`)]
      : []),
  ];
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
    ...(failure && narrower ? [`fix      ${narrower.where}: ${colors.good(printable(narrower.text))}`] : []),
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
