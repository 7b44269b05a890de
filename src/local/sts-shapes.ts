import { oneOf } from "./iam-shapes.ts";
import type { Origin } from "./operation.ts";
import { integer, listOf, optional, type Parameter, structure, text } from "./parameters.ts";

/** Parameters that several STS calls share. Source: STS API model (botocore 1.43.11). */

const ARN = String.raw`[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`;
export const arn = text({ min: 20, max: 2048, pattern: ARN });
export const sessionName = text({ min: 2, max: 64, pattern: String.raw`[\w+=,.@-]*` });
export const policyArns = optional(listOf(structure({ arn }), { max: 10 }));
const POLICY = String.raw`[\u0009\u000A\u000D\u0020-\u00FF]+`;
export const sessionPolicy = optional(text({ min: 1, max: 2048, pattern: POLICY }));
/** AssumeRole's policy is as long as its packed size lets it be: the model has no limit of characters. */
export const packedSessionPolicy = optional(text({ min: 1, pattern: POLICY }));
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

/** An audience of a token. Recorded: a list with a bad one is told without "Member must not be null". */
export const audience: Parameter<string> = {
  ...text({ min: 1, max: 1000 }),
  constraints: [
    "Member must have length less than or equal to 1000",
    "Member must have length greater than or equal to 1",
  ],
};

/** Whom a token is about. */
export const subjectMode = oneOf("AWSIdentity", "OriginIdentity");

/** Whether a call went to the endpoint without a region, which does not have the newer calls. */
export function isGlobalEndpoint({ host }: Origin): boolean {
  return /^sts\.amazonaws\.com\.?(:\d+)?$/i.test(host ?? "");
}
