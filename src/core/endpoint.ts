import { type Partition, PARTITIONS, partitionOf, type RoleArn } from "./arn.ts";
import { RolecallError } from "./errors.ts";

/** The region as AWS writes it; anything else must not get into a host name. */
const REGION = /^[a-z]{2,5}(-[a-z]+)+-\d{1,2}$/;

/**
 * Checks that a text is a region, and of the role's partition (failure catalogue F62).
 *
 * @param from where the text came from, as the reader would name it (`--region`, `AWS_REGION`)
 * @throws RolecallError `config`
 */
export function parseRegion(text: string, from: string, role: RoleArn): string {
  if (!REGION.test(text)) {
    throw new RolecallError(
      "config",
      `${from} is not a region: expected one like eu-central-1, got ${JSON.stringify(text.slice(0, 40))}`,
    );
  }
  const partition = partitionOf(text);
  if (partition === role.partition) return text;
  throw new RolecallError(
    "config",
    `${from} and the role are in two partitions: ${text} is in ${partition}, ${role.arn} in ${role.partition}`,
    { hints: [`use a region of ${role.partition}, for example ${PARTITIONS[role.partition].defaultRegion}`] },
  );
}

/**
 * The STS endpoint for a region: always a regional one, since credentials of the global endpoint do
 * not work in opt-in regions (F64). Without a region, the partition's first. Source: botocore endpoint rules.
 *
 * @param fips the endpoint with validated cryptography; GovCloud's is that under its usual name
 */
export function stsEndpoint(partition: Partition, region: string | undefined, fips = false): URL {
  const { dnsSuffix, defaultRegion } = PARTITIONS[partition];
  const service = fips && partition !== "aws-us-gov" ? "sts-fips" : "sts";
  return new URL(`https://${service}.${region ?? defaultRegion}.${dnsSuffix}`);
}
