import { integer, listOf, optional, structure, text } from "./parameters.ts";

/** Parameters that several STS calls share. Source: STS API model (botocore 1.43.11). */

const ARN = String.raw`[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`;
export const arn = text({ min: 20, max: 2048, pattern: ARN });
export const sessionName = text({ min: 2, max: 64, pattern: String.raw`[\w+=,.@-]*` });
export const policyArns = optional(listOf(structure({ arn }), { max: 10 }));
export const sessionPolicy = optional(
  text({ min: 1, max: 2048, pattern: String.raw`[\u0009\u000A\u000D\u0020-\u00FF]+` }),
);
export const roleDuration = optional(integer({ min: 900, max: 43_200 }));

const TAG = String.raw`[\p{L}\p{Z}\p{N}_.:/=+\-@]`;
const tagKey = text({ min: 1, max: 128, pattern: `${TAG}+` });
export const sessionTags = optional(
  listOf(structure({ Key: tagKey, Value: text({ max: 256, pattern: `${TAG}*` }) }), { max: 50 }),
);
export const transitiveTagKeys = optional(listOf(tagKey, { max: 50 }));

/** The parameters of a device's code. */
export const mfa = {
  SerialNumber: optional(text({ min: 9, max: 256, pattern: String.raw`[\w+=/:,.@-]*` })),
  TokenCode: optional(text({ min: 6, max: 6, pattern: String.raw`[\d]*` })),
};
