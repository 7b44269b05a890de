import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

import { RolecallError } from "../core/errors.ts";
import { isObject } from "../core/token.ts";
import { writeFileAtomic } from "../wire/files.ts";
import type { ChangeOptions } from "./changes.ts";
import { stable } from "./live.ts";
import { type PackedPlan, packPlan, unpackPlan } from "./packed-plan.ts";
import type { AccountPlan } from "./plan.ts";

// One JSON document, but written and read line by line, an account on each, so that no more than one of
// them is held: a line for what the plan is, a line for each account, a line for the checksum.
const FORMAT = "rolecall-plan-2";

/** A plan that was written down, to be made exactly so or not at all. */
export interface SavedPlan {
  readonly kind: "apply" | "destroy";
  /** The configuration's name. */
  readonly config: string;
  readonly options: ChangeOptions;
  readonly accounts: readonly PackedPlan[];
}

/**
 * Writes a plan, mode 0600. It holds no secret, but names roles and policies.
 *
 * @throws RolecallError `config` when the file cannot be written
 */
export async function writePlan(path: string, plan: SavedPlan): Promise<void> {
  await writeFileAtomic(path, planLines(plan));
}

function* planLines({ kind, config, options, accounts }: SavedPlan): Iterable<string> {
  const hash = createHash("sha256");
  const line = (text: string): string => {
    hash.update(text);
    return `${text}\n`;
  };
  const head = JSON.stringify({ format: FORMAT, kind, config, options });
  yield line(`${head.slice(0, -1)},"accounts":[`);
  for (const [index, packed] of accounts.entries()) {
    const comma = index < accounts.length - 1 ? "," : "";
    yield line(`${JSON.stringify(unpackPlan(packed))}${comma}`);
  }
  yield `],"checksum":"${hash.digest("hex")}"}\n`;
}

/** @throws RolecallError `config` when the file cannot be read, is no plan, or was altered */
export async function readPlan(path: string): Promise<SavedPlan> {
  const hash = createHash("sha256");
  const accounts: PackedPlan[] = [];
  let head: Head | null = null;
  let checksum: string | null = null;
  for await (const line of linesOf(path)) {
    const end = /^\],"checksum":"([0-9a-f]{64})"\}$/.exec(line);
    if (head && checksum !== null) throw altered(path);
    if (end) checksum = end[1] ?? "";
    else hash.update(line);
    if (!head) head = readHead(line, path);
    else if (!end) accounts.push(readAccount(line, path));
  }
  if (!head) throw noPlan(path);
  if (checksum !== hash.digest("hex")) throw altered(path);
  return { ...head, accounts };
}

type Head = Omit<SavedPlan, "accounts">;

function readHead(line: string, path: string): Head {
  const value = line.endsWith(',"accounts":[') ? parse(`${line}]}`) : null;
  if (!isObject(value) || value["format"] !== FORMAT) throw noPlan(path);
  const { kind, config, options } = value as unknown as Head;
  return { kind, config, options };
}

function readAccount(line: string, path: string): PackedPlan {
  const value = parse(line.replace(/,$/, ""));
  if (!isObject(value) || !Array.isArray(value["changes"])) throw altered(path);
  return packPlan(value as unknown as AccountPlan);
}

const AGAIN = ["make a new plan: rolecall plan --out FILE"];

function noPlan(path: string): RolecallError {
  return new RolecallError("config", `${path} is no plan: expected a file that rolecall plan --out wrote`, {
    hints: AGAIN,
  });
}

/** Against mistakes, not against somebody who can write the file: who can do that could apply another plan. */
function altered(path: string): RolecallError {
  return new RolecallError("config", `${path} was altered after rolecall plan wrote it`, { hints: AGAIN });
}

async function* linesOf(path: string): AsyncIterable<string> {
  let rest = "";
  try {
    for await (const piece of createReadStream(path, { encoding: "utf8", highWaterMark: 1 << 20 })) {
      const lines = (rest + String(piece)).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch (error) {
    if (error instanceof RolecallError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new RolecallError("config", `${path} cannot be read: ${code}`, { cause: error });
  }
  if (rest !== "") yield rest;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Refuses a plan for an account that has moved on.
 *
 * @param now the same plan, made again
 * @throws RolecallError `config`
 */
export function checkUnmoved(saved: AccountPlan, now: AccountPlan): void {
  if (saved.fingerprint === now.fingerprint && stable(saved.changes) === stable(now.changes)) return;
  const what = saved.fingerprint === now.fingerprint ? "another rolecall made the plan" : "something there has changed";
  throw new RolecallError("config", `the plan is stale for account ${saved.account}: ${what} since`, {
    details: ["nothing was changed"],
    hints: AGAIN,
  });
}
