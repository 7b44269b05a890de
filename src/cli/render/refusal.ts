import type { Decision, StsTexts } from "../../core/decide.ts";
import { decisiveCheck, type Fix } from "../../core/fixes.ts";
import { printable } from "../report.ts";
import type { Colors } from "./colors.ts";

type Denied = Extract<Decision, { outcome: "denied" }>;

/** A refusal for a person: AWS's words, the comparison that failed with its two sides, the fixes. */
export function renderRefusal(decision: Denied, fixes: readonly Fix[], texts: StsTexts, colors: Colors): string[] {
  const check = decisiveCheck(decision);
  const sides = check ? [["wanted", check.wanted] as const, ["got", check.got] as const] : [];
  const [wanted, got] = emphasize(
    sides.map(([, text]) => printable(text)),
    colors,
  );
  return [
    `AWS says   ${decision.code}: ${printable(decision.messages[texts])}`,
    ...(check
      ? [
          `wrong      ${colors.strong(printable(check.subject))}${check.note ? `: ${printable(check.note)}` : ""}`,
          `  wanted   ${wanted ?? ""}`,
          `  got      ${got ?? ""}`,
        ]
      : []),
    ...fixes.map(
      ({ where, text }, at) =>
        `${at === 0 ? "fix" : " or"}        ${printable(where)}: ${colors.good(printable(text))}`,
    ),
  ];
}

/** Marks where two texts part, so that `main` against `dev` is seen at once. */
function emphasize([wanted = "", got = ""]: readonly string[], colors: Colors): readonly [string, string] {
  const end = wanted.slice(wanted.lastIndexOf(" ") + 1);
  let same = 0;
  while (same < got.length && got[same] === end[same]) same++;
  if (same === 0) return [wanted, colors.bad(got)];
  const head = wanted.slice(0, wanted.length - end.length + same);
  return [head + colors.good(wanted.slice(head.length)), got.slice(0, same) + colors.bad(got.slice(same))];
}
