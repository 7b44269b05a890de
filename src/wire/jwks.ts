import { createPublicKey, type JsonWebKey, type KeyObject, X509Certificate } from "node:crypto";

import { isObject, type Json } from "../core/token.ts";

/** An issuer's usable keys, by key id. */
export interface KeySet {
  readonly byId: ReadonlyMap<string, KeyObject>;
}

export type KeySetReading =
  | { readonly kind: "keys"; readonly keys: KeySet }
  | { readonly kind: "unreachable"; readonly reason: string };

// Field: spiffe/spire#4699, "AWS support a maximum of 100 keys"; counted for each type.
const MOST_KEYS = 100;

/** Reads a JWKS document and keeps the keys that AWS would use. Rules captured from AWS, 2026-09-11. */
export function readKeySet(document: Json): KeySetReading {
  const list = isObject(document) ? document["keys"] : undefined;
  if (!Array.isArray(list)) return { kind: "unreachable", reason: "the JWKS has no list of keys" };
  for (const type of ["RSA", "EC"]) {
    const count = list.filter((key) => isObject(key) && key["kty"] === type).length;
    if (count > MOST_KEYS)
      return { kind: "unreachable", reason: `the JWKS has ${count} ${type} keys; AWS takes ${MOST_KEYS}` };
  }
  const byId = new Map<string, KeyObject>();
  for (const jwk of list) {
    // Of two keys with one id the later counts, also when it is not usable.
    const kid = isObject(jwk) ? jwk["kid"] : undefined;
    if (typeof kid !== "string" || kid === "" || !isObject(jwk)) continue;
    const key = readKey(jwk);
    if (key) byId.set(kid, key);
    else byId.delete(kid);
  }
  return { kind: "keys", keys: { byId } };
}

function readKey(jwk: { readonly [name: string]: Json }): KeyObject | null {
  const { use, key_ops: operations, x5c } = jwk;
  if ((use !== undefined && use !== "sig") || operations !== undefined) return null;
  const key = importKey(jwk);
  if (!key || !strongEnough(key)) return null;
  return x5c === undefined || certifies(x5c, key) ? key : null;
}

function importKey({ kty, n, e, crv, x, y }: { readonly [name: string]: Json }): KeyObject | null {
  // Only the public members, so that nothing else in the document can matter.
  const members = kty === "RSA" ? { kty, n, e } : kty === "EC" ? { kty, crv, x, y } : null;
  if (!members || Object.values(members).some((value) => typeof value !== "string" || value === "")) return null;
  try {
    return createPublicKey({ key: members as JsonWebKey, format: "jwk" });
  } catch {
    return null;
  }
}

function strongEnough(key: KeyObject): boolean {
  const { modulusLength } = key.asymmetricKeyDetails ?? {};
  return modulusLength === undefined || (modulusLength >= 1024 && modulusLength <= 16_384);
}

function certifies(x5c: Json, key: KeyObject): boolean {
  const first: Json | undefined = Array.isArray(x5c) ? (x5c as readonly Json[])[0] : undefined;
  if (typeof first !== "string") return false;
  try {
    return new X509Certificate(Buffer.from(first, "base64")).publicKey.equals(key);
  } catch {
    return false;
  }
}
