import { RolecallError } from "./errors.ts";

/** The partitions in which rolecall knows where STS lives. Source: botocore 1.43.11, partitions.json. */
export const PARTITIONS = {
  aws: { dnsSuffix: "amazonaws.com", defaultRegion: "us-east-1", regions: /^[a-z]{2}-[a-z]+-\d+$/ },
  "aws-cn": {
    dnsSuffix: "amazonaws.com.cn",
    defaultRegion: "cn-north-1",
    regions: /^cn-[a-z]+-\d+$/,
  },
  "aws-us-gov": {
    dnsSuffix: "amazonaws.com",
    defaultRegion: "us-gov-west-1",
    regions: /^us-gov-[a-z]+-\d+$/,
  },
  "aws-iso": {
    dnsSuffix: "c2s.ic.gov",
    defaultRegion: "us-iso-east-1",
    regions: /^us-iso-[a-z]+-\d+$/,
  },
  "aws-iso-b": {
    dnsSuffix: "sc2s.sgov.gov",
    defaultRegion: "us-isob-east-1",
    regions: /^us-isob-[a-z]+-\d+$/,
  },
  "aws-iso-e": {
    dnsSuffix: "cloud.adc-e.uk",
    defaultRegion: "eu-isoe-west-1",
    regions: /^eu-isoe-[a-z]+-\d+$/,
  },
  "aws-iso-f": {
    dnsSuffix: "csp.hci.ic.gov",
    defaultRegion: "us-isof-south-1",
    regions: /^us-isof-[a-z]+-\d+$/,
  },
  "aws-eusc": {
    dnsSuffix: "amazonaws.eu",
    defaultRegion: "eusc-de-east-1",
    regions: /^eusc-[a-z]+-[a-z]+-\d+$/,
  },
} as const;

export type Partition = keyof typeof PARTITIONS;

function isPartition(name: string): name is Partition {
  return Object.hasOwn(PARTITIONS, name);
}

/** The partition that a region belongs to; a region of unknown shape is taken to be in `aws`. */
export function partitionOf(region: string): Partition {
  // The plain pattern of `aws` also fits "cn-north-1", so the special partitions are asked first.
  for (const name of Object.keys(PARTITIONS).toReversed()) {
    if (isPartition(name) && PARTITIONS[name].regions.test(region)) return name;
  }
  return "aws";
}

/** An IAM role's ARN in its parts: `arn:<partition>:iam::<account>:role<path><name>`. */
export interface RoleArn {
  readonly arn: string;
  readonly partition: Partition;
  readonly account: string;
  /** With both slashes: `/` or `/ci/`. */
  readonly path: string;
  readonly name: string;
}

// The account must be twelve digits, the name as in CreateRole. Source: IAM API reference, CreateRole.
const ROLE_ARN = /^arn:([a-z-]+):iam::(\d{12}):role(\/(?:[\u0021-\u007e]+\/)?)([\w+=,.@-]{1,64})$/;

/** Takes a role's ARN apart, or gives null when the text is not one. */
export function readRoleArn(text: string): RoleArn | null {
  const match = ROLE_ARN.exec(text);
  const [, partition, account, path, name] = match ?? [];
  if (!partition || !account || !path || !name || !isPartition(partition)) return null;
  return { arn: text, partition, account, path, name };
}

/**
 * Takes a role's ARN apart and says what is wrong with a text that is not one.
 *
 * @param from where the text came from, as the reader would name it (`--role`, `AWS_ROLE_ARN`)
 * @throws RolecallError `config`
 */
export function parseRoleArn(text: string, from: string): RoleArn {
  const role = readRoleArn(text);
  if (role) return role;
  throw new RolecallError(
    "config",
    `${from} is not the ARN of a role: expected arn:aws:iam::<12 digits>:role/<name>, got ${JSON.stringify(shorten(text))}`,
    { hints: roleArnHints(text) },
  );
}

/** Why a text is not a role's ARN: the mistakes of F35 and F36 in the failure catalogue. */
function roleArnHints(text: string): string[] {
  if (text.trim() === "") return ["the value is empty: is the CI variable protected, or misspelt?"];
  if (text !== text.trim()) return [`remove the white space around it: ${text.trim()}`];
  if (/\$[{(]?\w/.test(text)) return ["a variable in it was not expanded; set that variable first"];
  if (text.includes(":oidc-provider/")) return ["this is the ARN of the OIDC provider; the role's has :role/ in it"];
  if (text.includes(":policy/")) return ["this is the ARN of a policy; the role's has :role/ in it"];
  if (text.includes(":assumed-role/")) return ["this is the ARN of a session; the role's has iam:: and :role/ in it"];
  if (!text.startsWith("arn:")) return [`write the whole ARN: arn:aws:iam::<account>:role/${text}`];
  return ["aws iam get-role --role-name <name> --query Role.Arn --output text prints it"];
}

/** At most 100 characters of a text, for use in a message. */
export function shorten(text: string, limit = 100): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

/** The ARN that a role session has: `arn:aws:sts::<account>:assumed-role/<role name without path>/<session>`. */
export function assumedRoleArn(role: RoleArn, sessionName: string): string {
  return `arn:${role.partition}:sts::${role.account}:assumed-role/${role.name}/${sessionName}`;
}

/** The ARN of the provider for an issuer URL in an account; the URL's path stays, case and slashes too. */
export function providerArn(issuer: string, account: string, partition: Partition = "aws"): string {
  return `arn:${partition}:iam::${account}:oidc-provider/${issuerName(issuer)}`;
}

/** An issuer without its scheme: what IAM uses in provider ARNs and as the prefix of condition keys. */
export function issuerName(issuer: string): string {
  return issuer.replace(/^https?:\/\//, "");
}
