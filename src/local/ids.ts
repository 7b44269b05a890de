import { randomBytes } from "./random.ts";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const LETTERS = Buffer.from(BASE32);
// Of what is longest here, a seed of forty bytes.
const room = Buffer.alloc(64);

/**
 * RFC 4648, without padding; up to forty bytes. Through a Buffer: a text that is put together letter by letter is a
 * rope, which has to be made flat when it is sent.
 */
export function encodeBase32(bytes: Uint8Array): string {
  let bits = 0;
  let count = 0;
  let length = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xfff;
    count += 8;
    for (; count >= 5; count -= 5) room[length++] = LETTERS[(bits >> (count - 5)) & 31] ?? 0;
  }
  return room.toString("latin1", 0, length);
}

/** What an access key begins with: a user's, or a session's. */
export type KeyPrefix = "AKIA" | "ASIA";

/**
 * A new access key id. As AWS does, it carries the account: bits 1 to 40 of the sixteen base32
 * characters. Source: the well-known decoding, awsteele.com/blog/2020/09/26.
 */
export function newAccessKeyId(prefix: KeyPrefix, account: string): string {
  const bytes = randomBytes(10);
  const head = 2 ** 47 + Number(account) * 2 ** 7 + (bytes.readUIntBE(0, 6) & 0x7f);
  bytes.writeUIntBE(head, 0, 6);
  return prefix + encodeBase32(bytes);
}

/** The account that an access key id carries, or null when it has not the form. */
export function accountOfKey(accessKeyId: string): string | null {
  const match = /^A[KS]IA([A-Z2-7]{16})$/.exec(accessKeyId);
  if (!match?.[1]) return null;
  let bits = 0n;
  for (const character of match[1]) bits = (bits << 5n) | BigInt(BASE32.indexOf(character));
  return String((bits >> 39n) & 0xff_ffff_ffffn).padStart(12, "0");
}

/** Forty characters, as AWS's secret keys have. */
export function newSecretAccessKey(): string {
  return randomBytes(30).toString("base64");
}

/** A unique id of IAM: `AROA…` for a role, `AIDA…` for a user, `AGPA…` for a group, `ANPA…` for a policy, `AIPA…` for an instance profile, `ACCA…` for a credential of a service, `ASCA…` for a server certificate; 21 characters in all. */
export function newUniqueId(prefix: "AROA" | "AIDA" | "AGPA" | "ANPA" | "AIPA" | "ACCA" | "ASCA"): string {
  return prefix + encodeBase32(randomBytes(11)).slice(0, 17);
}

/** An id of an SSH public key: `APKA…`, 20 characters. IAM API reference, SSHPublicKey. */
export function newSshKeyId(): string {
  return `APKA${encodeBase32(randomBytes(10))}`;
}

/** An id without a prefix, 32 characters: of signing certificates, and of SAML providers and their keys. IAM API reference. */
export function newCertificateId(): string {
  return encodeBase32(randomBytes(20));
}

/** The secret that a virtual MFA device shares with its user: 64 characters of base32, as AWS's have. */
export function newMfaSeed(): string {
  return encodeBase32(randomBytes(40));
}
