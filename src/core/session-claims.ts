import type { SessionClaims } from "./decide.ts";
import type { StsCause } from "./sts-answers.ts";
import { audiencesOf, type Claims, isObject, type Json, showClaim } from "./token.ts";

const TAGS = "https://aws.amazon.com/tags";
const FLAT = `${TAGS}/principal_tags/`;
const SOURCE_IDENTITY = "https://aws.amazon.com/source_identity";

/** A special claim that STS would refuse, and how. */
export interface SessionProblem {
  readonly claim: string;
  readonly wanted: string;
  readonly cause: StsCause;
}

export interface SessionReading {
  readonly session: SessionClaims;
  readonly problem: SessionProblem | null;
}

/** Reads what a token gives to its session: subject, audience, tags, source identity. */
export function readSession(claims: Claims): SessionReading {
  const tags = readTags(claims);
  const identity = readSourceIdentity(claims[SOURCE_IDENTITY]);
  const session: SessionClaims = {
    // A number becomes text; AWS takes any length, also none (captured).
    subject: showClaim(claims, "sub"),
    audience: typeof claims["azp"] === "string" ? claims["azp"] : (audiencesOf(claims)[0] ?? ""),
    tags: tags?.tags ?? {},
    transitiveTagKeys: tags?.transitive ?? [],
    sourceIdentity: identity ?? null,
  };
  return { session, problem: tags === null ? BAD_TAGS : identity === null ? BAD_IDENTITY : null };
}

const BAD_TAGS: SessionProblem = {
  claim: TAGS,
  wanted: "principal_tags with a list of one text per tag",
  cause: "bad-tags",
};

const BAD_IDENTITY: SessionProblem = {
  claim: SOURCE_IDENTITY,
  wanted: "2 to 64 characters of letters, digits and _+=,.@-",
  cause: "bad-source-identity",
};

interface Tags {
  readonly tags: Readonly<Record<string, string>>;
  readonly transitive: readonly string[];
}

const NO_TAGS: Tags = { tags: {}, transitive: [] };

// Nested as documented (IAM guide, id_session-tags), and flat as AWS was seen to accept.
function readTags(claims: Claims): Tags | null {
  const nested = claims[TAGS];
  const flat = flatTags(claims);
  const keys = claims[`${TAGS}/transitive_tag_keys`];
  if (nested === undefined && flat.length === 0 && keys === undefined) return NO_TAGS;
  const holder = nested === undefined ? {} : nested;
  if (!isObject(holder)) return null;
  const principal = holder["principal_tags"] ?? {};
  if (!isObject(principal)) return null;
  const pairs: [string, string | null][] = [
    ...Object.entries(principal).map(([key, value]): [string, string | null] => [key, onlyText(value)]),
    ...flat,
  ];
  const good = pairs.filter((pair): pair is [string, string] => pair[1] !== null);
  const transitive = holder["transitive_tag_keys"] ?? keys ?? [];
  if (good.length < pairs.length || !Array.isArray(transitive)) return null;
  return {
    tags: Object.fromEntries(good),
    transitive: transitive.filter((key): key is string => typeof key === "string"),
  };
}

function onlyText(value: Json): string | null {
  if (!Array.isArray(value) || value.length !== 1) return null;
  const only: Json = value[0] as Json;
  return typeof only === "string" ? only : null;
}

function flatTags(claims: Claims): [string, string | null][] {
  const tags: [string, string | null][] = [];
  for (const name of Object.keys(claims)) {
    // The length first: it keeps all but a few names of a token from being compared.
    if (name.length < FLAT.length || !name.startsWith(FLAT)) continue;
    const value = claims[name];
    if (value === undefined) continue;
    tags.push([name.slice(FLAT.length), typeof value === "string" ? value : onlyText(value)]);
  }
  return tags;
}

/** undefined when the token names none, null when it names one that is not legal. */
function readSourceIdentity(value: Json | undefined): string | null | undefined {
  if (value === undefined) return undefined;
  return typeof value === "string" && /^[\w+=,.@-]{2,64}$/.test(value) ? value : null;
}
