import type { Finding } from "../../core/lint/finding.ts";
import { findRule } from "../../core/lint/catalogue.ts";
import type { Severity } from "../../core/lint/severity.ts";
import { printable } from "../report.ts";
import type { Colors } from "./colors.ts";

/** Findings for people: by role, the worst first, each with what proves it and what mends it. */
export function renderFindings(findings: readonly Finding[], colors: Colors): string[] {
  return grouped(findings).flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const place = first.from === first.resource ? "" : colors.faint(`  ${printable(first.from)}${lineOf(first)}`);
    return [
      "",
      `${colors.strong(printable(first.resource))}${place}`,
      ...group.flatMap((one) => renderFinding(one, colors)),
    ];
  });
}

function keyOf({ from, resource }: Finding): string {
  return `${from}\n${resource}`;
}

function grouped(findings: readonly Finding[]): readonly (readonly Finding[])[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const group = groups.get(keyOf(finding));
    if (group) group.push(finding);
    else groups.set(keyOf(finding), [finding]);
  }
  return [...groups.values()];
}

function lineOf({ line }: Finding): string {
  return line === undefined ? "" : `:${line}`;
}

function renderFinding(finding: Finding, colors: Colors): string[] {
  const { rule, severity, message, path, fix } = finding;
  const name = findRule(rule)?.name ?? "";
  return [
    `  ${paint(severity, colors)(severity.padEnd(8))} ${rule} ${name}: ${printable(message)}`,
    ...(path === undefined ? [] : [colors.faint(`           at    ${printable(path)}${placeOf(finding)}`)]),
    ...proofLines(finding).map((line, index) => `           ${index === 0 ? "proof" : "     "} ${printable(line)}`),
    `           fix   ${printable(fix)}`,
  ];
}

/** Line and column, for an editor to jump to. */
function placeOf({ region, from }: Finding): string {
  return region ? `  ${printable(from)}:${region.line}:${region.column}` : "";
}

function paint(severity: Severity, colors: Colors): (text: string) => string {
  return severity === "critical" || severity === "high" ? colors.bad : colors.strong;
}

/** The claims that everybody knows; the whole token is in --json. */
const SHOWN = ["sub", "aud"];

/** Where the subject does not tell what is wrong. */
const SHOWN_TOO: Readonly<Record<string, readonly string[]>> = {
  T010: ["environment"],
  T011: ["environment"],
  T016: ["repository_id", "repository_owner_id", "project_id", "namespace_id"],
  T017: ["repository_id", "repository_owner_id", "project_id", "namespace_id"],
  T019: ["job_workflow_ref", "repository_owner_id"],
  S001: ["ref"],
  S002: ["ref_protected"],
};

function proofLines({ proof, rule }: Finding): readonly string[] {
  switch (proof.kind) {
    case "accepted":
      return [
        `the role is given to a token with ${claimsOf(proof.claims, rule)}`,
        ...(proof.duration === undefined ? [] : [`for ${proof.duration} seconds`]),
        ...(proof.assumed === undefined ? [] : [`if ${proof.assumed}`]),
      ];
    case "never": {
      const { subject, wanted, got, note } = proof.check;
      return [
        `the role is not given to a token with ${claimsOf(proof.claims, rule)}`,
        `${subject} wanted ${wanted}, got ${got}${note === undefined ? "" : `: ${note}`}`,
      ];
    }
    case "permitted":
      return [`its policies permit ${proof.action} on ${proof.resource}`];
    case "assumable":
      return [`sts:AssumeRole is allowed for ${proof.principal}`];
    case "unsaved":
      return [`IAM would say: ${proof.message}`];
    case "observed":
      break;
  }
  return [proof.text];
}

function claimsOf(claims: { readonly [claim: string]: unknown }, rule: string): string {
  const present = [...SHOWN, ...(SHOWN_TOO[rule] ?? [])].filter((name) => claims[name] !== undefined);
  return present.map((name) => `${name} ${JSON.stringify(claims[name])}`).join(", ");
}
