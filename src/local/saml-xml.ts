// oxlint-disable-next-line typescript/triple-slash-reference -- declarations of a package cannot be imported
/// <reference path="./xmldom.d.ts" />
import { DOMParser, type XmlNode } from "@xmldom/xmldom/lib/index.js";
import { SignedXml } from "xml-crypto";

/**
 * XML as SAML needs it: elements and text, and enveloped signatures. Loaded when the first SAML response comes, since
 * its two packages are as large as the rest of the cloud.
 */

export const NAMESPACES = {
  protocol: "urn:oasis:names:tc:SAML:2.0:protocol",
  assertion: "urn:oasis:names:tc:SAML:2.0:assertion",
  metadata: "urn:oasis:names:tc:SAML:2.0:metadata",
  signature: "http://www.w3.org/2000/09/xmldsig#",
} as const;

export type Namespace = keyof typeof NAMESPACES;

/** An element of a document. */
export class Element {
  readonly #node: XmlNode;

  constructor(node: XmlNode) {
    this.#node = node;
  }

  is(namespace: Namespace, name: string): boolean {
    const { namespaceURI, localName } = this.#node;
    return namespaceURI === NAMESPACES[namespace] && localName === name;
  }

  /** An attribute without a namespace; null when it is not there. */
  attribute(name: string): string | null {
    return Array.from(this.#node.attributes).find((one) => one.name === name)?.value ?? null;
  }

  /** The elements directly in this one. */
  get elements(): readonly Element[] {
    const elements = Array.from(this.#node.childNodes).filter(({ nodeType }) => nodeType === ELEMENT);
    return elements.map((node) => new Element(node));
  }

  children(namespace: Namespace, name: string): readonly Element[] {
    return this.elements.filter((one) => one.is(namespace, name));
  }

  /** The only child of a name; null when there is none, or more than one. */
  child(namespace: Namespace, name: string): Element | null {
    const [first, ...others] = this.children(namespace, name);
    return first && others.length === 0 ? first : null;
  }

  /** This element and every one below it, of a name. */
  all(namespace: Namespace, name: string): readonly Element[] {
    const below = this.elements.flatMap((one) => one.all(namespace, name));
    return this.is(namespace, name) ? [this, ...below] : below;
  }

  /** The text directly in it, without the space around it. Comments are no text. */
  get text(): string {
    const texts = Array.from(this.#node.childNodes).filter(({ nodeType }) => nodeType === TEXT || nodeType === CDATA);
    return texts
      .map(({ data = "" }) => data)
      .join("")
      .trim();
  }

  /** For {@link verifyEnveloped} alone. */
  get node(): unknown {
    return this.#node;
  }
}

const ELEMENT = 1;
const TEXT = 3;
const CDATA = 4;

/**
 * The outermost element of a document; null when it is not XML. A document type is refused: SAML has none, and it is
 * how entities are brought in.
 */
export function parseXml(text: string): Element | null {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) return null;
  let broken = false;
  const parser = new DOMParser({
    errorHandler: () => {
      broken = true;
    },
  });
  try {
    const root = parser.parseFromString(text, "text/xml")?.documentElement;
    return root && !broken && isShallow(root) ? new Element(root) : null;
  } catch {
    return null;
  }
}

// Far deeper than any response or metadata; what walks a tree here and in the packages calls itself.
const DEEPEST = 100;

function isShallow(root: XmlNode): boolean {
  let level: readonly XmlNode[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return false;
    level = level.flatMap(({ childNodes }) => Array.from(childNodes).filter(({ nodeType }) => nodeType === ELEMENT));
  }
  return true;
}

const ENVELOPED = `${NAMESPACES.signature}enveloped-signature`;
const EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#";
const TRANSFORMS = [ENVELOPED, EXCLUSIVE, `${EXCLUSIVE}WithComments`];

/**
 * Verifies the signature that stands in an element and is over it, and gives what was signed: an element read from the
 * very bytes that were hashed. Nothing else of the document may be believed, or another element could be put in the
 * place of the one that was signed. Null when there is no such signature by one of these keys.
 *
 * @param xml the document that the element is of
 * @param certificates in PEM. Their dates do not matter. Recorded from AWS, 2026-09: an expired one is taken.
 */
export function verifyEnveloped(xml: string, element: Element, certificates: readonly string[]): Element | null {
  const signature = element.child("signature", "Signature");
  const id = element.attribute("ID");
  if (!signature || id === null || !isOver(signature, id)) return null;
  for (const certificate of certificates) {
    const signed = verifyWith(xml, signature, certificate);
    const root = signed === null ? null : parseXml(signed);
    if (root?.attribute("ID") === id) return root;
  }
  return null;
}

/** Whether a signature has one reference, to this id, by transforms that change nothing but the form. */
function isOver(signature: Element, id: string): boolean {
  const reference = signature.child("signature", "SignedInfo")?.child("signature", "Reference");
  const transforms = reference?.child("signature", "Transforms")?.children("signature", "Transform") ?? [];
  const names = transforms.map((one) => one.attribute("Algorithm") ?? "");
  return (
    reference?.attribute("URI") === `#${id}` &&
    names.includes(ENVELOPED) &&
    names.every((name) => TRANSFORMS.includes(name)) &&
    signature.children("signature", "Object").length === 0
  );
}

function verifyWith(xml: string, signature: Element, certificate: string): string | null {
  // The certificate that a signature brings along proves nothing, so that it is not looked at.
  const check = new SignedXml({ publicCert: certificate, getCertFromKeyInfo: () => null });
  try {
    check.loadSignature(signature.node as Parameters<SignedXml["loadSignature"]>[0]);
    const good = check.checkSignature(xml);
    const [signed, ...others] = good ? check.getSignedReferences() : [];
    return signed !== undefined && others.length === 0 ? signed : null;
  } catch {
    // It throws for a signature that is wrong, as for one of an algorithm that it does not know.
    return null;
  }
}
