import type { Env, Evidence, JobCi } from "../ci.ts";

/** Evidence of those variables that are set; null when the first, which decides, is not. */
export function evidence(ci: string, env: Env, ...names: readonly string[]): Evidence | null {
  if (!env[names[0] ?? ""]) return null;
  return { ci, because: names.filter((name) => env[name]).map((name) => `${name}=${env[name] ?? ""}`) };
}

/** Names a session by the CI and what these variables hold. */
export function sessionOf(ci: string, ...names: readonly string[]): JobCi["sessionName"] {
  return (env) => [ci, ...names.map((name) => env[name] ?? "")];
}
