import type { Decision } from "../core/decide.ts";
import type { Claims } from "../core/token.ts";

/**
 * A record of AssumeRoleWithWebIdentity as CloudTrail writes it. Source: IAM guide, cloudtrail-integration, and real
 * events of 2023 to 2026; what is not set is left out, never null, but for `responseElements` of a denial.
 */
export type CloudTrailEvent = Readonly<Record<string, unknown>>;

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
// A text that is longer is kept beside. The tokens of CIs have 1,000 to 1,800 characters without their signature.
const ROOM = 2048;

/** Makes an exchange of what was kept with it; gives the same each time. */
export type Describe = (text: string) => Exchange;

interface Kept {
  readonly describe: Describe;
  /** Of its text in the room at its place; null when the text is beside. */
  readonly length: number;
  readonly beside: string | null;
}

/** The last thousand exchanges. */
export class ExchangeLog {
  // A ring: the next one is written where the oldest stands.
  #kept: Kept[] = [];
  #next = 0;
  // The texts are out of the collector's sight: it copies twice whatever lives as long as a thousand exchanges, and
  // that cost more than all the rest of keeping them. Made with the first; 2 MB, and never more.
  #texts: Buffer | null = null;
  readonly #listeners = new Set<(exchange: Exchange) => void>();

  /**
   * @param describe not called before somebody reads, which is seldom
   * @param text what it is called with, of ASCII
   */
  add(describe: Describe, text = ""): void {
    const at = this.#next;
    this.#next = (at + 1) % KEPT;
    const fits = text.length <= ROOM;
    if (fits && text !== "") this.#room().write(text, at * ROOM, "latin1");
    this.#kept[at] = { describe, length: text.length, beside: fits ? null : text };
    if (this.#listeners.size === 0) return;
    const exchange = describe(text);
    for (const listener of this.#listeners) listener(exchange);
  }

  #room(): Buffer {
    return (this.#texts ??= Buffer.alloc(KEPT * ROOM));
  }

  #read({ describe, length, beside }: Kept, at: number): Exchange {
    return describe(beside ?? this.#room().toString("latin1", at * ROOM, at * ROOM + length));
  }

  /** Tells of every exchange from now on, until the function that it gives is called. */
  subscribe(listener: (exchange: Exchange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Oldest first. Copies: what a reader does to them changes nothing here. */
  list(): readonly Exchange[] {
    const exchanges = this.#kept.map((kept, at) => JSON.parse(JSON.stringify(this.#read(kept, at))) as Exchange);
    return [...exchanges.slice(this.#next), ...exchanges.slice(0, this.#next)];
  }

  get count(): number {
    return this.#kept.length;
  }

  clear(): void {
    this.#kept = [];
    this.#next = 0;
  }
}
