import { readDuration } from "../core/duration.ts";
import { RolecallError } from "../core/errors.ts";

const SHORTEST = 900;
const LONGEST = 43_200;

/**
 * A session's duration in seconds, from `900`, `15m` or `1h30m`. The bounds are STS's own.
 *
 * @throws RolecallError `usage`
 */
export function parseDuration(text: string, from: string): number {
  const seconds = readDuration(text);
  if (seconds >= SHORTEST && seconds <= LONGEST) return seconds;
  throw new RolecallError(
    "usage",
    `${from} is not a session duration: expected 15m to 12h (900 to 43200 seconds), got ${JSON.stringify(text)}`,
    { hints: ["write it as 900, 15m or 1h"] },
  );
}

/**
 * How long getting credentials may take in all, in milliseconds, from `45`, `45s` or `2m`.
 *
 * @throws RolecallError `usage`
 */
export function parseTimeout(text: string, from: string): number {
  const seconds = readDuration(text);
  if (seconds >= 1 && seconds <= 600) return seconds * 1000;
  throw new RolecallError("usage", `${from} is not a time limit: expected 1s to 10m, got ${JSON.stringify(text)}`);
}
