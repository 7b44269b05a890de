import type { Scope } from "../ci/ci.ts";
import { isRolecallError } from "../core/errors.ts";
import type { Config, RoleConfig } from "./config.ts";
import { missingIds } from "./ids.ts";
import { inAccounts } from "./in-accounts.ts";
import { configError, type Position, type Problem } from "./problem.ts";
import { apiUrl, type ResolvedProject } from "./resolve.ts";

/** A project whose ids the file leaves out. */
export interface UnknownProject {
  /** A `Ci.id`. */
  readonly ci: string;
  /** With scheme. */
  readonly issuer: string;
  readonly project: string;
  /** Where the file names it first. */
  readonly position: Position;
}

/**
 * Puts the ids that AWS sees beside the projects that the file has by name alone; each project is asked for
 * once. Ids that the file has stay as they are, and so do projects with wildcards, which are many.
 *
 * @throws RolecallError `config`, with line and column, for projects that the CI does not show or writes
 *   otherwise; `unavailable` and the like as `ask`
 */
export async function resolveConfig(
  config: Config,
  ask: (unknown: UnknownProject) => Promise<ResolvedProject>,
): Promise<Config> {
  const outcomes = await inAccounts(unknownProjects(config), ask);
  const problems: Problem[] = [];
  const known = new Map<string, Scope["ids"]>();
  for (const outcome of outcomes) {
    if (outcome.kind === "done") known.set(keyOf(outcome.account, outcome.account.project), outcome.result.ids);
    else problems.push(problemOf(outcome.error, outcome.account.position));
  }
  if (problems.length > 0) throw configError(config.file, problems);
  return { ...config, roles: config.roles.map((role) => withIds(role, known)) };
}

/**
 * Puts the ids of a file that was resolved into another reading of the same file, whose text has been changed since.
 */
export function withIdsOf(resolved: Config): (config: Config) => Config {
  const known = new Map<string, Scope["ids"]>();
  for (const role of resolved.roles)
    for (const scope of role.allow)
      if (scope.ids && missingIds(role, scope).length === 0) known.set(keyOf(role, scope.project), scope.ids);
  return (config) => ({ ...config, roles: config.roles.map((role) => withIds(role, known)) });
}

/** The projects that {@link resolveConfig} asks for, in the file's order. */
export function unknownProjects({ roles }: Config): readonly UnknownProject[] {
  const found = new Map<string, UnknownProject>();
  for (const role of roles) {
    const { ci, issuer } = role;
    for (const [index, scope] of role.allow.entries()) {
      const { project } = scope;
      const key = keyOf(role, project);
      if (apiUrl(ci, issuer) === null || /[*?]/.test(project) || found.has(key)) continue;
      if (missingIds(role, scope).length === 0) continue;
      found.set(key, { ci, issuer, project, position: role.allowPositions[index] ?? role.position });
    }
  }
  return [...found.values()];
}

/** The same project of two issuers of one API is one. */
function keyOf({ ci, issuer }: Pick<RoleConfig, "ci" | "issuer">, project: string): string {
  return `${apiUrl(ci, issuer) ?? ""} ${project}`;
}

/** What is wrong with the file is told with its place; that nobody answers is not the file's fault. */
function problemOf(error: unknown, position: Position): Problem {
  if (!isRolecallError(error) || error.code !== "config") throw error;
  return { position, text: error.message, hints: error.hints };
}

function withIds(role: RoleConfig, known: ReadonlyMap<string, Scope["ids"]>): RoleConfig {
  const allow = role.allow.map((scope) => {
    const ids = known.get(keyOf(role, scope.project));
    if (!ids || missingIds(role, scope).length === 0) return scope;
    return { ...scope, ids: { ...ids, ...scope.ids } };
  });
  return { ...role, allow };
}
