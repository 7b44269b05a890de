import { RolecallError } from "../core/errors.ts";
import { isObject, type Json } from "../core/token.ts";
import type { Env } from "./inputs.ts";
import type { Tag } from "./signed-sts.ts";

interface TagRow {
  readonly key: string;
  readonly variable: string;
  /** Left out where all tags together are too large for a session. */
  readonly droppable: boolean;
}

/** What a session is tagged with. Source: keys as aws-actions/configure-aws-credentials v6.2.3 sets them. */
export const SESSION_TAGS: readonly TagRow[] = [
  { key: "Repository", variable: "GITHUB_REPOSITORY", droppable: false },
  { key: "Workflow", variable: "GITHUB_WORKFLOW", droppable: false },
  { key: "Action", variable: "GITHUB_ACTION", droppable: false },
  { key: "Actor", variable: "GITHUB_ACTOR", droppable: false },
  { key: "Commit", variable: "GITHUB_SHA", droppable: false },
  { key: "Branch", variable: "GITHUB_REF", droppable: false },
  { key: "EventName", variable: "GITHUB_EVENT_NAME", droppable: true },
  { key: "BaseRef", variable: "GITHUB_BASE_REF", droppable: true },
  { key: "HeadRef", variable: "GITHUB_HEAD_REF", droppable: true },
  { key: "RunId", variable: "GITHUB_RUN_ID", droppable: true },
  { key: "Job", variable: "GITHUB_JOB", droppable: true },
  { key: "TriggeringActor", variable: "GITHUB_TRIGGERING_ACTOR", droppable: true },
];

const FIXED: Tag = { key: "GitHub", value: "Actions" };

// Source: STS API reference, Tag and AssumeRole.
const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;
const MOST_TAGS = 50;
const ILLEGAL = /[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu;

/**
 * The tags of the session: of the job, then the workflow's own.
 *
 * @param custom the input custom-tags, a JSON object or nothing
 * @throws RolecallError `config` for custom tags that STS would not take, or that pretend to be the job's
 */
export function sessionTags(env: Env, custom: string): readonly Tag[] {
  const ofJob = SESSION_TAGS.flatMap(({ key, variable }) => {
    const value = env[variable];
    return value ? [{ key, value: value.replaceAll(ILLEGAL, "_").slice(0, LONGEST_VALUE) }] : [];
  });
  const tags = [FIXED, ...ofJob, ...parseCustomTags(custom)];
  if (tags.length <= MOST_TAGS) return tags;
  throw wrong(`a session has at most ${MOST_TAGS} tags, and these would be ${tags.length}`);
}

/** Without those that a session can do without. */
export function withoutDroppable(tags: readonly Tag[]): readonly Tag[] {
  const droppable = new Set(SESSION_TAGS.filter((row) => row.droppable).map(({ key }) => key));
  return tags.filter(({ key }) => !droppable.has(key));
}

function parseCustomTags(text: string): readonly Tag[] {
  if (text === "") return [];
  return Object.entries(parseObject(text)).map(([key, value]) => parseTag(key, value));
}

function parseObject(text: string): { readonly [key: string]: Json } {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Said below.
  }
  throw wrong('expected a JSON object like {"Team":"shop"}');
}

const RESERVED = new Set([FIXED.key, ...SESSION_TAGS.map(({ key }) => key)]);

function parseTag(key: string, json: Json): Tag {
  const name = JSON.stringify(key.slice(0, LONGEST_KEY));
  if (typeof json === "object") throw wrong(`the value of ${name} is not a text, number, true or false`);
  const value = String(json);
  if (key === "" || key.length > LONGEST_KEY) throw wrong(`the key ${name} has not 1 to ${LONGEST_KEY} characters`);
  if (value.length > LONGEST_VALUE) throw wrong(`the value of ${name} has more than ${LONGEST_VALUE} characters`);
  if (`${key}${value}`.search(ILLEGAL) >= 0)
    throw wrong(`${name} has characters beyond letters, digits, blanks and _.:/=+-@`);
  if (RESERVED.has(key)) throw wrong(`${name} is set by this action and says which job it is`);
  return { key, value };
}

function wrong(why: string): RolecallError {
  return new RolecallError("config", `custom-tags: ${why}`);
}
