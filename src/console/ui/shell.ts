import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { Account } from "../model/account.ts";
import type { Exchange } from "../model/exchange.ts";
import type { Route } from "../model/route.ts";
import { showRoute } from "../model/route.ts";
import type { Words } from "../words/index.ts";
import type { Api } from "./api.ts";

/** What every screen has at hand. */
export interface Shell {
  readonly words: Words;
  readonly account: Account;
  /** Oldest first. */
  readonly exchanges: readonly Exchange[];
  readonly route: Route;
  readonly api: Api;
  /** Reads the account again, after a change. */
  readonly refresh: () => Promise<void>;
}

export const ShellContext = createContext<Shell | null>(null);

export function useShell(): Shell {
  const shell = useContext(ShellContext);
  if (!shell) throw new Error("a screen outside of the shell");
  return shell;
}

/** Goes to a place within the page. `replace`: without a step that "back" would undo. */
export function go(route: Route, replace = false): void {
  const fragment = showRoute(route);
  if (!replace) {
    location.hash = fragment;
    return;
  }
  history.replaceState(null, "", fragment);
  dispatchEvent(new HashChangeEvent("hashchange"));
}
