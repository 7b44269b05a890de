import type { Secret } from "./secret.ts";

/** Temporary security credentials of a role session. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken: Secret;
  readonly expiration: Date;
  /** The session's ARN: `arn:aws:sts::<account>:assumed-role/<role>/<session name>`. */
  readonly role: string;
}

/** True for what AWS makes keys and session tokens of: shells, files and environments take it as it is. */
export function isShellSafe(text: string): boolean {
  return /^[A-Za-z0-9+/=_.:-]+$/.test(text);
}
