import { RolecallError } from "../core/errors.ts";

export type ProxyEnv = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a URL by `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, lower case first as
 * curl has it; null for a direct connection. Loopback never goes through a proxy.
 *
 * @throws RolecallError `config` when the variable is not a URL
 */
export function proxyFor(url: URL, env: ProxyEnv): URL | null {
  const names = url.protocol === "https:" ? ["HTTPS_PROXY", "ALL_PROXY"] : ["HTTP_PROXY", "ALL_PROXY"];
  const name = names.flatMap((one) => [one.toLowerCase(), one]).find((one) => env[one]);
  if (!name || isLoopback(url.hostname) || isExcluded(url, env["no_proxy"] || env["NO_PROXY"] || "")) return null;
  return parseProxy(env[name] ?? "", name);
}

function parseProxy(text: string, name: string): URL {
  const url = tryUrl(text.includes("://") ? text : `http://${text}`);
  if (url && (url.protocol === "http:" || url.protocol === "https:")) return url;
  throw new RolecallError("config", `${name} is not the URL of an HTTP proxy: expected http://host:port`);
}

function tryUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** True for this machine's own addresses. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** `NO_PROXY`: hosts and domains between commas or blanks, each with a port if wanted; `*` is all. */
function isExcluded(url: URL, list: string): boolean {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      const [, host = "", entryPort] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
      if (entryPort && entryPort !== port) return false;
      const domain = host.replace(/^\*?\./, "");
      return host === "*" || url.hostname === domain || url.hostname.endsWith(`.${domain}`);
    });
}
