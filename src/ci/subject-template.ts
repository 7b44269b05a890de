import type { Scope } from "./ci.ts";
import { refOf } from "./subject.ts";

/** A subject of a project's own making, or the claims whose values are needed to tell it. */
export type TemplateSubject =
  | { readonly kind: "subject"; readonly subject: string }
  | { readonly kind: "missing"; readonly claims: readonly string[] }
  /** The list is none that the CI takes; `expected` says what it would. */
  | { readonly kind: "refused"; readonly expected: string };

type Claims = Readonly<Record<string, string>>;
type Template = (names: readonly string[], scope: Scope, claims: Claims) => TemplateSubject;

/** The CIs whose projects may choose what their subject is made of. */
export const SUBJECT_TEMPLATES: Readonly<Record<string, Template>> = { github: githubSubject, gitlab: gitlabSubject };

/**
 * GitHub's `include_claim_keys`: each claim as `name:value`, in their order; `context` is the ref, the
 * environment or the pull request by itself. Source: GitHub docs, customizing the token claims.
 */
function githubSubject(names: readonly string[], scope: Scope, claims: Claims): TemplateSubject {
  const owner = scope.project.split("/")[0]?.split("@")[0] ?? "";
  const known: Claims = {
    repo: scope.project,
    repository: scope.project.replaceAll(/@\d+/g, ""),
    repository_owner: owner,
    context: githubContext(scope),
    ...(scope.environment === undefined ? {} : { environment: scope.environment }),
    ...(scope.pullRequests ? {} : { ref: refOf(scope) }),
    ...scope.ids,
    ...claims,
  };
  return join(names, known, (name, value) => (name === "context" ? value : `${name}:${value.replaceAll(":", "%3A")}`));
}

function githubContext(scope: Scope): string {
  if (scope.environment !== undefined) return `environment:${scope.environment.replaceAll(":", "%3A")}`;
  return scope.pullRequests ? "pull_request" : `ref:${refOf(scope)}`;
}

/**
 * GitLab's `ci_id_token_sub_claim_components`: `name:value` in their order, the path first.
 * Source: GitLab docs, ci/secrets/id_token_authentication, and the projects API.
 */
function gitlabSubject(names: readonly string[], scope: Scope, claims: Claims): TemplateSubject {
  if (names[0] !== "project_path") return { kind: "refused", expected: "project_path as the first component" };
  const { project, branch, tag } = scope;
  const known: Claims = {
    project_path: project,
    ref_type: tag === undefined ? "branch" : "tag",
    ref: tag ?? branch ?? "main",
    ...scope.ids,
    ...claims,
  };
  return join(names, known, (name, value) => `${name}:${value}`);
}

function join(
  names: readonly string[],
  known: Claims,
  render: (name: string, value: string) => string,
): TemplateSubject {
  const missing = names.filter((name) => !Object.hasOwn(known, name));
  if (missing.length > 0) return { kind: "missing", claims: missing };
  return { kind: "subject", subject: names.map((name) => render(name, known[name] ?? "")).join(":") };
}
