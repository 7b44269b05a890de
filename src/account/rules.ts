import type { Ci, ScopePart } from "../ci/ci.ts";
import { CIS, findCi } from "../ci/index.ts";
import { PARTITIONS } from "../core/arn.ts";
import { nearest } from "../core/nearest.ts";
import { readIdentityPolicy } from "../core/policy.ts";
import type { Json } from "../core/token.ts";
import { readDuration } from "./duration.ts";
import { TAG_PREFIX } from "./tags.ts";

/** What one value of rolecall.yaml must be. */
export interface Rule {
  /** Completes the sentence "expected …". */
  readonly expected: string;
  /** A value that is right, for the hint to a missing key. */
  readonly example?: string;
  readonly accepts: (value: unknown) => boolean;
  /** What to type instead, where the value shows what was meant. */
  readonly hint?: (value: unknown) => string | null;
}

const SHORTEST_SESSION = 900;
const SHORTEST_MAX_SESSION = 3600;
const LONGEST_SESSION = 43_200;

/** What may stand beside project: in an entry of `allow`. */
export const SCOPE_KEYS = ["branch", "tag", "environment", "pull_requests"] as const;

/** A part of a scope as rolecall.yaml names it. */
export function scopeKey(part: ScopePart): (typeof SCOPE_KEYS)[number] {
  return part === "pullRequests" ? "pull_requests" : part;
}

function sayable({ id, scopeParts }: Ci): string {
  return `${id}: ${["project", ...scopeParts.map(scopeKey)].join(", ")}`;
}

/** Accepts a text that matches. */
function matches(pattern: RegExp, ...others: readonly ((value: string) => boolean)[]): Rule["accepts"] {
  return (value) => typeof value === "string" && pattern.test(value) && others.every((holds) => holds(value));
}

function seconds(least: number, most: number): Rule["accepts"] {
  return (value) => {
    const read = typeof value === "string" || typeof value === "number" ? readDuration(value) : null;
    return read !== null && read >= least && read <= most;
  };
}

/** The first hint whose pattern the text matches. */
function hints(...table: readonly (readonly [RegExp, (value: string) => string])[]): NonNullable<Rule["hint"]> {
  return (value) => {
    if (typeof value !== "string") return null;
    const [, say] = table.find(([pattern]) => pattern.test(value)) ?? [];
    return say ? say(value) : null;
  };
}

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

const partitions = Object.keys(PARTITIONS).join("|");
const POLICY_ARN = new RegExp(`^arn:(?:${partitions}):iam::(?:aws|\\d{12}):policy/(?:[!-~]+/)?[\\w+=,.@-]{1,128}$`);
const POLICY_HINTS = hints(
  [/^[\w+=,.@-]+$/, (name) => `a policy of AWS's own has the ARN arn:aws:iam::aws:policy/${name}`],
  [/:role\//, () => "this is the ARN of a role"],
);

function isHttpsIssuer(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : null; // URL.parse is not in Node 20
  return url?.protocol === "https:" && url.port === "" && url.username === "" && !/[?#]/.test(value);
}

// The local AWS takes plain http on the loopback interface, as IAM does not.
function isLoopbackIssuer(value: string): boolean {
  return /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:\/[^?#]*)?$/.test(value);
}

// IAM API reference, Tag: letters, digits and separators of any script, and these signs.
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;
const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;

/**
 * Every kind of value in rolecall.yaml. What is refused although IAM would take it is refused because
 * it lets in more than it seems to, or nobody at all.
 */
export const RULES = {
  file: {
    expected: "a mapping with version: and roles:",
    accepts: isMapping,
  },
  version: {
    expected: "version 1",
    example: "1",
    accepts: (value) => value === 1,
    hint: (value) => (value === "1" ? "without quotes: version: 1" : null),
  },
  "config-name": {
    expected: "a name of at most 64 letters, digits and _ . - (it marks what this file made in IAM)",
    example: "shop",
    accepts: matches(/^[\w.-]{1,64}$/),
  },
  roles: {
    expected: "a mapping from role names to roles, with one role at least",
    example: "{ … }",
    accepts: (value) => isMapping(value) && Object.keys(value).length > 0,
  },
  "role-name": {
    expected: "a role name: 1 to 64 ASCII letters, digits and _ + = , . @ -",
    accepts: matches(/^[\w+=,.@-]{1,64}$/),
    hint: hints([/^\/?[\w/+=,.@-]+\/[\w+=,.@-]+$/, () => "the path goes into the role: path: /ci/"]),
  },
  "role-name-once": {
    expected: "each role once; IAM does not tell names apart by upper and lower case",
    accepts: () => true,
  },
  role: {
    expected: "a mapping with ci:, audience: and allow:",
    accepts: isMapping,
  },
  ci: {
    expected: `a CI that rolecall knows: ${CIS.map(({ id }) => id).join(", ")}`,
    example: "gitlab",
    accepts: (value) => CIS.some(({ id }) => id === value),
    hint: (value) =>
      didYouMean(
        value,
        CIS.map(({ id }) => id),
      ),
  },
  audience: {
    expected: "an audience: 1 to 255 characters without white space and without *",
    example: "https://shop-deploy.test",
    // Of a token's audience only the whole text counts, so a wildcard would let nobody in.
    accepts: matches(/^[\u0021-\u007e]{1,255}$/, (value) => !value.includes("*")),
  },
  issuer: {
    expected: "the https:// address of the CI, without port, query and trailing slash",
    example: "https://gitlab.example.com",
    accepts: matches(
      /^[\u0021-\u007e]{1,255}$/,
      (value) => !value.endsWith("/"),
      (value) => isHttpsIssuer(value) || isLoopbackIssuer(value),
    ),
    hint: hints(
      // IAM and STS compare the issuer with the token's iss letter by letter.
      [/^https:\/\/.+\/$/, (url) => `without the slash at its end: ${url.replace(/\/+$/, "")}`],
      [/^[\w-]+(\.[\w-]+)+$/, (host) => `with its scheme: https://${host}`],
    ),
  },
  "issuer-needed": {
    expected: "the address of your instance, since this CI has no issuer of its own",
    accepts: (value) => isMapping(value) && ("issuer" in value || findCi(String(value["ci"]))?.issuer !== null),
    hint: () => "add issuer: https://…",
  },
  allow: {
    expected: "a list with one entry at least, each a mapping like { project: acme/shop, branch: main }",
    example: "[{ project: acme/shop, branch: main }]",
    accepts: (value) => Array.isArray(value) && value.length > 0,
  },
  scope: {
    expected: "a mapping like { project: acme/shop, branch: main }",
    accepts: isMapping,
  },
  "scope-one-ref": {
    expected: "one of branch, tag, environment and pull_requests besides the project, not several",
    accepts: (value) => isMapping(value) && SCOPE_KEYS.filter((key) => key in value).length < 2,
    hint: () => "write two entries, one with branch: and one with tag:",
  },
  "scope-some-ref": {
    expected: "a branch or a tag besides the project",
    accepts: (value) => isMapping(value) && SCOPE_KEYS.some((key) => key in value),
    hint: () => 'branch: main; every branch, if that is meant, is branch: "*"',
  },
  "scope-part": {
    expected: `what the tokens of this CI tell (${CIS.map(sayable).join("; ")})`,
    accepts: () => true,
  },
  "pull-requests": {
    expected: "true, for the jobs of pull requests",
    accepts: (value) => value === true,
  },
  project: {
    expected: "a project with its group and without wildcards, such as acme/shop",
    example: "acme/shop",
    accepts: matches(PROJECT, (value) => !value.split("/").some((part) => /^\.+$|\.git$/.test(part))),
    hint: PROJECT_HINTS,
  },
  "project-github": {
    expected: "a repository such as octo-org/octo-repo, or with ids octo-org@65/octo-repo@74 for immutable subjects",
    accepts: matches(GITHUB_PROJECT),
    hint: PROJECT_HINTS,
  },
  "project-buildkite": {
    expected: "organization and pipeline, such as acme-inc/shop",
    accepts: matches(TWO_SLUGS),
    hint: PROJECT_HINTS,
  },
  "project-circleci": {
    expected:
      "the project's id, and for a branch or a tag its repository behind it: cccccccc-1111-4222-8333-dddddddddddd/github.com/acme/shop",
    accepts: matches(CIRCLECI_PROJECT),
    hint: () => "a token has it as oidc.circleci.com/project-id: rolecall token show",
  },
  "project-circleci-ref": {
    expected: "the project's id and its repository, such as cccccccc-1111-4222-8333-dddddddddddd/github.com/acme/shop",
    accepts: matches(CIRCLECI_PROJECT, (value) => value.includes("/")),
    hint: () => "without the repository a branch of a fork, or one whose name goes on like a subject, would be let in",
  },
  "project-bitbucket": {
    expected: 'the repository\'s UUID, such as "{aaaaaaaa-2222-4333-8444-555555555555}"',
    accepts: matches(BRACED),
    hint: () => "a token has it as repositoryUuid: rolecall token show",
  },
  "environment-bitbucket": {
    expected: 'the UUID of a deployment environment, such as "{bbbbbbbb-2222-4333-8444-555555555555}"',
    accepts: matches(BRACED),
    hint: () => "a token has it as deploymentEnvironmentUuid: rolecall token show",
  },
  "project-jenkins": {
    expected: "the full name of a job, folders included, such as deploy/shop, without wildcards",
    accepts: matches(JENKINS_PROJECT),
  },
  "project-custom": {
    expected: "the whole subject of the tokens, without wildcards",
    accepts: matches(/^[\u0020-\u007e\u00a1-\u00ff]{1,1024}$/, (value) => !/[*?]/.test(value)),
  },
  environment: {
    expected: "the name of an environment, in which * and ? are wildcards",
    example: "production",
    accepts: matches(
      /^[\u0021-\u007e\u00a1-\u00ff](?:[\u0020-\u007e\u00a1-\u00ff]{0,253}[\u0021-\u007e\u00a1-\u00ff])?$/,
    ),
  },
  branch: {
    expected: "the name of a branch, in which * and ? are wildcards",
    example: "main",
    accepts: matches(REF, (value) => !NOT_IN_A_REF.test(value)),
    hint: REF_HINTS,
  },
  tag: {
    expected: "the name of a tag, in which * and ? are wildcards",
    example: '"v*"',
    accepts: matches(REF, (value) => !NOT_IN_A_REF.test(value)),
    hint: REF_HINTS,
  },
  permissions: {
    expected: "a list of policy ARNs and policy documents",
    accepts: Array.isArray,
  },
  permission: {
    expected: "the ARN of a managed policy, or a policy document",
    accepts: (value) => typeof value === "string" || isMapping(value),
  },
  "policy-arn": {
    expected: "the ARN of a managed policy, such as arn:aws:iam::aws:policy/ReadOnlyAccess",
    accepts: matches(POLICY_ARN),
    hint: POLICY_HINTS,
  },
  "policy-document": {
    expected: "a policy document that IAM takes",
    accepts: (value) => readIdentityPolicy(withVersion(value)).kind === "policy",
    hint: (value) => {
      const reading = readIdentityPolicy(withVersion(value));
      return reading.kind === "malformed" ? `IAM would say: ${reading.message}` : null;
    },
  },
  session: {
    expected: "a duration from 15m to 12h, as 15m or as seconds",
    example: "15m",
    accepts: seconds(SHORTEST_SESSION, LONGEST_SESSION),
  },
  "max-session": {
    expected: "a duration from 1h to 12h, as 1h or as seconds",
    example: "1h",
    accepts: seconds(SHORTEST_MAX_SESSION, LONGEST_SESSION),
    hint: (value) =>
      seconds(0, SHORTEST_MAX_SESSION)(value) ? "IAM knows no maximum under 1h; what a job asks for is session:" : null,
  },
  "session-within-max": {
    expected: "a session no longer than max_session",
    accepts: () => true,
  },
  path: {
    expected: "a path with a slash at both ends, such as /ci/",
    example: "/ci/",
    accepts: matches(/^\/(?:[\u0021-\u007e]{1,510}\/)?$/, (value) => !value.includes("//")),
    hint: hints([/^[^/\s][^\s]*$|^\/[^\s]*[^/\s]$/, (path) => `/${path.replaceAll(/^\/+|\/+$/g, "")}/`]),
  },
  description: {
    expected: "at most 1000 characters, none of them beyond ÿ (U+00FF), since IAM takes no others",
    accepts: matches(/^[\t\n\r\u0020-\u007e\u00a1-\u00ff]{0,1000}$/),
  },
  tags: {
    expected: "a mapping from tag keys to tag values, at most 40",
    accepts: (value) => isMapping(value) && Object.keys(value).length <= 40,
  },
  "tag-key": {
    expected: `a tag key of 1 to 128 characters that does not begin with aws: or ${TAG_PREFIX}`,
    accepts: matches(TAG_KEY, (value) => !/^aws:/i.test(value) && !value.toLowerCase().startsWith(TAG_PREFIX)),
  },
  "tag-value": {
    expected: "a text of at most 256 letters, digits, spaces and _ . : / = + - @",
    accepts: matches(TAG_VALUE),
    hint: (value) => (typeof value === "number" || typeof value === "boolean" ? `quote it: "${value}"` : null),
  },
} as const satisfies Record<string, Rule>;

export type RuleId = keyof typeof RULES;

/** A rule by its id, in the general shape. */
export function ruleOf(id: RuleId): Rule {
  return RULES[id];
}

export function isRuleId(text: string): text is RuleId {
  return Object.hasOwn(RULES, text);
}

/** True for what YAML calls a mapping. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The document with a Version; without one IAM would take variables (`${aws:…}`) as plain text. */
export function withVersion(document: unknown): Json {
  const json = document as Json;
  return isMapping(document) && !("Version" in document)
    ? { Version: "2012-10-17", ...(document as { readonly [key: string]: Json }) }
    : json;
}

export function didYouMean(value: unknown, candidates: readonly string[]): string | null {
  const meant = nearest(String(value), candidates);
  return meant === null ? null : `did you mean ${meant}?`;
}

function pathOf(address: string): string {
  return address.replace(/^https?:\/\/[^/]+\/|^git@[^:]+:/, "").replace(/(?:\.git)?\/*$/, "");
}
