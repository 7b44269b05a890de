/** What IAM says of the resources in permissions policies; sources as in iam-identity-grammar.ts. */

const PARTITIONS = new Set([
  "*",
  "aws",
  "aws-cn",
  "aws-us-gov",
  "aws-iso",
  "aws-iso-b",
  "aws-iso-e",
  "aws-iso-f",
  "aws-eusc",
]);

const IAM_PATHS = [
  "user/",
  "federated-user/",
  "role/",
  "group/",
  "instance-profile/",
  "mfa/",
  "server-certificate/",
  "policy/",
  "sms-mfa/",
  "saml-provider/",
  "oidc-provider/",
  "report/",
  "access-report/",
];

// S3's resources that have a region. AWS service authorization reference.
const S3_REGIONAL = /^(accesspoint|job|storage-lens|storage-lens-group|async-request|access-grants)\b/;

/** IAM's text against a resource; null when there is none. */
export function arnProblem(resource: string): string | null {
  if (resource === "*") return null;
  const [, partition, service, region = "", account, ...rest] = resource.split(":");
  if (partition === undefined) return `Resource ${resource} must be in ARN format or "*".`;
  if (!PARTITIONS.has(partition)) return badPartition(resource, partition);
  if (service === undefined) return "Resource vendor must be fully qualified and cannot contain regexes.";
  const id = rest.join(":");
  const regional = region !== "" && region !== "*" && account !== undefined;
  if (service === "iam") {
    if (regional) return `IAM resource ${resource} cannot contain region information.`;
    // Text recorded, 2026-02.
    if (!id.startsWith("*") && id !== "root" && !IAM_PATHS.some((path) => id.startsWith(path)))
      return `IAM resource path must either be "*", root, or start with ${IAM_PATHS.join(", ")}.`;
  }
  return service === "s3" && regional && !S3_REGIONAL.test(id)
    ? `Resource ${resource} can not contain region information.`
    : null;
}

// IAM fills up what is missing, and takes whatever stands first for "arn".
function badPartition(resource: string, partition: string): string {
  const [service = "*", region = "*", account = "*", ...id] = resource.split(":").slice(2);
  const shown = ["arn", partition, service, region, account, id.length > 0 ? id.join(":") : "*"];
  return `Partition "${partition}" is not valid for resource "${shown.join(":")}".`;
}

/** True for an ARN that IAM's older parser does not take. */
export function failsLegacyArn(resource: string): boolean {
  if (resource === "*") return false;
  const parts = resource.split(":");
  return parts[2] === "" || (parts.length < 6 && resource.includes("::"));
}
