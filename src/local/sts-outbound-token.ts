import type { Claims } from "../core/token.ts";
import { authorize } from "./authorize.ts";
import { type OutboundAlgorithm, signOutbound } from "./outbound-issuer.ts";
import { type Answer, type Call, operation, result } from "./operation.ts";
import { integer, listOf, optional, text, type Values } from "./parameters.ts";
import type { Principal } from "./principal.ts";
import { randomUuid } from "./random.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { UNSIGNED } from "./sts-assume-role.ts";
import { callerClaims, sessionEnd } from "./sts-outbound-claims.ts";
import { audience, isGlobalEndpoint, sessionTags, subjectMode } from "./sts-shapes.ts";
import { readSessionTags } from "./sts-tags.ts";

// Source: STS API model (botocore 1.43.107; Scope and SubjectMode: AWS SDK 3.1173).
const parameters = {
  Audience: listOf(audience, { max: 10 }),
  DurationSeconds: optional(integer({ min: 60, max: 3600 })),
  SigningAlgorithm: text({ min: 5, max: 5 }),
  Scope: optional(text()),
  SubjectMode: optional(subjectMode),
  Tags: sessionTags,
};

type TokenCall = Call<Values<typeof parameters>>;

/**
 * Gives whoever calls a token that says so to others, signed by the account's own issuer. Texts, their order, claims
 * and the longest payload were recorded from AWS (2026-09) where no comment says otherwise.
 */
export const getWebIdentityToken = operation({
  parameters,
  access: "signer",
  run: (call) => (call.principal ? vend(call, call.principal) : UNSIGNED),
});

// STS API reference: five minutes when nothing is said.
const DEFAULT_DURATION = 300;
// The JSON of the claims, in bytes of UTF-8.
const LARGEST_PAYLOAD = 14_984;

function isSupported(algorithm: string): algorithm is OutboundAlgorithm {
  return algorithm === "RS256" || algorithm === "ES384";
}

function vend(call: TokenCall, principal: Principal): Answer {
  const { values, world } = call;
  const { SigningAlgorithm: algorithm, DurationSeconds: duration = DEFAULT_DURATION } = values;
  if (isGlobalEndpoint(call.origin)) {
    return refuse(400, "InvalidAction", "Operation not supported on STS global endpoint");
  }
  if (!isSupported(algorithm)) return invalid(UNSUPPORTED);
  const tags = readSessionTags({ Tags: values.Tags, TransitiveTagKeys: undefined }, null);
  if (tags.kind === "refused") return tags;
  const refusal = checkSubject(values) ?? checkCaller(principal) ?? checkPermission(call, principal, tags.tags);
  if (refusal) return refusal;
  const expiresAt = world.now() + duration * 1000;
  const end = sessionEnd(principal);
  if (end !== null && expiresAt > end * 1000) {
    const message = "Requested token expiry time must be before the original session's expiry time.";
    return refuse(403, "SessionDurationEscalationException", message);
  }
  const { outbound } = world.store.iam;
  if (!outbound?.enabled) {
    return refuse(403, "OutboundWebIdentityFederationDisabledException", "OutboundWebIdentityFederation is disabled.");
  }
  const payload = JSON.stringify({ iss: outbound.issuer, ...claimsOf(call, principal, tags.tags, duration) });
  if (Buffer.byteLength(payload) > LARGEST_PAYLOAD) {
    return refuse(400, "JWTPayloadSizeExceededException", "JWT payload exceeds maximum allowed size");
  }
  return result({
    WebIdentityToken: signOutbound(outbound, algorithm, payload),
    Expiration: new Date(expiresAt).toISOString(),
  });
}

const UNSUPPORTED =
  "Requested SigningAlgorithm is not supported. See the GetWebIdentityToken documentation for supported algorithms";

function invalid(message: string): Refusal {
  return refuse(400, "ValidationError", message);
}

// No session here carries an end user's identity from elsewhere. What AWS refuses is in the API reference, not its texts.
function checkSubject({ Scope: scope, SubjectMode: mode }: TokenCall["values"]): Refusal | null {
  if (mode === "OriginIdentity") {
    return invalid("SubjectMode OriginIdentity requires a session with aws:OriginIdentity/Subject");
  }
  return scope === undefined ? null : invalid("Scope can be specified only when SubjectMode is OriginIdentity");
}

function checkCaller(principal: Principal): Refusal | null {
  const federated = principal.kind === "user" && principal.federated !== null;
  return federated ? refuse(403, "AccessDenied", "GetWebIdentityToken does not support federated user sessions") : null;
}

/** Tags need a permission of their own; both are for one resource. AWS IAM guide, id_roles_providers_outbound_policies. */
function checkPermission(
  { values, world, origin: { region, sourceIp } }: TokenCall,
  principal: Principal,
  tags: Readonly<Record<string, string>>,
): Refusal | null {
  const names = Object.keys(tags);
  const keys = [
    ["sts:IdentityTokenAudience", values.Audience] as const,
    ["sts:DurationSeconds", String(values.DurationSeconds ?? DEFAULT_DURATION)] as const,
    ["sts:SigningAlgorithm", values.SigningAlgorithm] as const,
    ["sts:SubjectMode", values.SubjectMode ?? "AWSIdentity"] as const,
    ...Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value] as const),
    ...(names.length > 0 ? [["aws:TagKeys", names] as const] : []),
  ];
  const resource = `arn:aws:sts::${world.store.identity.account}:self`;
  const signed = { principal, resource, region, sourceIp, now: world.now(), keys };
  const refuseFor = (action: string): Refusal | null => authorize({ ...signed, action }, world.store.iam);
  return refuseFor("sts:GetWebIdentityToken") ?? (names.length > 0 ? refuseFor("sts:TagGetWebIdentityToken") : null);
}

/** The claims beside `iss`. IAM guide, id_roles_providers_outbound_token_claims. */
function claimsOf(
  { values, world, origin }: TokenCall,
  principal: Principal,
  tags: Readonly<Record<string, string>>,
  duration: number,
): Claims {
  const issuedAt = Math.floor(world.now() / 1000);
  const subject = principal.kind === "session" ? principal.role.arn : principal.arn;
  const [first = ""] = values.Audience;
  return {
    sub: subject,
    aud: values.Audience.length === 1 ? first : values.Audience,
    iat: issuedAt,
    exp: issuedAt + duration,
    jti: randomUuid(),
    "https://sts.amazonaws.com/": {
      aws_account: principal.account,
      source_region: origin.region,
      principal_id: subject,
      ...callerClaims(principal),
      ...(Object.keys(tags).length > 0 ? { request_tags: tags } : {}),
    },
  };
}
