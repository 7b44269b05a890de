import { PARTITIONS } from "../../core/arn.ts";
import { readIdentityPolicy } from "../../core/policy.ts";
import type { Json } from "../../core/token.ts";
import { PRESETS } from "../presets.ts";
import { TAG_PREFIX } from "../tags.ts";
import { didYouMean, hints, isMapping, map, type Rule, seconds, text } from "./rule.ts";

const SHORTEST_SESSION = 900;
const SHORTEST_MAX_SESSION = 3600;
const LONGEST_SESSION = 43_200;

// $(account) and $(partition) are those of the account that the role is made in.
const partitions = [...Object.keys(PARTITIONS), String.raw`\$\(partition\)`].join("|");
const POLICY_ARN = new RegExp(
  String.raw`^arn:(?:${partitions}):iam::(?:aws|\d{12}|\$\(account\)):policy/(?:[!-~]+/)?[\w+=,.@-]{1,128}$`,
);
const POLICY_HINTS = hints(
  [/^[\w+=,.@-]+$/, (name) => `a policy of AWS's own has the ARN arn:aws:iam::aws:policy/${name}`],
  [/:role\//, () => "this is the ARN of a role"],
  [/iam::\d+:/, (arn) => `an account has twelve digits, this one ${/iam::(\d+):/.exec(arn)?.[1]?.length ?? 0}`],
);

// IAM API reference, Tag: letters, digits and separators of any script, and these signs.
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;
const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;

/** What a role may do, and how it looks in IAM. */
export const ROLE_RULES = {
  permissions: {
    expected: "a list of policy ARNs, policy documents, files and presets",
    accepts: Array.isArray,
    schema: { type: "array" },
  },
  permission: {
    expected: "the ARN of a managed policy, a policy document, { file: … } or { preset: … }",
    accepts: (value) => typeof value === "string" || isMapping(value),
  },
  "policy-arn": {
    expected: "the ARN of a managed policy, such as arn:aws:iam::aws:policy/ReadOnlyAccess",
    example: "arn:aws:iam::aws:policy/ReadOnlyAccess",
    ...text(POLICY_ARN),
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
  "policy-file": {
    expected: "the path of a JSON or YAML file with a policy document, from this file's folder",
    example: "policies/deploy.json",
    accepts: (value) => typeof value === "string" && value !== "",
    schema: { type: "string", minLength: 1 },
  },
  preset: {
    expected: `a preset: ${Object.keys(PRESETS).join(", ")}`,
    example: "read-only",
    accepts: (value) => typeof value === "string" && Object.hasOwn(PRESETS, value),
    schema: { enum: Object.keys(PRESETS) },
    hint: (value) => didYouMean(value, Object.keys(PRESETS)),
  },
  session: {
    expected: "a duration from 15m to 12h, as 15m or as seconds",
    example: "15m",
    ...seconds(SHORTEST_SESSION, LONGEST_SESSION),
    hint: (value) => (seconds(0, SHORTEST_SESSION - 1).accepts(value) ? "STS gives no session under 15m" : null),
  },
  "max-session": {
    expected: "a duration from 1h to 12h, as 1h or as seconds",
    example: "1h",
    ...seconds(SHORTEST_MAX_SESSION, LONGEST_SESSION),
    hint: (value) =>
      seconds(0, SHORTEST_MAX_SESSION).accepts(value)
        ? "IAM knows no maximum under 1h; what a job asks for is session:"
        : null,
  },
  "session-within-max": {
    expected: "a session no longer than max_session",
    accepts: () => true,
  },
  split: {
    expected: "true or false",
    accepts: (value) => typeof value === "boolean",
    schema: { type: "boolean" },
  },
  path: {
    expected: "a path with a slash at both ends, such as /ci/",
    example: "/ci/",
    ...text(/^\/(?:[\u0021-\u007e]{1,510}\/)?$/, (value) => !value.includes("//")),
    hint: hints([/^[^/\s][^\s]*$|^\/[^\s]*[^/\s]$/, (path) => `/${path.replaceAll(/^\/+|\/+$/g, "")}/`]),
  },
  description: {
    expected: "at most 1000 characters, none of them beyond ÿ (U+00FF), since IAM takes no others",
    ...text(/^[\t\n\r\u0020-\u007e\u00a1-\u00ff]{0,1000}$/),
  },
  tags: {
    expected: "a mapping from tag keys to tag values, at most 40",
    ...map((value) => Object.keys(value).length <= 40, { maxProperties: 40 }),
  },
  "tag-key": {
    expected: `a tag key of 1 to 128 characters that does not begin with aws: or ${TAG_PREFIX}`,
    ...text(TAG_KEY, (value) => !/^aws:/i.test(value) && !value.toLowerCase().startsWith(TAG_PREFIX)),
  },
  "tag-value": {
    expected: "a text of at most 256 letters, digits, spaces and _ . : / = + - @",
    ...text(TAG_VALUE),
    hint: (value) => (typeof value === "number" || typeof value === "boolean" ? `quote it: "${value}"` : null),
  },
} as const satisfies Record<string, Rule>;

/** The document with a Version; without one IAM would take variables (`${aws:…}`) as plain text. */
export function withVersion(document: unknown): Json {
  const json = document as Json;
  return isMapping(document) && !("Version" in document)
    ? { Version: "2012-10-17", ...(document as { readonly [key: string]: Json }) }
    : json;
}
