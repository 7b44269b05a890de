import { isoSeconds } from "../core/iso-date.ts";
import type { Claims } from "../core/token.ts";
import type { Principal } from "./principal.ts";

/** When the credentials of a caller end, in seconds since 1970; null for a user's own keys. */
export function sessionEnd(principal: Principal): number | null {
  return (principal.kind === "session" ? principal.session.expiresAt : principal.expiresAt) ?? null;
}

/** What a token says of its caller's session and tags, each claim only where there is something to say. */
export function callerClaims(principal: Principal): Claims {
  const tags = principalTags(principal);
  const end = sessionEnd(principal);
  const { sourceIdentity = null, provider = "" } = principal.kind === "session" ? principal.session : {};
  return {
    ...(Object.keys(tags).length > 0 ? { principal_tags: tags } : {}),
    ...(end === null ? {} : { original_session_exp: isoSeconds(end) }),
    ...(sourceIdentity === null ? {} : { source_identity: sourceIdentity }),
    // Not recorded: the provider's ARN, as aws:FederatedProvider has it.
    ...(provider === "" ? {} : { federated_provider: provider }),
  };
}

// Recorded: a session's tag takes the place of the role's of the same key in any case, and is written in its own.
function principalTags(principal: Principal): Readonly<Record<string, string>> {
  const { tags } = principal.kind === "session" ? principal.role : principal.user;
  const own = principal.kind === "session" ? principal.session.tags : {};
  const names = new Set(Object.keys(own).map((key) => key.toLowerCase()));
  const kept = tags.filter(({ key }) => !names.has(key.toLowerCase())).map(({ key, value }) => [key, value] as const);
  return Object.fromEntries([...kept, ...Object.entries(own)]);
}
