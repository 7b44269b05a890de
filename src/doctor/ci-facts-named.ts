import { isForTokens } from "../core/lint.ts";
import type { LintContext, LintRole } from "../core/lint/finding.ts";
import { meantProbes } from "../core/lint/probes.ts";
import { readParts } from "../core/lint/shapes/parts.ts";
import type { Parts } from "../core/lint/shapes/shape.ts";
import { type Unit, unitsOf } from "../core/lint/unit.ts";
import { isPattern } from "../core/lint/wildcards.ts";
import { showClaim } from "../core/token.ts";

/** A project that trust policies name, and what of it they are about. */
export interface NamedProject {
  /** The provider's URL: `token.actions.githubusercontent.com`. */
  readonly issuer: string;
  /** `github`, `gitlab`. */
  readonly ci: string;
  /** `acme/shop`, without ids. */
  readonly project: string;
  /** Branches and tags of the jobs that the policies are for; of a pattern, one that it was meant for. */
  readonly branches: readonly string[];
  readonly tags: readonly string[];
}

const REF = /^(?:ref:refs\/(heads|tags)\/|ref_type:(branch|tag):ref:)([^:]+)/;

/** The projects of GitHub and GitLab that roles trust by their full name. */
export function namedProjects(
  roles: readonly LintRole[],
  context: Pick<LintContext, "providers" | "allProviders" | "now">,
): readonly NamedProject[] {
  const found = new Map<string, NamedProject>();
  for (const one of roles.filter(isForTokens).flatMap((role) => unitsOf(role, context).flatMap(namedBy))) {
    const key = `${one.issuer} ${one.project.toLowerCase()}`;
    const known = found.get(key);
    found.set(key, known ? joinNamed(known, one) : one);
  }
  return [...found.values()];
}

function namedBy(unit: Unit): readonly NamedProject[] {
  const [, ci] = /^(github|gitlab)/.exec(unit.shape.id) ?? [];
  if (ci === undefined) return [];
  return meantProbes(unit).flatMap(({ value, claims }) => {
    const written = value === null ? null : readParts(unit.shape, value);
    const parts = readParts(unit.shape, showClaim(claims, "sub"));
    const project = written && nameOf(written);
    if (!parts || project === null || isPattern(project)) return [];
    const [, github, gitlab, ref = ""] = REF.exec(parts.tail) ?? [];
    const refs = ref === "" ? [] : [ref];
    const isTag = github === "tags" || gitlab === "tag";
    return [{ issuer: unit.provider.url, ci, project, branches: isTag ? [] : refs, tags: isTag ? refs : [] }];
  });
}

function nameOf({ tenant, project }: Parts): string | null {
  const names = [tenant, project].map((part) => part.split("@")[0] ?? "");
  return names.includes("") ? null : names.join("/");
}

/** One project, with the branches and tags of both. */
export function joinNamed(a: NamedProject, b: NamedProject): NamedProject {
  return {
    ...a,
    branches: [...new Set([...a.branches, ...b.branches])],
    tags: [...new Set([...a.tags, ...b.tags])],
  };
}
