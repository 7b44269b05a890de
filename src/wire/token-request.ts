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
  readonly audience: string;
}

const TIMEOUT = 10_000;
// A job that has just begun is told 403 "Can't issue ID_TOKEN for job in 'Pending' state" for a second or two
// (aws-actions/configure-aws-credentials#469).
const WAITS = [1000, 2000];

/**
 * Asks for an ID token; what passes by itself is tried again.
 *
 * @throws RolecallError `no-token` when the CI refuses, `unavailable` when it does not answer
 */
export async function requestToken(request: TokenRequest, env: HttpEnv): Promise<string> {
  const url = urlOf(request);
  const headers = { authorization: `Bearer ${request.bearer.reveal()}`, accept: "application/json" };
  for (const wait of WAITS) {
    const answer = await send({ method: "GET", url, headers, timeout: TIMEOUT }, env).catch(passing);
    if (answer && !isPassing(answer)) return readToken(answer);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  return readToken(await send({ method: "GET", url, headers, timeout: TIMEOUT }, env));
}

function urlOf({ url: text, audience }: TokenRequest): URL {
  if (!URL.canParse(text)) throw new RolecallError("config", "ACTIONS_ID_TOKEN_REQUEST_URL is not a URL");
  const url = new URL(text);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname)))
    throw new RolecallError(
      "config",
      `ACTIONS_ID_TOKEN_REQUEST_URL would send its bearer in the clear: expected https, got ${url.origin}`,
    );
  url.searchParams.set("audience", audience);
  return url;
}

/** Null when another try may do. */
function passing(error: unknown): null {
  if (error instanceof RolecallError && error.code === "unavailable" && !error.permanent) return null;
  throw error;
}

function isPassing({ status, body }: HttpAnswer): boolean {
  return status >= 500 || status === 429 || (status === 403 && /pending/i.test(body));
}

function readToken({ status, body }: HttpAnswer): string {
  if (status === 200) {
    const value = valueOf(body);
    if (value !== null) return value;
    throw new RolecallError(
      "no-token",
      "the answer of ACTIONS_ID_TOKEN_REQUEST_URL has no value: expected an ID token",
    );
  }
  // The answer's own text is left out: nobody knows what it repeats of the request.
  const code = status >= 500 || status === 429 ? "unavailable" : "no-token";
  throw new RolecallError(code, `ACTIONS_ID_TOKEN_REQUEST_URL gave no ID token: it answered ${status}`, {
    hints: status === 401 || status === 403 ? ["its bearer is good only while the job runs that it was given to"] : [],
  });
}

function valueOf(body: string): string | null {
  try {
    const answer: unknown = JSON.parse(body);
    return isObject(answer) && typeof answer["value"] === "string" ? answer["value"] : null;
  } catch {
    return null;
  }
}
