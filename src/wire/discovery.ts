import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

import { isObject, type Json } from "../core/token.ts";
import { type KeySetReading, readKeySet } from "./jwks.ts";

/** Gives an issuer's keys. `refresh`: the keys at hand did not have the token's kid. */
export type KeyFinder = (issuer: string, refresh: boolean) => Promise<KeySetReading>;

export interface IssuerKeysOptions {
  readonly now: () => number;
  /** Gets a JSON document; for tests. */
  readonly getJson?: (url: URL, signal: AbortSignal) => Promise<Json>;
  /** Milliseconds for discovery and keys together. */
  readonly budget?: number;
}

/** AWS gives an issuer about five seconds. AWS re:Post, iam-sts-invalididentitytoken. */
const BUDGET = 5000;
// AWS keeps keys for a time that it does not tell; a token with a new kid is always looked up.
const KEEP = 5 * 60 * 1000;
// How many look-ups for unknown kids may follow each other, and how soon another one may.
const BURST = 10;
const REFILL = 1000;

interface Cached {
  readonly reading: Promise<KeySetReading>;
  readonly since: number;
  settled: boolean;
  misses: number;
}

/** Finds issuers' keys by discovery, one fetch at a time for each issuer, and keeps them for five minutes. */
export function createKeyFinder({ now, getJson = fetchJson, budget = BUDGET }: IssuerKeysOptions): KeyFinder {
  const cache = new Map<string, Cached>();

  function start(issuer: string, misses: number): Promise<KeySetReading> {
    const reading = discover(issuer, getJson, budget);
    const entry: Cached = { reading, since: now(), settled: false, misses };
    cache.set(issuer, entry);
    return reading.then((result) => {
      entry.settled = true;
      if (result.kind === "unreachable" && cache.get(issuer) === entry) cache.delete(issuer);
      return result;
    });
  }

  return async (issuer, refresh) => {
    const held = cache.get(issuer);
    if (!held) return start(issuer, 0);
    if (!held.settled) return held.reading;
    const age = now() - held.since;
    // Anybody can send a token with a random kid; that must not become a flood at the issuer's door.
    const misses = Math.max(0, held.misses - Math.floor(age / REFILL));
    if (age < KEEP && !(refresh && misses < BURST)) return held.reading;
    return start(issuer, refresh ? misses + 1 : 0);
  };
}

async function discover(
  issuer: string,
  getJson: NonNullable<IssuerKeysOptions["getJson"]>,
  budget: number,
): Promise<KeySetReading> {
  const signal = AbortSignal.timeout(budget);
  try {
    const base = issuer.endsWith("/") ? issuer.slice(0, -1) : issuer;
    const document = await getJson(allowedUrl(`${base}/.well-known/openid-configuration`), signal);
    const { issuer: named, jwks_uri: address } = isObject(document) ? document : {};
    if (named !== issuer)
      throw new Error(`its discovery document names the issuer ${JSON.stringify(named ?? null)}, not ${issuer}`);
    if (typeof address !== "string") throw new Error("its discovery document has no jwks_uri");
    return readKeySet(await getJson(allowedUrl(address), signal));
  } catch (error) {
    return { kind: "unreachable", reason: `${issuer}: ${reasonOf(error, budget)}` };
  }
}

function reasonOf(error: unknown, budget: number): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === "TimeoutError" || error.name === "AbortError"
    ? `no answer within ${budget / 1000} s`
    : error.message;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** True for the host part of a URL that names this machine. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}

/** AWS fetches over https only; http is for issuers on this machine, a liberty of the local cloud. */
function allowedUrl(text: string): URL {
  if (!URL.canParse(text)) throw new Error(`${text} is not a URL`);
  const url = new URL(text);
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname))) return url;
  throw new Error(`${url.origin} is not https`);
}

const LARGEST = 512 * 1024;

/** Gets a JSON document over http or https: status 200, no redirect, at most 512 KiB. */
export async function fetchJson(url: URL, signal: AbortSignal): Promise<Json> {
  const text = await fetchText(url, signal);
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new Error(`${url.href} did not answer JSON`);
  }
}

function fetchText(url: URL, signal: AbortSignal): Promise<string> {
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(url, { agent: false, signal, headers: { accept: "application/json" } }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      if (response.statusCode !== 200) {
        reject(new Error(`${url.href} answered ${response.statusCode ?? "nothing"}`));
        request.destroy();
        return;
      }
      response.on("error", reject);
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > LARGEST) request.destroy(new Error(`${url.href} answered more than ${LARGEST} bytes`));
      });
      response.on("end", () => resolve(Buffer.concat(chunks).toString()));
    });
    request.on("error", reject);
    request.end();
  });
}
