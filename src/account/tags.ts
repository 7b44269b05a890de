import { createHash } from "node:crypto";

import type { Tags } from "../wire/aws-sdk.ts";

/**
 * How rolecall knows its own in an account; it keeps no state elsewhere.
 *
 * | tag                         | on       | value               | meaning                                      |
 * |-----------------------------|----------|---------------------|----------------------------------------------|
 * | `rolecall:managed`          | role     | the config's `name` | this config made or adopted the role         |
 * | `rolecall:managed`          | provider | the config's `name` | this config created the provider             |
 * | `rolecall:adopted`          | role     | `true`              | it was there before, so destroy keeps it     |
 * | `rolecall:audience:<16 hex>`| provider | the config's `name` | this config added the audience of that hash  |
 *
 * Marks are set before, or with, what they mark and taken away after it, so that a run that is cut short
 * leaves nothing of ours unmarked. A provider without `rolecall:managed` was there before and is never deleted. An audience without
 * its tag belongs to somebody else and is never removed. The hash stands for the audience because a
 * tag's key cannot hold every character of one.
 */
export const TAG_PREFIX = "rolecall:";
export const MANAGED = `${TAG_PREFIX}managed`;
export const AUDIENCE_PREFIX = `${TAG_PREFIX}audience:`;
export const ADOPTED = `${TAG_PREFIX}adopted`;

/** IAM's limit per resource. Source: IAM API reference, TagRole and TagOpenIDConnectProvider. */
export const MOST_TAGS = 50;

/** The key of the tag that records that we added an audience to a provider. */
export function audienceTag(audience: string): string {
  const hash = createHash("sha256").update(audience).digest("hex").slice(0, 16);
  return `${AUDIENCE_PREFIX}${hash}`;
}

/** The tags for audiences that we add, as many as still fit; an audience without one is never removed. */
export function audienceTags(audiences: readonly string[], config: string, taken: number): Tags {
  const room = Math.max(0, MOST_TAGS - taken);
  return Object.fromEntries(audiences.slice(0, room).map((audience) => [audienceTag(audience), config]));
}
