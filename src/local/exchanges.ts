import type { Decision } from "../core/decide.ts";
import type { Claims } from "../core/token.ts";

/** One AssumeRoleWithWebIdentity call and what came of it. The token itself is not in it. */
export interface Exchange {
  /** ISO 8601. */
  readonly time: string;
  readonly requestId: string;
  readonly roleArn: string | null;
  readonly sessionName: string | null;
  /** null when the token could not be read. */
  readonly header: { readonly alg: string; readonly kid?: string } | null;
  readonly claims: Claims | null;
  /** null when the call was refused before there was anything to decide. */
  readonly decision: Decision | null;
  /** HTTP status, with AWS's code and text when it was refused. */
  readonly answer: { readonly status: number; readonly code: string | null; readonly message: string | null };
  /** ARN of the session, when there is one. */
  readonly session: string | null;
}

const KEPT = 1000;

/** The last thousand exchanges. */
export class ExchangeLog {
  #kept: Exchange[] = [];

  add(exchange: Exchange): void {
    this.#kept.push(exchange);
    // Cut in blocks, so that a busy server does not move a thousand entries for every call.
    if (this.#kept.length >= 2 * KEPT) this.#kept = this.#kept.slice(-KEPT);
  }

  list(): readonly Exchange[] {
    return this.#kept.slice(-KEPT);
  }

  clear(): void {
    this.#kept = [];
  }
}
