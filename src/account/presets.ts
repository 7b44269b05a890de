import type { Json } from "../core/token.ts";
import type { Permission } from "./permission.ts";

/** A value that a preset is given: `bucket: shop-site`. */
export interface Parameter {
  /** Completes the sentence "expected …". */
  readonly expected: string;
  /** Null for a switch, which is `true` or left out. */
  readonly pattern: RegExp | null;
  readonly example: string;
  readonly required?: true;
  /** One text or a list of them. */
  readonly many?: true;
}

/** Permissions for one purpose, no wider than it needs. */
export interface Preset {
  readonly about: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  permissions(given: Given): readonly Permission[];
}

/** Every value as a list; empty when it was left out. */
type Given = (name: string) => readonly string[];

const REGION: Parameter = {
  expected: "a region, or a list of them",
  pattern: /^[a-z]{2,4}(?:-[a-z]+)+-\d$/,
  example: "eu-central-1",
  many: true,
};

const BUCKET: Parameter = {
  expected: "the name of a bucket, 3 to 63 characters without wildcards",
  // Source: S3 user guide, bucket naming rules.
  pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  example: "shop-site",
  required: true,
};

const KEY_ARN: Parameter = {
  expected: "the ARN of the KMS key that encrypts it",
  pattern: /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
  example: "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
};

type Statement = {
  readonly Sid: string;
  readonly Action: readonly string[];
  readonly Resource: Json;
  readonly Condition?: Json;
};

function policy(name: string, statements: readonly Statement[]): readonly Permission[] {
  const Statement = statements.map(({ Sid, ...rest }) => ({ Sid, Effect: "Allow", ...rest }));
  return [{ kind: "inline", name: `rolecall-${name}`, document: { Version: "2012-10-17", Statement } }];
}

function keyUse(arns: readonly string[]): readonly Statement[] {
  return arns.map((arn) => ({ Sid: "Key", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: arn }));
}

function bucketArn(name: string): string {
  return `arn:$(partition):s3:::${name}`;
}

function orAny(values: readonly string[]): readonly string[] {
  return values.length === 0 ? ["*"] : values;
}

/** Lists a bucket, or what is in it below some keys; without s3:prefix a role sees the names of all objects. */
function listing(bucket: string, prefixes: readonly string[]): Statement {
  return {
    Sid: "List",
    Action: ["s3:ListBucket"],
    Resource: bucketArn(bucket),
    ...(prefixes.length === 0 ? {} : { Condition: { StringLike: { "s3:prefix": prefixes } } }),
  };
}

export const PRESETS: Readonly<Record<string, Preset>> = {
  "read-only": {
    about: "see what there is, without the data in it; with data: true everything that can be read",
    parameters: {
      data: { expected: "true, for what is in buckets, tables and queues as well", pattern: null, example: "true" },
    },
    permissions: (given) => [
      {
        kind: "managed",
        arn:
          given("data").length > 0
            ? "arn:$(partition):iam::aws:policy/ReadOnlyAccess"
            : "arn:$(partition):iam::aws:policy/job-function/ViewOnlyAccess",
      },
    ],
  },
  // Source: AWS CDK guide, bootstrapping: the roles that the modern bootstrap makes, and what the CLI takes each for.
  "cdk-deploy": {
    about: "cdk deploy into accounts bootstrapped for it, by taking the bootstrap's own roles and nothing else",
    parameters: {
      qualifier: { expected: "the bootstrap's qualifier", pattern: /^[a-z0-9]{1,10}$/, example: "hnb659fds" },
      regions: REGION,
      accounts: {
        expected: "accounts of twelve digits to deploy to, by default the role's own",
        pattern: /^\d{12}$/,
        example: "123456789012",
        many: true,
      },
    },
    permissions(given) {
      const [qualifier = "hnb659fds"] = given("qualifier");
      const accounts = given("accounts").length === 0 ? ["$(account)"] : given("accounts");
      const kinds = ["deploy", "file-publishing", "image-publishing", "lookup"];
      const roles = accounts.flatMap((account) =>
        orAny(given("regions")).flatMap((region) =>
          kinds.map(
            (kind) => `arn:$(partition):iam::${account}:role/cdk-${qualifier}-${kind}-role-${account}-${region}`,
          ),
        ),
      );
      return policy("cdk-deploy", [{ Sid: "Bootstrap", Action: ["sts:AssumeRole"], Resource: roles }]);
    },
  },
  // Source: AWS CLI reference, s3 sync, and S3 user guide, actions that its API calls need.
  "s3-sync": {
    about: "aws s3 sync into a bucket, or below one of its prefixes",
    parameters: {
      bucket: BUCKET,
      prefix: {
        expected: "the beginning of the keys, without wildcards and without a slash in front, such as site/",
        pattern: /^[^/*?$\s][^*?$\s]{0,1023}$/,
        example: "site/",
      },
      delete: { expected: "true, to sync with --delete", pattern: null, example: "true" },
      distribution: {
        expected: "the id of a CloudFront distribution whose cache may be emptied",
        pattern: /^[A-Z0-9]{8,20}$/,
        example: "E1A2B3C4D5E6F7",
      },
      kms_key: KEY_ARN,
    },
    permissions(given) {
      const [bucket = ""] = given("bucket");
      const [prefix = ""] = given("prefix").map((one) => (one.endsWith("/") ? one : `${one}/`));
      const objects = `${bucketArn(bucket)}/${prefix}*`;
      const remove = given("delete").length > 0 ? ["s3:DeleteObject"] : [];
      return policy("s3-sync", [
        listing(bucket, prefix === "" ? [] : [prefix, `${prefix}*`]),
        {
          Sid: "Objects",
          Action: ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", ...remove],
          Resource: objects,
        },
        ...given("distribution").map((id) => ({
          Sid: "Cache",
          Action: ["cloudfront:CreateInvalidation", "cloudfront:GetInvalidation"],
          Resource: `arn:$(partition):cloudfront::$(account):distribution/${id}`,
        })),
        ...keyUse(given("kms_key")),
      ]);
    },
  },
  // Source: Amazon ECR user guide, IAM permissions for pushing an image.
  "ecr-push": {
    about: "push images to repositories of Amazon ECR, and pull them",
    parameters: {
      repositories: {
        expected: "the names of repositories, without wildcards",
        pattern: /^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/,
        example: "acme/shop",
        required: true,
        many: true,
      },
      regions: REGION,
    },
    permissions: (given) =>
      policy("ecr-push", [
        // It can be limited to nothing smaller. Source: service authorization reference, Amazon ECR.
        { Sid: "Login", Action: ["ecr:GetAuthorizationToken"], Resource: "*" },
        {
          Sid: "Images",
          Action: [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:CompleteLayerUpload",
            "ecr:GetDownloadUrlForLayer",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
          ],
          Resource: orAny(given("regions")).flatMap((region) =>
            given("repositories").map((name) => `arn:$(partition):ecr:${region}:$(account):repository/${name}`),
          ),
        },
      ]),
  },
  // Source: Terraform documentation, S3 backend, permissions required.
  "terraform-state": {
    about: "read and write one state of Terraform's S3 backend, with its lock",
    parameters: {
      bucket: BUCKET,
      key: {
        expected: "the backend's key, without wildcards, such as shop/terraform.tfstate",
        pattern: /^[^/*?$\s][^*?$\s]{0,1000}$/,
        example: "shop/terraform.tfstate",
        required: true,
      },
      workspaces: { expected: "true, for the states of all workspaces", pattern: null, example: "true" },
      table: {
        expected:
          "the name of the DynamoDB table with the locks; without it the lock is beside the state (use_lockfile)",
        pattern: /^[\w.-]{3,255}$/,
        example: "terraform-locks",
      },
      regions: REGION,
      kms_key: KEY_ARN,
    },
    permissions(given) {
      const [bucket = ""] = given("bucket");
      const [key = ""] = given("key");
      const keys = [key, ...(given("workspaces").length > 0 ? [`env:/*/${key}`] : [])];
      const tables = given("table");
      const objects = keys.map((one) => `${bucketArn(bucket)}/${one}`);
      const locks = tables.length > 0 ? [] : objects.map((one) => `${one}.tflock`);
      const prefixes = [key, `${key}.tflock`, ...(keys.length > 1 ? ["env:/", "env:/*"] : [])];
      return policy("terraform-state", [
        listing(bucket, prefixes),
        { Sid: "State", Action: ["s3:GetObject", "s3:PutObject"], Resource: objects },
        ...(locks.length === 0
          ? []
          : [{ Sid: "Lock", Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], Resource: locks }]),
        ...tables.map((table) => ({
          Sid: "LockTable",
          Action: ["dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"],
          Resource: orAny(given("regions")).map(
            (region) => `arn:$(partition):dynamodb:${region}:$(account):table/${table}`,
          ),
        })),
        ...keyUse(given("kms_key")),
      ]);
    },
  },
};

/** The permissions of an entry that keeps every rule of its preset: `{ preset: s3-sync, bucket: shop-site }`. */
export function expandPreset(entry: Readonly<Record<string, unknown>>): readonly Permission[] {
  const preset = PRESETS[String(entry["preset"])];
  return (
    preset?.permissions((name) => {
      const value = entry[name];
      if (value === undefined || value === false) return [];
      return (Array.isArray(value) ? value : [value]).map(String);
    }) ?? []
  );
}
