import { RolecallError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { isObject } from "../core/token.ts";
import { type HttpAnswer, type HttpEnv, send } from "./http.ts";
import { isLoopback } from "./proxy.ts";

/** An ID token that is asked for by GitHub's protocol. */
export interface TokenRequest {
  /** Has a query already. */
  readonly url: string;
  readonly bearer: Secret;
  /** What the CI gives when left out. */
  readonly audience?: string;
}

/** Milliseconds for one request. */
export const TOKEN_TIMEOUT = 10_000;
// A job that has just begun is told 403 "Can't issue ID_TOKEN for job in 'Pending' state" for a second or two
// (aws-actions/configure-aws-credentials#469).
const WAITS = [1000, 2000];

/**
 * Asks for an ID token; what passes by itself is tried again.
 *
 * @throws RolecallError `no-token` when the CI refuses, `unavailable` when it does not answer
 */
export async function requestToken(request: TokenRequest, env: HttpEnv): Promise<string> {
  const url = parseTokenUrl(request.url, FROM, request.audience === undefined ? {} : { audience: request.audience });
  const headers = { authorization: `Bearer ${request.bearer.reveal()}`, accept: "application/json" };
  const answer = await askUntilAnswered(() => send({ method: "GET", url, headers, timeout: TOKEN_TIMEOUT }, env));
  return readTokenAnswer(answer, FROM, "value");
}

const FROM = "ACTIONS_ID_TOKEN_REQUEST_URL";

/**
 * The address of a request that carries a secret.
 *
 * @param from how messages name it
 * @throws RolecallError `config`
 */
export function parseTokenUrl(text: string, from: string, query: Readonly<Record<string, string>> = {}): URL {
  if (!URL.canParse(text)) throw new RolecallError("config", `${from} is not a URL`);
  const url = new URL(text);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname)))
    throw new RolecallError("config", `${from} would send its bearer in the clear: expected https, got ${url.origin}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

/** Asks again what passes by itself, twice at most. */
export async function askUntilAnswered(ask: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  for (const wait of WAITS) {
    const answer = await ask().catch(passing);
    if (answer && !isPassing(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  return ask();
}

/** Null when another try may do. */
function passing(error: unknown): null {
  if (error instanceof RolecallError && error.code === "unavailable" && !error.permanent) return null;
  throw error;
}

function isPassing({ status, body }: HttpAnswer): boolean {
  return status >= 500 || status === 429 || (status === 403 && /pending/i.test(body));
}

/**
 * The token in an answer.
 *
 * @param field of the JSON; without it the answer is the token
 * @throws RolecallError `no-token`, or `unavailable` for an answer that another time may be better
 */
export function readTokenAnswer({ status, body }: HttpAnswer, from: string, field?: string): string {
  if (status === 200) {
    const value = field === undefined ? body : valueOf(body, field);
    if (value !== null) return value;
    throw new RolecallError("no-token", `the answer of ${from} has no ${field ?? "text"}: expected an ID token`);
  }
  // The answer's own text is left out: nobody knows what it repeats of the request.
  const code = status >= 500 || status === 429 ? "unavailable" : "no-token";
  throw new RolecallError(code, `${from} gave no ID token: it answered ${status}`, {
    hints: status === 401 || status === 403 ? ["its bearer is good only while the job runs that it was given to"] : [],
  });
}

function valueOf(body: string, field: string): string | null {
  try {
    const answer: unknown = JSON.parse(body);
    return isObject(answer) && typeof answer[field] === "string" ? answer[field] : null;
  } catch {
    return null;
  }
}
