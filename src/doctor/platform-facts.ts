import { RolecallError } from "../core/errors.ts";
import type { PlatformFacts, ProjectFacts, WorkflowFacts } from "../core/lint/platform.ts";
import { isObject } from "../core/token.ts";

type Members = { readonly [name: string]: unknown };

/** What a member may hold: the test, and its name in a message. */
interface Kind {
  readonly fits: (value: unknown) => boolean;
  readonly words: string;
}

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const TEXT: Kind = { fits: isText, words: "a text" };
const TEXTS: Kind = { fits: (value) => Array.isArray(value) && value.every(isText), words: "a list of texts" };
const TRUTH: Kind = { fits: (value) => typeof value === "boolean", words: "true or false" };
const COUNT: Kind = { fits: (value) => Number.isSafeInteger(value) && Number(value) >= 0, words: "a whole number" };

function oneOf(...choices: readonly (string | null)[]): Kind {
  return { fits: (value) => (choices as readonly unknown[]).includes(value), words: choices.join(" or ") };
}

function listOf(kind: Row): Kind {
  return { fits: Array.isArray, words: `a list of ${Object.keys(kind.needed).join(", ")} and more` };
}

interface Row {
  readonly needed: Readonly<Record<string, Kind>>;
  readonly others: Readonly<Record<string, Kind>>;
  /** Lists of objects, by the member that holds them. */
  readonly lists?: Readonly<Record<string, Row>>;
}

const ENVIRONMENT: Row = { needed: { name: TEXT, protected: TRUTH }, others: {} };

const WORKFLOW: Row = {
  needed: { path: TEXT, triggers: TEXTS, idToken: oneOf("workflow", "job", null), jobs: COUNT },
  others: {},
} satisfies { needed: Record<keyof WorkflowFacts, Kind>; others: object };

const PROJECT = {
  needed: { issuer: TEXT, project: TEXT },
  others: {
    state: oneOf("gone", "owner-gone"),
    subjectPrefix: TEXT,
    subjectClaims: TEXTS,
    protectedBranches: TEXTS,
    protectedTags: TEXTS,
    environments: listOf(ENVIRONMENT),
    forksGetTokens: TRUTH,
    keyVariables: TEXTS,
    jobTimeout: COUNT,
    workflows: listOf(WORKFLOW),
  } satisfies Record<Exclude<keyof ProjectFacts, "issuer" | "project">, Kind>,
  lists: { environments: ENVIRONMENT, workflows: WORKFLOW },
};

const SERVER: Row = { needed: { issuer: TEXT, version: TEXT }, others: {} };
const ENTERPRISE: Row = { needed: { owner: TEXT, slug: TEXT }, others: {} };
const LISTS = { projects: PROJECT, servers: SERVER, enterprises: ENTERPRISE } satisfies Record<
  keyof PlatformFacts,
  Row
>;
const FACTS: Row = {
  needed: {},
  others: { projects: listOf(PROJECT), servers: listOf(SERVER), enterprises: listOf(ENTERPRISE) },
  lists: LISTS,
};

/**
 * Reads what a CI's settings say out of JSON, in the form of {@link PlatformFacts}.
 *
 * @throws RolecallError `config`, with the place of what is wrong, what was expected and what was there
 */
export function parsePlatformFacts(text: string, from: string): PlatformFacts {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RolecallError("config", `${from} is not JSON: ${(error as Error).message}`, { cause: error });
  }
  check(value, FACTS, from, "");
  return value as PlatformFacts;
}

function check(value: unknown, row: Row, from: string, place: string): void {
  if (!isObject(value)) throw wrong(from, place.replace(/\.$/, "") || "the file", "an object", value);
  const members: Members = value;
  for (const [name, kind] of Object.entries(row.needed)) {
    if (!kind.fits(members[name])) throw wrong(from, `${place}${name}`, kind.words, members[name]);
  }
  for (const [name, one] of Object.entries(members)) {
    const kind = row.needed[name] ?? row.others[name];
    if (!kind) throw unknown(from, `${place}${name}`, row);
    if (!kind.fits(one)) throw wrong(from, `${place}${name}`, kind.words, one);
    const list = row.lists?.[name];
    if (list)
      for (const [index, item] of (one as readonly unknown[]).entries())
        check(item, list, from, `${place}${name}[${index}].`);
  }
}

const MOST_SHOWN = 80;

function wrong(from: string, place: string, expected: string, value: unknown): RolecallError {
  const got = value === undefined ? "nothing" : JSON.stringify(value).slice(0, MOST_SHOWN);
  return new RolecallError("config", `${from}: ${place}: expected ${expected}, got ${got}`);
}

function unknown(from: string, place: string, row: Row): RolecallError {
  const names = [...Object.keys(row.needed), ...Object.keys(row.others)].join(", ");
  return new RolecallError("config", `${from}: ${place} is not known: expected ${names}`);
}
