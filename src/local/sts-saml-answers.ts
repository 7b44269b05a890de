import { randomUuid } from "./random.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { SamlProblem } from "./saml-response.ts";

/** What AssumeRoleWithSAML says of a response that is not good. Recorded from AWS, 2026-09, unless a comment says otherwise. */

function invalid(message: string): Refusal {
  return refuse(400, "InvalidIdentityToken", message);
}

// STS hands on what another service of AWS told it.
function fromDiscovery(message: string, code: string): Refusal {
  const origin = `Service: AWSOpenIdDiscoveryService; Status Code: 400; Error Code: ${code}; Request ID: ${randomUuid()}; Proxy: null`;
  return invalid(`${message} (${origin})`);
}

const INVALID_RESPONSE = "AuthSamlInvalidSamlResponseException";

export function malformedResponse(): Refusal {
  return fromDiscovery("Invalid base64 SAMLResponse", INVALID_RESPONSE);
}

// In reports from AWS; the form is the same.
export function noSuchProvider(): Refusal {
  return fromDiscovery("Specified provider doesn't exist", "AuthSamlManifestNotFoundException");
}

export function notAuthorized(): Refusal {
  return refuse(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML");
}

const ANSWERS: Readonly<Record<SamlProblem, () => Refusal>> = {
  malformed: malformedResponse,
  "not-encrypted": malformedResponse,
  "not-signed": () =>
    fromDiscovery(
      "Response (with optional signature) must contain an assertion with a mandatory signature",
      INVALID_RESPONSE,
    ),
  "bad-signature": () => invalid("Response signature invalid"),
  // AWS IAM guide, troubleshoot_saml: this and what a missing NameID is answered with.
  "other-issuer": () => fromDiscovery("Issuer not present in specified provider", INVALID_RESPONSE),
  "no-subject": notAuthorized,
  // Code and status are of the API model; the text is not known.
  "idp-refused": () => refuse(403, "IDPRejectedClaim", "The identity provider reported that authentication failed"),
  encrypted: () =>
    refuse(501, "UnsupportedOperation", "rolecall's local cloud does not decrypt SAML assertions; send a plain one"),
};

export function samlRefusal(problem: SamlProblem): Refusal {
  return ANSWERS[problem]();
}

/** An end that has passed. No leeway is known: a minute was too late. */
export const EXPIRED = refuse(400, "ExpiredTokenException", "Response has expired");
// In many reports from AWS; that the assertion's own IssueInstant counts is a guess.
export const TOO_OLD = refuse(400, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance");

export const OTHER_ROLE = invalid("SAML Assertion doesn't contain the requested Role and Metadata in the attributes");
// AWS IAM guide, troubleshoot_saml.
export const NO_SESSION_NAME = invalid("RoleSessionName is required in AuthnResponse");
export const BAD_SESSION_NAME = invalid("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}");
export const BAD_SOURCE_IDENTITY = invalid(
  'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"',
);
