import * as v from "valibot";

import { findCi } from "../ci/index.ts";
import { readDuration } from "./duration.ts";
import { readScope, type ScopeEntry, scopeProblems } from "./scope.ts";
import { isMapping, ruleOf, type RuleId, RULES, withVersion } from "./rules.ts";

// Messages are rule ids; `config.ts` renders them, since only it knows the file's text and positions.
export const UNKNOWN_KEY = "unknown-key";
export const MISSING_KEY = "missing-key";

/** Reports the rule when a value of the right type does not keep it. */
function keeps<Value>(id: RuleId) {
  return v.check((value: Value) => ruleOf(id).accepts(value), id);
}

function text(id: RuleId) {
  return v.pipe(v.string(id), keeps<string>(id));
}

function duration(id: "session" | "max-session") {
  return v.pipe(
    v.union([v.string(), v.number()], id),
    keeps<string | number>(id),
    v.transform((value) => readDuration(value) ?? 0),
  );
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
      for (const key of unknownKeys(dataset.value, known)) {
        addIssue({
          message: UNKNOWN_KEY,
          expected: known.join(", "),
          path: [{ type: "object", origin: "key", input: {}, key, value: undefined }],
        });
      }
    }),
  );
}

function unknownKeys(value: unknown, known: readonly string[]): readonly string[] {
  return isMapping(value) ? Object.keys(value).filter((key) => !known.includes(key)) : [];
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

// What a project or an environment must look like, only the CI tells: see `scopeProblems`.
const scope = v.pipe(
  keys("scope", {
    project: v.string("project"),
    branch: v.exactOptional(text("branch")),
    tag: v.exactOptional(text("tag")),
    environment: v.exactOptional(text("environment")),
    pull_requests: v.exactOptional(v.literal(true, "pull-requests")),
  }),
  keeps<Mapping & ScopeEntry>("scope-one-ref"),
);

const managed = v.pipe(
  text("policy-arn"),
  v.transform((arn) => ({ kind: "managed" as const, arn })),
);
const inline = v.pipe(
  mapping("permission"),
  keeps<Mapping>("policy-document"),
  v.transform((document) => ({ kind: "inline" as const, document: withVersion(document) })),
);
const permission = v.lazy((input) => (typeof input === "string" ? managed : inline));

function list<Schema extends v.GenericSchema>(id: RuleId, item: Schema) {
  return v.pipe(v.array(item, id), keeps<v.InferOutput<Schema>[]>(id));
}

// STS's default, and IAM's default maximum. Source: STS API reference, AssumeRoleWithWebIdentity.
const HOUR = 3600;

const role = v.pipe(
  keys("role", {
    ci: text("ci"),
    issuer: v.exactOptional(text("issuer")),
    audience: text("audience"),
    allow: list("allow", scope),
    permissions: v.exactOptional(list("permissions", permission), []),
    session: v.exactOptional(duration("session"), HOUR),
    max_session: v.exactOptional(duration("max-session")),
    path: v.exactOptional(text("path"), "/"),
    description: v.exactOptional(text("description"), "Assumed by CI jobs with an ID token. Managed by rolecall."),
    boundary: v.exactOptional(text("policy-arn")),
    tags: v.exactOptional(named("tags", "tag-key", text("tag-value")), {}),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    const { ci, allow } = dataset.value as { readonly ci?: unknown; readonly allow?: unknown };
    if (!Array.isArray(allow)) return;
    for (const [index, entry] of allow.entries()) {
      for (const { rule: message, key } of scopeProblems(String(ci), entry)) {
        const at: v.IssuePathItem[] = [
          { type: "object", origin: "value", input: {}, key: "allow", value: allow },
          { type: "array", origin: "value", input: allow, key: index, value: entry },
        ];
        const place = { type: "object", origin: "value", input: {}, key: key ?? "", value: undefined } as const;
        const input: unknown = key === null ? entry : (entry as Mapping)[key];
        addIssue({ message, input, path: (key === null ? at : [...at, place]) as [v.IssuePathItem] });
      }
    }
  }),
  v.forward(
    v.check((value) => RULES["issuer-needed"].accepts(value), "issuer-needed"),
    ["issuer"],
  ),
  v.forward(
    v.check(({ session, max_session: most }) => most === undefined || session <= most, "session-within-max"),
    ["session"],
  ),
  v.transform(({ max_session: maxSession, tags, boundary, issuer, ...rest }) => ({
    ci: rest.ci,
    issuer: issuer ?? findCi(rest.ci)?.issuer ?? "",
    audience: rest.audience,
    allow: rest.allow.map(readScope),
    permissions: rest.permissions,
    session: rest.session,
    maxSession: maxSession ?? Math.max(HOUR, rest.session),
    path: rest.path,
    description: rest.description,
    boundary: boundary ?? null,
    tags: Object.fromEntries(tags) as Readonly<Record<string, string>>,
  })),
);

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

/** The shape of rolecall.yaml, first version. */
export const configSchema = keys("file", {
  version: v.custom<1>(RULES.version.accepts, "version"),
  name: v.exactOptional(text("config-name"), "rolecall"),
  roles,
});
