import { isoSeconds } from "../core/iso-date.ts";
import { arn, paging, tagKeys, tagList } from "./iam-shapes.ts";
import { mergeTags, removeTags, tagsXml } from "./iam-tags.ts";
import { type Answer, type Call, operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import { optional, text } from "./parameters.ts";
import { type SamlRecord, withEntry, withoutEntry } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/** SAML providers are kept and told of; nobody can sign in with them here. Texts are not verified. */

const metadata = text({ min: 1000, max: 10_000_000 });
const target = { SAMLProviderArn: arn };

type NamesProvider = { readonly SAMLProviderArn: string };
const ofTarget = ({ SAMLProviderArn }: NamesProvider): string => SAMLProviderArn;

// "It will be valid for as long as its certificate is", which nobody reads here: 100 years.
const VALID = 100 * 365 * 24 * 60 * 60 * 1000;

function checkMetadata(document: string): Refusal | null {
  return /<(?:\w+:)?EntityDescriptor[\s>]/.test(document) ? null : iamError("InvalidInput", "Could not parse metadata");
}

const SAML_ARN = /^arn:[a-z-]+:iam::\d{12}:saml-provider\/[\w._-]+$/;

function find({ values, world }: Pick<Call<NamesProvider>, "values" | "world">): SamlRecord | Refusal {
  const { SAMLProviderArn: wanted } = values;
  if (!SAML_ARN.test(wanted)) return iamError("InvalidInput", "Invalid ARN:  Could not be parsed!");
  return world.store.iam.samlProviders.get(wanted) ?? iamError("NoSuchEntity", `Manifest not found for arn ${wanted}`);
}

function put({ store }: World, provider: SamlRecord): void {
  store.changeIam((iam) => ({ ...iam, samlProviders: withEntry(iam.samlProviders, provider.arn, provider) }));
}

function change(
  call: Call<NamesProvider>,
  update: (provider: SamlRecord) => SamlRecord | Refusal,
  answer: () => Answer = () => result(),
): Answer {
  const found = find(call);
  const changed = "kind" in found ? found : update(found);
  if ("kind" in changed) return changed;
  put(call.world, changed);
  return answer();
}

const nameOfProvider = text({ min: 1, max: 128, pattern: String.raw`[\w._-]+` });

const create = operation({
  parameters: { SAMLMetadataDocument: metadata, Name: nameOfProvider, Tags: optional(tagList) },
  access: ({ Name }, { store }) => `arn:aws:iam::${store.identity.account}:saml-provider/${Name}`,
  run: ({ values, world }) => {
    const own = `arn:aws:iam::${world.store.identity.account}:saml-provider/${values.Name}`;
    const tags = mergeTags([], values.Tags ?? [], "exact");
    if (tags.kind === "refused") return tags;
    if (world.store.iam.samlProviders.has(own))
      return iamError("EntityAlreadyExists", `SAMLProvider ${own} already exists.`);
    const problem = checkMetadata(values.SAMLMetadataDocument);
    if (problem) return problem;
    put(world, { arn: own, metadata: values.SAMLMetadataDocument, tags: tags.tags, created: world.now() });
    return result({ SAMLProviderArn: own, Tags: tags.tags.length > 0 ? tagsXml(tags.tags) : undefined });
  },
});

function datesXml({ created }: SamlRecord): { readonly ValidUntil: string; readonly CreateDate: string } {
  return { ValidUntil: isoSeconds((created + VALID) / 1000), CreateDate: isoSeconds(created / 1000) };
}

const get = operation({
  parameters: target,
  access: ofTarget,
  run: (call) => {
    const provider = find(call);
    if ("kind" in provider) return provider;
    return result({
      SAMLMetadataDocument: provider.metadata,
      ...datesXml(provider),
      Tags: provider.tags.length > 0 ? tagsXml(provider.tags) : undefined,
    });
  },
});

const list = operation({
  parameters: {},
  access: (_, { store }) => `arn:aws:iam::${store.identity.account}:saml-provider/*`,
  run: ({ world }) => {
    const all = [...world.store.iam.samlProviders.values()];
    return result({ SAMLProviderList: all.map((one) => ({ Arn: one.arn, ...datesXml(one) })) });
  },
});

const update = operation({
  parameters: { SAMLMetadataDocument: metadata, ...target },
  access: ofTarget,
  run: (call) => {
    const { SAMLMetadataDocument: document, SAMLProviderArn } = call.values;
    return change(
      call,
      (provider) => checkMetadata(document) ?? { ...provider, metadata: document },
      () => result({ SAMLProviderArn }),
    );
  },
});

const remove = operation({
  parameters: target,
  access: ofTarget,
  run: (call) => {
    const provider = find(call);
    if ("kind" in provider) return provider;
    call.world.store.changeIam((iam) => ({ ...iam, samlProviders: withoutEntry(iam.samlProviders, provider.arn) }));
    return result();
  },
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
  run: (call) => {
    const provider = find(call);
    if ("kind" in provider) return provider;
    const page = paginate(provider.tags, ({ key }) => key, call.values);
    return page.kind === "refused" ? page : result({ Tags: tagsXml(page.items), ...page.tail });
  },
});

export const SAML_OPERATIONS: Operations = {
  CreateSAMLProvider: create,
  GetSAMLProvider: get,
  ListSAMLProviders: list,
  UpdateSAMLProvider: update,
  DeleteSAMLProvider: remove,
  TagSAMLProvider: tag,
  UntagSAMLProvider: untag,
  ListSAMLProviderTags: listTags,
};
