import type { RoleRecord, UserRecord } from "./records.ts";
import type { Session } from "./session.ts";

/** Who signed a call. */
export type Principal = User | RoleSession;

interface Identity {
  readonly arn: string;
  /** `AIDA…`, or `AROA…:session`. */
  readonly userId: string;
  readonly account: string;
}

export interface User extends Identity {
  readonly kind: "user";
  readonly name: string;
  readonly user: UserRecord;
  /** True when GetSessionToken gave the credentials. */
  readonly temporary: boolean;
}

export interface RoleSession extends Identity {
  readonly kind: "session";
  readonly session: Session;
  readonly role: RoleRecord;
}
