import { readIdentityPolicy } from "../core/policy.ts";
import { type Answer, type Call, operation, result } from "./operation.ts";
import { integer, optional, text, type Values } from "./parameters.ts";
import type { Principal } from "./principal.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { Session, UserSession } from "./session.ts";
import { sessionEnd } from "./sts-outbound-claims.ts";
import { issueKeys } from "./sts-session.ts";
import { isGlobalEndpoint, sessionPolicy } from "./sts-shapes.ts";

// Source: STS API reference, GetScopedCredentials, November 2026.
const parameters = {
  Policy: sessionPolicy,
  DurationSeconds: optional(integer({ min: 1, max: 129_600 })),
  MinimumSessionTokenSize: optional(integer({ min: 0, max: 4096 })),
  ScopedSessionDescription: optional(text({ max: 256 })),
};

type ScopeCall = Call<Values<typeof parameters>>;

/**
 * Gives temporary credentials anew, for less or for a shorter time. What is refused is in the API reference; no answer
 * of AWS has been seen, so that the texts are guesses, and so is the resource of the permission.
 */
export const getScopedCredentials = operation({
  parameters,
  access: () => "*",
  run: (call) => (isGlobalEndpoint(call.origin) ? NOT_GLOBAL : scopeDown(call)),
});

// As GetWebIdentityToken, which is not at the global endpoint either, was recorded to say it.
const NOT_GLOBAL = refuse(400, "InvalidAction", "Operation not supported on STS global endpoint");

// "A maximum of 3 scope down policy layers are allowed per session."
const MOST_SCOPES = 3;

function scopeDown({ values, world, principal }: ScopeCall): Answer {
  const { Policy: document, DurationSeconds: seconds } = values;
  if (document === undefined && seconds === undefined) {
    return refuse(400, "ValidationError", "Request must contain at least one of Policy or DurationSeconds");
  }
  const end = principal && sessionEnd(principal);
  if (!principal || end === null) {
    const message = "GetScopedCredentials must be called with temporary security credentials";
    return refuse(400, "InvalidSubjectCredentials", message);
  }
  const refusal = document === undefined ? null : checkPolicy(document, principal);
  if (refusal) return refusal;
  const issuedAt = Math.floor(world.now() / 1000);
  const expiresAt = seconds === undefined ? end : issuedAt + seconds;
  if (expiresAt > end) {
    const message = "The requested DurationSeconds exceeds the remaining lifetime of the calling session.";
    return refuse(400, "InsufficientSessionLifetime", message);
  }
  const scopes = [...scopesOf(principal), ...(document === undefined ? [] : [document])];
  const { fields } = issueKeys(world, { ...sessionOf(principal), issuedAt, expiresAt, scopes });
  return result({
    Credentials: fields,
    SessionInfo: { ScopedSessionId: principal.userId, Arn: principal.arn },
    SessionTokenSize: fields.SessionToken.length,
    ScopedPoliciesCount: scopes.length,
    SourceIdentity: (principal.kind === "session" ? principal.session.sourceIdentity : null) ?? undefined,
  });
}

function checkPolicy(document: string, principal: Principal): Refusal | null {
  const reading = readIdentityPolicy(document);
  if (reading.kind === "malformed") return refuse(400, "MalformedPolicyDocument", reading.message);
  const message = `Session already has the maximum of ${MOST_SCOPES} scope down policies`;
  return scopesOf(principal).length < MOST_SCOPES ? null : refuse(403, "AccessDenied", message);
}

function scopesOf(principal: Principal): readonly string[] {
  return (principal.kind === "session" ? principal.session.scopes : principal.scopes) ?? [];
}

/** The session of temporary credentials, but for its times. */
function sessionOf(principal: Principal): Session | UserSession {
  if (principal.kind === "session") return principal.session;
  const { user, mfaAt } = principal;
  return principal.federated ?? { userName: user.name, userId: user.id, issuedAt: 0, expiresAt: 0, mfaAt };
}
