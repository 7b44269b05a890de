import type { StsTexts } from "../core/decide.ts";
import type { KeyFinder } from "../wire/discovery.ts";
import type { KeySetReading } from "../wire/jwks.ts";
import type { ExchangeLog } from "./exchanges.ts";
import type { LocalIssuers } from "./issuers.ts";
import type { Store } from "./store.ts";
import type { Weather } from "./weather.ts";

/** What the handlers act on: one local cloud. */
export interface World {
  readonly store: Store;
  readonly issuers: LocalIssuers;
  readonly exchanges: ExchangeLog;
  /** Keys of an issuer: of a local one without any network. */
  readonly findKeys: KeyFinder;
  /** The keys of a local issuer; null when there is something to wait for. */
  readonly keysAtHand: (issuer: string) => KeySetReading | null;
  readonly stsTexts: StsTexts;
  readonly weather: Weather;
  /** Where calls to other services go; null when nowhere. */
  readonly upstream: URL | null;
  /** What the web console shows to be let in. */
  readonly consoleKey: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
