import { constants, createHmac, type KeyObject, sign } from "node:crypto";

import type { Issuer } from "./issuer.ts";

/** What the forgers have to work with. */
export interface Workshop {
  /** The issuer that the role trusts. */
  readonly issuer: Issuer;
  /** Another issuer, which the account knows and the role does not trust. */
  readonly other: Issuer;
  /** Nobody's keys. */
  readonly thief: Issuer;
  /** Seconds since 1970: the time of the cloud. */
  readonly now: number;
  readonly audiences: readonly string[];
  readonly subject: string;
}

/** A token, and what was done to it. */
export interface Forgery {
  readonly what: string;
  readonly token: string;
}

type Fields = Readonly<Record<string, unknown>>;

export function base64url(text: string | Uint8Array): string {
  return Buffer.from(text).toString("base64url");
}

/** The claims that the role admits. */
export function goodClaims({ issuer, now, audiences, subject }: Workshop): Fields {
  return { iss: issuer.url, sub: subject, aud: audiences[0], iat: now - 10, exp: now + 600 };
}

/** Ways to sign, by name; each takes the text and a key. */
export const SIGNERS = {
  RS256: (text, key) => sign("sha256", text, key),
  RS384: (text, key) => sign("sha384", text, key),
  RS512: (text, key) => sign("sha512", text, key),
  PS256: (text, key) => pss("sha256", text, key),
  PS384: (text, key) => pss("sha384", text, key),
  PS512: (text, key) => pss("sha512", text, key),
  ES256: (text, key) => sign("sha256", text, { key, dsaEncoding: "ieee-p1363" }),
  "ES256 in DER": (text, key) => sign("sha256", text, { key, dsaEncoding: "der" }),
  ES384: (text, key) => sign("sha384", text, { key, dsaEncoding: "ieee-p1363" }),
} as const satisfies Record<string, (text: Buffer, key: KeyObject) => Buffer>;

function pss(hash: string, text: Buffer, key: KeyObject): Buffer {
  return sign(hash, text, {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  });
}

export type SignerName = keyof typeof SIGNERS;

/** Signs the two first parts as they are, whatever they hold. */
export function signParts(header: string, payload: string, key: KeyObject, signer: SignerName = "RS256"): string {
  const text = `${header}.${payload}`;
  return `${text}.${base64url(SIGNERS[signer](Buffer.from(text, "latin1"), key))}`;
}

/** Signs with a public text as if it were a shared secret: the old confusion of HS with RS. */
export function signHmac(header: string, payload: string, hash: string, secret: string | Buffer): string {
  const text = `${header}.${payload}`;
  return `${text}.${createHmac(hash, secret).update(text).digest("base64url")}`;
}

/** A token with the issuer's own RSA signature; `claims` may be JSON as text. */
export function signed(
  { issuer }: Workshop,
  claims: Fields | string,
  header: Fields | string = { alg: "RS256", kid: issuer.rsa.kid, typ: "JWT" },
): string {
  const text = (value: Fields | string): string => (typeof value === "string" ? value : JSON.stringify(value));
  return signParts(base64url(text(header)), base64url(text(claims)), issuer.rsa.privateKey);
}
