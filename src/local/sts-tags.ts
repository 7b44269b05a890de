import type { Session } from "./session.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** Session tags as AssumeRole is given them. */
export interface TagRequest {
  readonly Tags: readonly { readonly Key: string; readonly Value: string }[] | undefined;
  readonly TransitiveTagKeys: readonly string[] | undefined;
}

/** The tags of a session that is to be: what it inherits, and what was asked for. */
export interface SessionTags {
  readonly kind: "tags";
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  /** Of these, the ones in the request. */
  readonly requested: Readonly<Record<string, string>>;
}

const invalid = (message: string): Refusal => refuse(400, "InvalidParameterValue", message);

/** Joins the tags of a request with those that the calling session hands on. Texts recorded from AWS, 2025-04. */
export function readSessionTags(request: TagRequest, caller: Session | null): SessionTags | Refusal {
  const { Tags: given = [], TransitiveTagKeys: transitive = [] } = request;
  const keys = new Set(given.map(({ Key }) => Key.toLowerCase()));
  if (keys.size < given.length) {
    return invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  }
  if (transitive.some((key) => !keys.has(key.toLowerCase()))) {
    return invalid("The specified transitive tag key must be included in the requested tags.");
  }
  const inherited = caller?.transitiveTagKeys ?? [];
  if (inherited.some((key) => keys.has(key.toLowerCase()))) {
    return invalid(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
  const requested = Object.fromEntries(given.map(({ Key, Value }) => [Key, Value]));
  const handedOn = inherited.map((key): [string, string] => [key, tagValue(caller, key)]);
  return {
    kind: "tags",
    tags: { ...Object.fromEntries(handedOn), ...requested },
    transitiveTagKeys: [...inherited, ...transitive],
    requested,
  };
}

// A transitive key may be written in another case than its tag.
function tagValue(session: Session | null, key: string): string {
  const entries = Object.entries(session?.tags ?? {});
  return entries.find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1] ?? "";
}
