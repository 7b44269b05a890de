import type { Plan } from "./exchange-token.ts";
import { secondsLeft } from "./find-token.ts";

/** How long credentials of this plan can be got anew, for a person. */
export function renewalText({ found, remint }: Plan, now: number): string {
  if (found.place.kind === "ci" || found.place.kind === "command") return "it renews itself as long as the job runs";
  if (remint) return "it renews itself as long as the token file is renewed";
  const left = secondsLeft(found.token, now);
  if (left === null) return "it renews itself as long as AWS takes the job's ID token";
  return `it renews itself as long as the job's ID token lives: ${Math.max(0, Math.round(left / 60))} min`;
}
