/** A time as IAM and STS write it: whole seconds, `2026-11-24T18:53:00Z`. */
export function isoSeconds(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}
