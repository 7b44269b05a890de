import { createHash, timingSafeEqual } from "node:crypto";

import { isLoopback } from "../wire/discovery.ts";
import type { LocalRequest } from "./http.ts";

/** The header in which the console's page shows the key that it was opened with. */
export const KEY_HEADER = "x-rolecall-key";

/**
 * Why a request is refused as a web page's, or null. The cloud's own calls mint tokens and have no password, so no page
 * may make them but the console's own. It shows that it is, by three things that another page cannot have together:
 *
 * - `Host` names this machine: a name that was bound anew to it (DNS rebinding) shows there, and no page can choose it;
 * - `Origin`, which only the browser writes, is exactly where the request went, so that a page of another port, scheme
 *   or name is not taken for it;
 * - the key, which stood in the fragment of the address that was printed, is in a header of its own. Another origin
 *   cannot send that header without asking first (CORS), and is never told yes.
 *
 * `Sec-Fetch-Site` is written by the browser too, and tells of the requests that have no Origin: images, scripts,
 * frames, links. Source: Fetch Standard, Fetch Metadata Request Headers.
 */
export function pageRefusal(request: LocalRequest, key: string): string | null {
  const [host = "", ...moreHosts] = valuesOf(request, "host");
  if (moreHosts.length > 0 || !isLoopback(host.replace(/:\d+$/, "")))
    return `expected a Host that is this machine, got ${JSON.stringify([host, ...moreHosts].join(", "))}`;
  const sites = valuesOf(request, "sec-fetch-site");
  if (sites.some((site) => site !== "same-origin" && site !== "none")) return NO_PAGES;
  const origins = valuesOf(request, "origin");
  if (origins.length === 0) return null;
  return origins.length === 1 && origins[0] === `http://${host}` && holdsKey(request, key) ? null : NO_PAGES;
}

const NO_PAGES = "web pages may not call this";

/** Whether a request shows the key. */
export function holdsKey(request: LocalRequest, key: string): boolean {
  const [shown, ...more] = valuesOf(request, KEY_HEADER);
  return shown !== undefined && more.length === 0 && timingSafeEqual(digest(shown), digest(key));
}

// Of one length whatever was sent.
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** All values of a header: a request that has one twice is read in two ways by somebody. */
export function valuesOf({ headers }: LocalRequest, name: string): readonly string[] {
  return headers.flatMap(([one, value]) => (one.toLowerCase() === name ? [value] : []));
}
