import type { SessionKey } from "../credentials/cache.ts";
import type { Plan } from "./exchange-token.ts";

/** What makes the session of a plan the one that it is: with a chain, all of the chain too. */
export function sessionKey({ call, chain }: Plan): SessionKey {
  if (!chain) return call;
  const { duration = 3600 } = chain.last;
  return { ...call, duration, chain: JSON.stringify(chain) };
}
