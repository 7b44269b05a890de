import type { SignatureState } from "../core/decide.ts";

/** What AWS would make of a token's signature, as far as it can be known here. */
export interface SignatureVerdict {
  readonly state: SignatureState;
  /** How it was checked, or why it was not. */
  readonly says: string;
  /** The catalogue's entry, where AWS would refuse it. */
  readonly failure?: string;
  readonly fix?: string;
}
