import { isRecord } from "./gitlab-config.ts";

/**
 * On what a CI file says that a job runs, as far as it says so by name or pattern (`*`, `?`): a job may run on more.
 */
export interface RunsAs {
  readonly branches: readonly string[];
  readonly tags: readonly string[];
  /** Null where the job has none for certain, undefined where the file does not tell. */
  readonly environment: string | null | undefined;
}

// GitLab docs, `only` and `except`, as of November 2026: words that are kinds of pipelines and no refs.
const GITLAB_KINDS =
  /^(?:api|branches|chat|external|external_pull_requests|merge_requests|pipelines|pushes|schedules|tags|triggers|web)$/;

/** What the keys of a GitLab job say, those that it inherits among them. Regular expressions are not followed. */
export function gitlabRuns(job: Readonly<Record<string, unknown>>): RunsAs {
  const { only } = job;
  const names = textsIn(isRecord(only) ? only["refs"] : only);
  const conditions = listOf(job["rules"]).flatMap((rule) =>
    isRecord(rule) && rule["when"] !== "never" ? textsIn(rule["if"]) : [],
  );
  const tested = (name: string): readonly string[] =>
    conditions.flatMap((text) => allMatches(text, new RegExp(String.raw`\$${name}\s*==\s*["']([^"']+)["']`, "g")));
  const anyTag = names.includes("tags") || conditions.some((text) => /^\s*\$CI_COMMIT_TAG\s*$/.test(text));
  return {
    branches: [
      ...names.filter((name) => !GITLAB_KINDS.test(name) && isName(name)),
      ...tested("CI_COMMIT_BRANCH"),
      ...tested("CI_COMMIT_REF_NAME"),
    ],
    tags: [...tested("CI_COMMIT_TAG"), ...(anyTag ? ["*"] : [])],
    environment: environmentIn(job["environment"]),
  };
}

/** What a GitHub workflow says of one of its jobs. What the job's own `if` says goes before what starts the workflow. */
export function githubRuns(on: unknown, job: { readonly if: unknown; readonly environment: unknown }): RunsAs {
  const condition = typeof job.if === "string" ? job.if : "";
  const refs = allMatches(condition, /github\.ref\s*==\s*'refs\/heads\/([^']+)'/g);
  const named = [...refs, ...allMatches(condition, /github\.ref_name\s*==\s*'([^']+)'/g)];
  const tags = allMatches(condition, /github\.ref\s*==\s*'refs\/tags\/([^']+)'/g);
  const anyTag = /startsWith\(\s*github\.ref\s*,\s*'refs\/tags\/([^']*)'\s*\)/.exec(condition);
  const environment = environmentIn(job.environment);
  if (named.length + tags.length > 0 || anyTag)
    return { branches: named, tags: [...tags, ...(anyTag ? [`${anyTag[1] ?? ""}*`] : [])], environment };
  const push = isRecord(on) && isRecord(on["push"]) ? on["push"] : {};
  return { branches: patternsIn(push["branches"]), tags: patternsIn(push["tags"]), environment };
}

function environmentIn(value: unknown): string | null | undefined {
  if (value === undefined || value === null) return null;
  const name = isRecord(value) ? value["name"] : value;
  return typeof name === "string" && isName(name) ? name : undefined;
}

/** A name that stands there as it is, and is none that a variable or an expression becomes. */
function isName(text: string): boolean {
  return text !== "" && !/^\/|[$@{}]/.test(text);
}

/** `**` is `*` to a trust policy, which knows no folders. Patterns that take something away are none that it runs on. */
function patternsIn(value: unknown): readonly string[] {
  return textsIn(value)
    .filter((text) => isName(text) && !/^!|[[\]+]/.test(text))
    .map((text) => text.replaceAll("**", "*"));
}

function allMatches(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, found = ""]) => found).filter(isName);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : value === undefined ? [] : [value];
}

function textsIn(value: unknown): readonly string[] {
  return listOf(value).filter((one) => typeof one === "string");
}
