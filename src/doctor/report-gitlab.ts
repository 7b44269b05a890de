import { createHash } from "node:crypto";
import type { Finding } from "../core/lint/finding.ts";
import type { Severity } from "../core/lint/severity.ts";
import { fingerprint } from "./lint-accepted.ts";
import { proofText } from "./report-proof.ts";

/** Source: GitLab docs, ci/testing/code_quality, implement a custom tool. */
const SEVERITY: Readonly<Record<Severity, string>> = {
  critical: "blocker",
  high: "critical",
  medium: "major",
  low: "minor",
  info: "info",
};

/** GitLab's Code Quality report (`artifacts:reports:codequality`). */
export function renderGitlab(findings: readonly Finding[]): string {
  const issues = findings.map((finding) => ({
    description: `${finding.rule} ${finding.resource}: ${finding.message} (${proofText(finding)})`,
    check_name: finding.rule,
    // Two findings with one fingerprint are one to GitLab.
    fingerprint: createHash("sha256")
      .update(`${fingerprint(finding)} ${finding.message}`)
      .digest("hex"),
    severity: SEVERITY[finding.severity],
    location: { path: finding.from, lines: { begin: finding.line ?? 1 } },
  }));
  return `${JSON.stringify(issues, null, 2)}\n`;
}
