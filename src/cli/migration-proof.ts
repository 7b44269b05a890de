import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { spawn } from "node:child_process";
import { apply } from "../account/apply.ts";
import type { Config, RoleConfig } from "../account/config.ts";
import { desiredState } from "../account/desired.ts";
import { readRoleArn, type RoleArn } from "../core/arn.ts";
import { RolecallError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { createLocalCloud, type LocalCloud } from "../local/index.ts";
import type { MigratedJob, Migration } from "../migrate/migration.ts";
import { connectIam } from "../wire/aws-sdk.ts";
import type { Io } from "./io.ts";
import type { PlannedRole } from "./migration-config.ts";
import type { Outcome } from "./migration-outcomes.ts";
import { ownRoleOf, strangeRole } from "./migration-own-role.ts";
import { type Pretended, pretendedRuns } from "./migration-pretended.ts";
import { note } from "./report.ts";
import { shimText } from "./shim-text.ts";

/** Whether a changed job got its role on the local AWS. */
export interface JobProof {
  readonly job: MigratedJob;
  readonly passed: boolean;
  /** What it printed for a person, where it failed. */
  readonly said: string;
  /** As which runs of the job it was tried. */
  readonly tried: readonly string[];
}

interface Proving {
  readonly ci: string;
  readonly config: Config;
  readonly role: RoleConfig;
  readonly arn: string | null;
}

/** Jobs that are tried together, with one role. */
interface Trial extends Proving {
  readonly jobs: readonly MigratedJob[];
  /** Of a role that rolecall.yaml does not make: what its account has to hold for it. */
  readonly needs: readonly string[];
}

/**
 * Tries every changed job of a CI, and tells of each.
 *
 * @param own ARNs of roles that single jobs take (`--job-role`)
 * @returns whether all got their role
 * @throws RolecallError `config` when no role of the CI is known
 */
export async function proveOutcome(
  { migration, planned }: Outcome,
  own: ReadonlySet<string>,
  tell: (proof: JobProof) => void,
  io: Io,
): Promise<boolean> {
  if (migration.jobs.length === 0) return true;
  let passed = true;
  for (const trial of trialsOf(migration, planned, own)) {
    if (trial.arn !== null && readRoleArn(trial.arn)?.partition !== "aws") {
      note(io, `${namesOf(trial)}: ${trial.arn} was not tried: the local AWS is of the partition aws alone`);
      continue;
    }
    for (const proof of await proveJobs(trial.jobs, trial, io)) {
      passed &&= proof.passed;
      tell(proof);
    }
    if (trial.needs.length === 0) continue;
    note(
      io,
      `${namesOf(trial)}: ${trial.arn ?? ""} is not made by rolecall.yaml; a role of that name with the trust of ${planned.role?.name ?? ""} was tried in its place`,
    );
    for (const need of trial.needs) note(io, `  ${need}`);
  }
  return passed;
}

function namesOf({ jobs }: Trial): string {
  return jobs.map(({ name }) => name).join(", ");
}

function trialsOf(migration: Migration, planned: PlannedRole, own: ReadonlySet<string>): readonly Trial[] {
  const { ci, jobs } = migration;
  const { config, role, arn } = planned;
  if (!config || !role)
    throw new RolecallError("config", `--prove: expected a rolecall.yaml with a role for ${ci}`, {
      hints: [`rolecall init --ci ${ci}`],
    });
  const others = [...own].filter((one) => one !== arn);
  const rest = jobs.filter(({ role: taken }) => !others.includes(taken));
  const trials: Trial[] = rest.length > 0 ? [{ ci, config, role, arn, jobs: rest, needs: [] }] : [];
  for (const other of others) {
    const takers = jobs.filter(({ role: taken }) => taken === other);
    if (takers.length === 0) continue;
    const known = ownRoleOf(config, ci, other);
    const made = known ? { config, role: known, needs: [] } : strangeRole(other, config, role);
    if (made) trials.push({ ci, arn: other, jobs: takers, ...made });
  }
  return trials;
}

/**
 * Makes the planned roles in an AWS of this process, and runs the new line of each job as that job would, with a stale
 * access key in its environment, which must not win.
 */
async function proveJobs(jobs: readonly MigratedJob[], proving: Proving, io: Io): Promise<readonly JobProof[]> {
  if (io.platform === "win32")
    throw new RolecallError("usage", "--prove runs the jobs' lines by sh, which Windows lacks");
  const account = (readRoleArn(proving.arn ?? "") ?? literalOf(jobs[0]))?.account;
  const cloud = await createLocalCloud(account === undefined ? {} : { account });
  const folder = await mkdtemp(join(tmpdir(), "rolecall-prove-"));
  try {
    const arn = await makeRoles(cloud, proving);
    await writeFile(join(folder, "rolecall.sh"), await shimText(), { mode: 0o600 });
    // What npx would run is this very rolecall.
    await writeFile(join(folder, "npx"), '#!/bin/sh\nshift 2\nexec rolecall "$@"\n', { mode: 0o700 });
    const proofs: JobProof[] = [];
    for (const job of jobs) proofs.push(await proveJob(job, { ...proving, arn, cloud, folder }, io));
    return proofs;
  } finally {
    await cloud.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeRoles(cloud: LocalCloud, { config, role }: Proving): Promise<string> {
  const { accessKeyId, secretAccessKey } = cloud.admin;
  const credentials = { accessKeyId, secretAccessKey: new Secret(secretAccessKey) };
  const iam = await connectIam({ endpoint: cloud.endpoint, region: "us-east-1", credentials });
  const desired = desiredState(config, { account: cloud.account, partition: "aws" });
  await apply(iam, desired);
  return desired.roles.find(({ source }) => source.role === role.name)?.arn ?? "";
}

interface Stage extends Proving {
  readonly arn: string;
  readonly cloud: LocalCloud;
  readonly folder: string;
}

// AWS's own example: nobody's key.
const STALE = { AWS_ACCESS_KEY_ID: ["AKIA", "IOSFODNN7EXAMPLE"].join(""), AWS_SECRET_ACCESS_KEY: "stale" };

/** A job is proved when each of its runs gets the role. */
async function proveJob(job: MigratedJob, stage: Stage, io: Io): Promise<JobProof> {
  const runs = pretendedRuns(job, stage.role);
  const failed: string[] = [];
  for (const pretended of runs) {
    const { passed, said } = await tryRun(job, pretended, stage, io);
    if (!passed) failed.push(...(runs.length > 1 ? [`${pretended.says}:`] : []), said);
  }
  return { job, passed: failed.length === 0, said: failed.join("\n"), tried: runs.map(({ says }) => says) };
}

async function tryRun(
  job: MigratedJob,
  pretended: Pretended,
  stage: Stage,
  io: Io,
): Promise<Pick<JobProof, "passed" | "said">> {
  const { cloud, folder, arn, role } = stage;
  const before = cloud.exchanges().length;
  const isEval = job.line.startsWith("eval ");
  const isShell = isEval || /^(?:npx|sh) /.test(job.line);
  const literal = literalOf(job);
  // An action, orb or pipe exchanges the job's token itself: what can be proved is that the role takes it.
  const line = isShell ? job.line : `rolecall creds --audience "$WANTED_AUDIENCE" --format env >/dev/null`;
  const script = [
    ...Object.entries(STALE).map(([name, value]) => `export ${name}=${value}`),
    ...(job.tokenEnv && job.tokenEnv !== "ROLECALL_TOKEN" ? [`export ${job.tokenEnv}="$ROLECALL_TOKEN"`] : []),
    `WANTED_AUDIENCE='${role.audience.replaceAll("'", "")}'`,
    ...variablesIn(job.role).map((name) => `export ${name}=${arn}`),
    line,
    ...(isEval ? ["rolecall whoami --json"] : []),
  ].join("\n");
  const args = [
    resolve(process.argv[1] ?? ""),
    "job",
    stage.ci,
    "--endpoint-url",
    cloud.endpoint,
    ...pretended.options,
  ];
  const result = await run([...args, "--role", literal?.arn ?? arn, "--", "sh", "-ec", script], folder, io);
  const exchanged = cloud.exchanges().length > before;
  const name = literal?.name ?? arn.split("/").at(-1) ?? "";
  const isRole = !isEval || result.stdout.includes(`:assumed-role/${name}/`);
  return { passed: result.status === 0 && exchanged && isRole, said: result.stderr.trim() };
}

/** The role that the new file names, where no variable does. */
function literalOf(job: MigratedJob | undefined): RoleArn | null {
  return readRoleArn((job?.role ?? "").replaceAll(/["']/g, ""));
}

function variablesIn(role: string): readonly string[] {
  return [...role.matchAll(/\$\{?([A-Za-z_]\w*)\}?/g)].map(([, name = ""]) => name);
}

function run(
  args: readonly string[],
  folder: string,
  io: Io,
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const env = { ...io.env, PATH: `${folder}${delimiter}${io.env["PATH"] ?? ""}`, HOME: folder };
  return new Promise((done, fail) => {
    let stdout = "";
    let stderr = "";
    const child = spawn(process.execPath, [...args], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", fail).on("close", (status) => done({ status, stdout, stderr }));
  });
}
