import type { Ci } from "../ci/ci.ts";
import type { Token } from "../core/token.ts";
import type { RoleView } from "./role-view.ts";
import type { SignatureVerdict } from "./signature-verdict.ts";

/** One exchange to be explained. */
export interface Request {
  readonly token: Token;
  readonly view: RoleView;
  readonly sessionName: string;
  /** Where STS is asked, when that is known. */
  readonly region?: string | undefined;
  /** Seconds. */
  readonly duration: number | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Null where the job's CI is not known. */
  readonly ci: Ci | null;
  /** The token's scope as an entry of `allow:`. */
  readonly allowEntry: string | null;
  readonly signature: SignatureVerdict;
}
