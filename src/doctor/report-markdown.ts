import type { Finding } from "../core/lint/finding.ts";
import { findRule } from "../core/lint/catalogue.ts";
import { proofText } from "./report-proof.ts";
import { bySource, type ReportSource } from "./report-source.ts";

/** A table for a comment on a merge request, or one for each source. */
export function renderMarkdown(findings: readonly Finding[], sources: readonly ReportSource[] = []): string {
  return bySource(findings, sources)
    .map(({ source, findings: own }) => {
      const head = source === null ? "" : `### ${text(source.from)}\n\n`;
      const failed = source?.failure ?? null;
      return failed === null ? `${head}${table(own)}` : `${head}Not judged: ${text(failed)}\n`;
    })
    .join("\n");
}

function table(findings: readonly Finding[]): string {
  if (findings.length === 0) return "No findings.\n";
  const rows = findings.map((finding) => {
    const { rule, severity, resource, message, fix } = finding;
    const cells = [
      `**${severity}**`,
      `${rule} ${findRule(rule)?.name ?? ""}`.trim(),
      `${code(resource)}${placeOf(finding)}`,
      `${text(message)}<br>${code(proofText(finding))}`,
      text(fix),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return ["| Severity | Rule | Role or provider | Finding | Fix |", "|---|---|---|---|---|", ...rows, ""].join("\n");
}

/** File and line, where there is a line to look at. */
function placeOf({ from, line, resource }: Finding): string {
  if (line === undefined) return "";
  return from === resource ? ` line ${line}` : `<br>${code(`${from}:${line}`)}`;
}

// Names and claims are somebody else's text: none of it may become a link, a mention, or another cell.
function text(value: string): string {
  return oneLine(value).replaceAll(/[\\`*_[\]<>|@#!~&]/g, (one) => `&#${one.charCodeAt(0)};`);
}

function code(value: string): string {
  return `<code>${oneLine(value).replaceAll(/[\\`*_[\]<>|@#!~&]/g, (one) => `&#${one.charCodeAt(0)};`)}</code>`;
}

function oneLine(value: string): string {
  return value.replaceAll(/\s+/g, " ");
}
