import type { Readable } from "node:stream";

import type { SignedRequest } from "../wire/sigv4.ts";

/** A request as the handlers see it: bytes in, no socket. */
export interface LocalRequest extends SignedRequest {
  readonly remoteAddress: string;
  /** Has something done when the client hangs up; gives back what takes that back. */
  readonly onHangUp?: (act: () => void) => () => void;
}

export interface LocalResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** A stream is sent on as it comes. */
  readonly body: string | Readable;
}

/** The first value of a header, or undefined; `name` in lower case. */
export function headerOf(request: LocalRequest, name: string): string | undefined {
  for (const [one, value] of request.headers) {
    if (one === name || (one.length === name.length && one.toLowerCase() === name)) return value;
  }
  return undefined;
}

export function json(status: number, value: unknown): LocalResponse {
  return { status, headers: { "content-type": "application/json" }, body: `${JSON.stringify(value)}\n` };
}

export function xml(status: number, body: string, requestId: string): LocalResponse {
  return { status, headers: { "content-type": "text/xml", "x-amzn-requestid": requestId }, body };
}
