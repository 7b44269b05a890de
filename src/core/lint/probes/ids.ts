import type { Ids } from "../shapes/shape.ts";

/** Ids of whom a role is for. */
export const OWN: Ids = { tenant: "1001", project: "1002" };
/** Ids of everybody else. */
export const OTHERS: Ids = { tenant: "999001", project: "999002" };
