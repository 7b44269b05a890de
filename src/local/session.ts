import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";

import { Secret } from "../core/secret.ts";
import { randomBytes } from "./random.ts";

/**
 * A role session. Nothing of it is stored: the session token carries it, encrypted and authenticated,
 * so that credentials live on when the cloud is started again from its state.
 */
export interface Session {
  readonly roleArn: string;
  readonly roleName: string;
  readonly roleId: string;
  readonly sessionName: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** ARN of the OIDC provider; empty, like subject and audience, when AssumeRole began the session. */
  readonly provider: string;
  /** The token's subject and audience, as condition keys give them. */
  readonly subject: string;
  readonly audience: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity: string | null;
  /** Session policies: the inline document, and ARNs of managed policies. */
  readonly policy: string | null;
  readonly policyArns: readonly string[];
}

/** A session of a user, as GetSessionToken gives it. */
export interface UserSession {
  readonly userName: string;
  readonly userId: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface SessionKeys {
  readonly secretAccessKey: Secret;
  readonly sessionToken: Secret;
}

// Real tokens begin with IQoJb3JpZ2luX2Vj, which is these bytes in base64.
const PREFIX = Buffer.from("!\n\torigin_ec", "latin1");
const NONCE = 12;
const TAG = 16;

/** Makes the secret key and the session token of a session. */
export function sealSession(session: Session | UserSession, accessKeyId: string, key: Buffer): SessionKeys {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(accessKeyId));
  const sealed = cipher.update(JSON.stringify(session), "utf8");
  // GCM holds nothing back: what is left is only the tag.
  cipher.final();
  const token = Buffer.concat([PREFIX, nonce, cipher.getAuthTag(), sealed]).toString("base64");
  return { secretAccessKey: sessionSecret(accessKeyId, key), sessionToken: new Secret(token) };
}

/** The session that a token carries, or null when the token is not one that was issued with this access key id. */
export function openSession(token: string, accessKeyId: string, key: Buffer): Session | UserSession | null {
  const bytes = Buffer.from(token, "base64");
  const start = PREFIX.length + NONCE + TAG;
  // Base64 can be written in several ways; only the way it was issued is taken.
  if (bytes.toString("base64") !== token || bytes.length <= start || !bytes.subarray(0, PREFIX.length).equals(PREFIX))
    return null;
  const nonce = bytes.subarray(PREFIX.length, PREFIX.length + NONCE);
  const tag = bytes.subarray(PREFIX.length + NONCE, start);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG })
      .setAAD(Buffer.from(accessKeyId))
      .setAuthTag(tag);
    const plain = Buffer.concat([decipher.update(bytes.subarray(start)), decipher.final()]);
    return JSON.parse(plain.toString()) as Session | UserSession;
  } catch {
    return null;
  }
}

/** The secret of a session's access key: 40 characters that follow from its id, so that they need not be kept. */
export function sessionSecret(accessKeyId: string, key: Buffer): Secret {
  // The first 30 bytes are the first 40 characters.
  return new Secret(createHmac("sha256", key).update(`secret of ${accessKeyId}`).digest("base64").slice(0, 40));
}
