import type { SessionClaims } from "../core/decide.ts";
import type { XmlFields } from "../wire/query.ts";
import { newAccessKeyId } from "./ids.ts";
import { isoSeconds } from "../core/iso-date.ts";
import type { RoleRecord } from "./records.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { sealSession, type Session, type UserSession } from "./session.ts";
import type { CloudIdentity } from "./state.ts";
import type { World } from "./world.ts";

/** What a request says of the session that it wants. */
export interface SessionRequest {
  readonly RoleSessionName: string;
  readonly DurationSeconds: number | undefined;
  readonly Policy: string | undefined;
  readonly PolicyArns: readonly { readonly arn: string }[] | undefined;
}

/** Credentials of a new session, in the parts of which each call makes its answer. */
export interface IssuedSession {
  readonly kind: "issued";
  readonly arn: string;
  readonly accessKeyId: string;
  /** `AROA…:session`. */
  readonly roleSessionId: string;
  readonly user: XmlFields;
  readonly credentials: XmlFields;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  /** Percent. */
  readonly packed: number;
}

/** Issues the credentials of a session, or says that its policies and tags are too large. */
export function issueSession(
  world: World,
  values: SessionRequest,
  role: RoleRecord,
  claims: SessionClaims,
  provider: string,
): IssuedSession | Refusal {
  const { account } = world.store.identity;
  const issuedAt = Math.floor(world.now() / 1000);
  const session: Session = {
    roleArn: role.arn,
    roleName: role.name,
    roleId: role.id,
    sessionName: values.RoleSessionName,
    issuedAt,
    // The token's own life does not matter (captured).
    expiresAt: issuedAt + (values.DurationSeconds ?? 3600),
    provider,
    subject: claims.subject,
    audience: claims.audience,
    tags: claims.tags,
    transitiveTagKeys: claims.transitiveTagKeys,
    sourceIdentity: claims.sourceIdentity,
    policy: values.Policy ?? null,
    policyArns: (values.PolicyArns ?? []).map(({ arn }) => arn),
  };
  const packed = packedSize(session);
  if (packed > 100) {
    return refuse(
      400,
      "PackedPolicyTooLarge",
      `Packed policy consumes ${packed}% of allotted space, please use smaller policy.`,
    );
  }
  const arn = `arn:aws:sts::${account}:assumed-role/${role.name}/${session.sessionName}`;
  const { accessKeyId, fields } = issueKeys(world, session);
  const roleSessionId = `${role.id}:${session.sessionName}`;
  const user = { AssumedRoleId: roleSessionId, Arn: arn };
  const { expiresAt } = session;
  return { kind: "issued", arn, accessKeyId, roleSessionId, user, credentials: fields, expiresAt, packed };
}

/** Makes the keys of a session, as an answer gives them. */
export function issueKeys(
  { store }: World,
  session: Session | UserSession,
): { readonly accessKeyId: string; readonly fields: XmlFields } {
  const accessKeyId = newAccessKeyId("ASIA", store.identity.account);
  const keys = sealSession(session, accessKeyId, sealingKeyOf(store.identity));
  const fields = {
    AccessKeyId: accessKeyId,
    SecretAccessKey: keys.secretAccessKey.reveal(),
    SessionToken: keys.sessionToken.reveal(),
    Expiration: isoSeconds(session.expiresAt),
  };
  return { accessKeyId, fields };
}

const sealingKeys = new WeakMap<CloudIdentity, Buffer>();

function sealingKeyOf(identity: CloudIdentity): Buffer {
  const known = sealingKeys.get(identity);
  if (known) return known;
  const key = Buffer.from(identity.sealingKey, "base64");
  sealingKeys.set(identity, key);
  return key;
}

// A guess at AWS's secret packing that fits what was measured: 24 to 26 for ordinary tokens, 34 for a
// subject of about 300 characters.
function packedSize({ subject, policy, policyArns, tags }: Session): number {
  let length = subject.length + (policy?.length ?? 0);
  for (const arn of policyArns) length += arn.length;
  for (const [key, value] of Object.entries(tags)) length += key.length + value.length;
  return 22 + Math.ceil(length / 26);
}
