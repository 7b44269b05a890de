import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

import * as v from "valibot";

import type { Scope } from "../ci/ci.ts";
import { findCi } from "../ci/index.ts";
import { RolecallError } from "../core/errors.ts";
import { type AccountConfig, accountProblems, readAccounts, unknownAccounts } from "./account-config.ts";
import { defaultAudience } from "./audience.ts";
import { allowProblems, problemsOf } from "./config-problems.ts";
import { expand } from "./expand.ts";
import type { Permission } from "./permission.ts";
import { readPolicyFile } from "./policy-file.ts";
import { configError, type Position, type Problem } from "./problem.ts";
import { ruleOf } from "./rules.ts";
import { configSchema, type RoleOutput } from "./schema.ts";
import { readScope } from "./scope.ts";
import { parseYaml, type YamlSource } from "./yaml-source.ts";

export type { AccountConfig } from "./account-config.ts";
export type { Permission } from "./permission.ts";

/** One role of rolecall.yaml, with defaults filled in. */
export interface RoleConfig {
  readonly name: string;
  /** Where the role's name stands in the file, for what turns out later to be wrong with it. */
  readonly position: Position;
  /** A `Ci.id`. */
  readonly ci: string;
  /** With scheme: `https://gitlab.com`. */
  readonly issuer: string;
  /** The file's, or one made of project and role. */
  readonly audience: string;
  readonly allow: readonly Scope[];
  /** Where each entry of `allow` stands. */
  readonly allowPositions: readonly Position[];
  readonly permissions: readonly Permission[];
  /** Seconds that a job asks for when it asks for nothing else; 900 to 43200. */
  readonly session: number;
  /** Seconds; the role's MaxSessionDuration, 3600 to 43200, at least `session`. */
  readonly maxSession: number;
  readonly path: string;
  readonly description: string;
  /** ARN of the permissions boundary, in which `$(account)` and `$(partition)` may stand. */
  readonly boundary: string | null;
  readonly tags: Readonly<Record<string, string>>;
  /** Names from `accounts:` that the role is made in; null for all of them. */
  readonly accounts: readonly string[] | null;
  /** True when a trust policy that is too long may become several roles: `shop`, `shop-2`. */
  readonly split: boolean;
}

/** A rolecall.yaml that holds nothing wrong. */
export interface Config {
  /** As named to `parseConfig`. */
  readonly file: string;
  /** Marks what this file made in IAM, so that two files in one account keep apart; `rolecall` when not given. */
  readonly name: string;
  /** The accounts that the file names, in its order; empty when it is for whatever account it is applied to. */
  readonly accounts: readonly AccountConfig[];
  readonly roles: readonly RoleConfig[];
}

/**
 * Reads the file of a configuration.
 *
 * @throws RolecallError `config` when it cannot be read, or as {@link parseConfig}
 */
export async function readConfig(file: string): Promise<Config> {
  const folder = dirname(file);
  return parseConfig(await readText(file), file, (path) => readFileSync(resolve(folder, path)));
}

async function readText(file: string): Promise<string> {
  try {
    return decode(await readFile(file), file);
  } catch (error) {
    if (error instanceof RolecallError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    const hints = code === "ENOENT" ? ["--config FILE names another file"] : [];
    throw new RolecallError("config", `${file} cannot be read: ${code}`, { hints, cause: error });
  }
}

/** A file in another encoding would be read as text with holes in it. */
function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw configError(file, [
      { position: firstBroken(bytes), text: "expected UTF-8, got other bytes", hints: ["save it as UTF-8"] },
    ]);
  }
}

/** Where the first byte stands that is not UTF-8. */
function firstBroken(bytes: Uint8Array): Position {
  // What can be read before it is as long as it is in the lenient reading; U+FFFD stands for the rest.
  const lenient = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const before = lenient.slice(0, Math.max(0, lenient.indexOf("\ufffd"))).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

/**
 * Parses the text of a rolecall.yaml.
 *
 * @param file the file's name, for messages
 * @param readNear gives the bytes of a file that a permission names; without it there are none
 * @throws RolecallError `config`: the message has `file:line:column`, what was expected and what was
 *   got; further problems of the same file are its details
 * @example
 * parseConfig("version: 1\nroles: …", "rolecall.yaml").roles[0].audience;
 */
export function parseConfig(text: string, file: string, readNear?: (path: string) => Uint8Array): Config {
  const source = parseYaml(text, file);
  const { value, problems: unknown } = expand(source);
  const result = v.safeParse(configSchema, value);
  const found = [...problemsOf(result.issues ?? [], source), ...allowProblems(value, source), ...unknown];
  if (!result.success || found.length > 0) throw configError(file, found);
  const { name, roles, accounts } = result.output;
  const known = readAccounts(accounts, source);
  const problems: Problem[] = [...accountProblems(known, source)];
  const read = roles.map(([role, entry]) => readRole({ role, entry, source, accounts: known, readNear, problems }));
  if (problems.length > 0) throw configError(file, problems);
  return { file, name, accounts: known, roles: read };
}

interface RoleReading {
  readonly role: string;
  readonly entry: RoleOutput;
  readonly source: YamlSource;
  readonly accounts: readonly AccountConfig[];
  readonly readNear: ((path: string) => Uint8Array) | undefined;
  /** What is found on the way. */
  readonly problems: Problem[];
}

// STS's default, and IAM's default maximum. Source: STS API reference, AssumeRoleWithWebIdentity.
const HOUR = 3600;

function readRole({ role, entry, source, accounts, readNear, problems }: RoleReading): RoleConfig {
  const { ci, session = HOUR, max_session: maxSession, tags = [], accounts: names = null } = entry;
  const allow = entry.allow.map((one) => readScope(ci, one));
  const known = findCi(ci);
  const issuer = entry.issuer ?? known?.issuer ?? "";
  const audience = entry.audience ?? defaultAudience(role, issuer, allow, known);
  const position = source.keyAt(["roles", role]);
  if (audience === null) {
    const { expected, hint } = ruleOf("audience-needed");
    problems.push({ position, text: `roles.${role}: expected ${expected}`, hints: [hint?.(null) ?? ""] });
  }
  problems.push(...unknownAccounts(role, names ?? [], accounts, source));
  return {
    name: role,
    position,
    ci,
    issuer,
    audience: audience ?? "",
    allow,
    allowPositions: allow.map((_, index) => source.valueAt(["roles", role, "allow", index])),
    permissions: (entry.permissions ?? []).flatMap((one, index) =>
      readPermissions(one, { role, index, source, readNear, problems }),
    ),
    session,
    maxSession: maxSession ?? Math.max(HOUR, session),
    path: entry.path ?? "/",
    description: entry.description ?? "Assumed by CI jobs with an ID token. Managed by rolecall.",
    boundary: entry.boundary ?? null,
    tags: Object.fromEntries(tags),
    accounts: names,
    split: entry.split ?? false,
  };
}

type PermissionOutput = NonNullable<RoleOutput["permissions"]>[number];

function readPermissions(
  entry: PermissionOutput,
  {
    role,
    index,
    source,
    readNear,
    problems,
  }: Pick<RoleReading, "role" | "source" | "readNear" | "problems"> & { readonly index: number },
): readonly Permission[] {
  return entry.flatMap((one): readonly Permission[] => {
    if (one.kind !== "file") return [one];
    const reading = readPolicyFile(one.path, readNear);
    if (reading.kind === "document") return [{ kind: "inline", document: reading.document }];
    const own = ["roles", role, "permissions", index];
    const path = source.textAt(own) === "nothing" ? ["defaults", "permissions", index] : own;
    problems.push({ position: source.valueAt(path), text: reading.text, hints: reading.hints });
    return [];
  });
}
