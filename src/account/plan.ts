import type { Partition } from "../core/arn.ts";
import type { Iam } from "../wire/aws-sdk.ts";
import type { Change } from "./change.ts";
import { type ChangeOptions, changesFor } from "./changes.ts";
import type { Desired, Target } from "./desired.ts";
import { fingerprint, type Live, readLive } from "./live.ts";

/** What is to be done in one account, and what the account held when that was decided. */
export interface AccountPlan {
  /** Twelve digits. */
  readonly account: string;
  readonly partition: Partition;
  /** ARN of the role by which the account is entered; null with the caller's own credentials. */
  readonly via: string | null;
  readonly desired: Desired;
  readonly changes: readonly Change[];
  /** Hash of what was read; another one means that the changes may no longer be right. */
  readonly fingerprint: string;
}

/** How many things are made, altered and taken away, as plans count them. */
export interface Counts {
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
}

/**
 * Reads an account and decides what to do in it. What was read is not kept.
 *
 * @throws RolecallError as `changesFor` and as the calls of {@link Iam}
 */
export async function planAccount(
  iam: Iam,
  { via, ...target }: Pick<AccountPlan, "account" | "partition" | "via">,
  desired: Desired,
  options: ChangeOptions = {},
): Promise<AccountPlan> {
  const live: Live = await readLive(iam, desired);
  return { ...target, via, desired, changes: changesFor(desired, live, options), fingerprint: fingerprint(live) };
}

/** A configuration that asks for nothing: by it everything of that name is taken away. */
export function nothing(config: string, target: Target): Desired {
  return { config, ...target, providers: [], roles: [], notes: [] };
}

export function countChanges(changes: readonly Change[]): Counts {
  const count = (...actions: readonly Change["action"][]): number =>
    changes.filter(({ action }) => actions.includes(action)).length;
  return { add: count("create"), change: count("update", "add-audience", "release"), destroy: count("delete") };
}

/** True when there is something to do. */
export function hasChanges(changes: readonly Change[]): boolean {
  return changes.some(({ steps }) => steps.length > 0);
}

/** Changes by which somebody can take a role that was there and that they could not take. */
export function wideningChanges(changes: readonly Change[]): readonly Change[] {
  return changes.filter(({ access }) => access?.widens);
}
