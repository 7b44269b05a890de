import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

import { text } from "./parameters.ts";
import { iamError, type Refusal } from "./refusal.ts";

/** What IAM looks at in certificates. Texts: those that people paste, unless said otherwise. */

const RULE = "It must contain only printable ASCII characters.";

/** A document in PEM. `max`: characters. */
export function pem({ max = 16_384, sensitive = false }: { readonly max?: number; readonly sensitive?: boolean } = {}) {
  return text({ min: 1, max, pattern: String.raw`[\u0009\u000A\u000D\u0020-\u00FF]+`, rule: RULE, sensitive });
}

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

// openshift/openshift-ansible#11214.
const UNREADABLE = iamError(
  "MalformedCertificate",
  "Unable to parse certificate. Please ensure the certificate is in PEM format.",
);

/** The certificates of a document that has nothing else, or IAM's refusal. */
function readCertificates(document: string): readonly X509Certificate[] | Refusal {
  const blocks = document.match(BLOCK) ?? [];
  if (blocks.length === 0 || document.replaceAll(BLOCK, "").trim() !== "") return UNREADABLE;
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return UNREADABLE;
  }
}

/** The one certificate of a document, or IAM's refusal. */
export function readCertificate(document: string): X509Certificate | Refusal {
  const read = readCertificates(document);
  if ("kind" in read) return read;
  const [first] = read;
  return first && read.length === 1 ? first : UNREADABLE;
}

function readPrivateKey(document: string): KeyObject | null {
  try {
    return createPrivateKey(document);
  } catch {
    return null;
  }
}

export function isPrivateKey(document: string): boolean {
  return readPrivateKey(document) !== null;
}

/** What IAM says against a private key for a certificate. The texts are not verified. */
export function checkPrivateKey(certificate: X509Certificate, document: string): Refusal | null {
  const key = readPrivateKey(document);
  if (!key) return iamError("MalformedCertificate", "Invalid Private Key.");
  return certificate.checkPrivateKey(key)
    ? null
    : iamError("KeyPairMismatch", "The public key certificate and the private key do not match.");
}

function isIssuer(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** What IAM says against a chain of issuers; the leaf is its index -1. go-acme/lego#304. */
export function checkChain(leaf: X509Certificate, document: string): Refusal | null {
  const chain = readCertificates(document);
  if ("kind" in chain) return chain;
  const index = [leaf, ...chain].findIndex((one, at) => {
    const issuer = chain[at];
    return issuer !== undefined && !isIssuer(issuer, one);
  });
  if (index < 0) return null;
  return iamError(
    "MalformedCertificate",
    `Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate is: ${index - 1}`,
  );
}
