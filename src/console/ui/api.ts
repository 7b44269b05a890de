import type { Account } from "../model/account.ts";
import { eventReader } from "../model/event-stream.ts";
import type { Exchange } from "../model/exchange.ts";
import type { IamCall } from "../model/iam-call.ts";
import { keyIn } from "../model/route.ts";

/** The cloud refused the key: it was started anew, or there is none. */
export class KeyRefused extends Error {}

const SLOT = "rolecall-key";

/**
 * The key that this page was opened with. It stood in the address, and is taken out of it at once: addresses are shared
 * and kept. It lives as long as the tab.
 */
export function takeKey(): string | null {
  const key = keyIn(location.hash);
  if (key === null) return sessionStorage.getItem(SLOT);
  sessionStorage.setItem(SLOT, key);
  history.replaceState(null, "", `${location.pathname}#/map`);
  return key;
}

/** Gives the key to other tabs of this very origin that ask, and asks them when this one has none. */
export function shareKey(key: string | null, found: (key: string) => void): () => void {
  const channel = new BroadcastChannel(SLOT);
  channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    const held = sessionStorage.getItem(SLOT);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel reaches its own origin alone
    if (data === ASK && held !== null) channel.postMessage(held);
    if (typeof data !== "string" || data === ASK || held !== null) return;
    sessionStorage.setItem(SLOT, data);
    found(data);
  });
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- likewise
  if (key === null) channel.postMessage(ASK);
  return () => channel.close();
}

const ASK = "?";

export function forgetKey(): void {
  sessionStorage.removeItem(SLOT);
}

const ROOT = "/_rolecall/";

/** What is told of a stream of exchanges. */
export interface Following {
  /** It is there, and will begin with all that are kept. */
  readonly opened: () => void;
  readonly arrived: (exchanges: readonly Exchange[]) => void;
}

/** The cloud's calls, as the page makes them. */
export interface Api {
  account(): Promise<Account>;
  change(call: IamCall): Promise<void>;
  /** Request id of the exchange. */
  exchange(body: {
    readonly job: object;
    readonly roleArn: string;
    readonly sessionName: string;
    readonly duration?: number;
  }): Promise<string>;
  /** A signed token; asked for only when somebody wants to see it. */
  mint(job: object): Promise<string>;
  /** Tells of each exchange, those that were before too, until the signal. Resolves when the connection ends. */
  follow(told: Following, signal: AbortSignal): Promise<void>;
}

export function createApi(key: string): Api {
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(ROOT + path, {
      ...init,
      headers: { "x-rolecall-key": key, ...(init.headers as Record<string, string> | undefined) },
      credentials: "omit",
      cache: "no-store",
    });
    if (response.status === 403) throw new KeyRefused();
    return response;
  };
  const post = async (path: string, body: object): Promise<unknown> => {
    const headers = { "content-type": "application/json" };
    const response = await ask(path, { method: "POST", headers, body: JSON.stringify(body) });
    const answer = (await response.json()) as { readonly error?: string };
    if (!response.ok) throw new Error(answer.error ?? String(response.status));
    return answer;
  };
  return {
    account: async () => (await (await ask("console/account")).json()) as Account,
    change: async (call) => void (await post("console/iam", call)),
    exchange: async (body) => ((await post("console/exchange", body)) as { readonly requestId: string }).requestId,
    mint: async (job) => ((await post("mint", job)) as { readonly token: string }).token,
    follow: async ({ opened, arrived }, signal) => {
      const response = await ask("exchanges", { headers: { accept: "text/event-stream" }, signal });
      opened();
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      const read = eventReader();
      for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
        const events = read(next.value);
        if (events.length > 0) arrived(events.map(({ data }) => JSON.parse(data) as Exchange));
      }
    },
  };
}
