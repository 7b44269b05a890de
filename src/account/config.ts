import { readFile } from "node:fs/promises";

import * as v from "valibot";

import type { Scope } from "../ci/ci.ts";
import { RolecallError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Json } from "../core/token.ts";
import { configError, type Position, type Problem, quote } from "./problem.ts";
import { didYouMean, isRuleId, ruleOf } from "./rules.ts";
import { configSchema, MISSING_KEY, UNKNOWN_KEY } from "./schema.ts";
import { parseYaml, type Path, type YamlSource } from "./yaml-source.ts";

/** What the role may do: a managed policy, or a document that becomes an inline policy. */
export type Permission =
  | { readonly kind: "managed"; readonly arn: string }
  | { readonly kind: "inline"; readonly document: Json };

/** One role of rolecall.yaml, with defaults filled in. */
export interface RoleConfig {
  readonly name: string;
  /** Where the role's name stands in the file, for what turns out later to be wrong with it. */
  readonly position: Position;
  /** A `Ci.id`. */
  readonly ci: string;
  /** With scheme: `https://gitlab.com`. */
  readonly issuer: string;
  readonly audience: string;
  readonly allow: readonly Scope[];
  readonly permissions: readonly Permission[];
  /** Seconds that a job asks for when it asks for nothing else; 900 to 43200. */
  readonly session: number;
  /** Seconds; the role's MaxSessionDuration, 3600 to 43200, at least `session`. */
  readonly maxSession: number;
  readonly path: string;
  readonly description: string;
  /** ARN of the permissions boundary. */
  readonly boundary: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** A rolecall.yaml that holds nothing wrong. */
export interface Config {
  /** As named to `parseConfig`. */
  readonly file: string;
  /** Marks what this file made in IAM, so that two files in one account keep apart; `rolecall` when not given. */
  readonly name: string;
  readonly roles: readonly RoleConfig[];
}

/**
 * Reads the file of a configuration.
 *
 * @throws RolecallError `config` when it cannot be read, or as {@link parseConfig}
 */
export async function readConfig(file: string): Promise<Config> {
  return parseConfig(await readText(file), file);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    const hints = code === "ENOENT" ? ["--config FILE names another file"] : [];
    throw new RolecallError("config", `${file} cannot be read: ${code}`, { hints, cause: error });
  }
}

/**
 * Parses the text of a rolecall.yaml.
 *
 * @param file the file's name, for messages
 * @throws RolecallError `config`: the message has `file:line:column`, what was expected and what was
 *   got; further problems of the same file are its details
 * @example
 * parseConfig("version: 1\nroles: …", "rolecall.yaml").roles[0].audience;
 */
export function parseConfig(text: string, file: string): Config {
  const source = parseYaml(text, file);
  const result = v.safeParse(configSchema, source.value);
  if (!result.success) throw configError(file, problemsOf(result.issues, source));
  const { name, roles } = result.output;
  return {
    file,
    name,
    roles: roles.map(([role, entry]) => ({ name: role, position: source.keyAt(["roles", role]), ...entry })),
  };
}

type Issue = v.GenericIssue;

/** A misspelt key is both unknown and missing; it is told once. */
function problemsOf(issues: readonly Issue[], source: YamlSource): readonly Problem[] {
  const misspelt = new Set(issues.filter(({ message }) => message === UNKNOWN_KEY).map(meantPath));
  return issues
    .filter((issue) => issue.message !== MISSING_KEY || !misspelt.has(pathOf(issue).join("/")))
    .map((issue) => problemOf(issue, source));
}

function meantPath(issue: Issue): string {
  const path = pathOf(issue);
  return [...path.slice(0, -1), nearest(String(path.at(-1)), knownKeys(issue))].join("/");
}

function knownKeys({ expected }: Issue): readonly string[] {
  return (expected ?? "").split(", ");
}

function problemOf(issue: Issue, source: YamlSource): Problem {
  const path = pathOf(issue);
  if (issue.message === UNKNOWN_KEY) return unknownKey(issue, path, source);
  if (issue.message === MISSING_KEY) return missingKey(path, source);
  return wrongValue(issue, path, source);
}

function pathOf({ path }: Issue): Path {
  return (path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key)));
}

function isAboutKey({ path }: Issue): boolean {
  return path?.at(-1)?.origin === "key";
}

function unknownKey(issue: Issue, path: Path, source: YamlSource): Problem {
  const key = String(path.at(-1));
  const known = knownKeys(issue);
  const meant = didYouMean(key, known);
  return {
    position: source.keyAt(path),
    text: `${prefix(path.slice(0, -1))}expected one of ${known.join(", ")}, got the unknown key ${quote(key)}`,
    hints: meant ? [`${quote(key)}: ${meant}`] : [],
  };
}

function missingKey(path: Path, source: YamlSource): Problem {
  const key = String(path.at(-1));
  const example = isRuleId(key) ? ruleOf(key).example : undefined;
  return {
    position: source.keyAt(path),
    text: `${prefix(path.slice(0, -1))}expected the key ${key}, got ${source.textAt(path)}`,
    hints: example ? [`add ${key}: ${example}`] : [],
  };
}

function wrongValue(issue: Issue, path: Path, source: YamlSource): Problem {
  const rule = isRuleId(issue.message) ? ruleOf(issue.message) : null;
  const key = isAboutKey(issue);
  const got = key ? quote(String(path.at(-1))) : source.textAt(path);
  const hint = rule?.hint?.(key ? path.at(-1) : issue.input) ?? null;
  return {
    position: key ? source.keyAt(path) : source.valueAt(path),
    text: `${prefix(key ? path.slice(0, -1) : path)}expected ${rule?.expected ?? issue.message}, got ${got}`,
    hints: hint === null ? [] : [hint],
  };
}

/** `roles.shop-deploy.allow[0].project: `, or nothing at the top. */
function prefix(path: Path): string {
  const steps = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
  return steps === "" ? "" : `${steps.slice(1)}: `;
}
