import { renderNewFile, renderPatch } from "../../migrate/edit.ts";
import type { KeyFinding } from "../../migrate/find-keys.ts";
import { hideKeys } from "../../migrate/masked.ts";
import type { AskedCi } from "../ci-variables.ts";
import type { Io } from "../io.ts";
import type { Outcomes } from "../migration-outcomes.ts";
import { hint, note, printable } from "../report.ts";
import { renderPatch as renderPatchOf } from "./unified-diff.ts";

/** All that `rolecall migrate` found. */
interface Found extends Outcomes {
  readonly findings: readonly KeyFinding[];
  readonly asked: readonly AskedCi[];
}

/** Findings, changes as diffs, refusals and notes. */
export function showMigration({ findings, asked, outcomes, config }: Found, io: Io): void {
  for (const finding of findings) io.out(`${printable(place(finding))}: ${finding.kind}: ${finding.shown}\n`);
  for (const one of asked) {
    for (const line of one.lines) io.out(`${line}\n`);
    for (const text of one.unread) note(io, `${one.name}: ${text}`);
    for (const text of one.removal) hint(io, text);
  }
  if (findings.length > 0 && outcomes.length > 0) io.out("\n");
  for (const { migration } of outcomes) {
    for (const file of migration.files) io.out(hideKeys(renderPatch(file)));
    for (const file of migration.suggestions ?? []) io.out(hideKeys(renderPatch(file)));
    for (const { path, line, job, reason } of migration.refusals)
      note(io, `refused: ${path}:${line}: ${job === null ? "" : `${job}: `}${reason}`);
    for (const text of migration.notes) note(io, text);
  }
  if (!config) return;
  const { path, before, text } = config;
  io.out(before === null ? renderNewFile(path, text) : renderPatchOf(path, before, text));
}

function place({ path, line, commit }: KeyFinding): string {
  return commit === undefined ? `${path}:${line}` : `${commit}:${path}:${line}`;
}

export function migrationJson({ findings, asked, outcomes }: Found): unknown {
  return {
    findings,
    variables: asked.flatMap(({ variables }) => variables),
    unread: asked.flatMap(({ name, unread }) => unread.map((text) => `${name}: ${text}`)),
    migrations: outcomes.map(({ migration: { ci, files, jobs, refusals, notes, suggestions = [] }, planned }) => ({
      ci,
      files: files.map((file) => ({ path: file.path, patch: hideKeys(renderPatch(file)) })),
      suggestions: suggestions.map((file) => ({ path: file.path, patch: hideKeys(renderPatch(file)) })),
      jobs,
      refusals,
      notes,
      config: planned.newText,
    })),
  };
}
