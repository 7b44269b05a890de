import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import type { Account } from "../model/account.ts";
import type { Exchange } from "../model/exchange.ts";
import { type Api, KeyRefused } from "./api.ts";

export type Connection = "connecting" | "live" | "lost" | "refused";

export interface Cloud {
  readonly account: Account | null;
  /** Oldest first; at most as many as the cloud keeps. */
  readonly exchanges: readonly Exchange[];
  readonly connection: Connection;
  readonly refresh: () => Promise<void>;
}

const KEPT = 1000;
const AGAIN = 2000;
const LOOK = 5000;

/** The account and its exchanges, kept up to date: the exchanges as they come, the account when there may be news. */
export function useCloud(api: Api | null): Cloud {
  const [account, setAccount] = useState<Account | null>(null);
  const [exchanges, setExchanges] = useState<readonly Exchange[]>([]);
  const [connection, setConnection] = useState<Connection>("connecting");
  const known = useRef("");

  const refresh = useCallback(async () => {
    if (!api) return;
    try {
      const next = await api.account();
      // The clock alone is no news.
      const text = JSON.stringify({ ...next, now: 0 });
      if (text === known.current) return;
      known.current = text;
      setAccount(next);
    } catch (error) {
      if (error instanceof KeyRefused) setConnection("refused");
    }
  }, [api]);

  useEffect(() => {
    if (!api) return undefined;
    const stop = new AbortController();
    void follow(api, stop.signal, setExchanges, setConnection, () => void refresh());
    return () => stop.abort();
  }, [api, refresh]);

  useEffect(() => {
    const look = (): void => {
      if (document.visibilityState === "visible") void refresh();
    };
    look();
    const timer = setInterval(look, LOOK);
    addEventListener("focus", look);
    return () => {
      clearInterval(timer);
      removeEventListener("focus", look);
    };
  }, [refresh]);

  return { account, exchanges, connection, refresh };
}

async function follow(
  api: Api,
  signal: AbortSignal,
  setExchanges: (change: (held: readonly Exchange[]) => readonly Exchange[]) => void,
  setConnection: (connection: Connection) => void,
  changed: () => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const told = {
        opened: () => {
          setConnection("live");
          setExchanges(() => []);
        },
        arrived: (exchanges: readonly Exchange[]) => {
          setExchanges((held) => [...held, ...exchanges].slice(-KEPT));
          changed();
        },
      };
      await api.follow(told, signal);
      setConnection("lost");
    } catch (error) {
      if (error instanceof KeyRefused) {
        setConnection("refused");
        return;
      }
      if (!signal.aborted) setConnection("lost");
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
}
