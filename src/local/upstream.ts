import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

import { RolecallError } from "../core/errors.ts";
import type { LocalRequest, LocalResponse } from "./http.ts";

/**
 * Reads the address of the server that other services' calls go to.
 *
 * @throws RolecallError `config` for what is not an http or https URL
 */
export function parseUpstream(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && (url.protocol === "http:" || url.protocol === "https:") && url.username === "" && url.password === "") {
    return url;
  }
  throw new RolecallError(
    "config",
    `the upstream is not a URL: expected http://host:port or https://host:port, got ${JSON.stringify(text)}`,
  );
}

// Milliseconds without a byte; a Lambda function may run for 15 minutes before it answers.
const PATIENCE = 16 * 60_000;

// RFC 9110, section 7.6.1: these are between two neighbours only.
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Hands a call on as it came, signature included, and its answer back as it comes. Rejects when nobody answers. */
export function forward(request: LocalRequest, upstream: URL): Promise<LocalResponse> {
  const send = upstream.protocol === "https:" ? requestHttps : requestHttp;
  const base = upstream.pathname.replace(/\/$/, "");
  const path = `${base}${request.path}${request.query === "" ? "" : `?${request.query}`}`;
  const named = request.headers.filter(([name]) => name.toLowerCase() === "connection").map(([, value]) => value);
  const isDropped = dropper(named.join());
  // Already read whole, so its length is known.
  const headers = request.headers.filter(([name]) => !isDropped(name) && name.toLowerCase() !== "content-length");
  const length: readonly string[] = ["content-length", String(request.body.length)];
  return new Promise((resolve, reject) => {
    const outgoing = send(
      upstream,
      { method: request.method, path, headers: [...headers.flat(), ...length], timeout: PATIENCE, agent: false },
      (answer) => resolve(handBack(answer)),
    );
    // Nobody waits any longer: the upstream hears it too, and need not finish.
    const unhook = request.onHangUp?.(() => outgoing.destroy(new Error("the client hung up")));
    outgoing.on("close", () => unhook?.());
    outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)));
    outgoing.on("error", reject);
    outgoing.end(request.body);
  });
}

/** Tells which headers go no further; `connection` names some beside those that never do. */
function dropper(connection: string): (name: string) => boolean {
  const named = new Set(connection.split(",").map((name) => name.trim().toLowerCase()));
  return (name) => HOP_BY_HOP.has(name.toLowerCase()) || named.has(name.toLowerCase());
}

function handBack(answer: IncomingMessage): LocalResponse {
  const isDropped = dropper(answer.headers.connection ?? "");
  const headers = Object.entries(answer.headers).filter(([name]) => !isDropped(name));
  return { status: answer.statusCode ?? 502, headers: Object.fromEntries(headers.filter(isSet)), body: answer };
}

function isSet(entry: [string, string | string[] | undefined]): entry is [string, string | string[]] {
  return entry[1] !== undefined;
}
