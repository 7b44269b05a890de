import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { isLoopback } from "../wire/discovery.ts";
import { valuesOf } from "./console-guard.ts";
import { json, type LocalRequest, type LocalResponse } from "./http.ts";

/** Where the console's page is. */
export const CONSOLE = "/_rolecall/console";

/** The page's address, for whoever may act: the key is in the fragment, which browsers send to nobody. */
export function consoleAddress(endpoint: string, key: string): string {
  return `${endpoint}${CONSOLE}#key=${key}`;
}

/**
 * Answers the request for the page. It holds nothing of the account, and so asks for no key; a link of another site may
 * lead to it, but no site may have it in a frame or read it.
 */
export function answerConsolePage(request: LocalRequest): LocalResponse {
  const refusal = refusalOf(request);
  if (refusal) return json(403, { error: refusal, hints: [] });
  if (request.method !== "GET")
    return {
      ...json(405, { error: `expected GET, got ${request.method}`, hints: [] }),
      headers: { "content-type": "application/json", allow: "GET" },
    };
  const page = readPage();
  return page ?? json(503, { error: "the console is missing from this installation", hints: ["npm run build"] });
}

function refusalOf(request: LocalRequest): string | null {
  const hosts = valuesOf(request, "host");
  if (hosts.length !== 1 || !hosts.every((host) => isLoopback(host.replace(/:\d+$/, ""))))
    return `expected a Host that is this machine, got ${JSON.stringify(hosts.join(", "))}`;
  if (valuesOf(request, "origin").length > 0) return "web pages may not read this";
  const destinations = valuesOf(request, "sec-fetch-dest");
  return destinations.every((one) => one === "document" || one === "empty") ? null : "this may not be in another page";
}

// Where the built page is from here: of the library and the commands, of what they share, of the source.
const PLACES = ["../console/index.html", "../../console/index.html", "../../dist/console/index.html"];

let page: LocalResponse | null = null;

/** Read when it is first asked for: most clouds never have it looked at. */
function readPage(): LocalResponse | null {
  if (page) return page;
  for (const place of PLACES) {
    const html = readFileOrNull(fileURLToPath(new URL(place, import.meta.url)));
    if (html !== null) return (page = { status: 200, headers: headersOf(html), body: html });
  }
  return null;
}

function readFileOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function headersOf(html: string): Readonly<Record<string, string>> {
  return {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": policyOf(html),
    "cache-control": "no-cache",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  };
}

/**
 * Exactly the page's own script and style run, known by their hashes; nothing comes from elsewhere, nothing goes
 * elsewhere, and no text can become markup or code (Trusted Types). Source: CSP Level 3.
 */
export function policyOf(html: string): string {
  return [
    "default-src 'none'",
    `script-src ${hashesOf(html, "script")}`,
    `style-src ${hashesOf(html, "style")}`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

function hashesOf(html: string, element: "script" | "style"): string {
  const found = [...html.matchAll(new RegExp(`<${element}[^>]*>(.*?)</${element}>`, "gs"))];
  const hashes = found.map(([, text = ""]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  return hashes.length > 0 ? hashes.join(" ") : "'none'";
}
