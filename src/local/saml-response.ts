import { type ClaimsProblem, readAssertion, type SamlClaims } from "./saml-assertion.ts";
import { readMetadata } from "./saml-metadata.ts";
import { type Element, parseXml, verifyEnveloped } from "./saml-xml.ts";

/** What is wrong with a SAML response. */
export type SamlProblem =
  | ClaimsProblem
  | "not-signed"
  | "bad-signature"
  | "other-issuer"
  | "idp-refused"
  | "encrypted"
  | "not-encrypted";

/** The provider that a response is held to. */
export interface SamlTrust {
  /** The metadata document. */
  readonly metadata: string;
  readonly encryption?: string | undefined;
}

const SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success";

/**
 * Verifies a SAML response and says what its assertion says. Only what the assertion's own signature is over is read:
 * recorded from AWS, 2026-09, a signature over the response is checked when it is there, and is no substitute.
 */
export function verifyResponse(xml: string, { metadata, encryption }: SamlTrust): SamlClaims | SamlProblem {
  const response = parseXml(xml);
  if (!response?.is("protocol", "Response") || response.attribute("Version") !== "2.0") return "malformed";
  const status = response.child("protocol", "Status")?.child("protocol", "StatusCode")?.attribute("Value");
  if (status !== SUCCESS) return "idp-refused";
  if (response.all("assertion", "EncryptedAssertion").length > 0) return "encrypted";
  if (encryption === "Required") return "not-encrypted";
  const assertion = onlyAssertion(response);
  if (!assertion) return "malformed";
  const issuer = assertion.child("assertion", "Issuer")?.text;
  const providers = readMetadata(metadata).filter(({ entityId }) => entityId === issuer);
  if (assertion.children("signature", "Signature").length === 0) return "not-signed";
  if (providers.length === 0) return "other-issuer";
  const certificates = providers.flatMap((provider) => provider.certificates);
  const whole = response.children("signature", "Signature").length > 0;
  if (whole && !verifyEnveloped(xml, response, certificates)) return "bad-signature";
  const signed = verifyEnveloped(xml, assertion, certificates);
  if (!signed?.is("assertion", "Assertion")) return "bad-signature";
  const claims = readAssertion(signed);
  return typeof claims === "string" || claims.issuer === issuer ? claims : "bad-signature";
}

/** The assertion in its place; null when there is another anywhere, which only a forger needs. */
function onlyAssertion(response: Element): Element | null {
  const assertion = response.child("assertion", "Assertion");
  return response.all("assertion", "Assertion").length === 1 ? assertion : null;
}
