import { isoSeconds } from "../core/iso-date.ts";
import { isPrivateKey, pem } from "./iam-certificates.ts";
import { arn, oneOf, tagList } from "./iam-shapes.ts";
import { resourceTagOperations } from "./iam-resource-tags.ts";
import { mergeTags, tagsXml } from "./iam-tags.ts";
import { newCertificateId } from "./ids.ts";
import { type Answer, type Call, operation, type Operations, result } from "./operation.ts";
import { optional, text } from "./parameters.ts";
import { type SamlRecord, withEntry, withoutEntry } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/** SAML providers, whose metadata AssumeRoleWithSAML goes by. Texts are not verified. */

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

// A private key is checked and not kept: nothing is decrypted here. Two are the most. IAM API model.
const MOST_KEYS = 2;
const encryption = {
  AssertionEncryptionMode: optional(oneOf("Required", "Allowed")),
  AddPrivateKey: optional(pem({ sensitive: true })),
};

interface Encryption {
  readonly AssertionEncryptionMode: string | undefined;
  readonly AddPrivateKey: string | undefined;
  readonly RemovePrivateKey?: string | undefined;
}

/** A provider with other encryption, as a call wishes it. The texts are not verified. */
function encrypt(provider: SamlRecord, wanted: Encryption, now: number): SamlRecord | Refusal {
  const { keys = [] } = provider;
  const { RemovePrivateKey: gone, AddPrivateKey: added } = wanted;
  if (gone !== undefined && !keys.some(({ id }) => id === gone))
    return iamError("NoSuchEntity", `The private key with id ${gone} cannot be found.`);
  if (added !== undefined && !isPrivateKey(added)) return iamError("InvalidInput", "Could not parse private key");
  const left = keys.filter(({ id }) => id !== gone);
  const all = added === undefined ? left : [...left, { id: newCertificateId(), created: now }];
  if (all.length > MOST_KEYS)
    return iamError("LimitExceeded", `Cannot exceed quota for PrivateKeysPerSAMLProvider: ${MOST_KEYS}`);
  return { ...provider, keys: all, encryption: wanted.AssertionEncryptionMode ?? provider.encryption };
}

const nameOfProvider = text({ min: 1, max: 128, pattern: String.raw`[\w._-]+` });

const create = operation({
  parameters: { SAMLMetadataDocument: metadata, Name: nameOfProvider, Tags: optional(tagList), ...encryption },
  access: ({ Name }, { store }) => `arn:aws:iam::${store.identity.account}:saml-provider/${Name}`,
  run: ({ values, world }) => {
    const own = `arn:aws:iam::${world.store.identity.account}:saml-provider/${values.Name}`;
    const tags = mergeTags([], values.Tags ?? [], "exact");
    if (tags.kind === "refused") return tags;
    if (world.store.iam.samlProviders.has(own))
      return iamError("EntityAlreadyExists", `SAMLProvider ${own} already exists.`);
    const problem = checkMetadata(values.SAMLMetadataDocument);
    if (problem) return problem;
    const plain: SamlRecord = {
      arn: own,
      metadata: values.SAMLMetadataDocument,
      tags: tags.tags,
      created: world.now(),
      uuid: newCertificateId(),
    };
    const made = encrypt(plain, values, world.now());
    if ("kind" in made) return made;
    put(world, made);
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
    const { keys = [] } = provider;
    return result({
      SAMLProviderUUID: provider.uuid,
      SAMLMetadataDocument: provider.metadata,
      ...datesXml(provider),
      // Recorded, 2026-02: also where nothing was said of encryption, and empty lists.
      Tags: tagsXml(provider.tags),
      AssertionEncryptionMode: provider.encryption ?? "Allowed",
      PrivateKeyList: keys.map(({ id, created }) => ({ KeyId: id, Timestamp: isoSeconds(created / 1000) })),
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
  parameters: {
    SAMLMetadataDocument: optional(metadata),
    ...target,
    ...encryption,
    RemovePrivateKey: optional(text({ min: 22, max: 64, pattern: "[A-Z0-9]+" })),
  },
  access: ofTarget,
  run: (call) => {
    const { values, world } = call;
    const { SAMLMetadataDocument: document, SAMLProviderArn } = values;
    return change(
      call,
      (provider) => {
        const problem = document === undefined ? null : checkMetadata(document);
        return problem ?? encrypt({ ...provider, metadata: document ?? provider.metadata }, values, world.now());
      },
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

export const SAML_OPERATIONS: Operations = {
  CreateSAMLProvider: create,
  GetSAMLProvider: get,
  ListSAMLProviders: list,
  UpdateSAMLProvider: update,
  DeleteSAMLProvider: remove,
  ...resourceTagOperations<SamlRecord>({
    title: "SAMLProvider",
    parameter: "SAMLProviderArn",
    shape: arn,
    arnOf: (named) => named,
    find: (named, world) => find({ values: { SAMLProviderArn: named }, world }),
    put: (one, world) => put(world, one),
  }),
};
