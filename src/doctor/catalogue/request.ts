import { action, type Entries, MEASURED, NOT_AUTHORIZED } from "./entry.ts";

/** The request's parameters, and time. */
export const REQUEST: Entries = {
  F35: {
    title: "the role's ARN is empty or half expanded",
    texts: ["ValidationError: Request ARN is invalid"],
    cause: "arn:aws:iam::${AWS_ACCOUNT_ID}:role/x where the variable is protected or missing, or nobody expands it.",
    tell: "no twelve digits where the account belongs, or nothing at all",
    fixes: ["set the variable for this ref: GitLab's protected variables are absent on refs that are not protected"],
    sources: ["CircleCI-Public/aws-ecr-orb#211"],
  },
  F36: {
    texts: ["ValidationError: Request ARN is invalid", NOT_AUTHORIZED],
    cause:
      "The ARN is of a provider or a policy, or only a name, or ends in a line break. Of a role that does not exist STS says the same as of one that trusts somebody else.",
    tell: ":role/ is missing; trimming changes the length; IAM has no such role",
    fixes: ["the role's ARN as aws iam get-role tells it"],
    sources: ["recorded from AWS, 2026-09-11"],
  },
  F37: {
    texts: [
      "1 validation error detected: Value '…' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
    ],
    cause: "Slashes, spaces or brackets, often of a branch or of dependabot[bot].",
    tell: "a character outside letters, digits and _+=,.@-",
    fixes: ["leave the name to rolecall, or put - for those characters"],
    sources: [...action(1306), "suzuki-shunsuke/tfaction#1934"],
  },
  F38: {
    title: "the session name is too long or too short",
    texts: ["… at 'roleSessionName' failed to satisfy constraint: Member must have length less than or equal to 64"],
    cause: "A session name has 2 to 64 characters.",
    tell: "its length",
    fixes: ["leave the name to rolecall, which cuts and keeps it distinct"],
    sources: ["smartcontractkit/chainlink#12855", MEASURED],
  },
  F39: {
    title: "something else was given as the token",
    texts: [
      "argument --web-identity-token: expected one argument",
      "Invalid length for parameter WebIdentityToken, value: 0, valid min length: 4",
    ],
    cause: "An unset variable, or a path without file://, which the AWS CLI sends as the token.",
    tell: "the value is not three base64url parts with dots between",
    fixes: ["read the token from variable or file: --token-env NAME, --token-file FILE"],
    sources: [MEASURED],
  },
  F40: {
    texts: ["ExpiredTokenException: Token expired: current date/time … must be before the expiration date/time…"],
    cause:
      "GitHub's token lives five minutes. It was made early, a build ran, and it was exchanged after that; or retries took too long.",
    tell: "exp is in the past",
    fixes: ["make the token just before the exchange, and a new one for each try, as rolecall does"],
    sources: [...action(1848), "actions/toolkit#2048", "google-github-actions/auth#485"],
  },
  F41: {
    title: "GitLab's token ends with the job's timeout and cannot be had again",
    texts: ["ExpiredTokenException: Token expired: current date/time … must be before the expiration date/time…"],
    cause:
      "It lives as long as the job's timeout (five minutes where there is none); what wants another later gets none.",
    tell: "exp beside the job's planned end",
    fixes: ["raise timeout: of the job", "exchange once, for longer: --duration"],
    sources: ["GitLab docs, ci/secrets/id_token_authentication"],
  },
  F42: {
    title: "the credentials end while the job runs",
    texts: [
      "ExpiredToken: The security token included in the request is expired",
      "Failed to save state: … ExpiredToken…",
    ],
    cause: "They live an hour by default, and keys in variables cannot be renewed.",
    tell: "the session's end beside the job's timeout",
    fixes: ["rolecall login, whose profile renews", "--duration, up to the role's maximum"],
    sources: [...action(359, 488, 354), "hashicorp/terraform#17180", "hashicorp/terraform#36395"],
  },
  F43: {
    texts: ["ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role."],
    cause: "The job asks for longer than the role gives.",
    tell: "the role's MaxSessionDuration",
    fixes: ["ask for less", "aws iam update-role --max-session-duration, 43200 at most"],
    sources: [...action(354), "ministryofjustice/modernisation-platform#7707"],
  },
  F44: {
    title: "a role taken with another role's session has one hour at most",
    texts: ["The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."],
    cause: "AWS caps a chain at 3600 s whatever the roles say.",
    tell: "a second hop with a duration above 3600",
    fixes: ["trust the CI on the last role itself, without a chain", "--duration 1h"],
    sources: ["aws/eks-anywhere#9485", ...action(79), "aws/aws-cdk-cli#162"],
  },
  F45: {
    title: "a client that lives long holds a token that has ended",
    texts: ["ExpiredTokenException: Token expired: current date/time … must be before the expiration date/time…"],
    cause: "The SDK for JavaScript's fromWebToken never gets another; older fromTokenFile read the file once.",
    tell: "the SDK's version, and the token's age",
    fixes: ["a function that gets a new token each time", "rolecall serve, or login's profile, which renew"],
    sources: ["aws/aws-sdk-js-v3#5270", "aws/aws-sdk-js-v3#2297", "aws/aws-sdk-js-v3#3052"],
  },
  F53: {
    texts: [
      "InvalidIdentityToken: Token issued in the future: …",
      "InvalidIdentityToken: Token not yet valid: current date/time … must be after or equal to the not-before date/time …",
    ],
    cause:
      "The issuer's clock is more than 300 s ahead of AWS's, or the runner's is off, which breaks signed calls later.",
    tell: "iat in the future; the Date header of any answer beside this machine's clock",
    fixes: ["set the clock of the machine that made the token, or of the runner, by NTP"],
    sources: ["recorded from AWS, 2026-09-11", "AWS IAM guide, id_roles_providers_oidc"],
  },
};
