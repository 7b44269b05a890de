import type { SessionClaims } from "../core/decide.ts";
import type { XmlFields } from "../wire/query.ts";
import { newAccessKeyId } from "./ids.ts";
import { isoSeconds } from "../core/iso-date.ts";
import type { RoleRecord } from "./records.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { sealSession, type Session } from "./session.ts";
import type { World } from "./world.ts";

/** What a request says of the session that it wants. */
export interface SessionRequest {
  readonly RoleSessionName: string;
  readonly DurationSeconds: number | undefined;
  readonly Policy: string | undefined;
  readonly PolicyArns: readonly { readonly arn: string }[] | undefined;
}

/** Issues the credentials of a session, or says that its policies and tags are too large. */
export function issueSession(
  world: World,
  values: SessionRequest,
  role: RoleRecord,
  claims: SessionClaims,
  provider: string,
): { readonly kind: "issued"; readonly arn: string; readonly result: XmlFields } | Refusal {
  const { account, sealingKey } = world.store.identity;
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
    ...claims,
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
  const accessKeyId = newAccessKeyId("ASIA", account);
  const keys = sealSession(session, accessKeyId, Buffer.from(sealingKey, "base64"));
  const arn = `arn:aws:sts::${account}:assumed-role/${role.name}/${session.sessionName}`;
  return {
    kind: "issued",
    arn,
    result: {
      Audience: session.audience,
      AssumedRoleUser: { AssumedRoleId: `${role.id}:${session.sessionName}`, Arn: arn },
      Provider: provider,
      Credentials: {
        AccessKeyId: accessKeyId,
        SecretAccessKey: keys.secretAccessKey.reveal(),
        SessionToken: keys.sessionToken.reveal(),
        Expiration: isoSeconds(session.expiresAt),
      },
      SubjectFromWebIdentityToken: session.subject,
      PackedPolicySize: packed,
      SourceIdentity: session.sourceIdentity ?? undefined,
    },
  };
}

// A guess at AWS's secret packing that fits what was measured: 24 to 26 for ordinary tokens, 34 for a
// subject of about 300 characters.
function packedSize({ subject, policy, policyArns, tags }: Session): number {
  const texts = [subject, policy ?? "", ...policyArns, ...Object.entries(tags).flat()];
  return 22 + Math.ceil(texts.join("").length / 26);
}
