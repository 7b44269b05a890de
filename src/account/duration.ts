const DURATION = /^(?=\d)(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/;

/** Reads `15m`, `1h30m`, `900s` or a number of seconds; gives whole seconds, or null for anything else. */
export function readDuration(value: string | number): number | null {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? value : null;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const match = DURATION.exec(value);
  if (!match) return null;
  const [hours, minutes, seconds] = match.slice(1).map((digits) => Number(digits ?? 0));
  return (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}
