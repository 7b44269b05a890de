import type { Credentials } from "../core/credentials.ts";
import { isRolecallError, type RolecallError } from "../core/errors.ts";
import type { AssumeAnswer, AssumeCall } from "../wire/sts.ts";

export type Refusal = Extract<AssumeAnswer, { kind: "refused" }>;

/** A refusal is a value: the caller explains it. */
export type Exchanged =
  | { readonly outcome: "credentials"; readonly credentials: Credentials }
  | { readonly outcome: "refused"; readonly refusal: Refusal };

/** What trying again needs; tests give their own. */
export interface ExchangeIo {
  /** Asks STS once, for at most so many milliseconds. */
  readonly assume: (call: AssumeCall, timeout: number) => Promise<AssumeAnswer>;
  /** Milliseconds since some fixed moment. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** 0 to 1. */
  readonly random: () => number;
  /** Milliseconds for all tries and waits together; 30,000 when left out. */
  readonly budget?: number | undefined;
  /** Told before each new try: why, and after how many milliseconds. */
  readonly onRetry?: (why: string, wait: number) => void;
}

/** Milliseconds: all tries and waits together, the longest and shortest try, the longest wait, the first one's limit. */
const BUDGET = 30_000;
const LONGEST_TRY = 10_000;
const SHORTEST_TRY = 1000;
const LONGEST_WAIT = 5000;
const FIRST_WAIT = 500;
const MOST_TRIES = 6;

/**
 * Exchanges an ID token for credentials. Tried again, with full jitter: no connection, 5xx, throttling
 * and an issuer that AWS could not reach. Never a denial: trying again would only delay the answer (F54).
 *
 * @throws RolecallError `unavailable` when STS could not be reached to the end
 */
export async function exchange(call: AssumeCall, io: ExchangeIo): Promise<Exchanged> {
  const end = io.now() + (io.budget ?? BUDGET);
  for (let tried = 1; ; tried++) {
    const result = await attempt(call, Math.min(LONGEST_TRY, end - io.now()), io);
    const wait = io.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tried - 1));
    const last = tried === MOST_TRIES || io.now() + wait > end - SHORTEST_TRY;
    if (last || !isTransient(result)) return settle(result);
    io.onRetry?.(describe(result), wait);
    await io.sleep(wait);
  }
}

type Attempt = AssumeAnswer | RolecallError;

async function attempt(call: AssumeCall, timeout: number, io: ExchangeIo): Promise<Attempt> {
  try {
    return await io.assume(call, timeout);
  } catch (error) {
    if (isRolecallError(error)) return error;
    throw error;
  }
}

function settle(result: Attempt): Exchanged {
  if (isRolecallError(result)) throw result;
  return result.kind === "credentials"
    ? { outcome: "credentials", credentials: result.credentials }
    : { outcome: "refused", refusal: result };
}

function describe(result: Attempt): string {
  if (isRolecallError(result)) return result.message;
  return result.kind === "refused" ? `${result.code}: ${result.message}` : "";
}

/**
 * Refusals that pass by themselves. botocore retries the same, `InvalidIdentityToken` apart, of which
 * only the text about the verification key is transient (F46, F54).
 */
const TRANSIENT_CODES = new Set([
  "IDPCommunicationError",
  "Throttling",
  "ThrottlingException",
  "RequestLimitExceeded",
  "ServiceUnavailable",
  "InternalFailure",
]);

function isTransient(result: Attempt): boolean {
  if (isRolecallError(result)) return result.code === "unavailable" && !result.permanent;
  if (result.kind === "credentials") return false;
  return (
    result.status >= 500 ||
    TRANSIENT_CODES.has(result.code) ||
    result.message.startsWith("Couldn't retrieve verification key")
  );
}
