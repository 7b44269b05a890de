import { parseDocument } from "yaml";
import { RolecallError } from "../core/errors.ts";
import { findRule } from "../core/lint/catalogue.ts";
import type { Finding } from "../core/lint/finding.ts";
import { isAtLeast, SEVERITIES, type Severity } from "../core/lint/severity.ts";
import { matchGlob, parseGlob } from "../core/glob.ts";
import { isObject, type Json } from "../core/token.ts";

/** A finding that somebody has decided to live with, until a day. */
export interface Suppression {
  /** `T016` */
  readonly rule: string;
  /** Of the finding's resource; `*` and `?` are wildcards. */
  readonly resource: string;
  readonly reason: string;
  /** The last day on which it holds, in UTC: `2027-01-31`. */
  readonly expires: string;
}

/** A finding as a baseline remembers it. */
export interface Known {
  readonly fingerprint: string;
  readonly severity: Severity;
}

/** Findings, and why some of them do not count. */
export interface Sorted {
  readonly counted: readonly Finding[];
  readonly suppressed: readonly { readonly finding: Finding; readonly by: Suppression }[];
  /** In the baseline, and not worse than there. */
  readonly known: readonly Finding[];
  /** Suppressions whose day has passed though they would still fit. */
  readonly expired: readonly Suppression[];
}

/** Takes out what is suppressed and what the baseline knows. */
export function sortFindings(
  findings: readonly Finding[],
  suppressions: readonly Suppression[],
  baseline: readonly Known[],
  now: number,
): Sorted {
  const known = new Map(baseline.map(({ fingerprint: print, severity }) => [print, severity]));
  const suppressed = findings.flatMap((finding) => {
    const by = suppressions.find((one) => fits(one, finding) && holds(one, now));
    return by ? [{ finding, by }] : [];
  });
  const rest = findings.filter((finding) => !suppressed.some((one) => one.finding === finding));
  const isKnown = (finding: Finding): boolean => {
    const before = known.get(fingerprint(finding));
    return before !== undefined && isAtLeast(before, finding.severity);
  };
  return {
    suppressed,
    counted: rest.filter((finding) => !isKnown(finding)),
    known: rest.filter(isKnown),
    expired: suppressions.filter((one) => !holds(one, now) && findings.some((finding) => fits(one, finding))),
  };
}

function fits({ rule, resource }: Suppression, finding: Finding): boolean {
  return rule === finding.rule && matchGlob(parseGlob(resource), finding.resource);
}

function holds({ expires }: Suppression, now: number): boolean {
  return now < Date.parse(`${expires}T00:00:00Z`) + DAY;
}

const DAY = 24 * 3600 * 1000;

/** The same for the same finding as long as role and place stay; independent of wording. */
export function fingerprint({ rule, resource, path = "" }: Finding): string {
  return `${rule} ${resource} ${path}`;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Reads suppressions: `suppress:` with `rule`, `reason` and `expires` each, and `resource` where it is not for all.
 *
 * @throws RolecallError `config` for what is not that
 */
export function parseSuppressions(text: string, from: string): readonly Suppression[] {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new RolecallError("config", `${from} is not YAML: ${error.message.split("\n")[0] ?? ""}`);
  const value = document.toJS() as Json;
  const list = isObject(value) ? value["suppress"] : undefined;
  if (!Array.isArray(list)) throw wrong(from, "suppress", "a list");
  return list.map((entry: Json, index) => readSuppression(entry, `suppress[${index}]`, from));
}

function readSuppression(entry: Json, place: string, from: string): Suppression {
  if (!isObject(entry)) throw wrong(from, place, "rule, reason and expires");
  const unknown = Object.keys(entry).find((key) => !["rule", "resource", "reason", "expires"].includes(key));
  if (unknown !== undefined) throw wrong(from, `${place}.${unknown}`, "one of rule, resource, reason, expires");
  const { rule, resource = "*", reason, expires } = entry;
  if (typeof rule !== "string" || !findRule(rule)) throw wrong(from, `${place}.rule`, "a rule such as T016");
  if (typeof resource !== "string") throw wrong(from, `${place}.resource`, "an ARN or a name, * and ? are wildcards");
  if (typeof reason !== "string" || reason.trim() === "") throw wrong(from, `${place}.reason`, "why it is accepted");
  const day = typeof expires === "string" ? expires : "";
  if (!DATE.test(day) || Number.isNaN(Date.parse(day)))
    throw wrong(from, `${place}.expires`, "a day such as 2027-01-31");
  return { rule: rule.toUpperCase(), resource, reason, expires: day };
}

function wrong(from: string, place: string, expected: string): RolecallError {
  return new RolecallError("config", `${from}: ${place}: expected ${expected}`, {
    hints: ['- { rule: T016, resource: "*shop*", reason: "names are ours", expires: 2027-01-31 }'],
  });
}

/**
 * Reads a baseline.
 *
 * @throws RolecallError `config` when it is none
 */
export function parseBaseline(text: string, from: string): readonly Known[] {
  const value = parseJson(text, from);
  const findings = isObject(value) && value["version"] === 1 ? value["findings"] : undefined;
  if (!Array.isArray(findings))
    throw new RolecallError("config", `${from} is no baseline of rolecall lint`, {
      hints: [`rolecall lint --write-baseline ${from} makes one`],
    });
  return findings.map((one: Json) => {
    const severity = isObject(one) ? SEVERITIES.find((name) => name === one["severity"]) : undefined;
    const print = isObject(one) ? one["fingerprint"] : undefined;
    if (typeof print !== "string" || severity === undefined)
      throw new RolecallError("config", `${from}: expected findings with fingerprint and severity`);
    return { fingerprint: print, severity };
  });
}

function parseJson(text: string, from: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new RolecallError("config", `${from} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** A baseline of everything that was found, in a stable order. */
export function renderBaseline(findings: readonly Finding[]): string {
  const all = findings.map((finding) => ({ fingerprint: fingerprint(finding), severity: finding.severity }));
  const sorted = all.toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
  return `${JSON.stringify({ version: 1, findings: sorted }, null, 2)}\n`;
}
