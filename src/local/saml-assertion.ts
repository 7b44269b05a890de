import type { Element } from "./saml-xml.ts";

/** What a verified assertion says. */
export interface SamlClaims {
  readonly issuer: string;
  /** The NameID, and its format without the prefix of SAML 2.0. */
  readonly subject: string;
  readonly subjectType: string;
  /** The Recipient of the confirmation, which STS calls Audience. */
  readonly recipient: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  /** When it is no longer good, the earliest of all that it says; milliseconds since 1970. */
  readonly expiresAt: number;
  /** When the identity provider's own session ends; null when it does not say. */
  readonly sessionEnd: number | null;
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

/** Why there are none: the NameID is missing, or something else is missing or has not its form. */
export type ClaimsProblem = "no-subject" | "malformed";

/** Stops the reading of an assertion; never leaves this file. */
class Malformed extends Error {}

function must<Value>(value: Value | null): Value {
  if (value === null) throw new Malformed();
  return value;
}

/**
 * Reads an assertion. What STS insists on was recorded from AWS, 2026-09: Conditions, an AuthnStatement, the format of
 * the NameID, one bearer confirmation with Recipient and NotOnOrAfter, and times that can be read.
 */
export function readAssertion(assertion: Element): SamlClaims | ClaimsProblem {
  const subject = assertion.child("assertion", "Subject");
  const name = subject?.child("assertion", "NameID");
  // AWS IAM guide, troubleshoot_saml: told apart from what else can be wrong.
  if (!subject || !name || name.text === "") return "no-subject";
  try {
    return readClaims(assertion, subject, name);
  } catch (error) {
    if (error instanceof Malformed) return "malformed";
    throw error;
  }
}

const FORMAT_PREFIX = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
const BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

function readClaims(assertion: Element, subject: Element, name: Element): SamlClaims {
  if (assertion.attribute("Version") !== "2.0") throw new Malformed();
  const format = must(name.attribute("Format"));
  const confirmation = must(subject.child("assertion", "SubjectConfirmation"));
  if (confirmation.attribute("Method") !== BEARER) throw new Malformed();
  const data = must(confirmation.child("assertion", "SubjectConfirmationData"));
  const conditions = must(assertion.child("assertion", "Conditions"));
  const statements = assertion.children("assertion", "AuthnStatement");
  if (statements.length === 0) throw new Malformed();
  const ends = statements.map((one) => timeOf(one, "SessionNotOnOrAfter")).filter((end) => end !== null);
  const sessionEnd = ends.length === 0 ? null : Math.min(...ends);
  // Recorded: NotBefore has to be a time, and may lie a day ahead.
  for (const bounded of [data, conditions]) timeOf(bounded, "NotBefore");
  const limits = [must(timeOf(data, "NotOnOrAfter")), timeOf(conditions, "NotOnOrAfter"), sessionEnd];
  return {
    issuer: must(assertion.child("assertion", "Issuer")).text,
    subject: name.text,
    subjectType: format.startsWith(FORMAT_PREFIX) ? format.slice(FORMAT_PREFIX.length) : format,
    recipient: must(data.attribute("Recipient")),
    issuedAt: must(timeOf(assertion, "IssueInstant")),
    expiresAt: Math.min(...limits.filter((limit) => limit !== null)),
    sessionEnd,
    attributes: readAttributes(assertion),
  };
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?<zone>Z|[+-]\d\d:\d\d)?$/;

// SAML 2.0 core, 1.3.3: times are in UTC, whether they say so or not.
function timeOf(element: Element, attribute: string): number | null {
  const text = element.attribute(attribute);
  if (text === null) return null;
  const match = DATE_TIME.exec(text);
  const time = match ? Date.parse(match.groups?.["zone"] === undefined ? `${text}Z` : text) : Number.NaN;
  if (Number.isNaN(time)) throw new Malformed();
  return time;
}

function readAttributes(assertion: Element): ReadonlyMap<string, readonly string[]> {
  const attributes = new Map<string, readonly string[]>();
  const all = assertion
    .children("assertion", "AttributeStatement")
    .flatMap((statement) => statement.children("assertion", "Attribute"));
  for (const attribute of all) {
    const name = must(attribute.attribute("Name"));
    const values = attribute.children("assertion", "AttributeValue").map(({ text }) => text);
    attributes.set(name, [...(attributes.get(name) ?? []), ...values]);
  }
  return attributes;
}
