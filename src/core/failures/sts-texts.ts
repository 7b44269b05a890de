import type { FailureId } from "../failures.ts";

interface StsText {
  readonly code?: string;
  readonly text: RegExp;
  /** Most likely first, when the token does not say otherwise. */
  readonly candidates: readonly FailureId[];
}

/** From STS's text to the causes that it may stand for. Both generations of texts. */
export const STS_TEXTS: readonly StsText[] = [
  {
    code: "AccessDenied",
    text: /^Not authorized to perform sts:AssumeRoleWithWebIdentity/,
    candidates: [
      "F25",
      "F15",
      "F10",
      "F11",
      "F12",
      "F28",
      "F30",
      "F56",
      "F17",
      "F03",
      "F36",
      "F18",
      "F26",
      "F33",
      "F13",
      "F19",
      "F52",
    ],
  },
  {
    text: /could not be validated\. See the AssumeRoleWithWebIdentity/,
    candidates: ["F01", "F05", "F02", "F07", "F09", "F60"],
  },
  { text: /^Incorrect token audience/, candidates: ["F01", "F02", "F60"] },
  { text: /^No OpenIDConnect provider found/, candidates: ["F05", "F07", "F09"] },
  { text: /^Couldn't retrieve verification key/, candidates: ["F46", "F48"] },
  { text: /doesn't match configured thumbprint/, candidates: ["F50"] },
  { text: /^Token issued in the future|^Token not yet valid/, candidates: ["F53"] },
  { text: /^Token expired/, candidates: ["F40", "F53"] },
  { text: /^Missing a required claim|is not a valid JWT/, candidates: ["F04"] },
  { text: /^Request ARN is invalid/, candidates: ["F36"] },
  { text: /roleSessionName/, candidates: ["F37"] },
  { text: /DurationSeconds exceeds the MaxSessionDuration/, candidates: ["F43"] },
  { text: /sts:TagSession/, candidates: ["F56"] },
];
