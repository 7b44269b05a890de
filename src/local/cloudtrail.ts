import type { Decision } from "../core/decide.ts";
import type { Claims } from "../core/token.ts";
import type { CloudTrailEvent } from "./exchanges.ts";
import type { Origin } from "./operation.ts";

/** What a record tells of an exchange. */
export interface Recorded {
  readonly request: {
    readonly RoleArn: string;
    readonly RoleSessionName: string;
    readonly DurationSeconds: number | undefined;
  };
  readonly origin: Origin;
  readonly account: string;
  /** ARN of the OIDC provider. */
  readonly provider: string;
  /** What the token says, of the subject, audience, tags and source identity. */
  readonly content: Extract<Decision, { outcome: "allowed" }>["session"];
  readonly claims: Claims;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The record's own. */
  readonly eventId: string;
  /** null when it was denied. */
  readonly issued: {
    readonly arn: string;
    /** `AROA…:session`. */
    readonly roleSessionId: string;
    readonly accessKeyId: string;
    /** Seconds since 1970. */
    readonly expiresAt: number;
  } | null;
}

// AWS writes the session token here. Nothing of this cloud's log is a secret, so it says what AWS says elsewhere.
const HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS";

/** The record of an exchange that was answered with credentials, or denied by the trust policy. */
export function cloudTrailEvent(recorded: Recorded): CloudTrailEvent {
  const { request, origin, account, provider, content, time, issued } = recorded;
  return {
    eventVersion: "1.08",
    userIdentity: {
      type: "WebIdentityUser",
      principalId: `${provider}:${content.audience}:${content.subject}`,
      userName: content.subject,
      identityProvider: provider,
    },
    eventTime: new Date(time).toISOString().replace(/\.\d+Z$/, "Z"),
    eventSource: "sts.amazonaws.com",
    eventName: "AssumeRoleWithWebIdentity",
    awsRegion: origin.region,
    sourceIPAddress: origin.sourceIp,
    ...(origin.userAgent === undefined ? {} : { userAgent: origin.userAgent }),
    // A real denial says no more than this; hence its opaque text.
    ...(issued ? {} : { errorCode: "AccessDenied", errorMessage: "An unknown error occurred" }),
    requestParameters: requestParameters(recorded),
    responseElements: issued ? responseElements(recorded, issued) : null,
    ...(issued ? { additionalEventData: additionalData(recorded) } : {}),
    requestID: origin.requestId,
    eventID: recorded.eventId,
    readOnly: true,
    resources: [{ accountId: account, type: "AWS::IAM::Role", ARN: request.RoleArn }],
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: "Management",
    // As AWS's own endpoints would have it; here the connection is plain.
    tlsDetails: {
      tlsVersion: "TLSv1.3",
      cipherSuite: "TLS_AES_128_GCM_SHA256",
      clientProvidedHostHeader: origin.host ?? "",
    },
  };
}

function requestParameters({ request, content }: Recorded): CloudTrailEvent {
  return {
    roleArn: request.RoleArn,
    roleSessionName: request.RoleSessionName,
    ...sourceIdentity(content),
    ...(request.DurationSeconds === undefined ? {} : { durationSeconds: request.DurationSeconds }),
    ...(Object.keys(content.tags).length === 0 ? {} : { principalTags: content.tags }),
    ...(content.transitiveTagKeys.length === 0 ? {} : { transitiveTagKeys: content.transitiveTagKeys }),
  };
}

function sourceIdentity({ sourceIdentity: value }: Recorded["content"]): CloudTrailEvent {
  return value === null ? {} : { sourceIdentity: value };
}

function responseElements({ content, provider }: Recorded, issued: NonNullable<Recorded["issued"]>): CloudTrailEvent {
  return {
    credentials: {
      accessKeyId: issued.accessKeyId,
      sessionToken: HIDDEN,
      expiration: americanTime(issued.expiresAt),
    },
    subjectFromWebIdentityToken: content.subject,
    ...sourceIdentity(content),
    assumedRoleUser: { assumedRoleId: issued.roleSessionId, arn: issued.arn },
    provider,
    audience: content.audience,
  };
}

function additionalData({ origin, claims }: Recorded): CloudTrailEvent {
  const endpointType = origin.host?.startsWith("sts.amazonaws.") ? "global" : "regional";
  return {
    RequestDetails: { awsServingRegion: origin.region, endpointType },
    // Never logged as false. awsteele.com/blog/2026/07/13.
    ...(claims["https://aws.amazon.com/roles"] === undefined ? {} : { RoleAuthorizedByIdp: true }),
    identityProviderConnectionVerificationMethod: "IAMTrustStore",
  };
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Seconds since 1970 as CloudTrail writes the end of credentials: `Jul 9, 2024, 4:41:37 PM`, in UTC. */
export function americanTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const hours = date.getUTCHours();
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${MONTHS[date.getUTCMonth()] ?? ""} ${date.getUTCDate()}, ${date.getUTCFullYear()}`;
  const time = `${hours % 12 || 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${day}, ${time} ${hours < 12 ? "AM" : "PM"}`;
}
