import type { IamProvider } from "../wire/aws-sdk.ts";
import { type Change, joinParts, type Part } from "./change.ts";
import type { DesiredProvider } from "./desired.ts";
import { AUDIENCE_PREFIX, audienceTag, audienceTags, MANAGED } from "./tags.ts";
import { needsAudience, type Trusting } from "./trusting.ts";

/** A provider as it is, and who in the account relies on it when this run is over. */
export interface ProviderNow {
  readonly arn: string;
  readonly live: IamProvider;
  /** Roles that trust it and that this configuration neither asks for nor deletes. */
  readonly others: readonly Trusting[];
  /** The configuration's name. */
  readonly config: string;
}

/** What gives: a provider is made, or gets the audiences that it lacks. Comes before the roles. */
export function providerChange(
  provider: DesiredProvider,
  live: IamProvider | undefined,
  config: string,
  thumbprints?: readonly string[],
): Change {
  const { arn, url, audiences } = provider;
  const change = { kind: "provider", name: url, arn, access: null, notes: [] } as const;
  const missing = audiences.filter((audience) => !live?.audiences.includes(audience));
  if (!live) {
    const tags = { [MANAGED]: config, ...audienceTags(audiences, config, 1) };
    const fields = [...missing.map(audienceField), ...(thumbprints ? [thumbprintField([], thumbprints)] : [])];
    const what = missing.map((audience) => `audience ${audience}`);
    const step = { kind: "create-provider", provider: { url, audiences, tags, thumbprints } } as const;
    return { ...change, action: "create", what, fields, steps: [step] };
  }
  const parts = [...audienceParts(arn, missing, live, config), ...thumbprintParts(arn, live, thumbprints)];
  const action = missing.length > 0 ? "add-audience" : parts.length > 0 ? "update" : "keep";
  return { ...change, action, ...joinParts(parts) };
}

function audienceField(audience: string): Part["field"] {
  return { name: "audience", before: null, after: audience };
}

/** Tagged first: an audience that was added and not tagged would be taken for somebody else's. */
function audienceParts(
  arn: string,
  audiences: readonly string[],
  { tags: taken }: IamProvider,
  config: string,
): readonly Part[] {
  const free = audiences.filter((audience) => taken[audienceTag(audience)] !== config);
  const tags = audienceTags(free, config, Object.keys(taken).length);
  return audiences.map((audience, index) => ({
    what: `audience ${audience}`,
    field: audienceField(audience),
    steps: [
      ...(index === 0 && Object.keys(tags).length > 0 ? [{ kind: "tag-provider", arn, tags } as const] : []),
      { kind: "add-audience", arn, audience },
    ],
  }));
}

function thumbprintField(before: readonly string[], after: readonly string[]): Part["field"] {
  return { name: "thumbprints", before: before.join(", ") || null, after: after.join(", ") };
}

function thumbprintParts(arn: string, live: IamProvider, wanted: readonly string[] | undefined): readonly Part[] {
  if (!wanted || wanted.every((one) => live.thumbprints.includes(one.toLowerCase()))) return [];
  // Those of others stay, as far as IAM has room for five.
  const thumbprints = [...new Set([...wanted, ...live.thumbprints])].slice(0, 5);
  const field = thumbprintField(live.thumbprints, thumbprints);
  return [{ what: "thumbprints", field, steps: [{ kind: "set-thumbprints", arn, thumbprints }] }];
}

/**
 * What takes away, after the roles: audiences that we added and no role needs any more, marks of what is
 * gone, and the provider itself when we made it and nobody trusts it. Null when there is nothing of ours
 * to take away.
 *
 * @param wanted the audiences that the configuration asks for, or null when it does not ask for the provider
 */
export function providerRemoval(now: ProviderNow, wanted: readonly string[] | null): Change | null {
  const { arn, live, others, config } = now;
  const ours = live.audiences.filter(
    (audience) => live.tags[audienceTag(audience)] === config && !(wanted ?? []).includes(audience),
  );
  const idle = ours.filter((audience) => !others.some((one) => needsAudience(one, audience)));
  const made = wanted === null && live.tags[MANAGED] === config;
  const notes = [...stayingNotes(now, ours, idle), ...(made ? keptNotes(now, idle) : [])];
  const change = { kind: "provider", name: `https://${live.url}`, arn, access: null, notes } as const;
  if (made && notes.length === 0) {
    const fields = live.audiences.map((audience) => ({ name: "audience", before: audience, after: null }));
    return { ...change, action: "delete", what: [], fields, steps: [{ kind: "delete-provider", arn }] };
  }
  const parts = [...idle.map((audience) => removalPart(arn, audience)), ...markParts(now, wanted)];
  if (parts.length === 0 && notes.length === 0) return null;
  return { ...change, action: parts.length > 0 ? "update" : "keep", ...joinParts(parts) };
}

function removalPart(arn: string, audience: string): Part {
  return {
    what: `without audience ${audience}`,
    field: { name: "audience", before: audience, after: null },
    steps: [
      { kind: "remove-audience", arn, audience },
      { kind: "untag-provider", arn, keys: [audienceTag(audience)] },
    ],
  };
}

/** Marks of audiences that are not there: a run was cut short, or somebody took the audience away. */
function markParts({ arn, live, config }: ProviderNow, wanted: readonly string[] | null): readonly Part[] {
  const known = new Set([...live.audiences, ...(wanted ?? [])].map(audienceTag));
  const keys = Object.entries(live.tags)
    .filter(([key, value]) => key.startsWith(AUDIENCE_PREFIX) && value === config && !known.has(key))
    .map(([key]) => key);
  if (keys.length === 0) return [];
  const field = { name: "tags", before: keys.join(", "), after: null };
  return [{ what: `without tags ${keys.join(", ")}`, field, steps: [{ kind: "untag-provider", arn, keys }] }];
}

function stayingNotes({ others }: ProviderNow, ours: readonly string[], idle: readonly string[]): readonly string[] {
  return ours
    .filter((audience) => !idle.includes(audience))
    .map(
      (audience) =>
        `audience ${audience} stays: ${names(others.filter((one) => needsAudience(one, audience)))} needs it`,
    );
}

/** Why a provider that we made must stay. */
function keptNotes({ live, others }: ProviderNow, idle: readonly string[]): readonly string[] {
  const foreign = live.audiences.filter((audience) => !idle.includes(audience));
  if (others.length > 0) return [`the provider stays: ${names(others)} trusts it`];
  return foreign.length > 0 ? [`the provider stays: others added the audience ${foreign.join(", ")}`] : [];
}

function names(trusting: readonly Trusting[]): string {
  const roles = [...new Set(trusting.map(({ role }) => role))];
  return roles.length > 3 ? `role ${roles[0] ?? ""} and ${roles.length - 1} others` : `role ${roles.join(", role ")}`;
}
