import { describe, expect, it } from "vitest";
import {
  assumedRoleArn,
  issuerName,
  parseRoleArn,
  partitionOf,
  providerArn,
  readRoleArn,
} from "../../../src/core/arn.ts";
import { isRolecallError } from "../../../src/core/errors.ts";

function hintsFor(text: string): readonly string[] {
  try {
    parseRoleArn(text, "--role");
  } catch (error) {
    if (isRolecallError(error)) return error.hints;
  }
  throw new Error("expected a RolecallError");
}

describe("the ARN of a role", () => {
  it.each([
    ["arn:aws:iam::123456789012:role/shop-deploy", "aws", "/", "shop-deploy"],
    ["arn:aws:iam::123456789012:role/ci/prod/deploy", "aws", "/ci/prod/", "deploy"],
    ["arn:aws-cn:iam::123456789012:role/a", "aws-cn", "/", "a"],
    ["arn:aws-us-gov:iam::000000000001:role/w+=,.@-_9", "aws-us-gov", "/", "w+=,.@-_9"],
    ["arn:aws-iso-b:iam::123456789012:role/a", "aws-iso-b", "/", "a"],
    ["arn:aws-eusc:iam::123456789012:role/a", "aws-eusc", "/", "a"],
  ])("%s has its parts", (arn, partition, path, name) => {
    expect(readRoleArn(arn)).toMatchObject({ arn, partition, account: arn.split(":")[4], path, name });
  });

  it.each([
    "",
    "shop-deploy",
    "arn:aws:iam::12345678901:role/a",
    "arn:aws:iam::123456789012:role/",
    "arn:aws:iam::123456789012:role//a",
    "arn:aws:iam::123456789012:role/a b",
    `arn:aws:iam::123456789012:role/${"a".repeat(65)}`,
    "arn:aws:iam::123456789012:user/a",
    "arn:aws:iam:eu-central-1:123456789012:role/a",
    "arn:aws-moon:iam::123456789012:role/a",
    "arn:toString:iam::123456789012:role/a",
    "arn:aws:iam::123456789012:role/a\n",
    " arn:aws:iam::123456789012:role/a",
  ])("is not %j", (text) => {
    expect(readRoleArn(text)).toBeNull();
    expect(() => parseRoleArn(text, "AWS_ROLE_ARN")).toThrowWithCode("config", "AWS_ROLE_ARN is not the ARN of a role");
  });

  it.each([
    ["", "is the CI variable protected, or misspelt?"],
    ["  ", "is the CI variable protected, or misspelt?"],
    ["arn:aws:iam::123456789012:role/a ", "remove the white space around it: arn:aws:iam::123456789012:role/a"],
    ["arn:aws:iam::$ACCOUNT:role/a", "was not expanded"],
    ["${ROLE}", "was not expanded"],
    ["$(role)", "was not expanded"],
    ["arn:aws:iam::123456789012:oidc-provider/gitlab.com", "the ARN of the OIDC provider"],
    ["arn:aws:iam::aws:policy/ReadOnlyAccess", "the ARN of a policy"],
    ["arn:aws:sts::123456789012:assumed-role/a/b", "the ARN of a session"],
    ["shop-deploy", "write the whole ARN: arn:aws:iam::<account>:role/shop-deploy"],
    ["arn:aws:iam::1234:role/a", "aws iam get-role --role-name"],
  ])("that is %j gets the hint: %s", (text, hint) => {
    expect(hintsFor(text).join("\n")).toContain(hint);
  });

  it("is quoted in the message, cut where it is long", () => {
    const long = "x".repeat(500);
    expect(() => parseRoleArn("a\nb", "--role")).toThrowWithCode("config", String.raw`got "a\nb"`);
    expect(() => parseRoleArn(long, "--role")).toThrowWithCode("config", /got "x{99}…"$/);
  });
});

describe("other ARNs", () => {
  const role = parseRoleArn("arn:aws-cn:iam::123456789012:role/ci/deploy", "--role");

  it("of a session have the role's name without its path", () => {
    expect(assumedRoleArn(role, "job-1")).toBe("arn:aws-cn:sts::123456789012:assumed-role/deploy/job-1");
  });

  it.each([
    ["https://gitlab.com", "gitlab.com"],
    ["https://Gitlab.Example.com/Path/", "Gitlab.Example.com/Path/"],
    ["http://127.0.0.1:8080/oidc", "127.0.0.1:8080/oidc"],
    ["gitlab.com", "gitlab.com"],
  ])("of the provider for %s keep its case, path and slash", (issuer, name) => {
    expect(issuerName(issuer)).toBe(name);
    expect(providerArn(issuer, "123456789012")).toBe(`arn:aws:iam::123456789012:oidc-provider/${name}`);
    expect(providerArn(issuer, "1", "aws-cn")).toBe(`arn:aws-cn:iam::1:oidc-provider/${name}`);
  });
});

describe("the partition of a region", () => {
  it.each([
    ["eu-central-1", "aws"],
    ["ap-southeast-10", "aws"],
    ["cn-north-1", "aws-cn"],
    ["us-gov-west-1", "aws-us-gov"],
    ["us-iso-east-1", "aws-iso"],
    ["us-isob-east-1", "aws-iso-b"],
    ["eu-isoe-west-1", "aws-iso-e"],
    ["us-isof-south-1", "aws-iso-f"],
    ["eusc-de-east-1", "aws-eusc"],
    ["mars-north-1", "aws"],
  ])("%s is %s", (region, partition) => {
    expect(partitionOf(region)).toBe(partition);
  });
});
