import { join, resolve } from "node:path";
import { findCi } from "../../ci/index.ts";
import { RolecallError } from "../../core/errors.ts";
import { applyEdits } from "../../migrate/edit.ts";
import { findKeys } from "../../migrate/find-keys.ts";
import { MIGRATIONS } from "../../migrate/index.ts";
import { NOT_ON_NPM, SHIM_FILE } from "../../migrate/rolecall-line.ts";
import { modeOf, writeFileAtomic } from "../../wire/files.ts";
import type { AskedCi } from "../ci-variables.ts";
import { defineCommand, type Input } from "../command.ts";
import type { Io } from "../io.ts";
import { findInHistory, readProjectFiles } from "../migration-files.ts";
import { type Outcome, type Outcomes, planOutcomes, readJobRoles } from "../migration-outcomes.ts";
import type { JobProof } from "../migration-proof.ts";
import { migrationJson, showMigration } from "../render/migration.ts";
import { hint, note } from "../report.ts";
import { shimText } from "../shim-text.ts";

const OPTIONS = {
  write: { type: "boolean", help: "write the files (by default a diff is printed and nothing is written)" },
  prove: { type: "boolean", help: "run each changed job's new line as that job on a local AWS with the planned roles" },
  history: { type: "boolean", help: "look for keys in git's history too" },
  variables: {
    type: "boolean",
    help: "ask GitLab, GitHub, CircleCI for the names of variables that hold keys, by a token of the environment",
  },
  ci: {
    type: "string",
    value: "CI",
    choices: Object.keys(MIGRATIONS),
    help: `this CI's files alone: ${Object.keys(MIGRATIONS).join(", ")}`,
  },
  role: { type: "string", value: "ARN", help: "the role of the jobs; with rolecall.yaml its name will do" },
  account: { type: "string", value: "ID", help: "the account of a role that only has a name" },
  audience: { type: "string", value: "AUD", help: "the audience of new ID tokens, where there is no rolecall.yaml" },
  job: {
    type: "string",
    value: "NAME",
    multiple: true,
    help: "a job whose scripts call AWS by something else; may be repeated",
  },
  "job-role": {
    type: "string",
    value: "JOB=ARN",
    multiple: true,
    help: "a job's own role, where its keys are another account's (GitHub: FILE:JOB too); may be repeated",
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
    ["GITLAB_TOKEN=… rolecall migrate --variables", "keys among the CI variables, by name"],
  ],
  options: OPTIONS,
  notes:
    "Of keys only their kind is printed (AKIA…), in the diff too. A file is changed where its parser says, and read again; when it would say anything else than planned, nothing of that CI is written, the patch is shown, and the status is 3. A Jenkinsfile is never written.",
  async run({ options }, io) {
    const root = process.cwd();
    const files = await readProjectFiles(root);
    const findings = [...findKeys(files), ...(options.history ? await findInHistory(root) : [])];
    const asked = options.variables ? await askVariables(root, options, io) : [];
    const roles = readJobRoles(options["job-role"]);
    const found = await planOutcomes(files, { ...options, ci: options.ci ?? null, jobs: options.job, roles });
    const { outcomes } = found;
    if (options.json) io.out(`${JSON.stringify(migrationJson({ findings, asked, ...found }), null, 2)}\n`);
    else showMigration({ findings, asked, ...found }, io);
    const isProved = options.prove ? await prove(outcomes, new Set(roles.values()), options, io) : true;
    const isRefused = outcomes.some(({ migration }) => migration.refusals.length > 0);
    if (options.write && isProved) await writeAll(root, found, options, io);
    if (!options.quiet) sayNext(found, options, io);
    return isRefused || !isProved ? 3 : 0;
  },
});

async function askVariables(root: string, options: MigrateInput, io: Io): Promise<readonly AskedCi[]> {
  const { findVariables } = await import("../ci-variables.ts");
  return findVariables({ ci: options.ci ?? null, project: options.project ?? null, root }, io);
}

async function prove(
  outcomes: readonly Outcome[],
  own: ReadonlySet<string>,
  options: MigrateInput,
  io: Io,
): Promise<boolean> {
  const { proveOutcome } = await import("../migration-proof.ts");
  let passed = true;
  const tell = ({ job, passed: isGood, said, tried }: JobProof): void => {
    if (!options.json) io.out(`${isGood ? "✓" : "✗"} ${job.path}: ${job.name}\n`);
    if (!options.quiet) for (const as of tried) note(io, `${job.name} was tried as a job of ${as}`);
    if (!isGood) for (const line of said.split("\n")) note(io, `  ${line}`);
  };
  for (const outcome of outcomes) passed = (await proveOutcome(outcome, own, tell, io)) && passed;
  return passed;
}

async function writeAll(root: string, { outcomes, config }: Outcomes, options: MigrateInput, io: Io): Promise<void> {
  const ready = outcomes.filter(({ migration }) => migration.refusals.length === 0);
  const tell = (path: string): void => {
    if (!options.quiet) note(io, `wrote ${path}`);
  };
  for (const { migration } of ready) {
    if (!migration.jobs.some(({ line }) => line.includes(SHIM_FILE))) continue;
    await writeShim(root, tell);
    break;
  }
  if (config) {
    // The file that the jobs' roles come of is there before the jobs need it.
    const path = resolve(root, config.path);
    await writeFileAtomic(path, config.text, await modeOf(path, 0o644));
    tell(config.path);
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

function sayNext({ outcomes, config }: Outcomes, options: MigrateInput, io: Io): void {
  const jobs = outcomes.flatMap(({ migration }) => migration.jobs);
  if (outcomes.every(({ migration }) => migration.files.length + migration.refusals.length === 0))
    return note(io, "no job here needs a change");
  if (jobs.length === 0) return;
  const edits = outcomes.flatMap(({ migration }) => migration.files.flatMap((file) => file.edits));
  if (edits.some(({ text }) => text.includes("npx --yes"))) hint(io, NOT_ON_NPM);
  if (config)
    hint(
      io,
      "preset: read-only in rolecall.yaml is a placeholder: rolecall keys policy shows what the keys were used for, as permissions to put in its place",
    );
  if (!options.write)
    return hint(io, "rolecall migrate --prove tries the changed jobs on this machine; --write writes the files");
  const names = outcomes.map(({ migration }) => findCi(migration.ci)?.name ?? migration.ci).join(", ");
  hint(io, "jobs get the role where allow: in rolecall.yaml lets them: their rules should name the same branches");
  hint(io, "rolecall plan shows what the roles change in AWS; apply them before this is pushed");
  hint(
    io,
    `then take the keys out of the variables of ${names} (--variables lists them): until then each job replaces them`,
  );
}
