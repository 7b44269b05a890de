/**
 * Where a session may be kept between the calls of one job. A profile's `credential_process` is
 * called by every command anew; without a cache each would ask STS.
 */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>, home: string): string {
  if (env["ROLECALL_CACHE_DIR"]) return env["ROLECALL_CACHE_DIR"];
  return `${env["XDG_CACHE_HOME"] || `${home}/.cache`}/rolecall`;
}
