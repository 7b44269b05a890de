/**
 * What IAM calls the operations of other services, as far as it is not the service and operation of the request.
 * Source: AWS service authorization reference. Data only; call-name.ts reads it.
 */

/** Services whose actions have another prefix than the name that their requests are signed for. */
export const ACTION_PREFIXES: Readonly<Record<string, string>> = {
  "aws-marketplace-management": "aws-marketplace",
  email: "ses",
  monitoring: "cloudwatch",
  "runtime.lex": "lex",
  s3express: "s3",
  tagging: "tag",
};

/** Operations whose action has another name. */
export const RENAMED: Readonly<Record<string, string>> = {
  "lambda:Invoke": "lambda:InvokeFunction",
};

export type S3Scope = "service" | "bucket" | "object";

/** S3's REST operations: method, what the path names, query parameter that selects, action. First match counts. */
export const S3_OPERATIONS: readonly (readonly [string, S3Scope, string | null, string])[] = [
  ["GET", "service", null, "ListAllMyBuckets"],
  ["GET", "bucket", "acl", "GetBucketAcl"],
  ["GET", "bucket", "cors", "GetBucketCORS"],
  ["GET", "bucket", "encryption", "GetEncryptionConfiguration"],
  ["GET", "bucket", "lifecycle", "GetLifecycleConfiguration"],
  ["GET", "bucket", "location", "GetBucketLocation"],
  ["GET", "bucket", "logging", "GetBucketLogging"],
  ["GET", "bucket", "notification", "GetBucketNotification"],
  ["GET", "bucket", "object-lock", "GetBucketObjectLockConfiguration"],
  ["GET", "bucket", "ownershipControls", "GetBucketOwnershipControls"],
  ["GET", "bucket", "policy", "GetBucketPolicy"],
  ["GET", "bucket", "publicAccessBlock", "GetBucketPublicAccessBlock"],
  ["GET", "bucket", "replication", "GetReplicationConfiguration"],
  ["GET", "bucket", "tagging", "GetBucketTagging"],
  ["GET", "bucket", "uploads", "ListBucketMultipartUploads"],
  ["GET", "bucket", "versioning", "GetBucketVersioning"],
  ["GET", "bucket", "versions", "ListBucketVersions"],
  ["GET", "bucket", "website", "GetBucketWebsite"],
  ["GET", "bucket", null, "ListBucket"],
  ["HEAD", "bucket", null, "ListBucket"],
  ["PUT", "bucket", "acl", "PutBucketAcl"],
  ["PUT", "bucket", "cors", "PutBucketCORS"],
  ["PUT", "bucket", "encryption", "PutEncryptionConfiguration"],
  ["PUT", "bucket", "lifecycle", "PutLifecycleConfiguration"],
  ["PUT", "bucket", "logging", "PutBucketLogging"],
  ["PUT", "bucket", "notification", "PutBucketNotification"],
  ["PUT", "bucket", "object-lock", "PutBucketObjectLockConfiguration"],
  ["PUT", "bucket", "ownershipControls", "PutBucketOwnershipControls"],
  ["PUT", "bucket", "policy", "PutBucketPolicy"],
  ["PUT", "bucket", "publicAccessBlock", "PutBucketPublicAccessBlock"],
  ["PUT", "bucket", "replication", "PutReplicationConfiguration"],
  ["PUT", "bucket", "tagging", "PutBucketTagging"],
  ["PUT", "bucket", "versioning", "PutBucketVersioning"],
  ["PUT", "bucket", "website", "PutBucketWebsite"],
  ["PUT", "bucket", null, "CreateBucket"],
  ["POST", "bucket", "delete", "DeleteObject"],
  ["POST", "bucket", null, "PutObject"],
  ["DELETE", "bucket", "policy", "DeleteBucketPolicy"],
  ["DELETE", "bucket", "website", "DeleteBucketWebsite"],
  ["DELETE", "bucket", "cors", "PutBucketCORS"],
  ["DELETE", "bucket", "encryption", "PutEncryptionConfiguration"],
  ["DELETE", "bucket", "lifecycle", "PutLifecycleConfiguration"],
  ["DELETE", "bucket", "ownershipControls", "PutBucketOwnershipControls"],
  ["DELETE", "bucket", "publicAccessBlock", "PutBucketPublicAccessBlock"],
  ["DELETE", "bucket", "replication", "PutReplicationConfiguration"],
  ["DELETE", "bucket", "tagging", "PutBucketTagging"],
  ["DELETE", "bucket", null, "DeleteBucket"],
  ["GET", "object", "acl", "GetObjectAcl"],
  ["GET", "object", "attributes", "GetObjectAttributes"],
  ["GET", "object", "legal-hold", "GetObjectLegalHold"],
  ["GET", "object", "retention", "GetObjectRetention"],
  ["GET", "object", "tagging", "GetObjectTagging"],
  ["GET", "object", "uploadId", "ListMultipartUploadParts"],
  ["GET", "object", "versionId", "GetObjectVersion"],
  ["GET", "object", null, "GetObject"],
  ["HEAD", "object", null, "GetObject"],
  ["PUT", "object", "acl", "PutObjectAcl"],
  ["PUT", "object", "legal-hold", "PutObjectLegalHold"],
  ["PUT", "object", "retention", "PutObjectRetention"],
  ["PUT", "object", "tagging", "PutObjectTagging"],
  ["PUT", "object", null, "PutObject"],
  ["POST", "object", "restore", "RestoreObject"],
  ["POST", "object", null, "PutObject"],
  ["DELETE", "object", "tagging", "DeleteObjectTagging"],
  ["DELETE", "object", "uploadId", "AbortMultipartUpload"],
  ["DELETE", "object", "versionId", "DeleteObjectVersion"],
  ["DELETE", "object", null, "DeleteObject"],
];

/** Operations of other REST services: method, path, operation. A path's wildcard is one segment. */
export const REST_OPERATIONS: Readonly<Record<string, readonly (readonly [string, RegExp, string])[]>> = {
  lambda: [
    ["GET", /^\/2015-03-31\/functions\/?$/, "ListFunctions"],
    ["POST", /^\/2015-03-31\/functions\/?$/, "CreateFunction"],
    ["GET", /^\/2015-03-31\/functions\/([^/]+)\/?$/, "GetFunction"],
    ["DELETE", /^\/2015-03-31\/functions\/([^/]+)\/?$/, "DeleteFunction"],
    ["PUT", /^\/2015-03-31\/functions\/([^/]+)\/code$/, "UpdateFunctionCode"],
    ["PUT", /^\/2015-03-31\/functions\/([^/]+)\/configuration$/, "UpdateFunctionConfiguration"],
    ["POST", /^\/2015-03-31\/functions\/([^/]+)\/invocations$/, "Invoke"],
    ["GET", /^\/2015-03-31\/layers\/?$/, "ListLayers"],
  ],
  route53: [
    ["GET", /^\/2013-04-01\/hostedzone\/?$/, "ListHostedZones"],
    ["GET", /^\/2013-04-01\/hostedzone\/([^/]+)$/, "GetHostedZone"],
    ["GET", /^\/2013-04-01\/hostedzone\/([^/]+)\/rrset\/?$/, "ListResourceRecordSets"],
    ["POST", /^\/2013-04-01\/hostedzone\/([^/]+)\/rrset\/?$/, "ChangeResourceRecordSets"],
  ],
  cloudfront: [
    ["GET", /^\/2020-05-31\/distribution$/, "ListDistributions"],
    ["GET", /^\/2020-05-31\/distribution\/([^/]+)$/, "GetDistribution"],
    ["POST", /^\/2020-05-31\/distribution\/([^/]+)\/invalidation$/, "CreateInvalidation"],
  ],
  elasticfilesystem: [["GET", /^\/2015-02-01\/file-systems\/?$/, "DescribeFileSystems"]],
  eks: [
    ["GET", /^\/clusters\/?$/, "ListClusters"],
    ["GET", /^\/clusters\/([^/]+)$/, "DescribeCluster"],
  ],
};

/** Which parameter names the resource, and the resource's part of the ARN. Other calls are authorised for `*`. */
export const RESOURCES: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  cloudformation: [["StackName", "stack/{}/*"]],
  dynamodb: [["TableName", "table/{}"]],
  ecr: [["repositoryName", "repository/{}"]],
  eks: [["path", "cluster/{}"]],
  kms: [["KeyId", "key/{}"]],
  lambda: [["path", "function:{}"]],
  logs: [["logGroupName", "log-group:{}"]],
  secretsmanager: [["SecretId", "secret:{}"]],
  sns: [["TopicArn", "{}"]],
  ssm: [["Name", "parameter/{}"]],
};
