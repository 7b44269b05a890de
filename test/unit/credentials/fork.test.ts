import { describe, expect, it } from "vitest";
import { findFork } from "../../../src/credentials/fork.ts";

const never = (): string => {
  throw new Error("no file is read");
};

const event = (value: unknown) => (): string => JSON.stringify(value);
const GITHUB = { GITHUB_ACTIONS: "true", GITHUB_EVENT_PATH: "/event.json" };

describe("a job that runs a fork's code", () => {
  it.each([
    ["gitlab", { CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "7", CI_MERGE_REQUEST_PROJECT_ID: "20" }],
    ["circleci", { CIRCLE_PR_USERNAME: "mallory" }],
    [
      "buildkite",
      {
        BUILDKITE_PULL_REQUEST_REPO: "git://github.com/mallory/shop.git",
        BUILDKITE_REPO: "git@github.com:acme/shop.git",
      },
    ],
    ["azure", { SYSTEM_PULLREQUEST_ISFORK: "True" }],
    ["jenkins", { CHANGE_FORK: "mallory" }],
    ["semaphore", { SEMAPHORE_GIT_PR_SLUG: "mallory/shop", SEMAPHORE_GIT_REPO_SLUG: "acme/shop" }],
  ])("of %s is known by its variables", (_, env) => {
    expect(findFork(env, never)).toContain(Object.keys(env)[0]);
  });

  it.each([
    ["gitlab", { CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "20", CI_MERGE_REQUEST_PROJECT_ID: "20" }],
    ["buildkite", { BUILDKITE_PULL_REQUEST_REPO: "", BUILDKITE_REPO: "git@github.com:acme/shop.git" }],
    [
      "buildkite",
      { BUILDKITE_PULL_REQUEST_REPO: "git://github.com/acme/shop.git", BUILDKITE_REPO: "git@github.com:Acme/shop.git" },
    ],
    [
      "buildkite",
      { BUILDKITE_PULL_REQUEST_REPO: "https://github.com/acme/shop", BUILDKITE_REPO: "git://github.com/acme/shop.git" },
    ],
    ["azure", { SYSTEM_PULLREQUEST_ISFORK: "False" }],
    ["semaphore", { SEMAPHORE_GIT_PR_SLUG: "acme/shop", SEMAPHORE_GIT_REPO_SLUG: "acme/shop" }],
    ["no pull request", {}],
  ])("is not what a job of the repository itself is: %s", (_, env) => {
    expect(findFork(env, never)).toBeNull();
  });

  const repository = { full_name: "acme/shop" };
  it.each([
    ["pull_request_target", { repository, pull_request: { head: { repo: { full_name: "mallory/shop" } } } }],
    ["workflow_run", { repository, workflow_run: { head_repository: { full_name: "mallory/shop" } } }],
    ["a fork that was deleted", { repository, pull_request: { head: { repo: null } } }],
  ])("of GitHub is known by its event: %s", (_, value) => {
    expect(findFork(GITHUB, event(value))).not.toBeNull();
  });

  it.each([
    ["a pull request of its own", { repository, pull_request: { head: { repo: repository } } }],
    ["a push", { repository, ref: "refs/heads/main" }],
    ["no JSON", "oops"],
  ])("of GitHub is not one with %s", (_, value) => {
    expect(findFork(GITHUB, event(value))).toBeNull();
  });

  it("of GitHub is not known without its event", () => {
    expect(findFork(GITHUB, never)).toBeNull();
  });
});
