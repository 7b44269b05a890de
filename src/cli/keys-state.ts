import { lstat, readdir } from "node:fs/promises";
import { readRoleArn } from "../core/arn.ts";
import { isRolecallError, RolecallError } from "../core/errors.ts";
import type { Retirement } from "../migrate/keys/retirement.ts";
import { isFinished } from "../migrate/keys/retirement.ts";
import { readRetirement, writeRetirement } from "../migrate/keys/state-file.ts";
import type { UserCalls } from "../wire/aws-sdk/user-calls.ts";
import { shown } from "./command.ts";

const FOLDER = ".rolecall";

/** The files of all retirements of this folder. */
export async function retirementFiles(): Promise<readonly string[]> {
  const names = await readdir(FOLDER).catch(() => []);
  return names
    .filter((name) => /^keys-.+\.json$/.test(name))
    .toSorted()
    .map((name) => `${FOLDER}/${name}`);
}

/** Retirements of files, and what is wrong with those that cannot be used: one of them hides no other. */
export async function readRetirements(
  files: readonly string[],
): Promise<{ readonly found: readonly Retirement[]; readonly errors: readonly RolecallError[] }> {
  const read = await Promise.all(
    files.map((file) => readRetirement(file).catch((error: unknown) => unusable(file, error))),
  );
  return {
    found: read.flatMap((one) => (one === null || isRolecallError(one) ? [] : [one])),
    errors: read.flatMap((one) => (isRolecallError(one) ? [one] : [])),
  };
}

function unusable(file: string, error: unknown): RolecallError {
  if (isRolecallError(error)) return error;
  return new RolecallError("config", `${file} cannot be read: ${(error as Error).message}`, { cause: error });
}

/** A state file as one run has it. */
export interface HeldState {
  readonly save: (retirement: Retirement) => Promise<void>;
  /** @throws RolecallError `config` when another run has written it */
  readonly check: () => Promise<void>;
}

/**
 * Notices when another run, a scheduled one or a roll-back, writes the same state file: what this run knows is old
 * then, and it must change nothing more. A lock would do too, but would outlive a run that is killed.
 */
export async function holdState(file: string): Promise<HeldState> {
  // Not its text: a roll-back may leave the same text, and is meant all the same. Each write makes a new file.
  const read = async (): Promise<string | null> => {
    const stat = await lstat(file, { bigint: true }).catch(() => null);
    return stat && `${stat.ino} ${stat.mtimeNs}`;
  };
  let known = await read();
  const check = async (): Promise<void> => {
    if ((await read()) === known) return;
    throw new RolecallError(
      "config",
      `${file} was changed by another run meanwhile, so this one did nothing more: expected one run at a time`,
      { hints: ["rolecall keys status shows where the key's retirement stands"] },
    );
  };
  return {
    check,
    save: async (retirement) => {
      await check();
      await writeRetirement(file, retirement);
      known = await read();
    },
  };
}

/** What a command line says of a retirement; what is left out stays as it was. */
export interface RetireChoices {
  readonly user: string;
  readonly key: string | undefined;
  readonly role: string | undefined;
  readonly "quiet-days": string | undefined;
  readonly "wait-days": string | undefined;
  readonly since: string | undefined;
}

const DAYS = 7;

/**
 * The retirement that is under way in a state file, or a new one.
 *
 * @throws RolecallError `usage` when the command line does not say enough, `config` when the file is another's
 */
export async function openRetirement(
  file: string,
  choices: RetireChoices,
  account: string,
  aws: UserCalls,
  now: number,
): Promise<Retirement> {
  const before = await readRetirement(file);
  const times = timesOf(choices);
  if (!before || (isFinished(before) && choices.key !== undefined && choices.key !== before.key))
    return await begin(choices, times, account, aws, now);
  const { user, key } = choices;
  const role = choices.role === undefined ? before.role : (arnOf(choices.role, account)?.arn ?? choices.role);
  checkSame(file, "account", before.account, account);
  checkSame(file, "user", before.user, user);
  checkSame(file, "key", before.key, key ?? before.key);
  checkSame(file, "role", before.role, role);
  return { ...before, ...times };
}

function checkSame(file: string, what: string, kept: string, got: string): void {
  if (kept === got) return;
  throw new RolecallError("config", `${file} is about ${what} ${kept}: expected the same, got ${shown(got)}`, {
    hints: ["--state FILE keeps another retirement beside it"],
  });
}

async function begin(
  choices: RetireChoices,
  times: Partial<Retirement>,
  account: string,
  aws: UserCalls,
  now: number,
): Promise<Retirement> {
  const { user, role } = choices;
  if (role === undefined)
    throw new RolecallError(
      "usage",
      "keys retire: expected --role: the role that takes the key's place, to begin with",
      {
        hints: [`rolecall keys retire --user ${user} --role arn:aws:iam::${account}:role/NAME`],
      },
    );
  const arn = arnOf(role, account);
  if (!arn || arn.account !== account)
    throw new RolecallError(
      "usage",
      `keys retire: --role: expected the ARN of a role of account ${account}, got ${shown(role)}`,
    );
  const key = await chooseKey(choices, aws);
  return { account, user, key, role: arn.arn, begun: now, quietDays: DAYS, waitDays: DAYS, ...times, done: {} };
}

/** Of a role's ARN, or of the name of one in this account. */
function arnOf(role: string, account: string): ReturnType<typeof readRoleArn> {
  return readRoleArn(role) ?? readRoleArn(`arn:aws:iam::${account}:role/${role}`);
}

async function chooseKey({ user, key }: RetireChoices, aws: UserCalls): Promise<string> {
  const keys = await aws.listKeys(user);
  if (keys === null)
    throw new RolecallError("config", `there is no user ${user} in this account`, {
      hints: ["rolecall keys lists the users that have keys"],
    });
  const ids = keys.map(({ id }) => id);
  const [only] = ids;
  if (key !== undefined && ids.includes(key)) return key;
  if (key === undefined && only !== undefined && ids.length === 1) return only;
  if (only === undefined) throw new RolecallError("config", `${user} has no access key: there is nothing to retire`);
  throw new RolecallError(
    "usage",
    `keys retire: expected --key: ${ids.join(" or ")}, got ${key === undefined ? "none" : shown(key)}`,
    {
      hints: ["rolecall keys shows which one is used, and by what"],
    },
  );
}

function timesOf(choices: RetireChoices): Partial<Retirement> {
  const quietDays = days("quiet-days", choices["quiet-days"]);
  const waitDays = days("wait-days", choices["wait-days"]);
  const begun = since(choices.since);
  return {
    ...(quietDays === undefined ? {} : { quietDays }),
    ...(waitDays === undefined ? {} : { waitDays }),
    ...(begun === undefined ? {} : { begun }),
  };
}

function days(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && value <= 365) return value;
  throw new RolecallError("usage", `keys retire: --${option}: expected a number of days, 0 to 365, got ${shown(text)}`);
}

function since(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new RolecallError(
    "usage",
    `keys retire: --since: expected a date, 2026-11-24 or 2026-11-24T12:00:00Z, got ${shown(text)}`,
  );
}
