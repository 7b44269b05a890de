import { issuerName } from "../../core/arn.ts";
import { COMMON_KEYS, issuerClaims } from "../../core/condition-keys.ts";
import { type Claims, showClaim, textClaim } from "../../core/token.ts";

/** What STS makes of a claim. */
export type Reader =
  /** It looks at it itself. */
  | "sts"
  /** Trust policies can test it, by a condition key. */
  | "policy"
  /** It becomes tags, source identity or a limit of the session. */
  | "session"
  /** Nobody at AWS sees it. */
  | "nobody";

export interface ClaimRow {
  readonly name: string;
  readonly value: string;
  readonly reader: Reader;
  /** The condition key that holds it, where there is one. */
  readonly key: string | null;
  /** What it was before, where the last choice changed it; null where it was not there. Undefined: it is the same. */
  readonly before?: string | null;
}

/** Claims that each new token has others of: a difference says nothing. */
const OF_THE_MOMENT = new Set(["iat", "exp", "nbf", "jti"]);

const READ_BY_STS = ["iss", "sub", "aud", "azp", "exp", "iat", "nbf"];

/**
 * The claims of a token, first those that AWS reads, with what the last choice changed. A token of another issuer is
 * another token altogether: it is not compared.
 */
export function claimRows(claims: Claims, earlier: Claims | null): readonly ClaimRow[] {
  const before = comparable(claims, earlier);
  const issuer = issuerName(textClaim(claims, "iss") ?? "");
  const rows = Object.keys(claims).map((name) => rowOf(name, claims, issuer, before));
  return rows.toSorted((a, b) => order(a) - order(b));
}

function comparable(claims: Claims, earlier: Claims | null): Claims | null {
  return earlier && earlier["iss"] === claims["iss"] ? earlier : null;
}

function rowOf(name: string, claims: Claims, issuer: string, before: Claims | null): ClaimRow {
  const value = showClaim(claims, name);
  const then = before && Object.hasOwn(before, name) ? showClaim(before, name) : null;
  const isOther = before !== null && then !== value && !OF_THE_MOMENT.has(name);
  return { name, value, ...readerOf(name, issuer), ...(isOther ? { before: then } : {}) };
}

function readerOf(name: string, issuer: string): Pick<ClaimRow, "reader" | "key"> {
  const isKey = [...COMMON_KEYS, ...issuerClaims(issuer)].includes(name);
  const key = name === "azp" ? `${issuer}:aud` : isKey ? `${issuer}:${name}` : null;
  if (READ_BY_STS.includes(name)) return { reader: "sts", key };
  if (name.startsWith("https://aws.amazon.com/")) return { reader: "session", key: null };
  return { reader: isKey ? "policy" : "nobody", key };
}

const ORDER: Readonly<Record<Reader, number>> = { sts: 0, session: 100, policy: 200, nobody: 300 };

function order({ name, reader }: ClaimRow): number {
  return ORDER[reader] + Math.max(0, READ_BY_STS.indexOf(name));
}

/** Rows by who reads them, in that order; a group that would be empty is left out. */
export function claimGroups(
  rows: readonly ClaimRow[],
): readonly { readonly reader: Reader; readonly rows: readonly ClaimRow[] }[] {
  const readers = ["sts", "session", "policy", "nobody"] as const;
  return readers
    .map((reader) => ({ reader, rows: rows.filter((row) => row.reader === reader) }))
    .filter((group) => group.rows.length > 0);
}

/** Names of claims that the last choice took away. */
export function goneClaims(claims: Claims, earlier: Claims | null): readonly string[] {
  return Object.keys(comparable(claims, earlier) ?? {}).filter(
    (name) => !Object.hasOwn(claims, name) && !OF_THE_MOMENT.has(name),
  );
}
