import { createHash } from "node:crypto";

import { providerArn } from "../core/arn.ts";
import { isLoopback } from "../wire/discovery.ts";
import { arn, paging, tagKeys, tagList } from "./iam-shapes.ts";
import { mergeTags, removeTags, tagsXml } from "./iam-tags.ts";
import { isoSeconds } from "../core/iso-date.ts";
import { type Answer, type Call, operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import { listOf, optional, text } from "./parameters.ts";
import { type ProviderRecord, withEntry, withoutEntry } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

const audience = text({ min: 1, max: 255 });
const audienceList = listOf(audience, { sparse: true });
const thumbprints = listOf(text({ min: 40, max: 40 }), { sparse: true });
const target = { OpenIDConnectProviderArn: arn };
const ofTarget = ({ OpenIDConnectProviderArn }: { readonly OpenIDConnectProviderArn: string }): string =>
  OpenIDConnectProviderArn;

// IAM quotas: 100 providers in an account, 100 client ids in a provider, five thumbprints.
const MOST_PROVIDERS = 100;
const MOST_AUDIENCES = 100;
const MOST_THUMBPRINTS = 5;

const create = operation({
  parameters: {
    // In this order they are told of (recorded, 2026-02).
    ClientIDList: optional(audienceList),
    ThumbprintList: optional(thumbprints),
    Url: text({ min: 1, max: 255 }),
    Tags: optional(tagList),
  },
  access: ({ Url }, world) => providerArn(Url, world.store.identity.account),
  run: ({ values, world }) => {
    const url = readUrl(values.Url);
    if (url.kind === "refused") return url;
    const { identity, iam } = world.store;
    const made: ProviderRecord = {
      arn: providerArn(url.name, identity.account),
      url: url.name,
      audiences: [...new Set(values.ClientIDList)],
      thumbprints: thumbprintsFor(url.name, values.ThumbprintList ?? []),
      tags: [],
      created: world.now(),
    };
    const tags = mergeTags([], values.Tags ?? [], "exact");
    if (tags.kind === "refused") return tags;
    if (iam.providers.has(made.arn))
      return iamError("EntityAlreadyExists", `Provider with url ${values.Url} already exists.`);
    if (iam.providers.size >= MOST_PROVIDERS) {
      return iamError("LimitExceeded", `Cannot exceed quota for OpenIdConnectProvidersPerAccount: ${MOST_PROVIDERS}`);
    }
    const problem = checkAudiences(made.audiences) ?? checkThumbprints(made.thumbprints);
    if (problem) return problem;
    put(world, { ...made, tags: tags.tags });
    // Create answers tags as they were given, Get in the order of their keys (captured).
    return result({ OpenIDConnectProviderArn: made.arn, Tags: tags.tags.length > 0 ? tagsXml(tags.tags) : undefined });
  },
});

/** Captured: host case and a trailing slash stay, `:443` goes, a query or fragment is refused without a word of why. */
function readUrl(given: string): { readonly kind: "url"; readonly name: string } | Refusal {
  const url = URL.canParse(given) ? new URL(given) : null;
  const scheme = /^https?:\/\//.exec(given)?.[0];
  // http for an issuer on this machine is a liberty of the local cloud.
  if (!url || !scheme || url.username !== "" || (scheme === "http://" && !isLoopback(url.hostname))) {
    return iamError("ValidationError", "Invalid Open ID Connect Provider URL");
  }
  if (/[?#]/.test(given)) return iamError("InvalidInput", "Unknown");
  return { kind: "url", name: given.slice(scheme.length).replace(/^([^/]*):443(?=\/|$)/, "$1") };
}

// IAM fetches the thumbprint of the host's top certificate authority. There is no network here, so it
// is a made-up one that stays the same.
function thumbprintsFor(name: string, given: readonly string[]): readonly string[] {
  if (given.length === 0) return [createHash("sha1").update(name).digest("hex")];
  return given.map((one) => one.toLowerCase());
}

function checkAudiences(audiences: readonly string[]): Refusal | null {
  if (audiences.length <= MOST_AUDIENCES) return null;
  return iamError("LimitExceeded", `Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: ${MOST_AUDIENCES}`);
}

// The text says "fewer than 5", and five are fine (captured).
function checkThumbprints(list: readonly string[]): Refusal | null {
  return list.length <= MOST_THUMBPRINTS
    ? null
    : iamError("InvalidInput", "Thumbprint list must contain fewer than 5 entries.");
}

function put(world: World, provider: ProviderRecord): void {
  world.store.changeIam((iam) => ({ ...iam, providers: withEntry(iam.providers, provider.arn, provider) }));
}

const PROVIDER_ARN = /^arn:[a-z-]+:iam::\d{12}:oidc-provider\/./;

function find(world: World, wanted: string): ProviderRecord | Refusal {
  if (!PROVIDER_ARN.test(wanted)) return iamError("ValidationError", "Invalid ARN:  Could not be parsed!");
  return (
    world.store.iam.providers.get(wanted) ??
    iamError("NoSuchEntity", `OpenIDConnect Provider not found for arn ${wanted}`)
  );
}

/** Changes the provider that a call names, or refuses. */
function change(
  { values, world }: Call<{ readonly OpenIDConnectProviderArn: string }>,
  update: (provider: ProviderRecord) => ProviderRecord | Refusal,
): Answer {
  const found = find(world, values.OpenIDConnectProviderArn);
  const changed = "kind" in found ? found : update(found);
  if ("kind" in changed) return changed;
  put(world, changed);
  return result();
}

const get = operation({
  parameters: target,
  access: ofTarget,
  run: ({ values, world }) => {
    const provider = find(world, values.OpenIDConnectProviderArn);
    if ("kind" in provider) return provider;
    return result({
      Url: provider.url,
      ClientIDList: provider.audiences,
      ThumbprintList: provider.thumbprints,
      CreateDate: isoSeconds(provider.created / 1000),
      // An empty list, too, unlike Create (recorded, 2026-02).
      Tags: tagsXml(sorted(provider)),
    });
  },
});

function sorted({ tags }: ProviderRecord): ProviderRecord["tags"] {
  return tags.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

const list = operation({
  parameters: {},
  access: (_, world) => `arn:aws:iam::${world.store.identity.account}:oidc-provider/*`,
  run: ({ world }) =>
    result({ OpenIDConnectProviderList: [...world.store.iam.providers.keys()].map((one) => ({ Arn: one })) }),
});

const remove = operation({
  parameters: target,
  access: ofTarget,
  run: ({ values: { OpenIDConnectProviderArn: wanted }, world }) => {
    const found = find(world, wanted);
    if ("kind" in found) {
      // Documented to be idempotent, measured not to be; with a text of its own.
      return found.code === "NoSuchEntity"
        ? iamError("NoSuchEntity", `OpenId connect Provider ${wanted} cannot be found.`)
        : found;
    }
    world.store.changeIam((iam) => ({ ...iam, providers: withoutEntry(iam.providers, wanted) }));
    return result();
  },
});

// Both are idempotent, and an unknown id is no error (captured).
const addAudience = operation({
  parameters: { ...target, ClientID: audience },
  access: ofTarget,
  run: (call) =>
    change(call, (provider) => {
      const audiences = [...new Set([...provider.audiences, call.values.ClientID])];
      return checkAudiences(audiences) ?? { ...provider, audiences };
    }),
});

const removeAudience = operation({
  parameters: { ...target, ClientID: audience },
  access: ofTarget,
  run: (call) =>
    change(call, (provider) => ({
      ...provider,
      audiences: provider.audiences.filter((one) => one !== call.values.ClientID),
    })),
});

const updateThumbprints = operation({
  parameters: { ...target, ThumbprintList: thumbprints },
  access: ofTarget,
  run: (call) =>
    change(call, (provider) => {
      const wanted = call.values.ThumbprintList.map((one) => one.toLowerCase());
      if (wanted.length === 0) return iamError("InvalidInput", "Thumbprint list must contain at least one entry.");
      return checkThumbprints(wanted) ?? { ...provider, thumbprints: wanted };
    }),
});

const tag = operation({
  parameters: { ...target, Tags: tagList },
  access: ofTarget,
  run: (call) =>
    change(call, (provider) => {
      const tags = mergeTags(provider.tags, call.values.Tags, "exact");
      return tags.kind === "refused" ? tags : { ...provider, tags: tags.tags };
    }),
});

const untag = operation({
  parameters: { ...target, TagKeys: tagKeys },
  access: ofTarget,
  run: (call) =>
    change(call, (provider) => ({ ...provider, tags: removeTags(provider.tags, call.values.TagKeys, "exact") })),
});

const listTags = operation({
  parameters: { ...target, ...paging },
  access: ofTarget,
  run: ({ values, world }) => {
    const provider = find(world, values.OpenIDConnectProviderArn);
    if ("kind" in provider) return provider;
    const page = paginate(provider.tags, ({ key }) => key, values);
    return page.kind === "refused" ? page : result({ Tags: tagsXml(page.items), ...page.tail });
  },
});

export const PROVIDER_OPERATIONS: Operations = {
  CreateOpenIDConnectProvider: create,
  GetOpenIDConnectProvider: get,
  ListOpenIDConnectProviders: list,
  DeleteOpenIDConnectProvider: remove,
  AddClientIDToOpenIDConnectProvider: addAudience,
  RemoveClientIDFromOpenIDConnectProvider: removeAudience,
  UpdateOpenIDConnectProviderThumbprint: updateThumbprints,
  TagOpenIDConnectProvider: tag,
  UntagOpenIDConnectProvider: untag,
  ListOpenIDConnectProviderTags: listTags,
};
