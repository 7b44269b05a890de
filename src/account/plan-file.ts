import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

import { RolecallError } from "../core/errors.ts";
import { isObject } from "../core/token.ts";
import { writeFileAtomic } from "../wire/files.ts";
import type { ChangeOptions } from "./changes.ts";
import { stable } from "./live.ts";
import type { AccountPlan } from "./plan.ts";

const FORMAT = "rolecall-plan-1";

/** A plan that was written down, to be made exactly so or not at all. */
export interface SavedPlan {
  readonly kind: "apply" | "destroy";
  /** The configuration's name. */
  readonly config: string;
  readonly options: ChangeOptions;
  readonly accounts: readonly AccountPlan[];
}

/**
 * Writes a plan, mode 0600. It holds no secret, but names roles and policies.
 *
 * @throws RolecallError `config` when the file cannot be written
 */
export async function writePlan(path: string, plan: SavedPlan): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify({ format: FORMAT, checksum: checksum(plan), plan }, null, 2)}\n`);
}

/** @throws RolecallError `config` when the file cannot be read, is no plan, or was altered */
export async function readPlan(path: string): Promise<SavedPlan> {
  const value = parse(await readText(path));
  if (!isObject(value) || value["format"] !== FORMAT) throw noPlan(path);
  const plan = value["plan"] as unknown as SavedPlan;
  if (value["checksum"] !== checksum(plan))
    throw new RolecallError("config", `${path} was altered after rolecall plan wrote it`, { hints: AGAIN });
  return plan;
}

const AGAIN = ["make a new plan: rolecall plan --out FILE"];

function noPlan(path: string): RolecallError {
  return new RolecallError("config", `${path} is no plan: expected a file that rolecall plan --out wrote`, {
    hints: AGAIN,
  });
}

/** Against mistakes, not against somebody who can write the file: who can do that could apply another plan. */
function checksum(plan: SavedPlan): string {
  return createHash("sha256").update(stable(plan)).digest("hex");
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new RolecallError("config", `${path} cannot be read: ${code}`, { cause: error });
  }
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
