import * as v from "valibot";

import { readDuration } from "../core/duration.ts";
import { expandPreset, type Parameter, PRESETS } from "./presets.ts";
import { withVersion } from "./rules/role-rules.ts";
import { isMapping } from "./rules/rule.ts";
import { ruleOf, type RuleId, RULES } from "./rules.ts";

// Messages are rule ids; `config-problems.ts` renders them, since only it knows the file's text and positions.
export const UNKNOWN_KEY = "unknown-key";
export const MISSING_KEY = "missing-key";

/** Reports the rule when a value of the right type does not keep it. */
function keeps<Value>(id: RuleId) {
  return v.check((value: Value) => ruleOf(id).accepts(value), id);
}

function text(id: RuleId) {
  return v.pipe(v.string(id), keeps<string>(id));
}

function textOrNumber(id: RuleId) {
  return v.pipe(v.union([v.string(), v.number()], id), keeps<string | number>(id));
}

function duration(id: "session" | "max-session") {
  return v.pipe(textOrNumber(id), v.transform(readDuration));
}

type Mapping = Record<string, unknown>;

function mapping(id: RuleId) {
  return v.custom<Mapping>(isMapping, id);
}

/** A mapping with these keys and no others; every unknown key is reported, not only the first. */
function keys<Entries extends v.ObjectEntries>(id: RuleId, entries: Entries) {
  const known = Object.keys(entries);
  return v.pipe(
    mapping(id),
    v.looseObject(entries, MISSING_KEY),
    v.rawCheck(({ dataset, addIssue }) => {
      for (const key of unknownKeys(dataset.value, known)) addIssue(unknownKey(key, known));
    }),
  );
}

function unknownKeys(value: unknown, known: readonly string[]): readonly string[] {
  return isMapping(value) ? Object.keys(value).filter((key) => !known.includes(key)) : [];
}

function unknownKey(key: string, known: readonly string[]) {
  const path: [v.IssuePathItem] = [{ type: "object", origin: "key", input: {}, key, value: undefined }];
  return { message: UNKNOWN_KEY, expected: known.join(", "), path };
}

/**
 * A mapping whose keys are names. Not `v.record`, which passes over `constructor`, a legal role name.
 */
function named<Schema extends v.GenericSchema>(id: RuleId, name: RuleId, schema: Schema) {
  type Entry = readonly [name: string, value: v.InferOutput<Schema>];
  return v.pipe(
    mapping(id),
    keeps<Mapping>(id),
    v.rawTransform(({ dataset, addIssue, NEVER }): readonly Entry[] => {
      const entries: Entry[] = [];
      for (const [key, value] of Object.entries(dataset.value)) {
        const at = { type: "object", origin: "value", input: dataset.value, key, value } as const;
        if (!ruleOf(name).accepts(key)) addIssue({ message: name, input: key, path: [{ ...at, origin: "key" }] });
        const result = v.safeParse(schema, value);
        if (result.success) entries.push([key, result.output]);
        for (const { message, expected, input, path } of result.issues ?? []) {
          addIssue({ message, input, ...(expected === null ? {} : { expected }), path: [at, ...(path ?? [])] });
        }
      }
      return dataset.issues ? NEVER : entries;
    }),
  );
}

const managed = v.pipe(
  text("policy-arn"),
  v.transform((arn) => [{ kind: "managed" as const, arn }]),
);
const inline = v.pipe(
  mapping("permission"),
  keeps<Mapping>("policy-document"),
  v.transform((document) => [{ kind: "inline" as const, document: withVersion(document) }]),
);
const fromFile = v.pipe(
  keys("permission", { file: text("policy-file") }),
  v.transform(({ file }) => [{ kind: "file" as const, path: file }]),
);
const preset = v.pipe(
  mapping("permission"),
  v.rawCheck(({ dataset, addIssue }) => {
    for (const issue of presetIssues(dataset.value)) addIssue(issue);
  }),
  v.transform(expandPreset),
);
const permission = v.lazy((input) => {
  if (!isMapping(input)) return managed;
  if ("preset" in input) return preset;
  return "file" in input ? fromFile : inline;
});

interface PlainIssue {
  readonly message: string;
  readonly expected?: string;
  readonly input?: unknown;
  readonly path: [v.IssuePathItem, ...v.IssuePathItem[]];
}

function presetIssues(entry: unknown): readonly PlainIssue[] {
  if (!isMapping(entry)) return [];
  const at = (key: string): [v.IssuePathItem] => [
    { type: "object", origin: "value", input: { ...entry }, key, value: entry[key] },
  ];
  const name = entry["preset"];
  const known = typeof name === "string" && Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined;
  if (!known) return [{ message: "preset", input: name, path: at("preset") }];
  const { parameters } = known;
  const names = ["preset", ...Object.keys(parameters)];
  return [
    ...unknownKeys(entry, names).map((key) => unknownKey(key, names)),
    ...Object.entries(parameters).flatMap(([key, parameter]): readonly PlainIssue[] => {
      if (!(key in entry)) return parameter.required ? [{ message: MISSING_KEY, path: at(key) }] : [];
      return fits(entry[key], parameter) ? [] : [{ message: parameter.expected, input: entry[key], path: at(key) }];
    }),
  ];
}

/** Whether a value of a preset is right. */
function fits(value: unknown, { pattern, many }: Parameter): boolean {
  if (pattern === null) return value === true;
  const one = (item: unknown): boolean => typeof item === "string" && pattern.test(item);
  return many && Array.isArray(value) ? value.length > 0 && value.every(one) : one(value);
}

function list<Schema extends v.GenericSchema>(id: RuleId, item: Schema) {
  return v.pipe(v.array(item, id), keeps<v.InferOutput<Schema>[]>(id));
}

/** What a role and the defaults have in common. What a scope may say, the CI tells: see `scope.ts`. */
const identity = {
  ci: text("ci"),
  issuer: v.exactOptional(text("issuer")),
  audience: v.exactOptional(text("audience")),
};
const settings = {
  permissions: v.exactOptional(list("permissions", permission)),
  session: v.exactOptional(duration("session")),
  max_session: v.exactOptional(duration("max-session")),
  path: v.exactOptional(text("path")),
  description: v.exactOptional(text("description")),
  boundary: v.exactOptional(text("policy-arn")),
  tags: v.exactOptional(named("tags", "tag-key", text("tag-value"))),
  accounts: v.exactOptional(list("role-accounts", text("known-account"))),
  split: v.exactOptional(v.boolean("split")),
};

const role = v.pipe(
  keys("role", { ...identity, allow: list("allow", mapping("scope")), ...settings }),
  v.forward(
    v.check((value) => RULES["issuer-needed"].accepts(value), "issuer-needed"),
    ["issuer"],
  ),
  v.forward(
    v.check(({ session = 0, max_session: most }) => most === undefined || session <= most, "session-within-max"),
    ["session"],
  ),
);

const defaults = keys("defaults", { ...identity, ci: v.exactOptional(identity.ci), ...settings });

const roles = v.pipe(
  named("roles", "role-name", role),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const key of repeated(dataset.value.map(([name]) => name))) {
      addIssue({
        message: "role-name-once",
        path: [{ type: "object", origin: "key", input: {}, key, value: undefined }],
      });
    }
  }),
);

/** The names that differ from an earlier one in nothing but upper and lower case. */
function repeated(names: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return names.filter((name) => {
    const again = seen.has(name.toLowerCase());
    seen.add(name.toLowerCase());
    return again;
  });
}

const wholeAccount = keys("account", {
  id: textOrNumber("account-id"),
  partition: v.exactOptional(text("partition")),
  role: v.exactOptional(text("role-to-assume")),
});
const account = v.lazy((input) =>
  isMapping(input)
    ? wholeAccount
    : v.pipe(
        textOrNumber("account-id"),
        v.transform((id) => ({ id })),
      ),
);

/** The shape of rolecall.yaml, first version. */
export const configSchema = keys("file", {
  version: v.custom<1>(RULES.version.accepts, "version"),
  name: v.exactOptional(text("config-name"), "rolecall"),
  variables: v.exactOptional(named("variables", "variable-name", text("variable-value"))),
  accounts: v.exactOptional(named("accounts", "account-name", account)),
  defaults: v.exactOptional(defaults),
  roles,
});

/** Keys of each mapping, for those who describe the file to others. */
export const KEYS = {
  file: Object.keys(configSchema.pipe[1].entries),
  role: [...Object.keys(identity), "allow", ...Object.keys(settings)],
  defaults: [...Object.keys(identity), ...Object.keys(settings)],
  account: ["id", "partition", "role"],
} as const;

export type FileOutput = v.InferOutput<typeof configSchema>;
export type RoleOutput = v.InferOutput<typeof role>;
