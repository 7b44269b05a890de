/**
 * IAM's action of a CloudTrail event. Mostly it is `eventSource` without its domain and `eventName` as it is; where it
 * differs, it is in one of these tables. Nothing here was tried with an account: a row is verified where AWS's own
 * pages say it, and unverified where we only believe it.
 */

interface Names {
  /** First word of eventSource to the prefix of actions. */
  readonly prefixes: Readonly<Record<string, string>>;
  /** Event to the actions that permit it. */
  readonly actions: Readonly<Record<string, readonly string[]>>;
}

/**
 * Verified, 2026-11. Event names: S3 user guide, "Amazon S3 CloudTrail events"; EventBridge reference, events of
 * CloudWatch and of the tagging API. Actions: S3 API reference and user guide, "Multipart upload API and permissions";
 * Lambda API reference, Invoke.
 */
const VERIFIED: Names = {
  prefixes: {
    monitoring: "cloudwatch",
    tagging: "tag",
  },
  actions: {
    "s3:ListObjectVersions": ["s3:ListBucketVersions"],
    "s3:HeadBucket": ["s3:ListBucket"],
    "s3:ListBuckets": ["s3:ListAllMyBuckets"],
    "s3:HeadObject": ["s3:GetObject"],
    "s3:CopyObject": ["s3:GetObject", "s3:PutObject"],
    "s3:DeleteObjects": ["s3:DeleteObject"],
    "s3:CreateMultipartUpload": ["s3:PutObject"],
    "s3:UploadPart": ["s3:PutObject"],
    "s3:UploadPartCopy": ["s3:GetObject", "s3:PutObject"],
    "s3:CompleteMultipartUpload": ["s3:PutObject"],
    "s3:ListParts": ["s3:ListMultipartUploadParts"],
    "s3:ListMultipartUploads": ["s3:ListBucketMultipartUploads"],
    "s3:GetBucketEncryption": ["s3:GetEncryptionConfiguration"],
    "s3:PutBucketEncryption": ["s3:PutEncryptionConfiguration"],
    "s3:DeleteBucketEncryption": ["s3:PutEncryptionConfiguration"],
    "s3:GetBucketLifecycle": ["s3:GetLifecycleConfiguration"],
    "s3:PutBucketLifecycle": ["s3:PutLifecycleConfiguration"],
    "s3:DeleteBucketLifecycle": ["s3:PutLifecycleConfiguration"],
    "s3:GetBucketReplication": ["s3:GetReplicationConfiguration"],
    "s3:PutBucketReplication": ["s3:PutReplicationConfiguration"],
    "s3:DeleteBucketReplication": ["s3:PutReplicationConfiguration"],
    "s3:DeleteBucketCors": ["s3:PutBucketCORS"],
    "s3:DeleteBucketTagging": ["s3:PutBucketTagging"],
    "s3:DeleteBucketPublicAccessBlock": ["s3:PutBucketPublicAccessBlock"],
    "lambda:Invoke": ["lambda:InvokeFunction"],
  },
};

/** Unverified: no page that we read says it. What is made of these rows is said to whoever gets the policy. */
const UNVERIFIED: Names = {
  prefixes: {
    email: "ses",
  },
  actions: {
    // The event names; that the calls need s3:ListBucket is in the S3 API reference.
    "s3:ListObjects": ["s3:ListBucket"],
    "s3:ListObjectsV2": ["s3:ListBucket"],
  },
};

/** Calls that need no permission. Source: STS API reference. */
const FREE = new Set(["sts:GetCallerIdentity", "sts:GetSessionToken"]);

export interface EventName {
  readonly source: string;
  readonly name: string;
}

/** The actions that let an event happen; none when it needs no permission. */
export function actionsOf(event: EventName): readonly string[] {
  const plain = plainAction(event);
  if (FREE.has(plain)) return [];
  return VERIFIED.actions[plain] ?? UNVERIFIED.actions[plain] ?? [plain];
}

/** Whether an event's actions rest on a row that nobody has verified. */
export function isUnverified(event: EventName): boolean {
  return Object.hasOwn(UNVERIFIED.prefixes, wordOf(event)) || Object.hasOwn(UNVERIFIED.actions, plainAction(event));
}

function wordOf({ source }: EventName): string {
  return source.split(".")[0] ?? "";
}

function plainAction(event: EventName): string {
  const word = wordOf(event);
  const service = VERIFIED.prefixes[word] ?? UNVERIFIED.prefixes[word] ?? word;
  // Lambda's events carry the version of its API: GetFunction20150331. Source: Lambda guide, logging with CloudTrail.
  const { name } = event;
  return `${service}:${service === "lambda" ? name.replace(/20\d{6}(?:v\d)?$/, "") : name}`;
}
