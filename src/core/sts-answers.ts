import type { AwsErrorCode, StsTexts } from "./decide.ts";

interface Answer {
  readonly code: AwsErrorCode;
  readonly status: number;
  /** One text, or one per generation; `{name}` is filled in. */
  readonly text: string | Readonly<Record<StsTexts, string>>;
}

const COULD_NOT_BE_VALIDATED =
  "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements.";

function invalid(text: Answer["text"]): Answer {
  return { code: "InvalidIdentityToken", status: 400, text };
}

/**
 * What STS answers to AssumeRoleWithWebIdentity, to the letter, by cause. Texts are captured from AWS
 * (2026-09-11) unless a comment says otherwise; "2025" is what STS said until about mid-2026.
 */
export const STS_ANSWERS = {
  "not-a-jwt": invalid(
    "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
  ),
  "missing-claim": invalid("Missing a required claim: {claim}"),
  "empty-audience": invalid("Claim is not allowed to be empty: aud"),
  "several-audiences": invalid("Token audience contains more than one audience while authorized party is not present"),
  "bad-timestamp": invalid("Invalid timestamp in token claims."),
  "bad-tags": invalid("principal_tags passed in claim is not in correct format."),
  // The older text as users pasted it.
  "no-provider": invalid({
    "2026": COULD_NOT_BE_VALIDATED,
    "2025": "No OpenIDConnect provider found in your account for {issuer}",
  }),
  // Two spaces after the comma. AWS re:Post iam-sts-invalididentitytoken gives the same.
  "no-key": invalid(
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
  ),
  // Unverified: no answer to a bad signature has been seen; the general text is the likeliest.
  "bad-signature": invalid(COULD_NOT_BE_VALIDATED),
  "wrong-audience": invalid({ "2026": COULD_NOT_BE_VALIDATED, "2025": "Incorrect token audience" }),
  "not-yet-issued": invalid("Token issued in the future: {iat}"),
  "not-yet-valid": invalid(
    "Token not yet valid: current date/time {latest} must be after or equal to the not-before date/time {nbf}",
  ),
  // The missing space before the last number is how the older generation wrote it.
  expired: {
    code: "ExpiredTokenException",
    status: 400,
    text: {
      "2026": "Token expired: current date/time {earliest} must be before the expiration date/time {exp}",
      "2025": "Token expired: current date/time {earliest} must be before the expiration date/time{exp}",
    },
  },
  "roles-claim-format": invalid("The roles claim is not in a supported format"),
  "roles-claim-empty": invalid("The roles claim contains no valid role ARNs"),
  "roles-claim-other": invalid("The target role ARN is not present in the roles claim of the identity token"),
  // Unverified: no answer to a malformed source identity has been seen.
  "bad-source-identity": invalid(COULD_NOT_BE_VALIDATED),
  "not-authorized": {
    code: "AccessDenied",
    status: 403,
    text: "Not authorized to perform sts:AssumeRoleWithWebIdentity",
  },
  "duration-over-maximum": {
    code: "ValidationError",
    status: 400,
    text: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
  },
  "internal-failure": {
    code: "InternalFailure",
    status: 500,
    text: "Unknown error validating third-party token",
  },
} as const satisfies Record<string, Answer>;

export type StsCause = keyof typeof STS_ANSWERS;

export interface StsAnswer {
  readonly cause: StsCause;
  readonly code: AwsErrorCode;
  readonly status: number;
  readonly messages: Readonly<Record<StsTexts, string>>;
}

/** The answer to a cause with its blanks filled in. */
export function stsAnswer(cause: StsCause, data: Readonly<Record<string, string | number>> = {}): StsAnswer {
  const { code, status, text }: Answer = STS_ANSWERS[cause];
  const fill = (template: string): string =>
    template.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(data[name] ?? ""));
  const texts = typeof text === "string" ? { "2026": text, "2025": text } : text;
  return { cause, code, status, messages: { "2026": fill(texts["2026"]), "2025": fill(texts["2025"]) } };
}
