import { EXCHANGES } from "./failure-exchanges.ts";
import { JOBS, REFUSED_POLICIES, WEATHER } from "./failure-jobs.ts";
import type { Scenario } from "./failure-kinds.ts";
import { UNSTAGED } from "./failure-unstaged.ts";

export { ACCOUNT } from "./failure-kinds.ts";
export type * from "./failure-kinds.ts";

/** Every entry of the failure catalogue. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = Object.fromEntries(
  Object.entries<Scenario>({ ...EXCHANGES, ...JOBS, ...WEATHER, ...REFUSED_POLICIES, ...UNSTAGED }).toSorted(
    ([a], [b]) => (a < b ? -1 : 1),
  ),
);
