import type { Rule } from "../core/lint/rule.ts";
import type { Finding } from "../core/lint/finding.ts";
import type { Severity } from "../core/lint/severity.ts";
import { fingerprint } from "./lint-accepted.ts";
import { proofText } from "./report-proof.ts";

/** SARIF's levels, and the number by which GitHub sorts. Source: SARIF 2.1.0, section 3.27.10; GitHub docs, SARIF support. */
const LEVELS: Readonly<Record<Severity, { readonly level: string; readonly score: string }>> = {
  critical: { level: "error", score: "9.5" },
  high: { level: "error", score: "8.0" },
  medium: { level: "warning", score: "5.5" },
  low: { level: "note", score: "3.0" },
  info: { level: "note", score: "1.0" },
};

/** SARIF 2.1.0 with the rules that were found. */
export function renderSarif(findings: readonly Finding[], rules: readonly Rule[], version: string): string {
  const used = rules.filter(({ id }) => findings.some(({ rule }) => rule === id));
  const run = {
    tool: { driver: { name: "rolecall", version, rules: used.map(ruleOf) } },
    results: findings.map((finding) => resultOf(finding, used)),
  };
  const document = { $schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function ruleOf({ id, name, severity, title, probe, fix, source }: Rule): object {
  return {
    id,
    name,
    shortDescription: { text: title },
    fullDescription: { text: `Proved by: ${probe}. Source: ${source}` },
    help: { text: fix },
    defaultConfiguration: { level: LEVELS[severity].level },
    properties: { "security-severity": LEVELS[severity].score, tags: ["security"] },
  };
}

function resultOf(finding: Finding, used: readonly Rule[]): object {
  const { rule, severity, resource, from, line = 1, message, path, proof, fix } = finding;
  return {
    ruleId: rule,
    ruleIndex: used.findIndex(({ id }) => id === rule),
    level: LEVELS[severity].level,
    message: { text: `${resource}: ${message}. ${proofText(finding)}. Fix: ${fix}` },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(from) }, region: { startLine: line } },
        logicalLocations: [{ fullyQualifiedName: path === undefined ? resource : `${resource} ${path}` }],
      },
    ],
    partialFingerprints: { "rolecall/v1": fingerprint(finding) },
    properties: { severity, proof },
  };
}

/** A path as a URI reference; names of accounts too. */
function uriOf(from: string): string {
  return from.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
}
