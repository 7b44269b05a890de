import { join } from "node:path";
import { findCi } from "../../ci/index.ts";
import { readRoleArn } from "../../core/arn.ts";
import { RolecallError } from "../../core/errors.ts";
import { applyEdits, renderNewFile, renderPatch } from "../../migrate/edit.ts";
import { findKeys, type KeyFinding } from "../../migrate/find-keys.ts";
import { MIGRATIONS } from "../../migrate/index.ts";
import { hideKeys } from "../../migrate/masked.ts";
import type { Files, Migration } from "../../migrate/migration.ts";
import { NOT_ON_NPM, SHIM_FILE } from "../../migrate/rolecall-line.ts";
import { modeOf, writeFileAtomic } from "../../wire/files.ts";
import { defineCommand, type Input } from "../command.ts";
import type { Io } from "../io.ts";
import { type PlannedRole, planRole } from "../migration-config.ts";
import { findInHistory, readProjectFiles } from "../migration-files.ts";
import { hint, note } from "../report.ts";
import { shimText } from "../shim-text.ts";

const OPTIONS = {
  write: { type: "boolean", help: "write the files (by default a diff is printed and nothing is written)" },
  prove: { type: "boolean", help: "run each changed job's new line as that job on a local AWS with the planned roles" },
  history: { type: "boolean", help: "look for keys in git's history too" },
  ci: { type: "string", value: "CI", help: `this CI's files alone: ${Object.keys(MIGRATIONS).join(", ")}` },
  role: { type: "string", value: "ARN", help: "the role of the jobs; with rolecall.yaml its name will do" },
  account: { type: "string", value: "ID", help: "the account of a role that only has a name" },
  audience: { type: "string", value: "AUD", help: "the audience of new ID tokens, where there is no rolecall.yaml" },
  job: {
    type: "string",
    value: "NAME",
    multiple: true,
    help: "a job whose scripts call AWS by something else; may be repeated",
  },
  project: { type: "string", value: "PATH", help: "the project, for a first rolecall.yaml (by default git's remote)" },
  branch: {
    type: "string",
    value: "NAME",
    help: "the branch, for a first rolecall.yaml (by default the remote's own)",
  },
  config: {
    type: "string",
    value: "FILE",
    help: "the rolecall.yaml to agree with (by default the one of this folder)",
  },
  json: { type: "boolean", help: "print findings, jobs and refusals as JSON" },
} as const;

type MigrateInput = Input<typeof OPTIONS>["options"];

/** What becomes of one CI's files. */
interface Outcome {
  readonly migration: Migration;
  readonly planned: PlannedRole;
}

export default defineCommand({
  name: "migrate",
  summary: "find access keys, and move the CI files of this folder off them",
  usage: "[options]",
  examples: [
    ["rolecall migrate", "what is found, and the changes as a diff"],
    [
      "rolecall migrate --role arn:aws:iam::123456789012:role/shop-deploy --prove --write",
      "prove them, then write them",
    ],
    ["rolecall migrate --history", "keys that git still has"],
  ],
  options: OPTIONS,
  notes:
    "Of keys only their kind is printed (AKIA…), in the diff too. A file is changed where its parser says, and read again; when it would say anything else than planned, nothing of that CI is written, the patch is shown, and the status is 3. A Jenkinsfile is never written.",
  async run({ options }, io) {
    const root = process.cwd();
    const files = await readProjectFiles(root);
    const findings = [...findKeys(files), ...(options.history ? await findInHistory(root) : [])];
    const outcomes = await outcomesOf(files, options);
    if (options.json) io.out(`${JSON.stringify(asJson(findings, outcomes), null, 2)}\n`);
    else showAll(findings, outcomes, io);
    const isProved = options.prove ? await prove(outcomes, options, io) : true;
    const isRefused = outcomes.some(({ migration }) => migration.refusals.length > 0);
    if (options.write && isProved) await writeAll(root, outcomes, options, io);
    if (!options.quiet) sayNext(outcomes, options, io);
    return isRefused || !isProved ? 3 : 0;
  },
});

async function outcomesOf(files: Files, options: MigrateInput): Promise<readonly Outcome[]> {
  const ids = options.ci === undefined ? Object.keys(MIGRATIONS) : [options.ci];
  const outcomes: Outcome[] = [];
  for (const ci of ids) {
    const outcome = await outcomeOf(ci, files, options);
    if (outcome) outcomes.push(outcome);
  }
  return outcomes;
}

/** @returns null where a CI has no file here, or nothing to change in it */
async function outcomeOf(ci: string, files: Files, options: MigrateInput): Promise<Outcome | null> {
  const migrate = Object.hasOwn(MIGRATIONS, ci) ? MIGRATIONS[ci] : undefined;
  if (!migrate)
    throw new RolecallError(
      "usage",
      `migrate: --ci: expected one of ${Object.keys(MIGRATIONS).join(", ")}, got ${JSON.stringify(ci)}`,
    );
  // First as the file has it: its own audience and role are what a first rolecall.yaml must agree with.
  const early = migrate(files, {
    role: literalArn(options.role),
    audience: options.audience ?? null,
    jobs: options.job,
  });
  if (isEmpty(early)) return null;
  const planned = await planRole(ci, options, foundIn(early));
  const { arn, audience } = planned;
  return { migration: migrate(files, { role: arn, audience, jobs: options.job }), planned };
}

function isEmpty({ files, refusals }: Migration): boolean {
  return files.length === 0 && refusals.length === 0;
}

function literalArn(role: string | undefined): string | null {
  return role === undefined ? null : (readRoleArn(role)?.arn ?? null);
}

function foundIn({ jobs }: Migration): { role?: string; audience?: string } {
  const names = [...new Set(jobs.map(({ role }) => readRoleArn(role.replaceAll(/["']/g, ""))?.name))];
  const audiences = [...new Set(jobs.map(({ audience }) => audience))];
  const [role] = names;
  const [audience] = audiences;
  return {
    ...(names.length === 1 && role !== undefined ? { role } : {}),
    ...(audiences.length === 1 && audience ? { audience } : {}),
  };
}

function showAll(findings: readonly KeyFinding[], outcomes: readonly Outcome[], io: Io): void {
  for (const finding of findings) io.out(`${place(finding)}: ${finding.kind}: ${finding.shown}\n`);
  if (findings.length > 0 && outcomes.length > 0) io.out("\n");
  for (const { migration, planned } of outcomes) {
    for (const file of migration.files) io.out(hideKeys(renderPatch(file)));
    for (const file of migration.suggestions ?? []) io.out(hideKeys(renderPatch(file)));
    if (planned.newText !== null && migration.jobs.length > 0) io.out(renderNewFile("rolecall.yaml", planned.newText));
    for (const { path, line, job, reason } of migration.refusals)
      note(io, `refused: ${path}:${line}: ${job === null ? "" : `${job}: `}${reason}`);
    for (const text of migration.notes) note(io, text);
  }
}

function place({ path, line, commit }: KeyFinding): string {
  return commit === undefined ? `${path}:${line}` : `${commit}:${path}:${line}`;
}

function asJson(findings: readonly KeyFinding[], outcomes: readonly Outcome[]): unknown {
  return {
    findings,
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

async function prove(outcomes: readonly Outcome[], options: MigrateInput, io: Io): Promise<boolean> {
  const { proveJobs } = await import("../migration-proof.ts");
  let passed = true;
  for (const { migration, planned } of outcomes) {
    if (migration.jobs.length === 0) continue;
    const { config, role, arn } = planned;
    if (!config || !role) {
      throw new RolecallError("config", `--prove: expected a rolecall.yaml with a role for ${migration.ci}`, {
        hints: [`rolecall init --ci ${migration.ci}`],
      });
    }
    for (const { job, passed: isGood, said } of await proveJobs(
      migration.jobs,
      { ci: migration.ci, config, role, arn },
      io,
    )) {
      passed &&= isGood;
      if (!options.json) io.out(`${isGood ? "✓" : "✗"} ${job.path}: ${job.name}\n`);
      if (!isGood) for (const line of said.split("\n")) note(io, `  ${line}`);
    }
  }
  return passed;
}

async function writeAll(root: string, outcomes: readonly Outcome[], options: MigrateInput, io: Io): Promise<void> {
  const ready = outcomes.filter(({ migration }) => migration.refusals.length === 0);
  const tell = (path: string): void => {
    if (!options.quiet) note(io, `wrote ${path}`);
  };
  for (const { migration } of ready) {
    if (!migration.jobs.some(({ line }) => line.includes(SHIM_FILE))) continue;
    await writeShim(root, tell);
    break;
  }
  const [first] = ready.filter(({ planned, migration }) => planned.newText !== null && migration.jobs.length > 0);
  if (first?.planned.newText) {
    // The file that the jobs' roles come of is there before the jobs need it.
    await writeFileAtomic(join(root, "rolecall.yaml"), first.planned.newText, 0o644);
    tell("rolecall.yaml");
  }
  for (const { migration } of ready) {
    for (const { path, text, edits } of migration.files) {
      const full = join(root, path);
      await writeFileAtomic(full, applyEdits(text, edits), await modeOf(full, 0o644));
      tell(path);
    }
  }
}

async function writeShim(root: string, tell: (path: string) => void): Promise<void> {
  const { readFile } = await import("node:fs/promises");
  const path = join(root, SHIM_FILE);
  const text = await shimText();
  const there = await readFile(path, "utf8").catch(() => null);
  if (there === text) return;
  if (there !== null && !there.includes("# rolecall.sh: temporary AWS credentials"))
    throw new RolecallError("config", `${SHIM_FILE} is there already and is not rolecall's: expected none`);
  await writeFileAtomic(path, text, await modeOf(path, 0o755));
  tell(SHIM_FILE);
}

function sayNext(outcomes: readonly Outcome[], options: MigrateInput, io: Io): void {
  const jobs = outcomes.flatMap(({ migration }) => migration.jobs);
  if (outcomes.length === 0) return note(io, "no job here needs a change");
  if (jobs.length === 0) return;
  const edits = outcomes.flatMap(({ migration }) => migration.files.flatMap((file) => file.edits));
  if (edits.some(({ text }) => text.includes("npx --yes"))) hint(io, NOT_ON_NPM);
  if (!options.write)
    return hint(io, "rolecall migrate --prove tries the changed jobs on this machine; --write writes the files");
  const names = outcomes.map(({ migration }) => findCi(migration.ci)?.name ?? migration.ci).join(", ");
  hint(io, "jobs get the role where allow: in rolecall.yaml lets them: their rules should name the same branches");
  hint(io, "rolecall plan shows what the roles change in AWS; apply them before this is pushed");
  hint(io, `then take the keys out of the variables of ${names}: until then each job replaces them`);
}
