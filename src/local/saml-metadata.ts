import { type Element, parseXml } from "./saml-xml.ts";

/** An identity provider in a metadata document, with the certificates of its signing keys in PEM. */
export interface IdentityProvider {
  readonly entityId: string;
  readonly certificates: readonly string[];
}

/** The identity providers of a metadata document; none when it cannot be read. SAML 2.0 metadata, 2.3 and 2.4. */
export function readMetadata(document: string): readonly IdentityProvider[] {
  const entities = parseXml(document)?.all("metadata", "EntityDescriptor") ?? [];
  return entities.map((entity) => ({
    entityId: entity.attribute("entityID") ?? "",
    certificates: entity
      .children("metadata", "IDPSSODescriptor")
      .flatMap((role) => role.children("metadata", "KeyDescriptor"))
      .filter(signs)
      .flatMap((key) => key.all("signature", "X509Certificate"))
      .map(({ text }) => pemOf(text)),
  }));
}

// A key without a use is for everything.
function signs(key: Element): boolean {
  return (key.attribute("use") ?? "signing") === "signing";
}

function pemOf(base64: string): string {
  const lines = base64.replaceAll(/\s+/g, "").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
