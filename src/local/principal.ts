import type { RoleRecord, UserRecord } from "./records.ts";
import type { Session, UserSession } from "./session.ts";

/** Who signed a call. */
export type Principal = User | RoleSession;

interface Identity {
  readonly arn: string;
  /** `AIDA…`, `AROA…:session`, or `<account>:<name>` of a federated user. */
  readonly userId: string;
  readonly account: string;
}

export interface User extends Identity {
  readonly kind: "user";
  readonly name: string;
  readonly user: UserRecord;
  /** True when GetSessionToken or GetFederationToken gave the credentials. */
  readonly temporary: boolean;
  /** When a code of an MFA device was shown for the credentials, in seconds since 1970. */
  readonly mfaAt?: number | undefined;
  /** When temporary credentials end, in seconds since 1970. */
  readonly expiresAt?: number | undefined;
  /** Policies that scope temporary credentials down. */
  readonly scopes?: readonly string[] | undefined;
  /** The session of whom the user federated; null when the user calls. */
  readonly federated: FederatedSession | null;
}

/** A session that a user gave to somebody else, as GetFederationToken makes it. */
export interface FederatedSession extends UserSession {
  readonly federatedName: string;
  /** Session policies, without which it may do nothing: the inline document, and ARNs of managed policies. */
  readonly policy: string | null;
  readonly policyArns: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

export interface RoleSession extends Identity {
  readonly kind: "session";
  readonly session: Session;
  readonly role: RoleRecord;
}
