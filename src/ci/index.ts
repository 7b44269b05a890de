import type { Ci } from "./ci.ts";
import { gitlab } from "./gitlab.ts";

/** Every CI that rolecall knows, in the order in which it looks for them. */
export const CIS: readonly Ci[] = [gitlab];

export function findCi(id: string): Ci | undefined {
  return CIS.find((ci) => ci.id === id);
}
