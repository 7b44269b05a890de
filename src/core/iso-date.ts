// The seconds of now, of tokens just issued and of their ends come again and again on a busy server.
const MOST_KEPT = 500;
const kept = new Map<number, string>();

/** Seconds since 1970 as AWS writes times: `2026-11-24T19:26:05Z`; a number that is no time stays a number. */
export function isoSeconds(seconds: number): string {
  const known = kept.get(seconds);
  if (known !== undefined) return known;
  const text = write(seconds);
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(seconds, text);
  return text;
}

function write(seconds: number): string {
  const date = new Date(Math.floor(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace(".000Z", "Z");
}
