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
  // A ring: the next one is written where the oldest stands.
  #kept: (() => Exchange)[] = [];
  #next = 0;
  readonly #listeners = new Set<(exchange: Exchange) => void>();

  /** @param describe gives the same each time; not called before somebody reads, which is seldom */
  add(describe: () => Exchange): void {
    this.#kept[this.#next] = describe;
    this.#next = (this.#next + 1) % KEPT;
    if (this.#listeners.size === 0) return;
    const exchange = describe();
    for (const listener of this.#listeners) listener(exchange);
  }

  /** Tells of every exchange from now on, until the function that it gives is called. */
  subscribe(listener: (exchange: Exchange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Oldest first. Copies: what a reader does to them changes nothing here. */
  list(): readonly Exchange[] {
    const ordered = [...this.#kept.slice(this.#next), ...this.#kept.slice(0, this.#next)];
    return ordered.map((describe) => JSON.parse(JSON.stringify(describe())) as Exchange);
  }

  get count(): number {
    return this.#kept.length;
  }

  clear(): void {
    this.#kept = [];
    this.#next = 0;
  }
}
