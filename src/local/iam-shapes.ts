import { integer, listOf, optional, type Parameter, structure, text } from "./parameters.ts";

/** Parameters that many IAM calls share. Source: IAM API model (botocore 1.43.11). */

const NAME = String.raw`[\w+=,.@-]+`;

export const roleName = text({ min: 1, max: 64, pattern: NAME });
export const userName = text({ min: 1, max: 64, pattern: NAME });
export const existingUserName = text({ min: 1, max: 128, pattern: NAME });
export const groupName = text({ min: 1, max: 128, pattern: NAME });
export const policyName = text({ min: 1, max: 128, pattern: NAME });
export const arn = text({ min: 20, max: 2048 });
export const description = text({ max: 1000, pattern: String.raw`[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*` });
export const path = text({ min: 1, max: 512, pattern: String.raw`(\u002F)|(\u002F[\u0021-\u007E]+\u002F)` });
export const pathPrefix = text({ min: 1, max: 512, pattern: String.raw`\u002F[\u0021-\u007F]*` });
export const policyPath = text({
  min: 1,
  max: 512,
  pattern: String.raw`((/[A-Za-z0-9\.,\+@=_-]+)*)/`,
});
export const versionId = text({ pattern: String.raw`v[1-9][0-9]*(\.[A-Za-z0-9-]*)?` });
export const accessKeyId = text({ min: 16, max: 128, pattern: String.raw`[\w]+` });
export const policyDocument = text({ min: 1, max: 131_072, pattern: String.raw`[\u0009\u000A\u000D\u0020-\u00FF]+` });
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
      const shown = typeof given === "string" ? given : null;
      const known = report.style.repeatsValues ? `: [${words.join(", ")}]` : "";
      return report.add(at, shown, `Member must satisfy enum value set${known}`);
    },
  };
}

/** `true` or not. */
export const flag: Parameter<boolean> = { read: (given) => ({ value: given === "true" }) };
