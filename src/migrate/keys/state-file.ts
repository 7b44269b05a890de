import { lstat, readFile } from "node:fs/promises";
import * as v from "valibot";
import { RolecallError } from "../../core/errors.ts";
import { writeFileAtomic } from "../../wire/files.ts";
import { type Retirement, STEP_NAMES } from "./retirement.ts";

const VERSION = 1;

const time = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.transform((text) => Date.parse(text)),
);
const days = v.pipe(v.number(), v.minValue(0));
const schema = v.strictObject({
  version: v.literal(VERSION),
  account: v.pipe(v.string(), v.regex(/^\d{12}$/)),
  user: v.string(),
  key: v.pipe(v.string(), v.regex(/^[A-Z0-9]{16,128}$/)),
  role: v.string(),
  begun: time,
  quietDays: days,
  waitDays: days,
  done: v.strictObject(v.entriesFromList(STEP_NAMES, v.optional(time))),
});

// IAM API reference, CreateUser: the characters of a user name; none of them leads out of a folder.
const USER = /^[\w+=,.@-]{1,64}$/;

/** Where a user's retirement is kept unless told otherwise. */
export function stateFileOf(user: string): string {
  if (!USER.test(user))
    throw new RolecallError("usage", "--user: expected the name of an IAM user: letters, digits and +=,.@_-");
  return `.rolecall/keys-${user}.json`;
}

/**
 * Reads a retirement; null when none has begun.
 *
 * @throws RolecallError `config` when the file is no retirement, or not one of this version
 */
export async function readRetirement(path: string): Promise<Retirement | null> {
  const stats = await lstat(path).catch(() => null);
  if (!stats) return null;
  if (stats.isSymbolicLink()) throw unusable(path, "it is a symbolic link");
  const reading = v.safeParse(schema, parse(await readFile(path, "utf8"), path));
  if (!reading.success) {
    const [issue] = reading.issues;
    throw unusable(path, `${v.getDotPath(issue) ?? "it"}: ${issue.message}`);
  }
  const { version: _, done, ...rest } = reading.output;
  const times = STEP_NAMES.flatMap((name) => (done[name] === undefined ? [] : [[name, done[name]] as const]));
  return { ...rest, done: Object.fromEntries(times) };
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unusable(path, "it is no JSON");
  }
}

function unusable(path: string, why: string): RolecallError {
  return new RolecallError(
    "config",
    `${path} cannot be used: expected what rolecall keys retire wrote, got something else: ${why}`,
    {
      hints: ["move it away to begin again; AWS itself is asked for what the key's state is"],
    },
  );
}

/** Writes a retirement whole or not at all, mode 0600. */
export async function writeRetirement(path: string, retirement: Retirement): Promise<void> {
  const { account, user, key, role, begun, quietDays, waitDays, done } = retirement;
  const times = STEP_NAMES.flatMap((name) => (done[name] === undefined ? [] : [[name, iso(done[name])] as const]));
  const value = {
    version: VERSION,
    account,
    user,
    key,
    role,
    begun: iso(begun),
    quietDays,
    waitDays,
    done: Object.fromEntries(times),
  };
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
