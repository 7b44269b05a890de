import type { SessionClaims } from "../core/decide.ts";
import { escapeXml, type XmlFields } from "../wire/query.ts";
import type { IssuedSession } from "./sts-session.ts";

/** What an allowed exchange is answered with. */
export interface WebIdentityResult {
  readonly claims: SessionClaims;
  readonly issued: IssuedSession;
  readonly providerArn: string;
}

/**
 * Writes the result of AssumeRoleWithWebIdentity: the bytes that `renderXml` makes of it, without asking of each element
 * what it is. Keys, tokens and times are base64, digits and letters, which need no escaping.
 */
export function renderWebIdentityResult({ claims, issued, providerArn }: WebIdentityResult): string {
  const { user, credentials, packed } = issued;
  const { sourceIdentity: identity } = claims;
  return `  <AssumeRoleWithWebIdentityResult>
    <Audience>${escapeXml(claims.audience)}</Audience>
    <AssumedRoleUser>
      <AssumedRoleId>${escapeXml(user.AssumedRoleId)}</AssumedRoleId>
      <Arn>${escapeXml(user.Arn)}</Arn>
    </AssumedRoleUser>
    <Provider>${escapeXml(providerArn)}</Provider>
    <Credentials>
      <AccessKeyId>${credentials.AccessKeyId}</AccessKeyId>
      <SecretAccessKey>${credentials.SecretAccessKey}</SecretAccessKey>
      <SessionToken>${credentials.SessionToken}</SessionToken>
      <Expiration>${credentials.Expiration}</Expiration>
    </Credentials>
    <SubjectFromWebIdentityToken>${escapeXml(claims.subject)}</SubjectFromWebIdentityToken>
    <PackedPolicySize>${packed}</PackedPolicySize>
${identity === null ? "" : `    <SourceIdentity>${escapeXml(identity)}</SourceIdentity>\n`}  </AssumeRoleWithWebIdentityResult>
`;
}

/** The same, as fields. */
export function webIdentityFields({ claims, issued, providerArn }: WebIdentityResult): XmlFields {
  return {
    Audience: claims.audience,
    AssumedRoleUser: issued.user,
    Provider: providerArn,
    Credentials: issued.credentials,
    SubjectFromWebIdentityToken: claims.subject,
    PackedPolicySize: issued.packed,
    SourceIdentity: claims.sourceIdentity ?? undefined,
  };
}
