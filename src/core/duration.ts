const DURATION = /^(?=\d)(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9})s)?$/;

/** Reads `15m`, `1h30m`, `900s` or a number of seconds; gives whole seconds, or NaN for anything else. */
export function readDuration(value: string | number): number {
  const text = String(value);
  const [whole, hours = 0, minutes = 0, seconds = 0] = DURATION.exec(/\D/.test(text) ? text : `${text}s`) ?? [];
  return whole ? +hours * 3600 + +minutes * 60 + +seconds : NaN;
}
