import type { Finding } from "../core/lint/finding.ts";
import { isAtLeast, type Severity } from "../core/lint/severity.ts";
import { proofText } from "./report-proof.ts";
import { bySource, type ReportSource } from "./report-source.ts";

/**
 * JUnit XML: a suite for each source, with a case for each finding, failed where it is at least as bad as `failOn`;
 * one that passes where there is none, one in error where the source could not be judged.
 *
 * @param failOn null where nothing fails
 */
export function renderJunit(
  findings: readonly Finding[],
  failOn: Severity | null,
  sources: readonly ReportSource[] = [],
): string {
  const suites = bySource(findings, sources).flatMap((one) => renderSuite(one.findings, failOn, one.source));
  return ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", ...suites, "</testsuites>", ""].join("\n");
}

function renderSuite(
  findings: readonly Finding[],
  failOn: Severity | null,
  source: ReportSource | null,
): readonly string[] {
  const fails = ({ severity }: Finding): boolean => failOn !== null && isAtLeast(severity, failOn);
  const failure = source?.failure ?? null;
  const cases = [
    ...(failure === null ? [] : [`    <testcase classname="rolecall" name="judge">${errorOf(failure)}</testcase>`]),
    ...findings.map((finding) => renderCase(finding, fails(finding))),
  ];
  const all = cases.length > 0 ? cases : ['    <testcase classname="rolecall" name="no finding"/>'];
  const name = escape(source === null ? "rolecall" : `rolecall ${source.from}`);
  const counts = `tests="${all.length}" failures="${findings.filter(fails).length}" errors="${failure === null ? 0 : 1}"`;
  return [`  <testsuite name="${name}" ${counts}>`, ...all, "  </testsuite>"];
}

function errorOf(failure: string): string {
  return `<error message="${escape(failure)}"/>`;
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
