import type { XmlFields } from "../wire/query.ts";
import type { Tag } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";

/** Tags as a request gives them. */
export type TagInput = readonly { readonly Key: string; readonly Value: string }[];

/** Whether keys that differ only in case are one key: so for roles, not for OIDC providers (both measured). */
export type KeyCase = "folded" | "exact";

const MOST = 50;

function fold(key: string, keyCase: KeyCase): string {
  return keyCase === "folded" ? key.toLowerCase() : key;
}

/**
 * Tags laid over others: a key keeps its place and takes the new writing and value. Texts: recorded from AWS, 2026-02, of
 * roles and policies (localstack, test_iam_roles.py, test_iam_policies.py), of too many tags of OIDC providers.
 */
export function mergeTags(
  before: readonly Tag[],
  given: TagInput,
  keyCase: KeyCase,
): { readonly kind: "tags"; readonly tags: readonly Tag[] } | Refusal {
  if (given.some(({ Key }) => /^aws:/i.test(Key))) {
    return iamError("InvalidInput", "Tag keys beginning with aws: are reserved for system use.");
  }
  if (new Set(given.map(({ Key }) => fold(Key, keyCase))).size < given.length) {
    const note = keyCase === "folded" ? " Please note that Tag keys are case insensitive." : "";
    return iamError("InvalidInput", `Duplicate tag keys found.${note}`);
  }
  const merged = new Map(before.map((tag) => [fold(tag.key, keyCase), tag]));
  for (const { Key, Value } of given) merged.set(fold(Key, keyCase), { key: Key, value: Value });
  if (merged.size > MOST) return iamError("LimitExceeded", "The number of tags has reached the maximum limit.");
  return { kind: "tags", tags: [...merged.values()] };
}

export function removeTags(tags: readonly Tag[], keys: readonly string[], keyCase: KeyCase): readonly Tag[] {
  const gone = new Set(keys.map((key) => fold(key, keyCase)));
  return tags.filter(({ key }) => !gone.has(fold(key, keyCase)));
}

export function tagsXml(tags: readonly Tag[]): readonly XmlFields[] {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }));
}
