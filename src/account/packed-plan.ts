import { deflateRawSync, inflateRawSync } from "node:zlib";

import type { Change } from "./change.ts";
import type { Desired } from "./desired.ts";
import { type AccountPlan, countChanges, type Counts, hasChanges } from "./plan.ts";

/**
 * The plan of an account, put away until its turn comes: a run over many accounts holds these and no more
 * than a few plans besides. Roles of one file are much alike, so that of a plan about a hundredth is left.
 */
export interface PackedPlan extends Pick<AccountPlan, "account" | "partition" | "via" | "fingerprint"> {
  readonly counts: Counts;
  /** True when there is something to do. */
  readonly pending: boolean;
  /** What is desired and what changes, as deflated JSON. */
  readonly packed: Uint8Array;
}

interface Contents {
  readonly desired: Desired;
  readonly changes: readonly Change[];
}

export function packPlan({ account, partition, via, fingerprint, desired, changes }: AccountPlan): PackedPlan {
  const contents: Contents = { desired, changes };
  const packed = deflateRawSync(JSON.stringify(contents));
  return {
    account,
    partition,
    via,
    fingerprint,
    counts: countChanges(changes),
    pending: hasChanges(changes),
    // A copy: the other is a piece of a block that is as large as what was packed.
    packed: new Uint8Array(packed),
  };
}

export function unpackPlan({ account, partition, via, fingerprint, packed }: PackedPlan): AccountPlan {
  const { desired, changes } = JSON.parse(inflateRawSync(packed).toString("utf8")) as Contents;
  return { account, partition, via, fingerprint, desired, changes };
}

/** Plans one after the other, each of them let go when the next is asked for. */
export function* unpacked(plans: Iterable<PackedPlan>): Iterable<AccountPlan> {
  for (const plan of plans) yield unpackPlan(plan);
}

/** What is counted in all accounts together. */
export function totalCounts(plans: readonly PackedPlan[]): Counts {
  const sum = (key: keyof Counts): number => plans.reduce((total, { counts }) => total + counts[key], 0);
  return { add: sum("add"), change: sum("change"), destroy: sum("destroy") };
}
