import type { Ci, Scope } from "../ci/ci.ts";

/** IAM takes no longer client id. Source: IAM API reference, CreateOpenIDConnectProvider. */
const LONGEST = 255;

/**
 * The audience of a role that names none: the CI's own where a job cannot choose, else its first project and its name, so that a token asked for
 * one role is good for no other. Null when that is longer than IAM takes.
 */
export function defaultAudience(role: string, issuer: string, allow: readonly Scope[], ci?: Ci): string | null {
  const [first] = allow;
  if (ci?.fixedAudience) return ci.defaultAudience({ project: first?.project ?? "", issuer });
  // Without the ids of an immutable subject and Bitbucket's braces: it is a name, and people type it.
  const project = (first?.project ?? "").replaceAll(/@\d+|[{}]/g, "");
  const audience = encodeURI(`${project}/${role}`).replaceAll("*", "%2A");
  return audience.length <= LONGEST ? audience : null;
}
