/**
 * IAM's action of a CloudTrail event. Mostly `eventSource` without its domain and `eventName` as it is; what differs
 * is in these tables. Source: service authorization reference (actions of each service) against the services'
 * CloudTrail pages.
 */

/** First word of eventSource to the prefix of actions. */
const PREFIXES: Readonly<Record<string, string>> = {
  monitoring: "cloudwatch",
  email: "ses",
  tagging: "tag",
};

/** Event to the actions that permit it, where the names differ. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  "s3:ListObjects": ["s3:ListBucket"],
  "s3:ListObjectsV2": ["s3:ListBucket"],
  "s3:HeadBucket": ["s3:ListBucket"],
  "s3:ListBuckets": ["s3:ListAllMyBuckets"],
  "s3:HeadObject": ["s3:GetObject"],
  "s3:CopyObject": ["s3:GetObject", "s3:PutObject"],
  "s3:DeleteObjects": ["s3:DeleteObject"],
  "s3:CreateMultipartUpload": ["s3:PutObject"],
  "s3:UploadPart": ["s3:PutObject"],
  "s3:CompleteMultipartUpload": ["s3:PutObject"],
  "s3:ListParts": ["s3:ListMultipartUploadParts"],
  "s3:GetBucketEncryption": ["s3:GetEncryptionConfiguration"],
  "s3:PutBucketEncryption": ["s3:PutEncryptionConfiguration"],
  "s3:GetBucketLifecycle": ["s3:GetLifecycleConfiguration"],
  "s3:PutBucketLifecycle": ["s3:PutLifecycleConfiguration"],
  "s3:DeleteBucketTagging": ["s3:PutBucketTagging"],
  "lambda:Invoke": ["lambda:InvokeFunction"],
};

/** Calls that need no permission. Source: STS API reference. */
const FREE = new Set(["sts:GetCallerIdentity", "sts:GetSessionToken"]);

export interface EventName {
  readonly source: string;
  readonly name: string;
}

/** The actions that let an event happen; none when it needs no permission. */
export function actionsOf({ source, name }: EventName): readonly string[] {
  const [first = ""] = source.split(".");
  const service = PREFIXES[first] ?? first;
  // Lambda's events carry the version of its API: CreateFunction20150331, UpdateFunctionCode20150331v2.
  const plain = `${service}:${service === "lambda" ? name.replace(/20\d{6}(?:v\d)?$/, "") : name}`;
  if (FREE.has(plain)) return [];
  return ACTIONS[plain] ?? [plain];
}
