import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, randomUUID, sign } from "node:crypto";
import { promisify } from "node:util";

import type { Claims, Json } from "../core/token.ts";
import type { OutboundRecord } from "./records.ts";

/** How the account's own issuer signs. STS API reference, GetWebIdentityToken. */
export type OutboundAlgorithm = keyof OutboundRecord["keys"];

// Recorded from AWS, 2026-09: what keys are called, and the members of the documents.
const KEYS = {
  RS256: { kid: "RSA_0", digest: "sha256" },
  ES384: { kid: "EC384_0", digest: "sha384" },
} as const satisfies Record<OutboundAlgorithm, object>;

const makeKeys = promisify(generateKeyPair);

/** An issuer with keys of its own; the form of its name is that of the IAM guide, outbound identity federation. */
export async function newOutbound(): Promise<OutboundRecord> {
  const [rsa, ec] = await Promise.all([
    makeKeys("rsa", { modulusLength: 2048 }),
    makeKeys("ec", { namedCurve: "P-384" }),
  ]);
  const issuer = `https://${randomUUID()}.tokens.sts.global.api.aws`;
  return { issuer, enabled: false, keys: { RS256: pem(rsa.privateKey), ES384: pem(ec.privateKey) } };
}

function pem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

/** Signs claims as the account's own issuer. `payload`: their JSON. */
export function signOutbound({ keys }: OutboundRecord, alg: OutboundAlgorithm, payload: string): string {
  const { kid, digest } = KEYS[alg];
  const signed = `${encode(JSON.stringify({ kid, typ: "JWT", alg }))}.${encode(payload)}`;
  // RFC 7518: an ECDSA signature is two numbers of a fixed length; RSA does not look at the encoding.
  const key = { key: createPrivateKey(keys[alg]), dsaEncoding: "ieee-p1363" as const };
  return `${signed}.${sign(digest, Buffer.from(signed), key).toString("base64url")}`;
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64url");
}

/** The path of an issuer's documents: the host of its name. */
export function outboundName({ issuer }: OutboundRecord): string {
  return new URL(issuer).host;
}

/** The public keys of an issuer, as it serves them. */
export function outboundJwks({ keys }: OutboundRecord): Claims {
  const published = (["RS256", "ES384"] as const).map((alg): Json => {
    const { kty = "", n, e, crv, x, y } = createPublicKey(keys[alg]).export({ format: "jwk" });
    const own: Claims = n === undefined || e === undefined ? { crv: crv ?? "", x: x ?? "", y: y ?? "" } : { n, e };
    return { kty, kid: KEYS[alg].kid, alg, use: "sig", ...own };
  });
  return { keys: published };
}

/** The discovery document. `jwksUri`: where this cloud serves the keys. */
export function outboundDiscovery({ issuer }: OutboundRecord, jwksUri: string): Claims {
  return {
    issuer,
    jwks_uri: jwksUri,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: Object.keys(KEYS),
    claims_supported: ["sub", "iss", "aud", "exp", "iat", "jti", "https://sts.amazonaws.com/"],
  };
}
