import type { Check, Decision, StsTexts } from "../../core/decide.ts";
import type { Explanation, Near, RefusalExplained } from "../../doctor/explain.ts";
import { printable } from "../report.ts";
import type { Colors } from "./colors.ts";

/** How many characters of two long texts are shown on either side of where they part. */
const AROUND = 60;

/** The ladder of checks in AWS's order, then what was wrong with it and how to mend it. */
export function renderExplanation(explanation: Explanation, texts: StsTexts, colors: Colors): string[] {
  const { decision, refusal, assumed } = explanation;
  return [
    ...shownChecks(decision).flatMap((check) => renderCheck(check, colors)),
    "",
    ...(decision.outcome === "allowed"
      ? [colors.good(`allowed by statement ${decision.statement + 1} of the trust policy`)]
      : [colors.bad(`refused: ${decision.code}: ${printable(decision.messages[texts])}`)]),
    ...(refusal ? renderRefusal(refusal, colors) : []),
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
    ...fixes.map(({ where, text }, at) => `${at === 0 ? "fix" : " or"}      ${where}: ${colors.good(printable(text))}`),
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
