import { readFile } from "node:fs/promises";
import { readRoleArn } from "../core/arn.ts";
import { RolecallError } from "../core/errors.ts";
import { MIGRATIONS } from "../migrate/index.ts";
import { masked } from "../migrate/masked.ts";
import { type Files, type MigratedJob, type Migration, NO_MIGRATION } from "../migrate/migration.ts";
import { type Drafting, FILE, type FoundRole, type PlannedRole, planRole, type RoleInput } from "./migration-config.ts";
import { ownRoleOf } from "./migration-own-role.ts";

/** What the command line says of the migration. */
export interface OutcomeInput extends RoleInput {
  /** Null for every CI. */
  readonly ci: string | null;
  readonly jobs: readonly string[];
  /** Roles of jobs that take another than the rest. */
  readonly roles: ReadonlyMap<string, string>;
}

/** What becomes of one CI's files. */
export interface Outcome {
  readonly migration: Migration;
  readonly planned: PlannedRole;
}

/** What becomes of a folder. */
export interface Outcomes {
  readonly outcomes: readonly Outcome[];
  /** rolecall.yaml with a role for each CI that is moved; null where it stays as it is. */
  readonly config: { readonly path: string; readonly before: string | null; readonly text: string } | null;
}

/** Plans the move of each CI's files, and of rolecall.yaml with them. @throws RolecallError `usage`, `config` */
export async function planOutcomes(files: Files, input: OutcomeInput): Promise<Outcomes> {
  const outcomes: Outcome[] = [];
  let text: string | null = null;
  for (const ci of input.ci === null ? Object.keys(MIGRATIONS) : [input.ci]) {
    const outcome = await outcomeOf(ci, files, input, { text });
    if (!outcome) continue;
    outcomes.push(outcome);
    const { jobs, refusals } = outcome.migration;
    // A role that no job takes yet would be open for nothing.
    if (refusals.length === 0 && jobs.length > 0) text = outcome.planned.newText ?? text;
  }
  if (text === null) return { outcomes, config: null };
  // A role that was made elsewhere, as it seemed, may be the one that another CI has now.
  for (const [index, { migration, planned }] of outcomes.entries())
    if (planned.role === null && !planned.lack)
      outcomes[index] = (await outcomeOf(migration.ci, files, input, { text })) ?? { migration, planned };
  const path = input.config ?? FILE;
  return { outcomes, config: { path, before: await readFile(path, "utf8").catch(() => null), text } };
}

/** @returns null where a CI has no file here, or nothing to change in it */
async function outcomeOf(ci: string, files: Files, input: OutcomeInput, drafting: Drafting): Promise<Outcome | null> {
  const migrate = Object.hasOwn(MIGRATIONS, ci) ? MIGRATIONS[ci] : undefined;
  if (!migrate)
    throw new RolecallError(
      "usage",
      `migrate: --ci: expected one of ${Object.keys(MIGRATIONS).join(", ")}, got ${JSON.stringify(ci)}`,
    );
  const { roles } = input;
  const said = { jobs: input.jobs, roles };
  // First as the file has it: its own audience and role are what a first rolecall.yaml must agree with.
  const role = literalArn(input.role);
  const early = migrate(files, { ...said, role, audience: input.audience ?? null });
  if (isEmpty(early)) return null;
  const isWork = early.files.length + early.refusals.length > 0;
  const planned = await planRole(ci, input, foundIn(early, role, roles), isWork ? drafting : null);
  const { arn, audience, lack } = planned;
  if (!lack)
    return {
      planned,
      migration: migrate(files, { ...said, role: arn, audience, audiences: audiencesOf(ci, planned, roles) }),
    };
  // Where more than the role is missing, that comes first.
  const { jobs, refusals } = migrate(files, { ...said, role: SOME_ROLE, audience: input.audience ?? "" });
  return {
    planned,
    migration: jobs.length > 0 && refusals.length === 0 ? lacking(ci, input.config ?? FILE, lack) : early,
  };
}

const SOME_ROLE = "arn:aws:iam::123456789012:role/some";

/** Nothing of the CI is moved while there is no role for it. */
function lacking(ci: string, path: string, { reason, lines }: NonNullable<PlannedRole["lack"]>): Migration {
  const refusal = { path, line: 1, job: null, reason };
  return {
    ...NO_MIGRATION,
    ci,
    refusals: [refusal],
    notes: [...lines.map((line) => `  ${line}`), "then run this again"],
  };
}

/** Where rolecall.yaml has the role of `--job-role`, the job's token is for that role's audience. */
function audiencesOf(ci: string, { config }: PlannedRole, roles: ReadonlyMap<string, string>): Map<string, string> {
  return new Map(
    [...roles.values()].flatMap((arn) => {
      const own = config && ownRoleOf(config, ci, arn);
      return own ? [[arn, own.audience] as const] : [];
    }),
  );
}

/** @throws RolecallError `usage` */
export function readJobRoles(pairs: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    pairs.map((pair) => {
      const at = pair.lastIndexOf("=arn:");
      const role = at > 0 ? readRoleArn(pair.slice(at + 1)) : null;
      if (role) return [pair.slice(0, at), role.arn];
      throw new RolecallError(
        "usage",
        `migrate: --job-role: expected JOB=ARN, such as deploy=arn:aws:iam::123456789012:role/shop-deploy, got ${JSON.stringify(masked(pair))}`,
      );
    }),
  );
}

function isEmpty({ files, refusals, notes }: Migration): boolean {
  return files.length === 0 && refusals.length === 0 && notes.length === 0;
}

function literalArn(role: string | undefined): string | null {
  return role === undefined ? null : (readRoleArn(role)?.arn ?? null);
}

/** Role and audience that all jobs agree on; those of `--job-role` count where there are no others. */
function foundIn({ jobs }: Migration, given: string | null, roles: ReadonlyMap<string, string>): FoundRole {
  const own = new Set(roles.values());
  const others = jobs.filter(({ role }) => !own.has(role));
  const taken = [...new Set((others.length > 0 ? others : jobs).map(nameOf))];
  const audiences = [...new Set(jobs.map(({ audience }) => audience))];
  const [role] = taken;
  const [audience] = audiences;
  return {
    ...(taken.length === 1 && role !== undefined ? { role } : {}),
    ...(audiences.length === 1 && audience ? { audience } : {}),
    isNamed: others.length > 0 && others.every((job) => job.role !== given),
  };
}

function nameOf({ role }: MigratedJob): string | undefined {
  return readRoleArn(role.replaceAll(/["']/g, ""))?.name;
}
