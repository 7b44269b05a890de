import { readFile } from "node:fs/promises";
import { relative, sep } from "node:path";
import { RolecallError } from "../core/errors.ts";
import { findRule } from "../core/lint/catalogue.ts";
import type { Finding } from "../core/lint/finding.ts";
import { isAtLeast } from "../core/lint/severity.ts";
import { type FileFix, fixDocument, type FixRequest, type RoleFix } from "../doctor/lint-fix.ts";
import { describeEdit } from "../doctor/lint-policy-edit.ts";
import { renderHcl } from "../doctor/fix-forms.ts";
import { modeOf, writeFileAtomic } from "../wire/files.ts";
import type { Options } from "./command.ts";
import { type FindingsPlan, platformOf } from "./findings.ts";
import type { Io } from "./io.ts";
import { fixConfig } from "./lint-fix-config.ts";
import { type LintSource, located } from "./lint-source.ts";
import { renderPatch } from "./render/unified-diff.ts";
import { note } from "./report.ts";

/** What `lint` and `audit` need to know to narrow policies. */
export const FIX_OPTIONS = {
  fix: { type: "boolean", help: "print a patch that narrows what is found; nothing is written" },
  audience: {
    type: "string",
    value: "AUD",
    multiple: true,
    help: "with --fix: the audience that jobs' tokens have, where a policy tests none",
  },
} as const satisfies Options;

export interface FixInput {
  readonly fix: boolean;
  readonly audience: readonly string[];
  readonly subject: readonly string[];
  readonly json: boolean;
  readonly quiet: boolean;
}

/** @throws RolecallError `usage` for options that mean something only with `--fix`, or nothing with it */
export function checkFixOptions(
  command: string,
  { fix, audience }: FixInput,
  other: {
    readonly write: boolean;
    readonly format: string | undefined;
    readonly "write-baseline": string | undefined;
  },
): void {
  const { format } = other;
  if (fix && other["write-baseline"] !== undefined)
    throw new RolecallError("usage", `${command}: expected --fix or --write-baseline, got both`);
  if (fix && format !== undefined && format !== "json")
    throw new RolecallError(
      "usage",
      `${command}: --fix prints a patch, or with --json all that it did; got --format ${format}`,
    );
  const alone = other.write ? "--write" : audience.length > 0 ? "--audience" : null;
  if (!fix && alone !== null)
    throw new RolecallError("usage", `${command}: ${alone} goes with --fix`, {
      hints: [`rolecall ${command} --fix shows the patch first`],
    });
}

/** Narrows what was found in files; prints the patch, or writes the files. Gives the exit status. */
export async function fixSources(
  sources: readonly LintSource[],
  plan: FindingsPlan,
  options: FixInput & { readonly write: boolean },
  io: Io,
): Promise<number> {
  const fixes = sources.map((source) => fixSource(source, plan, options, io.now()));
  const places = await placesByHand(sources, fixes);
  const patches = fixes.map((fix) => renderPatch(shownPath(fix.from), fix.before, fix.after));
  if (options.write) for (const fix of fixes) await write(fix);
  if (options.json) io.out(`${JSON.stringify(asJson(fixes, patches), null, 2)}\n`);
  else {
    if (!options.write) io.out(patches.join(""));
    if (!options.quiet) for (const fix of fixes) tell(fix, options.write, places, io);
  }
  return statusOf(
    fixes.flatMap(({ roles }) => roles),
    plan,
  );
}

function fixSource(source: LintSource, plan: FindingsPlan, { subject, audience }: FixInput, now: number): FileFix {
  const [first] = source.subjects;
  const quota = first?.trustPolicyQuota;
  const request: FixRequest = {
    context: {
      providers: first?.providers ?? [],
      allProviders: false,
      now,
      ...(quota === undefined ? {} : { trustPolicyQuota: quota }),
      ...platformOf(plan),
    },
    told: { subjects: subject, audiences: audience },
    wanted: (finding) => plan.sorted([finding]).counted.length > 0,
  };
  return source.document ? fixDocument(source.text, source.document, request) : fixConfig(source, request);
}

/** By resource: the file and line of what is to be changed by hand, where a configuration stands beside the plan. */
async function placesByHand(
  sources: readonly LintSource[],
  fixes: readonly FileFix[],
): Promise<ReadonlyMap<string, string>> {
  const places = new Map<string, string>();
  for (const [index, source] of sources.entries())
    for (const { resource, narrowed, byHand } of fixes[index]?.roles ?? []) {
      const [first] = narrowed.mended;
      if (byHand === null || !first) continue;
      const [found] = await located([first.finding], source);
      if (found?.line !== undefined) places.set(resource, `${found.from}:${found.line}`);
    }
  return places;
}

/** @throws RolecallError `config` for a file that is not what was read, or not UTF-8 and would be spoilt */
async function write({ from, before, after }: FileFix): Promise<void> {
  if (before === after) return;
  const bytes = await readFile(from);
  if (!bytes.equals(Buffer.from(before)))
    throw new RolecallError("config", `${from}: expected UTF-8 that nobody changes meanwhile; nothing was written`);
  await writeFileAtomic(from, after, await modeOf(from, SHARED));
}

// A file that was read is there; a policy is no secret.
const SHARED = 0o644;

/** Within this folder, as git names it; else as it was given. */
function shownPath(path: string): string {
  const short = relative(process.cwd(), path).split(sep).join("/");
  return short.startsWith("..") ? path.replace(/^\/+/, "") : short;
}

/** What remains decides: what could not be written is as much there as what has a question. */
export function statusOf(roles: readonly RoleFix[], { failOn }: FindingsPlan): number {
  const left = roles.flatMap(({ narrowed, byHand }) => [
    ...narrowed.open.map(({ finding }) => finding),
    ...(byHand === null ? [] : narrowed.mended.map(({ finding }) => finding)),
  ]);
  return failOn !== null && left.some(({ severity }) => isAtLeast(severity, failOn)) ? 3 : 0;
}

function tell(fix: FileFix, written: boolean, places: ReadonlyMap<string, string>, io: Io): void {
  for (const role of fix.roles) tellRole(fix.from, role, io, places.get(role.resource));
  const mended = fix.roles
    .filter(({ byHand }) => byHand === null)
    .reduce((sum, one) => sum + one.narrowed.mended.length, 0);
  const left = fix.roles.reduce((sum, one) => sum + one.narrowed.open.length, 0);
  const did = written && fix.before !== fix.after ? "written, " : "";
  note(io, `${fix.from}: ${did}${mended + left === 0 ? "nothing to mend" : `${mended} mended, ${left} left`}`);
}

/** Says of a role what was mended, and what has a question. */
export function tellRole(
  from: string,
  { resource, narrowed, policy, byHand, form }: RoleFix,
  io: Io,
  place?: string,
): void {
  const of = resource === from ? from : `${from}: ${resource}`;
  for (const { finding, edits } of narrowed.mended) {
    const words = edits.map(describeEdit).join("; ");
    note(io, `${byHand === null ? "mended" : "to mend"} ${nameOf(finding)}: ${of}${words === "" ? "" : `: ${words}`}`);
  }
  if (byHand !== null) {
    note(io, `${of}: ${byHand}${place === undefined ? "" : `: ${place}`}`);
    if (policy !== null && form === "hcl") io.err(`assume_role_policy = jsonencode(${renderHcl(policy)})\n`);
    if (policy !== null && form === "json") io.err(`${JSON.stringify(policy, null, 2)}\n`);
  }
  for (const { finding, question } of narrowed.open) note(io, `left ${nameOf(finding)}: ${of}: ${question}`);
}

function nameOf({ rule }: Finding): string {
  return `${rule} ${findRule(rule)?.name ?? ""}`.trim();
}

function asJson(fixes: readonly FileFix[], patches: readonly string[]): object {
  return {
    files: fixes.map(({ from, roles }, index) => ({
      file: from,
      patch: patches[index] ?? "",
      roles: roles.map(roleJson),
    })),
  };
}

/** A role for `--json`. */
export function roleJson({ resource, narrowed, policy, byHand }: RoleFix): object {
  const { mended, open } = narrowed;
  return {
    resource,
    mended: mended.map(({ finding, edits }) => ({ ...finding, edits: edits.map(describeEdit) })),
    left: open.map(({ finding, question }) => ({ ...finding, question })),
    ...(byHand === null ? {} : { byHand }),
    ...(policy === null ? {} : { policy }),
  };
}
