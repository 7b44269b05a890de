import type { Finding } from "../core/lint/finding.ts";
import { isAtLeast, type Severity } from "../core/lint/severity.ts";
import { proofText } from "./report-proof.ts";

/** JUnit XML: a case for each finding, failed where it is at least as bad as `failOn`; one that passes when there is none. */
export function renderJunit(findings: readonly Finding[], failOn: Severity): string {
  const failures = findings.filter(({ severity }) => isAtLeast(severity, failOn)).length;
  const cases = findings.map((finding) => renderCase(finding, isAtLeast(finding.severity, failOn)));
  const all = cases.length > 0 ? cases : ['    <testcase classname="rolecall" name="no finding"/>'];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<testsuites>",
    `  <testsuite name="rolecall" tests="${all.length}" failures="${failures}">`,
    ...all,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function renderCase(finding: Finding, failed: boolean): string {
  const { rule, resource, message, severity, fix, path = "" } = finding;
  const head = `    <testcase classname="${escape(`rolecall.${rule}`)}" name="${escape(`${resource} ${path}`.trim())}"`;
  const text = escape(`${message}\n${proofText(finding)}\nfix: ${fix}`);
  if (!failed) return `${head}><system-out>${text}</system-out></testcase>`;
  return `${head}><failure type="${severity}" message="${escape(message)}">${text}</failure></testcase>`;
}

// What XML 1.0 cannot hold at all. Source: XML 1.0, production 2.
const FORBIDDEN =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

function escape(text: string): string {
  return text.replaceAll(FORBIDDEN, "\ufffd").replaceAll(/[&<>"\n]/g, (one) => ENTITIES[one] ?? one);
}
