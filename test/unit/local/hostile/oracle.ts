import { compactVerify } from "jose";

import type { Workshop } from "./forge.ts";

/** `accept` and `refuse` are what AWS does, by recordings or documentation; `unknown` is what nobody has seen. */
export type Verdict = "accept" | "refuse" | "unknown";

type Fields = Readonly<Record<string, unknown>>;

const CLEAN = /^[A-Za-z0-9_-]*$/;
const ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];
const LEEWAY = 300;

/**
 * What AWS makes of a token, said once more, from the recordings and with another library for the signature. It shares
 * no line with what it judges.
 */
export async function judge(token: string, workshop: Workshop, role: string): Promise<Verdict> {
  if (token.length < 4 || token.length > 20_000) return "refuse";
  const parts = token.split(".");
  if (parts.length !== 3 || !parts.every((part) => CLEAN.test(part))) return "refuse";
  const [header, claims] = [documentOf(parts[0] ?? ""), documentOf(parts[1] ?? "")];
  if (!header || !claims) return "refuse";
  const verdicts = [
    await judgeSignature(token, header, workshop),
    ...judgeClaims(claims, workshop),
    judgeRoles(claims, role),
  ];
  if (verdicts.includes("refuse")) return "refuse";
  return verdicts.includes("unknown") ? "unknown" : "accept";
}

function documentOf(part: string): Fields | null {
  const bytes = Buffer.from(part, "base64url");
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

async function judgeSignature(token: string, header: Fields, { issuer }: Workshop): Promise<Verdict> {
  const { alg, kid } = header;
  if (typeof alg !== "string" || !ALGORITHMS.includes(alg)) return "refuse";
  if ("crit" in header || "b64" in header) return "refuse";
  const key = [issuer.rsa, issuer.ec].find((pair) => pair.kid === kid);
  // Captured: with two keys a token must name one.
  if (!key) return "refuse";
  const [text = ""] = /[^.]*$/.exec(token) ?? [];
  if (Buffer.from(text, "base64url").toString("base64url") !== text) return "refuse";
  try {
    await compactVerify(token, key.publicKey, { algorithms: ALGORITHMS });
    // What else the header says is ignored. RFC 7515, section 4.
    return "accept";
  } catch {
    return "refuse";
  }
}

function judgeClaims(claims: Fields, { issuer, subject, now, audiences }: Workshop): readonly Verdict[] {
  return [
    claims["iss"] === issuer.url ? "accept" : "refuse",
    claims["sub"] === subject ? "accept" : "refuse",
    judgeAudience(claims, audiences),
    judgeTime(claims["exp"], (time) => time > now - LEEWAY),
    judgeTime(claims["iat"], (time) => time <= now + LEEWAY),
    "nbf" in claims ? judgeTime(claims["nbf"], (time) => time <= now + LEEWAY) : "accept",
    judgeTags(claims),
    // Captured for values of the right form; the trust policy does not let it in, whatever it is.
    "https://aws.amazon.com/source_identity" in claims ? "refuse" : "accept",
  ];
}

function judgeAudience(claims: Fields, audiences: readonly string[]): Verdict {
  const { aud, azp } = claims;
  if (aud === undefined || (Array.isArray(aud) && aud.length === 0)) return "refuse";
  if ("azp" in claims) {
    if (typeof azp !== "string" || !audiences.includes(azp)) return "refuse";
    const texts: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
    // Captured: beside a good azp the audience does not count. Only of texts, though.
    return texts.every((one) => typeof one === "string") ? "accept" : "unknown";
  }
  const list: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  const [only] = list;
  return list.length === 1 && typeof only === "string" && audiences.includes(only) ? "accept" : "refuse";
}

function judgeTime(value: unknown, holds: (time: number) => boolean): Verdict {
  const digits = typeof value === "string" && /^\d+$/.test(value);
  const time = digits ? Number(value) : value;
  if (typeof time !== "number" || !Number.isInteger(time) || !holds(time)) return "refuse";
  // Captured for times of this age; not for those before 1970 or after the year 285 million.
  return time < 0 || !Number.isSafeInteger(time) ? "unknown" : "accept";
}

// The trust policy does not allow sts:TagSession.
function judgeTags(claims: Fields): Verdict {
  const names = Object.keys(claims).filter((name) => name.startsWith("https://aws.amazon.com/tags"));
  if (names.length === 0) return "accept";
  const nested = claims["https://aws.amazon.com/tags"];
  const empty = names.length === 1 && typeof nested === "object" && nested !== null && !Array.isArray(nested);
  const principal: unknown = empty ? (nested as Fields)["principal_tags"] : null;
  return empty && (principal === undefined || principal === null || isEmpty(principal)) ? "unknown" : "refuse";
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function judgeRoles(claims: Fields, role: string): Verdict {
  const name = "https://aws.amazon.com/roles";
  if (!(name in claims)) return "accept";
  const value = claims[name];
  const list: readonly unknown[] = typeof value === "string" ? value.split(";") : Array.isArray(value) ? value : [];
  return list.includes(role) ? "accept" : "refuse";
}
