import type { LastUse } from "../../wire/aws-sdk/user-calls.ts";

/** What a key is judged by. */
export interface JudgedKey {
  readonly active: boolean;
  readonly isRoot: boolean;
  /** Milliseconds since 1970. */
  readonly created: number | null;
  readonly lastUse: LastUse | null;
  readonly inCi: readonly string[];
}

const DAY = 24 * 3600 * 1000;
const YEAR = 365 * DAY;

/** Milliseconds since a key was made. */
function ageOf({ created }: JudgedKey, now: number): number {
  return created === null ? 0 : now - created;
}

/**
 * What makes a key risky, and how much it counts when keys are put in order. Weights and ages are ours, not AWS's: 90
 * days is what IAM's credential report is usually read for, a year what reports on old keys count by.
 */
const TABLE = {
  root: { weight: 100, says: "it is the root user's: it may do everything", holds: ({ isRoot }) => isRoot },
  ci: { weight: 40, says: "a copy of it is outside AWS", holds: ({ inCi }) => inCi.length > 0 },
  unused: {
    weight: 25,
    says: "active, though not used for 90 days",
    holds: ({ lastUse, created }, now) =>
      lastUse ? now - lastUse.at > 90 * DAY : created !== null && now - created > 90 * DAY,
  },
  old: { weight: 20, says: "older than a year", holds: (key, now) => ageOf(key, now) > YEAR },
  aged: {
    weight: 10,
    says: "older than 90 days",
    holds: (key, now) => ageOf(key, now) > 90 * DAY && ageOf(key, now) <= YEAR,
  },
  active: { weight: 5, says: "active", holds: () => true },
} as const satisfies Record<string, { weight: number; says: string; holds: (key: JudgedKey, now: number) => boolean }>;

export type Risk = keyof typeof TABLE;

/** The risks of a key; one that is inactive has none. */
export function risksOf(key: JudgedKey, now: number): readonly Risk[] {
  if (!key.active) return [];
  return (Object.keys(TABLE) as Risk[]).filter((risk) => TABLE[risk].holds(key, now));
}

export function weightOf(risks: readonly Risk[]): number {
  return risks.reduce((sum, risk) => sum + TABLE[risk].weight, 0);
}

/** The words for risks, but for `active`, which the status says already. */
export function riskWords(risks: readonly Risk[]): readonly string[] {
  return risks.filter((risk) => risk !== "active").map((risk) => TABLE[risk].says);
}
