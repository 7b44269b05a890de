import { hints, map, type Rule, text } from "./rule.ts";

// Segments of a project's path cannot hold `:`, so that nothing in it can end the part of the
// subject that names the project. GitLab docs, user/reserved_names: letters, digits, `_`, `-`, `.`.
const PROJECT = /^[\w.-]+(?:\/[\w.-]+)+$/;

// With the ids of an immutable subject: octo-org@65/octo-repo@74. `@` is in no owner's and no repository's name.
const GITHUB_PROJECT = /^[\w.-]+\/[\w.-]+$|^[\w.-]+@\d+\/[\w.-]+@\d+$/;
const TWO_SLUGS = /^[\w.-]+\/[\w.-]+$/;
const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const CIRCLECI_PROJECT = new RegExp(`^${UUID}(?:/[\\w.-]+(?:/[\\w.-]+)+)?$`);
const BRACED = new RegExp(`^(?:\\{${UUID}\\}|${UUID})$`);
// Names of Jenkins' items may have spaces; wildcards and what a URL ends at are refused.
const JENKINS_PROJECT = /^[^\p{Cc}*?#%\\/]+(?:\/[^\p{Cc}*?#%\\/]+)*$/u;
// Names of Azure DevOps and HCP Terraform may have spaces within.
const SPACED_PROJECT = /^(?! )[^\p{Cc}*?:/\u0100-\u{10ffff}]+(?:\/[^\p{Cc}*?:/\u0100-\u{10ffff}]+)+$/u;
const ID = new RegExp(`^(?:\\d{1,20}|${UUID})$`);

// The file's name within .github/workflows, or the whole of job_workflow_ref. GitHub docs, reusing workflows.
const WORKFLOW =
  /^[\w.-]+\.ya?ml$|^[\w.-]+\/[\w.-]+\/\.github\/workflows\/[\w.-]+\.ya?ml@refs\/[\u0021-\u007e\u00a1-\u00ff]+$/;

// git check-ref-format; wildcards are rolecall's own. IAM takes no character beyond U+00FF in a trust
// policy. Source: IAM API reference, CreateRole, AssumeRolePolicyDocument.
const REF = /^[\u0021-\u007e\u00a1-\u00ff]+$/;
const NOT_IN_A_REF = /[~^:[\\]|\.\.|@\{|\/\/|^\/|\/$|\.$|\.lock$|^refs\//;

const REF_HINTS = hints(
  [/^refs\/(heads|tags)\//, (ref) => `without refs/heads/ or refs/tags/: ${ref.replace(/^refs\/\w+\//, "")}`],
  [
    /[\u0100-\uffff]/,
    (ref) => `IAM takes no such letters in a trust policy; nearest, but wider: ${questionMarks(ref)}`,
  ],
);

function refHint(value: unknown): string | null {
  if (Array.isArray(value)) return "write an entry of allow for each";
  return typeof value === "number" ? "write it in quotes: a number loses zeros" : REF_HINTS(value);
}

// `?` is one character to IAM, whatever it is.
function questionMarks(ref: string): string {
  return JSON.stringify(Array.from(ref, (one) => (one > "\u00ff" ? "?" : one)).join(""));
}

const PROJECT_HINTS = hints(
  [/^https?:\/\/[^/]+\/[^*?]+/, (url) => `the path alone: ${pathOf(url)}`],
  [/^git@[^:]+:/, (url) => `the path alone: ${pathOf(url)}`],
  [/\.git$/, (path) => `without .git: ${pathOf(path)}`],
  [/[*?]/, () => "name each project: a wildcard lets in every project that a member creates"],
  [/^[\w.-]+$/, (name) => `with its group: <group>/${name}`],
);

function pathOf(address: string): string {
  return address.replace(/^https?:\/\/[^/]+\/|^git@[^:]+:/, "").replace(/(?:\.git)?\/*$/, "");
}

const ref = text(REF, (value) => !NOT_IN_A_REF.test(value));

/** What may stand in an entry of allow. */
export const SCOPE_RULES = {
  allow: {
    expected: "a list with one entry at least, each a mapping like { project: acme/shop, branch: main }",
    example: "[{ project: acme/shop, branch: main }]",
    accepts: (value) => Array.isArray(value) && value.length > 0,
    schema: { type: "array", minItems: 1 },
  },
  scope: { expected: "a mapping like { project: acme/shop, branch: main }", ...map() },
  "scope-one-ref": {
    expected: "one of branch, tag, environment and pull_requests besides the project, not several",
    accepts: () => true,
    hint: () => "write two entries, one with branch: and one with tag:",
  },
  "scope-project-once": {
    expected: "the project by one word",
    accepts: () => true,
    hint: () => "project: is the word of every CI",
  },
  "scope-some-ref": {
    expected: "a branch or a tag besides the project",
    accepts: () => true,
    hint: () => 'branch: main; every branch, if that is meant, is branch: "*"',
  },
  "scope-workflow-ref": {
    expected: "a branch or a tag besides the file of a workflow, or a workflow with its ref",
    accepts: () => true,
    hint: (value) => `octo-org/octo-repo/.github/workflows/${String(value)}@refs/heads/main`,
  },
  "scope-immutable": {
    expected: "repository_id and repository_owner_id for subjects that have them in them",
    accepts: () => true,
    hint: () =>
      "add repository_id: … and repository_owner_id: …, which rolecall subject … --immutable --resolve shows; plan, apply, export, lint and up --config ask for them with --resolve",
  },
  truth: {
    expected: "true",
    accepts: (value) => value === true,
    schema: { const: true },
    hint: (value) => (value === false ? "leave the key out" : null),
  },
  boolean: {
    expected: "true or false",
    accepts: (value) => typeof value === "boolean",
    schema: { type: "boolean" },
  },
  id: {
    expected: "a number or a UUID, as the CI writes it",
    example: "74",
    accepts: (value) => (typeof value === "string" || Number.isSafeInteger(value)) && ID.test(String(value)),
    schema: {
      anyOf: [
        { type: "string", pattern: ID.source },
        { type: "integer", minimum: 0 },
      ],
    },
  },
  project: {
    expected: "a project with its group and without wildcards, such as acme/shop",
    example: "acme/shop",
    ...text(PROJECT, (value) => !value.split("/").some((part) => /^\.+$|\.git$/.test(part))),
    hint: PROJECT_HINTS,
  },
  "project-github": {
    expected: "a repository such as octo-org/octo-repo, or with ids octo-org@65/octo-repo@74 for immutable subjects",
    ...text(GITHUB_PROJECT),
    hint: PROJECT_HINTS,
  },
  "project-buildkite": {
    expected: "organization and pipeline, such as acme-inc/shop",
    ...text(TWO_SLUGS),
    hint: PROJECT_HINTS,
  },
  "project-circleci": {
    expected:
      "the project's id, and for a branch or a tag its repository behind it: cccccccc-1111-4222-8333-dddddddddddd/github.com/acme/shop",
    ...text(CIRCLECI_PROJECT),
    hint: () => "a token has it as oidc.circleci.com/project-id: rolecall token show",
  },
  "project-circleci-ref": {
    expected: "the project's id and its repository, such as cccccccc-1111-4222-8333-dddddddddddd/github.com/acme/shop",
    ...text(CIRCLECI_PROJECT, (value) => value.includes("/")),
    hint: () => "without the repository a branch of a fork, or one whose name goes on like a subject, would be let in",
  },
  "project-bitbucket": {
    expected: 'the repository\'s UUID, such as "{aaaaaaaa-2222-4333-8444-555555555555}"',
    ...text(BRACED),
    hint: () => "a token has it as repositoryUuid: rolecall token show",
  },
  "environment-bitbucket": {
    expected: 'the UUID of a deployment environment, such as "{bbbbbbbb-2222-4333-8444-555555555555}"',
    ...text(BRACED),
    hint: () => "a token has it as deploymentEnvironmentUuid: rolecall token show",
  },
  "project-spaced": {
    expected: "a project with what it belongs to, such as acme/shop, without wildcards and colons",
    ...text(SPACED_PROJECT),
    hint: PROJECT_HINTS,
  },
  "run-phase": {
    expected: "plan or apply",
    accepts: (value) => value === "plan" || value === "apply",
    schema: { enum: ["plan", "apply"] },
  },
  access: {
    expected: "read or write",
    accepts: (value) => value === "read" || value === "write",
    schema: { enum: ["read", "write"] },
  },
  "project-jenkins": {
    expected: "the full name of a job, folders included, such as deploy/shop, without wildcards",
    ...text(JENKINS_PROJECT),
  },
  "project-custom": {
    expected: "the whole subject of the tokens, without wildcards",
    ...text(/^[\u0020-\u007e\u00a1-\u00ff]{1,1024}$/, (value) => !/[*?]/.test(value)),
  },
  environment: {
    expected: "the name of an environment, in which * and ? are wildcards",
    example: "production",
    ...text(/^[\u0021-\u007e\u00a1-\u00ff](?:[\u0020-\u007e\u00a1-\u00ff]{0,253}[\u0021-\u007e\u00a1-\u00ff])?$/),
  },
  workflow: {
    expected:
      "a file such as deploy.yml, or octo-org/ops/.github/workflows/deploy.yml@refs/heads/main, without wildcards",
    example: "deploy.yml",
    ...text(WORKFLOW, (value) => !/[*?]/.test(value)),
    hint: hints([/\/[^@]*$/, (path) => `with its ref: ${path}@refs/heads/main`]),
  },
  branch: {
    expected: "the name of a branch, in which * and ? are wildcards",
    example: "main",
    ...ref,
    hint: refHint,
  },
  tag: {
    expected: "the name of a tag, in which * and ? are wildcards",
    example: '"v*"',
    ...ref,
    hint: refHint,
  },
} as const satisfies Record<string, Rule>;
