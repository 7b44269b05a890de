import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRoleArn } from "../../../src/core/arn.ts";
import { parseRegion, stsEndpoint } from "../../../src/core/endpoint.ts";
import { isRolecallError } from "../../../src/core/errors.ts";

const roleIn = (partition: string): ReturnType<typeof parseRoleArn> =>
  parseRoleArn(`arn:${partition}:iam::123456789012:role/a`, "--role");

describe("the endpoint of STS", () => {
  // botocore 1.43.11, endpoint rules.
  it.each([
    ["aws", "eu-central-1", "https://sts.eu-central-1.amazonaws.com/"],
    ["aws", undefined, "https://sts.us-east-1.amazonaws.com/"],
    ["aws-cn", "cn-northwest-1", "https://sts.cn-northwest-1.amazonaws.com.cn/"],
    ["aws-cn", undefined, "https://sts.cn-north-1.amazonaws.com.cn/"],
    ["aws-us-gov", "us-gov-east-1", "https://sts.us-gov-east-1.amazonaws.com/"],
    ["aws-us-gov", undefined, "https://sts.us-gov-west-1.amazonaws.com/"],
    ["aws-iso", undefined, "https://sts.us-iso-east-1.c2s.ic.gov/"],
    ["aws-iso-b", undefined, "https://sts.us-isob-east-1.sc2s.sgov.gov/"],
    ["aws-iso-e", undefined, "https://sts.eu-isoe-west-1.cloud.adc-e.uk/"],
    ["aws-iso-f", undefined, "https://sts.us-isof-south-1.csp.hci.ic.gov/"],
    ["aws-eusc", undefined, "https://sts.eusc-de-east-1.amazonaws.eu/"],
  ] as const)("in %s, region %s", (partition, region, url) => {
    expect(stsEndpoint(partition, region).href).toBe(url);
  });

  it("of a partition's first region is in that partition", () => {
    for (const partition of [
      "aws",
      "aws-cn",
      "aws-us-gov",
      "aws-iso",
      "aws-iso-b",
      "aws-iso-e",
      "aws-iso-f",
      "aws-eusc",
    ] as const) {
      const region = stsEndpoint(partition, undefined).hostname.split(".")[1] ?? "";
      expect(parseRegion(region, "--region", roleIn(partition))).toBe(region);
    }
  });
});

describe("a region", () => {
  it.each([
    "",
    "europe",
    "eu-central",
    "EU-CENTRAL-1",
    "eu-central-1 ",
    "eu-central-1\n",
    "eu_central_1",
    "aws-global",
    "eu-central-100",
    "evil.example/eu-central-1",
    "eu-central-1.evil.example",
    "eu-central-1@evil.example",
    "x.evil.example#eu-central-1",
    "eu-central-1:443",
    "../eu-central-1",
  ])("is not %j", (text) => {
    expect(() => parseRegion(text, "AWS_REGION", roleIn("aws"))).toThrowWithCode(
      "config",
      "AWS_REGION is not a region",
    );
  });

  it("never takes the request to a host that is not AWS's", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[a-z]{2,6}[-.@/#?:a-z]{0,12}-\d{1,3}[.@/#?:\\a-z]{0,9}$/));
    fc.assert(
      fc.property(text, (region) => {
        try {
          const { hostname, pathname } = stsEndpoint("aws", parseRegion(region, "--region", roleIn("aws")));
          expect(hostname).toBe(`sts.${region}.amazonaws.com`);
          expect(pathname).toBe("/");
        } catch (error) {
          expect(isRolecallError(error)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("of another partition than the role's is refused, and one that would do is named", () => {
    const mixed = (): string => parseRegion("eu-central-1", "--region", roleIn("aws-cn"));
    expect(mixed).toThrowWithCode("config", "--region and the role are in two partitions: eu-central-1 is in aws");
    try {
      mixed();
    } catch (error) {
      expect(isRolecallError(error) && error.hints).toEqual(["use a region of aws-cn, for example cn-north-1"]);
    }
  });
});
