import { integer, listOf, optional, type Parameter, structure, text } from "./parameters.ts";

/** Parameters that many IAM calls share. Source: IAM API model (botocore 1.43.11). */

const NAME = String.raw`[\w+=,.@-]+`;

// IAM's own sentences for these, in place of the pattern; lengths are told as everywhere. Reported from AWS from 2017
// to 2026: of names hashicorp/terraform-provider-aws and others; aws/aws-sdk#36 (pathPrefix), cfn-lint#722 (path).
const NAME_RULE = "It must contain only alphanumeric characters and/or the following: +=,.@_-";
const PATH_RULE = "It must begin and end with / and contain only alphanumeric characters and/or / characters.";
const PREFIX_RULE = "It must begin with the / character and contain only alphanumeric characters and/or / characters.";

/** A name of one of IAM's things. `max`: characters. */
export function iamName(max: number): Parameter<string> {
  return text({ min: 1, max, pattern: NAME, rule: NAME_RULE });
}

export const roleName = iamName(64);
export const userName = iamName(64);
/** Where the API model lets the name of a user be longer than a new one's; not all calls do. */
export const existingUserName = iamName(128);
export const groupName = iamName(128);
export const policyName = iamName(128);
export const arn = text({ min: 20, max: 2048 });
export const description = text({ max: 1000, pattern: String.raw`[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*` });
// Parts of it may be empty: `/test//double/` (recorded of an MFA device, 2026-02, localstack#13783).
export const path = text({
  min: 1,
  max: 512,
  pattern: String.raw`(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`,
  rule: PATH_RULE,
});
export const pathPrefix = text({ min: 1, max: 512, pattern: String.raw`\u002F[\u0021-\u007F]*`, rule: PREFIX_RULE });
const POLICY_PATH = { min: 1, max: 512, pattern: String.raw`((/[A-Za-z0-9\.,\+@=_-]+)*)/` };
export const policyPath = text({ ...POLICY_PATH, rule: PATH_RULE });
export const policyPathPrefix = text({ ...POLICY_PATH, rule: PREFIX_RULE });
export const versionId = text({ pattern: String.raw`v[1-9][0-9]*(\.[A-Za-z0-9-]*)?` });
export const accessKeyId = text({
  min: 16,
  max: 128,
  pattern: String.raw`[\w]+`,
  rule: "It must contain only alphanumeric characters.",
});
export const policyDocument = text({
  min: 1,
  max: 131_072,
  pattern: String.raw`[\u0009\u000A\u000D\u0020-\u00FF]+`,
  rule: "It must contain only printable ASCII characters.",
});
export const jobId = text({ min: 36, max: 36 });
export const maxSessionDuration = integer({ min: 3600, max: 43_200 });

const TAG = String.raw`[\p{L}\p{Z}\p{N}_.:/=+\-@]`;
const tagKey = text({ min: 1, max: 128, pattern: `${TAG}+` });
export const tagList = listOf(structure({ Key: tagKey, Value: text({ max: 256, pattern: `${TAG}*` }) }), { max: 50 });
export const tagKeys = listOf(tagKey, { max: 50 });

/** Marker and MaxItems of the calls that answer in pages. */
export const paging = {
  Marker: optional(text({ min: 1, max: 320, pattern: String.raw`[\u0020-\u00FF]+` })),
  MaxItems: optional(integer({ min: 1, max: 1000 })),
};

/** A text of a few. IAM does not tell which (recorded, 2025-04); STS, not seen, would as other services do. */
export function oneOf<Word extends string>(...words: readonly Word[]): Parameter<Word> {
  return {
    read: (given, at, report) => {
      const word = words.find((one) => one === given);
      if (word !== undefined) return { value: word };
      if (given === undefined) return report.add(at, null, "Member must not be null");
      const shown = typeof given === "string" ? given : null;
      const known = report.style.repeatsValues ? `: [${words.join(", ")}]` : "";
      return report.add(at, shown, `Member must satisfy enum value set${known}`);
    },
  };
}

/** `true` or not. */
export const flag: Parameter<boolean> = { read: (given) => ({ value: given === "true" }) };
