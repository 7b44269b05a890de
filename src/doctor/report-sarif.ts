import type { Rule } from "../core/lint/rule.ts";
import type { Finding } from "../core/lint/finding.ts";
import type { Severity } from "../core/lint/severity.ts";
import { fingerprint } from "./lint-accepted.ts";
import { analyzerCheck } from "./report-analyzer.ts";
import { proofText } from "./report-proof.ts";
import { bySource, type ReportSource } from "./report-source.ts";

/** SARIF's levels, and the number by which GitHub sorts. Source: SARIF 2.1.0, section 3.27.10; GitHub docs, SARIF support. */
const LEVELS: Readonly<Record<Severity, { readonly level: string; readonly score: string }>> = {
  critical: { level: "error", score: "9.5" },
  high: { level: "error", score: "8.0" },
  medium: { level: "warning", score: "5.5" },
  low: { level: "note", score: "3.0" },
  info: { level: "note", score: "1.0" },
};

/** SARIF 2.1.0: a run for each source, with the rules that were found there. */
export function renderSarif(
  findings: readonly Finding[],
  rules: readonly Rule[],
  version: string,
  sources: readonly ReportSource[] = [],
): string {
  const runs = bySource(findings, sources).map((one) => runOf(one.findings, rules, version, one.source));
  const document = { $schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function runOf(
  findings: readonly Finding[],
  rules: readonly Rule[],
  version: string,
  source: ReportSource | null,
): object {
  const used = rules.filter(({ id }) => findings.some(({ rule }) => rule === id));
  const failure = source?.failure ?? null;
  const notifications = failure === null ? [] : [{ level: "error", message: { text: failure } }];
  return {
    tool: { driver: { name: "rolecall", version, rules: used.map(ruleOf) } },
    // GitHub takes several runs of one tool only when their categories differ. Source: GitHub docs, SARIF support.
    ...(source === null
      ? {}
      : {
          automationDetails: { id: `rolecall/${uriOf(source.from)}/` },
          invocations: [{ executionSuccessful: failure === null, toolExecutionNotifications: notifications }],
        }),
    columnKind: "utf16CodeUnits",
    results: findings.map((finding) => resultOf(finding, used)),
  };
}

function ruleOf({ id, name, severity, title, probe, fix, source }: Rule): object {
  const check = analyzerCheck(id);
  return {
    id,
    name,
    shortDescription: { text: title },
    fullDescription: { text: `Proved by: ${probe}. Source: ${source}` },
    help: { text: fix },
    defaultConfiguration: { level: LEVELS[severity].level },
    properties: {
      "security-severity": LEVELS[severity].score,
      tags: ["security"],
      ...(check === null ? {} : { accessAnalyzer: check.code }),
    },
  };
}

function resultOf(finding: Finding, used: readonly Rule[]): object {
  const { rule, severity, resource, from, message, path, proof, fix } = finding;
  return {
    ruleId: rule,
    ruleIndex: used.findIndex(({ id }) => id === rule),
    level: LEVELS[severity].level,
    message: { text: `${resource}: ${message}. ${proofText(finding)}. Fix: ${fix}` },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(from) }, region: regionOf(finding) },
        logicalLocations: [{ fullyQualifiedName: path === undefined ? resource : `${resource} ${path}` }],
      },
    ],
    partialFingerprints: { "rolecall/v1": fingerprint(finding) },
    properties: { severity, proof },
  };
}

function regionOf({ line = 1, region }: Finding): object {
  if (!region) return { startLine: line };
  const { line: startLine, column: startColumn, endLine, endColumn } = region;
  return { startLine, startColumn, endLine, endColumn };
}

/** A path as a URI reference; names of accounts too. */
function uriOf(from: string): string {
  return from.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
}
