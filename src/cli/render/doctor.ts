import type { Finding, State } from "../../doctor/finding.ts";
import { printable } from "../report.ts";
import type { Colors } from "./colors.ts";

const SIGNS: Readonly<Record<State, string>> = { good: "✓", warning: "!", bad: "✗", unknown: "-" };

/** One line for each finding, and one for what mends it; the last line counts. */
export function renderFindings(findings: readonly Finding[], colors: Colors): readonly string[] {
  const count = (state: State): number => findings.filter((one) => one.state === state).length;
  const [bad, warnings] = [count("bad"), count("warning")];
  return [
    ...findings.flatMap((one) => renderFinding(one, colors)),
    "",
    bad + warnings === 0 ? colors.good("nothing is wrong") : `${bad} wrong, ${warnings} to look at`,
  ];
}

/** One finding, with what mends it. */
export function renderFinding({ place, state, says, failure, fix }: Finding, colors: Colors): readonly string[] {
  const paint = { good: colors.good, warning: colors.strong, bad: colors.bad, unknown: colors.faint }[state];
  const id = failure === undefined ? "" : `${colors.strong(failure)} `;
  const line = `${paint(SIGNS[state])} ${place.padEnd(11)} ${id}${printable(says)}`;
  return fix === undefined ? [line] : [line, `    fix: ${colors.good(printable(fix))}`];
}
