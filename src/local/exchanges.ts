import type { Decision } from "../core/decide.ts";
import type { Claims } from "../core/token.ts";
import type { CloudTrailEvent } from "./cloudtrail.ts";

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
  /** The record in CloudTrail; null where AWS logs nothing, as for tokens that do not validate. */
  readonly event: CloudTrailEvent | null;
}

const KEPT = 1000;

/** The last thousand exchanges. */
export class ExchangeLog {
  // As JSON: a thousand decisions as objects would have the collector copy them again and again.
  #kept: string[] = [];
  readonly #listeners = new Set<(exchange: Exchange) => void>();

  add(exchange: Exchange): void {
    this.#kept.push(JSON.stringify(exchange));
    // Cut in blocks, so that a busy server does not move a thousand entries for every call.
    if (this.#kept.length >= 2 * KEPT) this.#kept = this.#kept.slice(-KEPT);
    for (const listener of this.#listeners) listener(exchange);
  }

  /** Tells of every exchange from now on, until the function that it gives is called. */
  subscribe(listener: (exchange: Exchange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  list(): readonly Exchange[] {
    return this.#kept.slice(-KEPT).map((text) => JSON.parse(text) as Exchange);
  }

  get count(): number {
    return Math.min(this.#kept.length, KEPT);
  }

  clear(): void {
    this.#kept = [];
  }
}
