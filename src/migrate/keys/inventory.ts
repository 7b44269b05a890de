import type { LastUse, Pause, UserCalls } from "../../wire/aws-sdk/user-calls.ts";
import { type UserOfReport, usersOfReport } from "./credential-report.ts";
import { type Risk, risksOf, weightOf } from "./risks.ts";

/** An access key of the account. */
export interface KeyEntry {
  readonly user: string;
  /** Its id; empty for the root user's, which no call tells. */
  readonly id: string;
  readonly active: boolean;
  /** Milliseconds since 1970; null where AWS does not tell. */
  readonly created: number | null;
  readonly lastUse: LastUse | null;
  /** Where the CI is known to have it from; empty when nothing says so. */
  readonly inCi: readonly string[];
  readonly risks: readonly Risk[];
}

export interface Inventory {
  /** The riskiest first. */
  readonly keys: readonly KeyEntry[];
  /** Requests to IAM. */
  readonly requests: number;
  /** False when the credential report may not be read, so that every user was asked and root keys are unknown. */
  readonly fromReport: boolean;
  /** Without the root user, of whom only the report tells. */
  readonly users: number;
}

type InventoryCalls = Pick<UserCalls, "credentialReport" | "listUsers" | "listKeys" | "keyLastUse" | "requests">;

/**
 * Every access key of an account. The report says who has keys, so that only those are asked: two or three requests
 * for it, one for each user with keys, one for each key. Its dates may be four hours old, so uses are asked for.
 *
 * @param inCi key id to where the CI has it from
 * @throws RolecallError as `UserCalls`
 */
export async function readInventory(
  aws: InventoryCalls,
  inCi: ReadonlyMap<string, readonly string[]>,
  now: number,
  pause: Pause,
): Promise<Inventory> {
  const report = await aws.credentialReport(pause);
  const users = report === null ? (await aws.listUsers()).map(withUnknownKeys) : usersOfReport(report);
  const keys: KeyEntry[] = [];
  for (const user of users) {
    if (!user.hasKeys) continue;
    keys.push(
      ...(user.isRoot
        ? user.rootKeys.map((key) => entry({ ...key, user: user.name, id: "" }, [], now))
        : await keysOf(aws, user.name, inCi, now)),
    );
  }
  keys.sort((a, b) => weightOf(b.risks) - weightOf(a.risks) || (a.created ?? 0) - (b.created ?? 0));
  return {
    keys,
    requests: aws.requests(),
    fromReport: report !== null,
    users: users.filter(({ isRoot }) => !isRoot).length,
  };
}

function withUnknownKeys(name: string): UserOfReport {
  return { name, isRoot: false, hasKeys: true, rootKeys: [] };
}

async function keysOf(
  aws: InventoryCalls,
  user: string,
  inCi: ReadonlyMap<string, readonly string[]>,
  now: number,
): Promise<readonly KeyEntry[]> {
  const entries: KeyEntry[] = [];
  // A report may name a user who is gone by now.
  for (const { id, active, created } of (await aws.listKeys(user)) ?? []) {
    const lastUse = await aws.keyLastUse(id);
    entries.push(entry({ user, id, active, created, lastUse }, inCi.get(id) ?? [], now));
  }
  return entries;
}

function entry(key: Omit<KeyEntry, "inCi" | "risks">, inCi: readonly string[], now: number): KeyEntry {
  const found = { ...key, inCi };
  return { ...found, risks: risksOf({ ...found, isRoot: key.id === "" }, now) };
}
