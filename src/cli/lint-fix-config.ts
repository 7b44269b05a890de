import { dirname, resolve } from "node:path";
import { readFileSync } from "node:fs";
import { type Config, parseConfig, type RoleConfig } from "../account/config.ts";
import { findCi } from "../ci/index.ts";
import type { Scope } from "../ci/ci.ts";
import { issuerName } from "../core/arn.ts";
import { isRolecallError } from "../core/errors.ts";
import { lintRole } from "../core/lint.ts";
import type { Finding, LintContext, LintRole } from "../core/lint/finding.ts";
import { tryProbe } from "../core/lint/trial.ts";
import { unitsOf } from "../core/lint/unit.ts";
import { meantProbeWith } from "../core/lint/probes.ts";
import { covers } from "../doctor/lint-candidates.ts";
import type { FileFix, FixRequest, RoleFix } from "../doctor/lint-fix.ts";
import { letsInNobodyNew } from "../doctor/lint-narrow.ts";
import { placeAt, placesOf } from "../doctor/lint-places.ts";
import { questionFor } from "../doctor/lint-questions.ts";
import { type LintSource, subjectsOfConfig } from "./lint-source.ts";
import { scopeWords } from "../ci/scope-words.ts";

/**
 * Narrows a rolecall.yaml: an entry of `allow` that lets in too many gives way to entries for the subjects that were
 * named. Comments and everything else of the file stay.
 */
export function fixConfig(
  { text: before, path, withIds }: Pick<LintSource, "text" | "path" | "withIds">,
  request: FixRequest,
): FileFix {
  const folder = dirname(path);
  const read = (text: string): Config =>
    withIds(parseConfig(text, path, (near) => readFileSync(resolve(folder, near))));
  let text = before;
  const first = rolesOf(read(text), path);
  const roles = first.map((role): RoleFix => {
    const mended: { finding: Finding; edits: readonly [] }[] = [];
    let now = role;
    for (;;) {
      const step = nextStep(text, now, read, path, request);
      if (!step) break;
      text = step.text;
      now = step.role;
      mended.push({ finding: step.finding, edits: [] });
    }
    const left = lintRole(now, request.context).filter(request.wanted);
    const open = left.map((finding) => ({ finding, question: questionFor(finding, request.told) }));
    return {
      resource: role.resource,
      narrowed: { role: now, edits: [], mended, open },
      policy: null,
      byHand: null,
      form: null,
    };
  });
  return { from: path, before, after: text, roles };
}

/** Of the first account: in the others the roles differ by its number alone. */
function rolesOf(config: Config, path: string): readonly LintRole[] {
  return subjectsOfConfig(config, path)[0]?.roles ?? [];
}

/** None where the text is no rolecall.yaml any more. */
function rolesIfGood(text: string, read: (text: string) => Config, path: string): readonly LintRole[] {
  try {
    return rolesOf(read(text), path);
  } catch (error) {
    if (isRolecallError(error)) return [];
    throw error;
  }
}

interface Step {
  readonly text: string;
  readonly role: LintRole;
  readonly finding: Finding;
}

function nextStep(
  text: string,
  role: LintRole,
  read: (text: string) => Config,
  path: string,
  { context, told, wanted }: FixRequest,
): Step | null {
  const config = read(text);
  const name = role.resource.split("/").at(-1) ?? "";
  const own = config.roles.find((one) => one.name === name);
  const findings = lintRole(role, context);
  if (!own || told.subjects.length === 0) return null;
  for (const finding of findings.filter(wanted)) {
    for (const [index, scope] of own.allow.entries()) {
      const scopes = scopesFor(own, scope, told.subjects, role, context);
      const after = scopes && withEntries(text, own, index, scopes);
      const next = after
        ? rolesIfGood(after, read, path).find(({ resource }) => resource === role.resource)
        : undefined;
      if (after && next && proves({ role, next, finding, findings, context, own }))
        return { text: after, role: next, finding };
    }
  }
  return null;
}

/** Entries for those subjects that this entry lets in; null where there is none that rolecall.yaml can say. */
function scopesFor(
  { ci: id, issuer, audience }: RoleConfig,
  entry: Scope,
  subjects: readonly string[],
  role: LintRole,
  context: LintContext,
): readonly Scope[] | null {
  const ci = findCi(id);
  if (!ci) return null;
  const isOf = (one: Scope, subject: string): boolean =>
    ci
      .conditions(issuer, one)
      .some(({ key, values }) => key.endsWith(":sub") && values.some((value) => covers(value, subject)));
  const scopes = subjects.flatMap((sub) => {
    const scope = ci.scopeOf({ iss: issuer, sub, aud: audience });
    if (!scope || !isOf(entry, sub) || !getsIn(sub, role, context)) return [];
    return [
      { ...scope, ...(entry.ids ? { ids: entry.ids } : {}), ...(entry.protected ? { protected: true as const } : {}) },
    ];
  });
  return scopes.length > 0 ? scopes : null;
}

function getsIn(subject: string, role: LintRole, context: LintContext): boolean {
  return unitsOf(role, context).some(
    (unit) => tryProbe(role.trust, unit.provider, meantProbeWith(unit, example(subject)), unit).outcome === "allowed",
  );
}

function example(subject: string): string {
  return subject.replaceAll("*", "x").replaceAll("?", "x");
}

/** The text with other entries in the place of one; null where the list is written so that none can stand there. */
function withEntries(
  text: string,
  { name, ci: id }: RoleConfig,
  index: number,
  scopes: readonly Scope[],
): string | null {
  const ci = findCi(id);
  const root = placesOf(text);
  const list = root && placeAt(root, ["roles", name, "allow"])?.value;
  const item = list?.items[index];
  const words = scopes.map((scope) => (ci ? scopeWords(ci, scope) : null));
  if (!list || !item || words.some((one) => one === null)) return null;
  const column = item.start - (text.lastIndexOf("\n", item.start - 1) + 1);
  const between = list.flow ? ", " : `${text.includes("\r\n") ? "\r\n" : "\n"}${" ".repeat(column - 2)}- `;
  if (!list.flow && text.slice(item.start - 2, item.start) !== "- ") return null;
  return text.slice(0, item.start) + words.join(between) + text.slice(item.end);
}

interface Attempt {
  readonly role: LintRole;
  readonly next: LintRole;
  readonly finding: Finding;
  readonly findings: readonly Finding[];
  readonly context: LintContext;
  readonly own: RoleConfig;
}

/** As for a policy: its token is refused, nobody else gets in, and there is less to be found. */
function proves({ role, next, finding, findings, context, own }: Attempt): boolean {
  const { proof } = finding;
  if (proof.kind !== "accepted") return false;
  const units = unitsOf(next, context).filter(({ provider }) => provider.url === issuerName(own.issuer));
  const refused = units.every((unit) => tryProbe(next.trust, unit.provider, proof, unit).outcome === "denied");
  const alike = (list: readonly Finding[]): number => list.filter(({ rule }) => rule === finding.rule).length;
  return (
    units.length > 0 &&
    refused &&
    letsInNobodyNew(role, next, context) &&
    alike(lintRole(next, context)) < alike(findings)
  );
}
