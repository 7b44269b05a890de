import { RolecallError } from "../core/errors.ts";
import { isLoopback } from "../wire/proxy.ts";
import { given, type JobInput } from "./given.ts";
import type { Io } from "./io.ts";

/**
 * The STS that the user names; null for AWS's own.
 *
 * @throws RolecallError `config`
 */
export function findEndpoint(options: JobInput, io: Io): URL | null {
  const ignored = io.env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.toLowerCase() === "true";
  const endpoint = given("endpoint-url", options, io);
  if (!endpoint || (ignored && endpoint.from !== "--endpoint-url")) return null;
  return parseEndpoint(endpoint.value, endpoint.from);
}

/**
 * The URL of an STS that is not AWS's own.
 *
 * @throws RolecallError `config`; plain http is only for this machine, since the token travels in the body
 */
export function parseEndpoint(text: string, from: string): URL {
  const url = tryUrl(text);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new RolecallError(
      "config",
      `${from} is not the URL of an STS: expected https://host, got ${JSON.stringify(text.slice(0, 100))}`,
    );
  }
  if (url.protocol === "https:" || isLoopback(url.hostname)) return url;
  throw new RolecallError("config", `${from} would send the ID token in the clear: expected https, got ${url.origin}`, {
    hints: ["plain http is taken for 127.0.0.1, [::1] and localhost only"],
  });
}

function tryUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
