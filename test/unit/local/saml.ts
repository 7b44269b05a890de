import { createHash, createPrivateKey, createSign, type KeyObject } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { tempFolder } from "./support.ts";

/**
 * SAML responses as an identity provider signs them, written in canonical form from the start: what is hashed and
 * signed is the text itself, so that no XML library has a part in it.
 */

const SAML = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';
const DS = 'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"';
const EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
export const ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/";
export const ISSUER = "https://idp.test";
export const SIGN_IN = "https://signin.aws.amazon.com/saml";

export interface Signer {
  readonly key: KeyObject;
  /** DER, base64. */
  readonly certificate: string;
}

/** A key with a certificate that is good for a day. */
export function newSigner(): Signer {
  const folder = tempFolder();
  const file = (name: string): string => join(folder, name);
  const made = ["-newkey", "rsa:2048", "-nodes", "-keyout", file("key.pem"), "-out", file("cert.pem")];
  execFileSync("openssl", ["req", "-x509", ...made, "-subj", "/CN=idp.test", "-days", "1"], { stdio: "pipe" });
  const certificate = readFileSync(file("cert.pem"), "utf8").replaceAll(/-----[A-Z ]+-----|\s/g, "");
  return { key: createPrivateKey(readFileSync(file("key.pem"))), certificate };
}

/** The metadata of an identity provider that signs with one of these. */
export function metadataOf(signers: readonly Signer[], entityId = ISSUER): string {
  const keys = signers.map(
    ({ certificate }) =>
      `<md:KeyDescriptor use="signing"><ds:KeyInfo ${DS}><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
  );
  const role = `<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${keys.join("")}</md:IDPSSODescriptor>`;
  return `<?xml version="1.0"?>\n<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}">${role}</md:EntityDescriptor>`;
}

/** What an assertion says; what is left out is as a good one has it (times from `issuedAt` on), null leaves it out. */
export interface Assertion {
  readonly id?: string;
  readonly issuer?: string;
  readonly issuedAt?: number;
  readonly subject?: string | null;
  readonly format?: string | null;
  readonly recipient?: string | null;
  readonly confirmedUntil?: string | null;
  readonly confirmedFrom?: string;
  readonly confirmations?: number;
  /** The inside of Conditions; null leaves the element out. */
  readonly conditions?: string | null;
  readonly notBefore?: string;
  readonly notOnOrAfter?: string | null;
  readonly sessionEnd?: string;
  readonly authenticated?: boolean;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

/** An instant so many seconds from now. */
export function inSeconds(seconds: number, now = Date.now()): string {
  return new Date(now + seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}

const AUDIENCE =
  "<saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction>";

/** An assertion in canonical form, with `signature` in its place. */
export function assertionXml(assertion: Assertion, signature = ""): string {
  const { id = "_a1", issuer = ISSUER, issuedAt = Date.now(), subject = "subject-123", attributes } = assertion;
  const { format = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", conditions = AUDIENCE } = assertion;
  const {
    authenticated = true,
    sessionEnd,
    notBefore = inSeconds(-60, issuedAt),
    notOnOrAfter = inSeconds(300, issuedAt),
  } = assertion;
  const name = subject === null ? "" : `<saml:NameID${attribute("Format", format)}>${subject}</saml:NameID>`;
  const times = `${attribute("NotBefore", notBefore)}${attribute("NotOnOrAfter", notOnOrAfter)}`;
  const limits = conditions === null ? "" : `<saml:Conditions${times}>${conditions}</saml:Conditions>`;
  const context =
    "<saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>";
  const instant = ` AuthnInstant="${inSeconds(0, issuedAt)}"`;
  const statement = `<saml:AuthnStatement${instant}${attribute("SessionNotOnOrAfter", sessionEnd ?? null)}>${context}</saml:AuthnStatement>`;
  const values = Object.entries(attributes).map(
    ([named, all]) =>
      `<saml:Attribute Name="${named}">${all.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join("")}</saml:Attribute>`,
  );
  const open = `<saml:Assertion ${SAML} ID="${id}" IssueInstant="${inSeconds(0, issuedAt)}" Version="2.0">`;
  const said = `<saml:Subject>${name}${confirmation(assertion)}</saml:Subject>${limits}${authenticated ? statement : ""}`;
  return `${open}<saml:Issuer>${issuer}</saml:Issuer>${signature}${said}<saml:AttributeStatement>${values.join("")}</saml:AttributeStatement></saml:Assertion>`;
}

function confirmation({ recipient = SIGN_IN, issuedAt, ...more }: Assertion): string {
  const { confirmedUntil = inSeconds(300, issuedAt), confirmedFrom = null, confirmations = 1 } = more;
  // Attributes in the order of the canonical form.
  const bounds = `${attribute("NotBefore", confirmedFrom)}${attribute("NotOnOrAfter", confirmedUntil)}`;
  const data = `<saml:SubjectConfirmationData${bounds}${attribute("Recipient", recipient)}></saml:SubjectConfirmationData>`;
  const one = `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">${data}</saml:SubjectConfirmation>`;
  return one.repeat(confirmations);
}

function attribute(name: string, value: string | null): string {
  return value === null ? "" : ` ${name}="${value}"`;
}

/** The enveloped signature over an element's canonical text. */
export function signatureOver(canonical: string, id: string, { key, certificate }: Signer): string {
  const digest = createHash("sha256").update(canonical).digest("base64");
  const transforms = [ENVELOPED, EXCLUSIVE].map((name) => `<ds:Transform Algorithm="${name}"></ds:Transform>`);
  const inside = [
    `<ds:CanonicalizationMethod Algorithm="${EXCLUSIVE}"></ds:CanonicalizationMethod>`,
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod>',
    `<ds:Reference URI="#${id}"><ds:Transforms>${transforms.join("")}</ds:Transforms>`,
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>',
    `<ds:DigestValue>${digest}</ds:DigestValue></ds:Reference>`,
  ].join("");
  // In canonical form an element declares the prefixes that it uses where its parent is left out.
  const signed = `<ds:SignedInfo ${DS}>${inside}</ds:SignedInfo>`;
  const value = createSign("sha256").update(signed).sign(key, "base64");
  const info = `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`;
  return `<ds:Signature ${DS}><ds:SignedInfo>${inside}</ds:SignedInfo><ds:SignatureValue>${value}</ds:SignatureValue>${info}</ds:Signature>`;
}

/** A signed assertion. */
export function signAssertion(assertion: Assertion, signer: Signer): string {
  const { id = "_a1" } = assertion;
  const canonical = assertionXml(assertion);
  return withSignature(canonical, signatureOver(canonical, id, signer));
}

// After the Issuer is its place; the element is not written anew, since the clock goes on.
function withSignature(canonical: string, signature: string): string {
  return canonical.replace("</saml:Issuer>", `</saml:Issuer>${signature}`);
}

const SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success";

export interface Envelope {
  readonly issuer?: string;
  readonly status?: string;
  /** Signs the response itself. */
  readonly signer?: Signer;
}

/** The response around what is said, as it is posted. */
export function responseXml(inside: string, { issuer = ISSUER, status = SUCCESS, signer }: Envelope = {}): string {
  const open = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r1" IssueInstant="${inSeconds(0)}" Version="2.0">`;
  const from = `<saml:Issuer ${SAML}>${issuer}</saml:Issuer>`;
  const code = `<samlp:Status><samlp:StatusCode Value="${status}"></samlp:StatusCode></samlp:Status>`;
  const whole = `${open}${from}${code}${inside}</samlp:Response>`;
  return signer ? withSignature(whole, signatureOver(whole, "_r1", signer)) : whole;
}

export function base64(xml: string): string {
  return Buffer.from(xml).toString("base64");
}
