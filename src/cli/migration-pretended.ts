import type { RoleConfig } from "../account/config.ts";
import type { Scope } from "../ci/ci.ts";
import { matchGlob, parseGlob } from "../core/glob.ts";
import type { MigratedJob } from "../migrate/migration.ts";

/** One run of a job that does not exist. */
export interface Pretended {
  /** Options of `rolecall job`. */
  readonly options: readonly string[];
  /** The same for a person, with where it is from. */
  readonly says: string;
}

// Enough to meet what a file says; every run takes a second or two.
const MOST = 5;

interface Ref {
  readonly branch?: string | undefined;
  readonly tag?: string | undefined;
}

/**
 * The runs by which a job is proved: on each branch and tag that its CI file names, in its environment. What the file
 * does not say is as the role's entries have it.
 */
export function pretendedRuns(job: MigratedJob, role: RoleConfig): readonly Pretended[] {
  const { runs } = job;
  const first: Scope = role.allow[0] ?? { project: "" };
  const environment = runs?.environment === undefined ? first.environment : (runs.environment ?? undefined);
  const like = role.allow.find((entry) => entry.environment === environment) ?? first;
  const said = runs ? refsOf(runs, role) : [];
  const own: Ref = { branch: like.branch, tag: like.tag };
  const refs = said.length > 0 ? said.slice(0, MOST) : [own];
  return refs.map((ref) => ({
    options: optionsOf({ ...ref, project: like.project, environment }, job, role),
    says: saysOf(ref, environment, {
      ref: said.length > 0,
      environment: runs?.environment !== undefined,
      role: role.name,
      left: said.length - refs.length,
    }),
  }));
}

function refsOf({ branches, tags }: NonNullable<MigratedJob["runs"]>, { allow }: RoleConfig): readonly Ref[] {
  const unique = (names: readonly string[], entries: readonly (string | undefined)[]): readonly string[] => [
    ...new Set(names.map((name) => concrete(name, entries))),
  ];
  return [
    ...unique(
      branches,
      allow.map(({ branch }) => branch),
    ).map((branch) => ({ branch })),
    ...unique(
      tags,
      allow.map(({ tag }) => tag),
    ).map((tag) => ({ tag })),
  ];
}

/** Of a pattern, a name that an entry of the role is meant for, where there is one. */
function concrete(pattern: string, entries: readonly (string | undefined)[]): string {
  if (!/[*?]/.test(pattern)) return pattern;
  const names = entries.filter((entry) => entry !== undefined).map(some);
  return names.find((name) => matchGlob(parseGlob(pattern), name)) ?? some(pattern);
}

/** Some text for a wildcard. */
function some(text: string): string {
  return text.replaceAll("*", "probe").replaceAll("?", "p");
}

function optionsOf(
  { project, branch, tag, environment }: Ref & { readonly project: string; readonly environment: string | undefined },
  job: MigratedJob,
  { audience, issuer }: RoleConfig,
): readonly string[] {
  const pairs = [
    ["--project", project],
    ["--branch", branch],
    ["--tag", tag],
    ["--environment", environment],
    ["--audience", job.audience ?? audience],
    ["--issuer", issuer],
  ] as const;
  return pairs.flatMap(([name, value]) => (value === undefined ? [] : [name, some(value)]));
}

interface From {
  /** True where the file says it. */
  readonly ref: boolean;
  readonly environment: boolean;
  readonly role: string;
  /** Refs of the file that are not tried. */
  readonly left: number;
}

function saysOf({ branch, tag }: Ref, environment: string | undefined, from: From): string {
  const source = (said: boolean): string => (said ? "as its file says" : `as rolecall.yaml lets into ${from.role}`);
  const ref = tag === undefined ? `branch ${some(branch ?? "main")}` : `tag ${some(tag)}`;
  const where = environment === undefined ? "" : ` in environment ${some(environment)}`;
  const more = from.left > 0 ? `; ${from.left} more of its file were not tried` : "";
  if (environment === undefined || from.ref === from.environment) return `${ref}${where}, ${source(from.ref)}${more}`;
  return `${ref}, ${source(from.ref)},${where}, ${source(from.environment)}${more}`;
}
