/**
 * Everything that can stop rolecall from answering, as data.
 *
 * A refusal by STS is a value (`Decision`, `StsRefusal`), not an error; an error is what keeps us
 * from getting that far. Each code fixes the exit status, so that no command chooses its own.
 */
export const ERROR_CODES = {
  unexpected: { exit: 1, meaning: "something happened that rolecall did not foresee" },
  usage: { exit: 2, meaning: "the command line is not one that the command takes" },
  config: { exit: 2, meaning: "a file or variable holds something that rolecall cannot use" },
  refused: { exit: 3, meaning: "STS refused the exchange" },
  "no-token": { exit: 4, meaning: "no CI, or no ID token in this job" },
  unavailable: { exit: 5, meaning: "the network or AWS did not answer, also after retries" },
  "not-executable": { exit: 126, meaning: "exec: the command cannot be run" },
  "not-found": { exit: 127, meaning: "exec: the command was not found" },
} as const satisfies Record<string, { exit: number; meaning: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

// The CLI is built as two bundles, so there may be two copies of one class.
const BRAND = Symbol.for("rolecall.error");

export interface RolecallErrorOptions {
  /** Lines that the reader can paste or follow, most useful first. */
  readonly hints?: readonly string[];
  /** Lines of evidence, shown between the message and the hints. */
  readonly details?: readonly string[];
  readonly cause?: unknown;
  /** `unavailable` only: trying again would not help. */
  readonly permanent?: boolean;
}

/** An error with a code from {@link ERROR_CODES}; its message says what was expected and what was got. */
export class RolecallError extends Error {
  readonly code: ErrorCode;
  readonly hints: readonly string[];
  readonly details: readonly string[];
  readonly permanent: boolean;
  readonly [BRAND] = true;

  /** `instanceof` knows the errors of another copy of this module, too; a class made from this one keeps its own. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === RolecallError ? isRolecallError(value) : super[Symbol.hasInstance](value);
  }

  constructor(code: ErrorCode, message: string, options: RolecallErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "RolecallError";
    this.code = code;
    this.hints = options.hints ?? [];
    this.details = options.details ?? [];
    this.permanent = options.permanent ?? false;
  }
}

/** True for a {@link RolecallError} of this or another copy of this module. */
export function isRolecallError(value: unknown): value is RolecallError {
  return typeof value === "object" && value !== null && BRAND in value;
}

/** The exit status that an error code stands for. */
export function exitStatus(code: ErrorCode): number {
  return ERROR_CODES[code].exit;
}
