import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { githubRuns, gitlabRuns } from "../../../src/migrate/runs-as.ts";

const NOTHING = { branches: [], tags: [], environment: null };

describe("a GitLab job runs", () => {
  it.each([
    ["script: [x]", NOTHING],
    ["only: [main, /^rel-.*$/, merge_requests, $X]", { ...NOTHING, branches: ["main"] }],
    ["only: { refs: [main, develop] }", { ...NOTHING, branches: ["main", "develop"] }],
    ["only: [tags]", { ...NOTHING, tags: ["*"] }],
    ["rules: [{ if: '$CI_COMMIT_BRANCH == \"main\"' }]", { ...NOTHING, branches: ["main"] }],
    ["rules: [{ if: '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH' }]", NOTHING],
    [
      "rules: [{ if: '$CI_COMMIT_BRANCH == \"dev\"', when: never }, { if: $CI_COMMIT_TAG }]",
      { ...NOTHING, tags: ["*"] },
    ],
    ["rules: [{ if: '$CI_COMMIT_BRANCH != \"main\"' }]", NOTHING],
    ["environment: production", { ...NOTHING, environment: "production" }],
    ["environment: { name: staging, url: x }", { ...NOTHING, environment: "staging" }],
    ["environment: { name: review/$CI_COMMIT_REF_SLUG }", { ...NOTHING, environment: undefined }],
  ])("by %j", (text, expected) => {
    expect(gitlabRuns(parse(text) as Record<string, unknown>)).toEqual(expected);
  });
});

describe("a GitHub job runs", () => {
  it.each([
    ["push", {}, NOTHING],
    [
      "{ push: { branches: [main, 'releases/**', '!releases/old', 'v[0-9]+'] } }",
      {},
      { ...NOTHING, branches: ["main", "releases/*"] },
    ],
    ["{ push: { tags: ['v*'] } }", {}, { ...NOTHING, tags: ["v*"] }],
    [
      "{ push: { branches: [main, dev] } }",
      { if: "github.ref == 'refs/heads/main'" },
      { ...NOTHING, branches: ["main"] },
    ],
    ["push", { if: "github.event_name == 'push' && github.ref_name == 'main'" }, { ...NOTHING, branches: ["main"] }],
    ["push", { if: "github.ref != 'refs/heads/main'" }, NOTHING],
    ["push", { if: "startsWith(github.ref, 'refs/tags/v')" }, { ...NOTHING, tags: ["v*"] }],
    ["push", { environment: "production" }, { ...NOTHING, environment: "production" }],
    ["push", { environment: { name: "${{ inputs.stage }}" } }, { ...NOTHING, environment: undefined }],
  ])("by %j and %j", (on, job, expected) => {
    expect(githubRuns(parse(on), { if: undefined, environment: undefined, ...job })).toEqual(expected);
  });
});
