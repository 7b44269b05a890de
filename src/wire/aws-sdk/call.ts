import { shorten } from "../../core/arn.ts";
import { type ErrorCode, RolecallError } from "../../core/errors.ts";

/** Makes a call; `NoSuchEntity` is an answer: there is none. */
export async function callOrNull<Answer>(
  operation: string,
  subject: string,
  run: () => Promise<Answer>,
): Promise<Answer | null> {
  return await call(operation, subject, async () => {
    try {
      return await run();
    } catch (error) {
      if (readFailure(error).name === "NoSuchEntity") return null;
      throw error;
    }
  });
}

export async function call<Answer>(operation: string, subject: string, run: () => Promise<Answer>): Promise<Answer> {
  try {
    return await run();
  } catch (error) {
    throw asRolecallError(error, subject === "" ? operation : `${operation} for ${subject}`);
  }
}

/** What an error of the SDK tells; the error itself holds the request, signature included. */
interface Failure {
  /** The service's error code without the word Exception, Node's error code, or the SDK's class. */
  readonly name: string;
  readonly message: string;
  /** Null when no answer came. */
  readonly status: number | null;
  readonly requestId: string | null;
}

interface SdkError {
  readonly name?: string;
  readonly code?: unknown;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

/** What LimitExceeded is called where the SDK would try it again. */
export const OVER_QUOTA = "OverQuota";

function readFailure(error: unknown): Failure {
  const { name = "Error", code, message = "", $metadata } = (error ?? {}) as SdkError;
  const status = $metadata?.httpStatusCode ?? null;
  // Node's network errors are all called "Error" and told apart by code.
  const called = status === null && typeof code === "string" ? code : name;
  return {
    // IAM says NoSuchEntity where the SDK's class is called NoSuchEntityException.
    name: called === OVER_QUOTA ? "LimitExceeded" : called.replace(/Exception$/, ""),
    message: firstLine(message),
    status,
    requestId: $metadata?.requestId ?? null,
  };
}

/** AWS's text on a wrong signature goes on with the whole request, session token included. */
function firstLine(text: string): string {
  return shorten(text.split("\n", 1)[0]?.trim() ?? "", 400);
}

interface Meaning {
  readonly code: ErrorCode;
  /** Begins the message, where the code's own verdict would not be true. */
  readonly verdict?: string;
  readonly hint?: string;
}

const DENIED: Meaning = { code: "refused", hint: "the credentials in use need to be allowed this action" };
const UNKNOWN_KEYS: Meaning = {
  code: "refused",
  hint: "aws sts get-caller-identity shows whether the credentials are good, and whose they are",
};
const EXPIRED: Meaning = { code: "refused", hint: "get fresh credentials: aws sso login, or aws login" };
const NO_CREDENTIALS: Meaning = {
  code: "config",
  verdict: "no AWS credentials for",
  hint: "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; aws configure list shows what is found",
};
const NOT_TAKEN: Meaning = { code: "config" };
const UNAVAILABLE: Meaning = { code: "unavailable", hint: "try again; what was done so far is kept" };

/** AWS's codes and the SDK's errors, by what they mean to us. Source: IAM API reference, common errors. */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  ["AccessDenied", DENIED],
  ["UnauthorizedOperation", DENIED],
  ["InvalidClientTokenId", UNKNOWN_KEYS],
  ["UnrecognizedClient", UNKNOWN_KEYS],
  ["SignatureDoesNotMatch", UNKNOWN_KEYS],
  ["IncompleteSignature", UNKNOWN_KEYS],
  ["MissingAuthenticationToken", UNKNOWN_KEYS],
  ["ExpiredToken", EXPIRED],
  ["RequestExpired", EXPIRED],
  ["CredentialsProviderError", NO_CREDENTIALS],
  ["TokenProviderError", EXPIRED],
  ["NoSuchEntity", NOT_TAKEN],
  ["InvalidInput", NOT_TAKEN],
  ["ValidationError", NOT_TAKEN],
  ["MalformedPolicyDocument", NOT_TAKEN],
  ["PolicyNotAttachable", NOT_TAKEN],
  ["UnmodifiableEntity", NOT_TAKEN],
  [
    "DeleteConflict",
    { code: "config", hint: "something else still holds it, such as an instance profile; take it out there" },
  ],
  ["LimitExceeded", { code: "config", hint: "service-quotas shows the account's quotas and can ask for more" }],
  ["EntityAlreadyExists", { code: "config", hint: "somebody else made it meanwhile; run the command again" }],
  ["ConcurrentModification", { code: "unavailable", hint: "somebody else changes it; run the command again" }],
  ["OpenIdIdpCommunicationError", { code: "unavailable", hint: "IAM must reach the issuer over the internet" }],
  ["Throttling", UNAVAILABLE],
  ["TimeoutError", UNAVAILABLE],
]);

const VERDICTS: { readonly [code in ErrorCode]?: string } = {
  refused: "AWS refused",
  config: "AWS did not take",
  unavailable: "AWS did not answer",
};

function asRolecallError(error: unknown, what: string): RolecallError {
  const failure = readFailure(error);
  const { code, hint, verdict = VERDICTS[code] ?? "unexpected answer to" } = meaningOf(failure);
  const reason = failure.message === "" ? failure.name : `${failure.name}: ${failure.message}`;
  // The SDK's error is no cause of ours: its hidden $response leads to the signed request.
  return new RolecallError(code, `${verdict} ${what}: ${reason}`, {
    details: failure.requestId === null ? [] : [`request id ${failure.requestId}`],
    hints: hint === undefined ? [] : [hint],
  });
}

function meaningOf({ name, status }: Failure): Meaning {
  const known = MEANINGS.get(name);
  if (known) return known;
  if (status !== null && status >= 500) return UNAVAILABLE;
  // ECONNREFUSED, ENOTFOUND, CERT_HAS_EXPIRED …
  return status === null && /^[A-Z][A-Z0-9_]+$/.test(name) ? UNAVAILABLE : { code: "unexpected" };
}
