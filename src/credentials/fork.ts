import type { Env } from "../ci/ci.ts";
import { isObject } from "../core/token.ts";

/** What one CI's variables say of a fork: who it is, or null when the job is none of a fork. */
interface Sign {
  readonly ci: string;
  readonly fork: (env: Env) => string | null;
}

const differs = (env: Env, theirs: string, ours: string): string | null =>
  env[theirs] && env[ours] && env[theirs] !== env[ours] ? `${theirs} is ${env[theirs]}` : null;

const isTrue = (env: Env, name: string): string | null =>
  env[name]?.toLowerCase() === "true" ? `${name} is true` : null;

/**
 * How a job knows that its code is of a fork. GitHub says it in the event's file, see {@link forkOfEvent}.
 * Bitbucket runs no pipeline of a fork in the target; a Jenkins that takes forks sets CHANGE_FORK.
 */
const SIGNS: readonly Sign[] = [
  // GitLab docs, ci/variables/predefined_variables; a fork's merge request can run in the parent project.
  { ci: "gitlab", fork: (env) => differs(env, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "CI_MERGE_REQUEST_PROJECT_ID") },
  // CircleCI docs, built-in environment variables: set for pull requests of forks only.
  {
    ci: "circleci",
    fork: ({ CIRCLE_PR_USERNAME: who }) => (who ? `CIRCLE_PR_USERNAME is ${who}` : null),
  },
  // Buildkite docs, environment variables: empty, or the pipeline's own by another scheme, where there is no fork.
  { ci: "buildkite", fork: forkOfBuildkite },
  // Microsoft Learn, predefined variables: System.PullRequest.IsFork.
  { ci: "azure", fork: (env) => isTrue(env, "SYSTEM_PULLREQUEST_ISFORK") },
  // Jenkins, branch-api and scm-api: CHANGE_FORK names the fork, and is not set otherwise.
  { ci: "jenkins", fork: ({ CHANGE_FORK: fork }) => (fork ? `CHANGE_FORK is ${fork}` : null) },
  // Semaphore docs, environment variables.
  { ci: "semaphore", fork: (env) => differs(env, "SEMAPHORE_GIT_PR_SLUG", "SEMAPHORE_GIT_REPO_SLUG") },
];

/** One is a `git://` URL and the other may be `git@host:owner/name.git`: owner and name tell them apart. */
function forkOfBuildkite({ BUILDKITE_PULL_REQUEST_REPO: theirs, BUILDKITE_REPO: ours }: Env): string | null {
  const nameIn = (url: string): string => /([^/:]+\/[^/]+?)(\.git)?\/?$/.exec(url)?.[1]?.toLowerCase() ?? url;
  return theirs && ours && nameIn(theirs) !== nameIn(ours) ? `BUILDKITE_PULL_REQUEST_REPO is ${theirs}` : null;
}

/** Evidence that this job runs the code of a fork, in words; null where there is none. */
export function findFork(env: Env, readText: (path: string) => string): string | null {
  if (env["GITHUB_ACTIONS"] === "true") return forkOfEvent(env, readText);
  for (const { fork } of SIGNS) {
    const evidence = fork(env);
    if (evidence !== null) return evidence;
  }
  return null;
}

/**
 * `pull_request` from a fork has no ID token unless the repository's settings give it one; `pull_request_target` and
 * `workflow_run` have. Source: GitHub docs, webhook events and payloads.
 */
function forkOfEvent(env: Env, readText: (path: string) => string): string | null {
  const event = readEvent(env["GITHUB_EVENT_PATH"], readText);
  const ours = nameOf(event, ["repository"]);
  const theirs = nameOf(event, ["pull_request", "head", "repo"]) ?? nameOf(event, ["workflow_run", "head_repository"]);
  if (theirs !== null && theirs !== ours) return `the event's code is of ${theirs}`;
  // A fork that was deleted since is null in the event.
  return isObject(event) && isObject(event["pull_request"]) && theirs === null ? "the event names no head" : null;
}

function readEvent(path: string | undefined, readText: (path: string) => string): unknown {
  if (!path) return null;
  try {
    return JSON.parse(readText(path));
  } catch {
    return null;
  }
}

function nameOf(event: unknown, path: readonly string[]): string | null {
  let value = event;
  for (const name of [...path, "full_name"]) value = isObject(value) ? value[name] : undefined;
  return typeof value === "string" ? value : null;
}
