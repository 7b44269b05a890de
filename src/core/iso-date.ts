/** Seconds since 1970 as AWS writes times: `2026-11-24T19:26:05Z`; a number that is no time stays a number. */
export function isoSeconds(seconds: number): string {
  const date = new Date(Math.floor(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace(".000Z", "Z");
}
