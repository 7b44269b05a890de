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
