import { PARTITIONS, readRoleArn } from "../../core/arn.ts";
import { didYouMean, hints, map, type Rule, text } from "./rule.ts";

const partitions = Object.keys(PARTITIONS);

/** What stands at the top of the file: version, variables, accounts. */
export const FILE_RULES = {
  file: { expected: "a mapping with version: and roles:", ...map() },
  version: {
    expected: "version 1",
    example: "1",
    accepts: (value) => value === 1,
    schema: { const: 1 },
    hint: (value) => (value === "1" ? "without quotes: version: 1" : null),
  },
  "config-name": {
    expected: "a name of at most 64 letters, digits and _ . - (it marks what this file made in IAM)",
    example: "shop",
    ...text(/^[\w.-]{1,64}$/),
  },
  variables: { expected: "a mapping from names to texts", ...map() },
  "variable-name": {
    expected: "the name of a variable: letters, digits and _, and neither account nor partition, which are given",
    ...text(/^[A-Za-z_]\w{0,63}$/, (name) => !["account", "partition"].includes(name)),
  },
  "variable-value": {
    expected: "a text",
    accepts: (value) => typeof value === "string",
    schema: { type: "string" },
    hint: (value) => (typeof value === "number" || typeof value === "boolean" ? `quote it: "${value}"` : null),
  },
  accounts: {
    expected: "a mapping from names of accounts to accounts, with one at least",
    ...map((value) => Object.keys(value).length > 0, { minProperties: 1 }),
  },
  "account-name": {
    expected: "a name of an account: letters, digits and _ . -",
    ...text(/^[A-Za-z][\w.-]{0,63}$/),
  },
  account: {
    expected: "an account's twelve digits, or a mapping with id:",
    example: '"123456789012"',
    accepts: (value) => typeof value === "string" || typeof value === "number" || map().accepts(value),
  },
  "account-id": {
    expected: "an account's twelve digits",
    example: '"123456789012"',
    accepts: (value) => (typeof value === "string" || Number.isSafeInteger(value)) && /^\d{12}$/.test(String(value)),
    schema: {
      anyOf: [
        { type: "string", pattern: "^\\d{12}$" },
        { type: "integer", minimum: 100_000_000_000, maximum: 999_999_999_999 },
      ],
    },
    hint: (value) => {
      const digits = String(value).replaceAll(/[\s-]/g, "");
      if (/^\d{12}$/.test(digits)) return `without spaces and hyphens: "${digits}"`;
      return /^\d+$/.test(digits) ? `it has ${digits.length} digits` : null;
    },
  },
  "account-once": { expected: "each account once", accepts: () => true },
  partition: {
    expected: `a partition: ${partitions.join(", ")}`,
    example: "aws",
    accepts: (value) => typeof value === "string" && partitions.includes(value),
    schema: { enum: partitions },
    hint: (value) => didYouMean(value, partitions),
  },
  "role-to-assume": {
    expected: "the ARN of a role, or the name of one in that account",
    example: "OrganizationAccountAccessRole",
    accepts: (value) => typeof value === "string" && (ROLE_NAME.test(value) || readRoleArn(value) !== null),
    schema: { type: "string", minLength: 1 },
  },
  "account-of-role": {
    expected: "a role of this very account and partition",
    accepts: () => true,
  },
  "role-accounts": {
    expected: "a list of names from accounts:, with one at least",
    accepts: (value) => Array.isArray(value) && value.length > 0,
    schema: { type: "array", minItems: 1 },
  },
  "known-account": { expected: "a name from accounts:", accepts: (value) => typeof value === "string" },
  roles: {
    expected: "a mapping from role names to roles, with one role at least",
    example: "{ … }",
    ...map((value) => Object.keys(value).length > 0, { minProperties: 1 }),
  },
  "role-name": {
    expected: "a role name: 1 to 64 ASCII letters, digits and _ + = , . @ -",
    ...text(/^[\w+=,.@-]{1,64}$/),
    hint: hints([/^\/?[\w/+=,.@-]+\/[\w+=,.@-]+$/, () => "the path goes into the role: path: /ci/"]),
  },
  "role-name-once": {
    expected: "each role once; IAM does not tell names apart by upper and lower case",
    accepts: () => true,
  },
  role: { expected: "a mapping with ci: and allow:", ...map() },
  defaults: { expected: "a mapping of what roles have when they do not say it themselves", ...map() },
} as const satisfies Record<string, Rule>;

const ROLE_NAME = /^[\w+=,.@-]{1,64}$/;
