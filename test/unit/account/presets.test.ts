import { describe, expect, it } from "vitest";

import { parseConfig } from "../../../src/account/config.ts";
import { type DesiredRole, desiredState } from "../../../src/account/desired.ts";
import { PRESETS } from "../../../src/account/presets.ts";
import { Context } from "../../../src/core/conditions.ts";
import { permit } from "../../../src/core/permit.ts";
import { readIdentityPolicy } from "../../../src/core/policy.ts";
import { ACCOUNT } from "./example.ts";

function roleWith(entry: string, partition: "aws" | "aws-cn" = "aws"): DesiredRole {
  const lines = ["version: 1", "roles:", "  shop:", "    ci: gitlab", "    allow: [{ project: a/b, branch: main }]"];
  const text = [...lines, "    permissions:", `      - { ${entry} }`].join("\n");
  const [role] = desiredState(parseConfig(text, "rolecall.yaml"), { account: ACCOUNT, partition }).roles;
  if (!role) throw new Error("there is no role");
  return role;
}

/** Whether the role's inline policies let it make a call. */
function may(entry: string, action: string, resource: string, prefix?: string): boolean {
  const policies = Object.values(roleWith(entry).inlinePolicies).map((document) => {
    const reading = readIdentityPolicy(document);
    if (reading.kind === "malformed") throw new Error(reading.message);
    return reading.policy;
  });
  const context = new Context(prefix === undefined ? [] : [["s3:prefix", prefix]]);
  return permit({ policies, action, resource, context }).outcome === "allowed";
}

const SYNC = "preset: s3-sync, bucket: shop-site, prefix: site";
const STATE = "preset: terraform-state, bucket: acme-tf, key: shop/terraform.tfstate";
const TABLE = `${STATE}x, table: locks, regions: eu-central-1`;

describe("a preset", () => {
  it.each<string[]>([
    [SYNC, "s3:ListBucket", "arn:aws:s3:::shop-site", "site/"],
    [SYNC, "s3:ListBucket", "arn:aws:s3:::shop-site", "site/a/"],
    [SYNC, "s3:PutObject", "arn:aws:s3:::shop-site/site/index.html"],
    [`${SYNC}, delete: true`, "s3:DeleteObject", "arn:aws:s3:::shop-site/site/index.html"],
    [
      `${SYNC}, distribution: E1A2B3C4D5E6F7`,
      "cloudfront:CreateInvalidation",
      `arn:aws:cloudfront::${ACCOUNT}:distribution/E1A2B3C4D5E6F7`,
    ],
    [
      "preset: cdk-deploy",
      "sts:AssumeRole",
      `arn:aws:iam::${ACCOUNT}:role/cdk-hnb659fds-deploy-role-${ACCOUNT}-eu-west-1`,
    ],
    ["preset: ecr-push, repositories: acme/shop", "ecr:GetAuthorizationToken", "*"],
    [
      "preset: ecr-push, repositories: acme/shop",
      "ecr:PutImage",
      `arn:aws:ecr:eu-west-1:${ACCOUNT}:repository/acme/shop`,
    ],
    [STATE, "s3:PutObject", "arn:aws:s3:::acme-tf/shop/terraform.tfstate"],
    [STATE, "s3:DeleteObject", "arn:aws:s3:::acme-tf/shop/terraform.tfstate.tflock"],
    [STATE, "s3:ListBucket", "arn:aws:s3:::acme-tf", "shop/terraform.tfstate"],
    [`${STATE}, workspaces: true`, "s3:GetObject", "arn:aws:s3:::acme-tf/env:/dev/shop/terraform.tfstate"],
    [TABLE, "dynamodb:PutItem", `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/locks`],
  ])("{ %s } allows %s on %s", (entry = "", action = "", resource = "", prefix?: string) => {
    expect(may(entry, action, resource, prefix)).toBe(true);
  });

  it.each<string[]>([
    [SYNC, "s3:ListBucket", "arn:aws:s3:::shop-site", ""],
    [SYNC, "s3:ListBucket", "arn:aws:s3:::shop-site"],
    [SYNC, "s3:PutObject", "arn:aws:s3:::shop-site/site2/index.html"],
    [SYNC, "s3:PutObject", "arn:aws:s3:::shop-site-2/site/index.html"],
    [SYNC, "s3:DeleteObject", "arn:aws:s3:::shop-site/site/index.html"],
    [SYNC, "s3:PutBucketPolicy", "arn:aws:s3:::shop-site"],
    ["preset: cdk-deploy", "sts:AssumeRole", `arn:aws:iam::${ACCOUNT}:role/admin`],
    [
      "preset: cdk-deploy",
      "sts:AssumeRole",
      `arn:aws:iam::${ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-eu-west-1`,
    ],
    [
      "preset: cdk-deploy",
      "sts:AssumeRole",
      "arn:aws:iam::999999999999:role/cdk-hnb659fds-deploy-role-999999999999-eu-west-1",
    ],
    [
      "preset: cdk-deploy, regions: us-east-1",
      "sts:AssumeRole",
      `arn:aws:iam::${ACCOUNT}:role/cdk-hnb659fds-deploy-role-${ACCOUNT}-eu-west-1`,
    ],
    ["preset: cdk-deploy", "cloudformation:CreateStack", "*"],
    [
      "preset: ecr-push, repositories: acme/shop",
      "ecr:PutImage",
      `arn:aws:ecr:eu-west-1:${ACCOUNT}:repository/acme/shop2`,
    ],
    [
      "preset: ecr-push, repositories: acme/shop",
      "ecr:DeleteRepository",
      `arn:aws:ecr:eu-west-1:${ACCOUNT}:repository/acme/shop`,
    ],
    [STATE, "s3:DeleteObject", "arn:aws:s3:::acme-tf/shop/terraform.tfstate"],
    [STATE, "s3:GetObject", "arn:aws:s3:::acme-tf/other/terraform.tfstate"],
    [STATE, "s3:GetObject", "arn:aws:s3:::acme-tf/env:/dev/shop/terraform.tfstate"],
    [STATE, "s3:ListBucket", "arn:aws:s3:::acme-tf", "other/"],
    [TABLE, "dynamodb:PutItem", `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/locks`],
    [TABLE, "dynamodb:DeleteTable", `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/locks`],
  ])("{ %s } does not allow %s on %s", (entry = "", action = "", resource = "", prefix?: string) => {
    expect(may(entry, action, resource, prefix)).toBe(false);
  });

  it("to read is AWS's own policy, of the account's partition", () => {
    expect(roleWith("preset: read-only").managedPolicies).toEqual([
      "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
    ]);
    expect(roleWith("preset: read-only, data: true", "aws-cn").managedPolicies).toEqual([
      "arn:aws-cn:iam::aws:policy/ReadOnlyAccess",
    ]);
  });

  it("names its policy, so that the order of the list changes nothing", () => {
    expect(Object.keys(roleWith(SYNC).inlinePolicies)).toEqual(["rolecall-s3-sync"]);
  });

  it("leaves no place of an account open", () => {
    expect(JSON.stringify(roleWith(STATE, "aws-cn").inlinePolicies)).not.toMatch(/\$\(|arn:aws:/);
  });

  it.each([
    ["preset: everything", /7:19: .*expected a preset: read-only, .*, got everything$/],
    ["preset: s3-sync", /expected the key bucket, got nothing$/],
    [
      "preset: s3-sync, bucket: 'shop-*'",
      /expected the name of a bucket, 3 to 63 characters without wildcards, got 'shop-\*'$/,
    ],
    ["preset: s3-sync, bucket: shop, prefx: x", /expected one of preset, bucket, .*, got the unknown key prefx$/],
    ["preset: s3-sync, bucket: shop, delete: yes", /expected true, to sync with --delete, got yes$/],
    ["preset: ecr-push, repositories: []", /expected the names of repositories, without wildcards, got \[\]$/],
    ["preset: terraform-state, bucket: acme-tf, key: '*'", /expected the backend's key, without wildcards/],
  ])("{ %s } is refused", (entry, message) => {
    expect(() => roleWith(entry)).toThrowWithCode("config", message);
  });

  it("has an example for each parameter that it takes itself", () => {
    for (const { parameters } of Object.values(PRESETS)) {
      for (const { pattern, example } of Object.values(parameters)) expect(pattern?.test(example) ?? true).toBe(true);
    }
  });
});
