import type { Ci, Word } from "../ci/ci.ts";
import { CIS } from "../ci/index.ts";
import type { Json } from "../core/token.ts";
import { type Parameter, type Preset, PRESETS } from "./presets.ts";
import type { JsonSchema } from "./rules/rule.ts";
import { ruleOf, type RuleId } from "./rules.ts";
import { KEYS } from "./schema.ts";
import { ruleOfWord } from "./scope.ts";

/** A key of the file: what its value must be, and what people and editors are told of it. */
interface Key {
  readonly rule: RuleId;
  readonly about: string;
  readonly required?: true;
  /** What is inside it, where the rule does not say. */
  readonly inner?: () => JsonSchema;
}

const SETTINGS: Readonly<Record<string, Key>> = {
  // Not required: the defaults may have it.
  ci: { rule: "ci", about: "The CI system whose jobs get the role." },
  issuer: {
    rule: "issuer",
    about: "Address of the issuer: of a self-managed instance, or where each customer has one.",
  },
  audience: {
    rule: "audience",
    about: "What a job asks its ID token for; one per role. By default the first project and the role's name.",
  },
  permissions: {
    rule: "permissions",
    about: "What the role may do: ARNs of managed policies, policy documents, files with one, and presets.",
    inner: () => ({ items: permission() }),
  },
  session: { rule: "session", about: "How long a job's credentials live: 15m to 12h." },
  max_session: { rule: "max-session", about: "The longest session that the role gives: 1h to 12h." },
  path: { rule: "path", about: "The role's path in IAM, with a slash at both ends." },
  description: { rule: "description", about: "The role's description in IAM." },
  boundary: { rule: "policy-arn", about: "ARN of the permissions boundary." },
  tags: { rule: "tags", about: "Tags of the role.", inner: () => ({ additionalProperties: plain("tag-value") }) },
  accounts: {
    rule: "role-accounts",
    about: "Names from accounts: that the role is made in; all of them when left out.",
    inner: () => ({ items: { type: "string" } }),
  },
  split: { rule: "split", about: "Whether a trust policy that is too long may become several roles." },
};

const ROLE: Readonly<Record<string, Key>> = {
  ...SETTINGS,
  allow: {
    rule: "allow",
    about: "The jobs that get the role, and no others.",
    required: true,
    inner: () => ({ items: scope(CIS) }),
  },
};

const ACCOUNT: Readonly<Record<string, Key>> = {
  id: { rule: "account-id", about: "The account's twelve digits, in quotes.", required: true },
  partition: { rule: "partition", about: "The account's partition; aws when left out." },
  role: { rule: "role-to-assume", about: "Role to assume before anything is read or changed there." },
};

const FILE: Readonly<Record<string, Key>> = {
  version: { rule: "version", about: "The version of this file's form.", required: true },
  name: { rule: "config-name", about: "Marks what this file made in IAM, so that two files keep apart." },
  variables: {
    rule: "variables",
    about: "Texts that stand wherever $(name) is written.",
    inner: () => ({ additionalProperties: plain("variable-value") }),
  },
  accounts: {
    rule: "accounts",
    about: "The accounts that the file is for.",
    inner: () => ({ additionalProperties: { anyOf: [plain("account-id"), mapping(ACCOUNT, "account")] } }),
  },
  defaults: {
    rule: "defaults",
    about: "What roles have when they do not say it themselves; tags are joined, all else is replaced.",
    inner: () => mapping(SETTINGS, "defaults"),
  },
  roles: {
    rule: "roles",
    about: "The roles, by their names in IAM.",
    required: true,
    inner: () => ({ additionalProperties: role() }),
  },
};

/**
 * JSON Schema of rolecall.yaml, made of the rules that `parseConfig` checks. It is the wider of the two:
 * what needs more than a value's own look (whether AWS sees a claim, whether IAM takes a document) only
 * `parseConfig` refuses, and what this refuses `parseConfig` refuses as well.
 */
export function configJsonSchema(): JsonSchema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "rolecall.yaml",
    description: "Which jobs of which CI may take which AWS role.",
    ...mapping(FILE, "file"),
  };
}

function mapping(table: Readonly<Record<string, Key>>, named: keyof typeof KEYS): JsonSchema {
  const required = KEYS[named].filter((key) => table[key]?.required);
  return {
    type: "object",
    properties: Object.fromEntries(KEYS[named].flatMap((key) => (table[key] ? [[key, valueOf(table[key])]] : []))),
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required }),
  };
}

function valueOf({ rule, about, inner }: Key): JsonSchema {
  return { description: about, ...plain(rule), ...inner?.() };
}

function plain(id: RuleId): JsonSchema {
  const { schema = {}, example } = ruleOf(id);
  const readable = example === undefined || /[…{[]/.test(example) ? null : example.replaceAll('"', "");
  return orVariable({
    ...schema,
    ...(readable === null || schema["const"] !== undefined ? {} : { examples: [readable] }),
  });
}

/** Where a text of a form is expected a variable may stand, whose value no editor knows. */
function orVariable(schema: JsonSchema): JsonSchema {
  const { pattern, ...rest } = schema;
  return typeof pattern === "string" ? { ...rest, pattern: `${pattern}|${VARIABLE}` } : schema;
}

const VARIABLE = String.raw`\$\([A-Za-z_]\w*\)`;

/** A role's entries have the words of its CI; without a CI here (it is in the defaults) any CI's. */
function role(): JsonSchema {
  const perCi = CIS.map((ci) => ({
    if: { properties: { ci: { const: ci.id } }, required: ["ci"] },
    // oxlint-disable-next-line no-thenable -- a keyword of JSON Schema, never awaited
    then: { properties: { allow: { items: scope([ci]) } } },
  }));
  return { ...mapping(ROLE, "role"), allOf: perCi };
}

function scope(cis: readonly Ci[]): JsonSchema {
  const words = new Map<string, Json[]>();
  for (const ci of cis) {
    for (const [key, word] of Object.entries(ci.words)) words.set(key, [...(words.get(key) ?? []), wordOf(ci, word)]);
  }
  const properties = [...words].map(([key, values]) => [
    key,
    values.length === 1 ? values[0] : { anyOf: unique(values) },
  ]);
  return { type: "object", properties: Object.fromEntries(properties) as JsonSchema, additionalProperties: false };
}

function wordOf(ci: Ci, word: Word): JsonSchema {
  const { examples: _, ...schema } = plain(ruleOfWord(ci.id, word));
  const example: Json = word.example === "true" ? true : word.example;
  return { description: word.about, ...schema, examples: [example] };
}

function unique(values: readonly Json[]): Json[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

function permission(): JsonSchema {
  return {
    anyOf: [
      { description: "the ARN of a managed policy", ...plain("policy-arn") },
      {
        description: "a file with a policy document",
        type: "object",
        properties: { file: plain("policy-file") },
        required: ["file"],
        additionalProperties: false,
      },
      ...Object.entries(PRESETS).map(([name, preset]) => presetSchema(name, preset)),
      {
        description: "a policy document",
        type: "object",
        properties: { Version: { enum: ["2012-10-17", "2008-10-17"] }, Id: { type: "string" }, Statement: {} },
        required: ["Statement"],
      },
    ],
  };
}

function presetSchema(name: string, { about, parameters }: Preset): JsonSchema {
  const required = Object.entries(parameters).flatMap(([key, { required: is }]) => (is ? [key] : []));
  return {
    description: about,
    type: "object",
    properties: {
      preset: { const: name },
      ...Object.fromEntries(Object.entries(parameters).map(([key, parameter]) => [key, parameterSchema(parameter)])),
    },
    required: ["preset", ...required],
    additionalProperties: false,
  };
}

function parameterSchema({ expected, pattern, example, many }: Parameter): JsonSchema {
  if (pattern === null) return { description: expected, const: true };
  const one = { type: "string", pattern: `${pattern.source}|${VARIABLE}` };
  const examples = [example];
  if (!many) return { description: expected, ...one, examples };
  return { description: expected, anyOf: [one, { type: "array", minItems: 1, items: one }], examples };
}
