import { type CipherKey, createCipheriv, createDecipheriv } from "node:crypto";

import { Secret } from "../core/secret.ts";
import { newSecretAccessKey } from "./ids.ts";
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
  /** When a code of an MFA device was shown for it, in seconds since 1970; missing when none was. */
  readonly mfaAt?: number | undefined;
  /** Of a session that SAML began: the format of its subject, and the hash of issuer and provider. */
  readonly saml?: { readonly subjectType: string; readonly qualifier: string } | undefined;
  /** Scope-down policies, as GetScopedCredentials adds them: each of them must allow as well. */
  readonly scopes?: readonly string[] | undefined;
}

/** A session of a user, as GetSessionToken gives it. */
export interface UserSession {
  readonly userName: string;
  readonly userId: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** As of a role session. */
  readonly mfaAt?: number | undefined;
  readonly scopes?: readonly string[] | undefined;
}

export interface SessionKeys {
  readonly secretAccessKey: Secret;
  readonly sessionToken: Secret;
}

/** What a session token opens to. */
export interface OpenedSession {
  readonly session: Session | UserSession;
  readonly secretAccessKey: Secret;
}

/** What is sealed in a session token: its access key, so that neither is kept, and the session. */
type Sealed = readonly [accessKeyId: string, secretAccessKey: string, session: Session | UserSession];

// Real tokens begin with IQoJb3JpZ2luX2Vj, which is these bytes in base64.
const PREFIX = Buffer.from("!\n\torigin_ec", "latin1");
const NONCE = 12;
const TAG = 16;
const START = PREFIX.length + NONCE + TAG;

/** Makes the secret key and the session token of a session. */
export function sealSession(session: Session | UserSession, accessKeyId: string, key: CipherKey): SessionKeys {
  const secret = newSecretAccessKey();
  const content: Sealed = [accessKeyId, secret, session];
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = cipher.update(JSON.stringify(content), "utf8");
  // GCM holds nothing back: what is left is only the tag.
  cipher.final();
  const token = Buffer.allocUnsafe(START + sealed.length);
  PREFIX.copy(token);
  nonce.copy(token, PREFIX.length);
  cipher.getAuthTag().copy(token, PREFIX.length + NONCE);
  sealed.copy(token, START);
  return { secretAccessKey: new Secret(secret), sessionToken: new Secret(token.toString("base64")) };
}

/** The session that a token carries, or null when the token is not one that was issued with this access key id. */
export function openSession(token: string, accessKeyId: string, key: Buffer): OpenedSession | null {
  const bytes = Buffer.from(token, "base64");
  // Base64 can be written in several ways; only the way it was issued is taken.
  if (bytes.toString("base64") !== token || bytes.length <= START || !bytes.subarray(0, PREFIX.length).equals(PREFIX))
    return null;
  const nonce = bytes.subarray(PREFIX.length, PREFIX.length + NONCE);
  const tag = bytes.subarray(PREFIX.length + NONCE, START);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG }).setAuthTag(tag);
    const plain = Buffer.concat([decipher.update(bytes.subarray(START)), decipher.final()]);
    const [id, secret, session] = JSON.parse(plain.toString()) as Sealed;
    return id === accessKeyId ? { session, secretAccessKey: new Secret(secret) } : null;
  } catch {
    return null;
  }
}
