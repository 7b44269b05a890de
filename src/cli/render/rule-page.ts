import { RolecallError } from "../../core/errors.ts";
import { findRule, RULES } from "../../core/lint/catalogue.ts";
import { analyzerCheck } from "../../doctor/report-analyzer.ts";

/**
 * One rule of `rolecall lint`, for `rolecall help T010`.
 *
 * @throws RolecallError `usage` when there is none of that id
 */
export function rulePage(id: string): string {
  const rule = findRule(id);
  if (!rule) {
    throw new RolecallError("usage", `help: there is no rule ${id.toUpperCase()}: expected ${ranges()}`, {
      hints: ["rolecall help rules lists them"],
    });
  }
  const check = analyzerCheck(rule.id);
  return [
    `${rule.id} ${rule.name}: ${rule.title}`,
    "",
    `severity  ${rule.severity}, as a rule; what a finding tells of may be milder or worse`,
    ...paragraph("proof", rule.probe),
    ...paragraph("fix", rule.fix),
    ...(rule.needs === undefined
      ? []
      : paragraph("needs", `${rule.needs}: --ask-ci of lint and audit, or --ci-facts FILE`)),
    ...paragraph("source", rule.source),
    ...(check === null ? [] : [`analyzer  ${check.code} of IAM Access Analyzer (${check.type})`]),
    "",
  ].join("\n");
}

/** Every rule in a line, for `rolecall help rules`. */
export function ruleList(): string {
  const rows = RULES.map(({ id, severity, title }) => `  ${id}  ${severity.padEnd(8)}  ${title}`);
  return `rules of lint and audit\n${rows.join("\n")}\n\nrolecall help T010 shows one\n`;
}

/** `T001 to T036, P001 to P008` */
function ranges(): string {
  return ["T", "P", "R", "S"]
    .map((letter) => {
      const ids = RULES.map(({ id }) => id).filter((id) => id.startsWith(letter));
      return `${ids[0] ?? ""} to ${ids.at(-1) ?? ""}`;
    })
    .join(", ");
}

const WIDTH = 100;
const INDENT = 10;

/** A name, and behind it a text in lines that a terminal does not break. */
function paragraph(name: string, text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH - INDENT)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line, index) => `${(index === 0 ? name : "").padEnd(INDENT)}${line}`);
}
