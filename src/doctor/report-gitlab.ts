import { createHash } from "node:crypto";
import type { Finding } from "../core/lint/finding.ts";
import type { Severity } from "../core/lint/severity.ts";
import { fingerprint } from "./lint-accepted.ts";
import { proofText } from "./report-proof.ts";
import type { ReportSource } from "./report-source.ts";

/** Source: GitLab docs, ci/testing/code_quality, implement a custom tool. */
const SEVERITY: Readonly<Record<Severity, string>> = {
  critical: "blocker",
  high: "critical",
  medium: "major",
  low: "minor",
  info: "info",
};

/** GitLab's Code Quality report (`artifacts:reports:codequality`). */
export function renderGitlab(findings: readonly Finding[], sources: readonly ReportSource[] = []): string {
  const failed = sources.flatMap(({ from, failure }) => (failure === null ? [] : [issueOfFailure(from, failure)]));
  return `${JSON.stringify([...failed, ...findings.map(issueOf)], null, 2)}\n`;
}

function issueOf(finding: Finding): object {
  const { line = 1, region } = finding;
  return {
    description: `${finding.rule} ${finding.resource}: ${finding.message} (${proofText(finding)})`,
    check_name: finding.rule,
    // Two findings with one fingerprint are one to GitLab.
    fingerprint: hash(`${fingerprint(finding)} ${finding.message}`),
    severity: SEVERITY[finding.severity],
    location: { path: finding.from, lines: { begin: line, ...(region ? { end: region.endLine } : {}) } },
  };
}

function issueOfFailure(from: string, failure: string): object {
  return {
    description: `${from} was not judged: ${failure}`,
    check_name: "not-judged",
    fingerprint: hash(`not-judged ${from}`),
    severity: "blocker",
    location: { path: from, lines: { begin: 1 } },
  };
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
