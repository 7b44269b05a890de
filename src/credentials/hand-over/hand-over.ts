import type { Credentials } from "../../core/credentials.ts";
import type { Env } from "../../ci/ci.ts";

/** What is handed over. */
export interface Session {
  readonly credentials: Credentials;
  readonly region: string | undefined;
  /** The subject of the job's ID token: untrusted text. */
  readonly subject: string;
  /** Variables that are set now and would win over the session's. */
  readonly shadows: readonly string[];
}

/** What handing over needs of the outside. */
export interface HandOverIo {
  readonly env: Env;
  /** The file that the user named, if any. */
  readonly output: string | undefined;
  readonly out: (text: string) => void;
  readonly note: (text: string) => void;
  /** Runs a command without a shell, with this on its standard input; false when it fails or is not there. */
  readonly pipe: (command: readonly string[], input: string) => Promise<boolean>;
}

/** One CI's way to give credentials to what comes later in the job. */
export interface HandOver {
  /**
   * Looks whether it can be done, before AWS is asked.
   *
   * @throws RolecallError `usage`, `config`
   */
  readonly ready: (io: HandOverIo) => void;
  /** @throws RolecallError `config` when a file cannot be written */
  readonly give: (session: Session, io: HandOverIo) => Promise<void>;
}
