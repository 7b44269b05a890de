import { RolecallError } from "./errors.ts";
import { Secret } from "./secret.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The claims of an ID token, as the issuer wrote them. Nothing has been verified. */
export type Claims = { readonly [claim: string]: Json };

/** An ID token, decoded and not verified. */
export interface Token {
  readonly raw: Secret;
  readonly header: { readonly alg: string; readonly kid?: string; readonly [parameter: string]: Json | undefined };
  readonly claims: Claims;
}

/** A token whose signature was checked against the issuer's published key. Only `wire/oidc` makes one. */
export type VerifiedToken = Token & { readonly [verified]: true };
declare const verified: unique symbol;

/** What came of reading a text as a token: a reason is a value, since STS answers to it too. */
export type TokenReading =
  | { readonly kind: "token"; readonly token: Token }
  | { readonly kind: "unreadable"; readonly reason: string };

const BASE64URL = /^[A-Za-z0-9_-]*$/;

function isBase64Url(text: string): boolean {
  return BASE64URL.test(text) && text.length % 4 !== 1;
}

/** The text that a base64url text stands for; null when it is not base64url, null or an error when that is not UTF-8. */
export type Base64UrlDecoder = (text: string) => string | null;

// What every platform has; Node's Buffer, where there is one, is ten times faster.
const decodeWithAtob: Base64UrlDecoder = (text) =>
  isBase64Url(text) ? decodeUtf8(atob(text.replaceAll("-", "+").replaceAll("_", "/"))) : null;

/** @throws TypeError for bytes that are not UTF-8 */
function decodeUtf8(bytes: string): string {
  // Nearly every token is ASCII, for which nothing has to be loaded or copied.
  if (!NOT_ASCII.test(bytes)) return bytes;
  const list = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) list[at] = bytes.charCodeAt(at);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(list);
}

const NOT_ASCII = /[\u0080-\u00ff]/;

function decodeObject(part: string, decode: Base64UrlDecoder): { readonly [key: string]: Json } | null {
  try {
    const text = decode(part);
    const value: Json = text === null ? null : (JSON.parse(text) as Json);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** True for a JSON object; arrays and null are not. */
export function isObject(value: unknown): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads a text as a compact JWS. White space is significant, as it is to STS.
 *
 * @param decode a server passes a faster one
 */
export function readToken(text: string, decode: Base64UrlDecoder = decodeWithAtob): TokenReading {
  const unreadable = (reason: string): TokenReading => ({ kind: "unreadable", reason });
  const parts = text.split(".");
  if (parts.length !== 3) return unreadable(`expected three parts between dots, got ${parts.length}`);
  const [headerPart = "", claimsPart = "", signaturePart = ""] = parts;
  const header = decodeObject(headerPart, decode);
  if (!header) return unreadable("the first part is not a base64url-encoded JSON object");
  const claims = decodeObject(claimsPart, decode);
  if (!claims) return unreadable("the second part is not a base64url-encoded JSON object");
  if (!isBase64Url(signaturePart)) return unreadable("the third part is not base64url");
  const { alg, kid } = header;
  if (typeof alg !== "string") return unreadable("the header names no algorithm (alg)");
  if (kid !== undefined && typeof kid !== "string") return unreadable("the header's key id (kid) is not text");
  // The two members that a Token's header has beyond any object were just looked at.
  return { kind: "token", token: { raw: new Secret(text), header: header as Token["header"], claims } };
}

/**
 * Decodes a token.
 *
 * @param from where it came from, as the reader would name it (`--token-file token.jwt`, `OIDC_TOKEN`)
 * @throws RolecallError `config` when the text is not a JWT; the text itself is never in the message
 */
export function parseToken(text: string, from: string): Token {
  const reading = readToken(text);
  if (reading.kind === "token") return reading.token;
  throw new RolecallError("config", `${from} does not hold a JWT: ${reading.reason}`, { hints: notAJwtHints(text) });
}

function notAJwtHints(text: string): string[] {
  if (text.trim() === "") return ["it is empty: is the variable set in this job, and is id_tokens: on this job?"];
  if (/^glc?bt-|^glpat-/.test(text))
    return ["this looks like CI_JOB_TOKEN or an access token; an ID token comes from id_tokens: in .gitlab-ci.yml"];
  if (/^[/~.]/.test(text) && !text.includes("\n")) return ["this looks like a path; pass it with --token-file"];
  if (/^["']/.test(text.trim())) return ["remove the quotes around the token"];
  return ["an ID token is three base64url parts with dots between: eyJ….eyJ….…"];
}

/** The claim as text when it is text, else undefined. */
export function textClaim(claims: Claims, name: string): string | undefined {
  const value = claims[name];
  return typeof value === "string" ? value : undefined;
}

/** The claim for a person to read: text as it is, everything else as JSON; empty when absent. */
export function showClaim(claims: Claims, name: string): string {
  const value = claims[name];
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The audiences of a token: `aud` may be one string or a list. Source: RFC 7519 section 4.1.3. */
export function audiencesOf(claims: Claims): readonly string[] {
  const aud = claims["aud"];
  if (typeof aud === "string") return [aud];
  return Array.isArray(aud) ? aud.filter((one): one is string => typeof one === "string") : [];
}

/**
 * A time claim in seconds since 1970, or null when AWS would refuse its form. AWS takes whole numbers,
 * and whole numbers in a string. Source: recorded answers, see docs/decisions/0003.
 */
export function timeClaim(value: Json | undefined): number | null {
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : null;
  return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : null;
}
