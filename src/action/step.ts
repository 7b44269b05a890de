import { writeSync } from "node:fs";

/** The outside as a step of a workflow sees it; tests give their own. */
export interface Step {
  /** A copy of the process's own: what is exported for later steps is seen by the rest of this one too. */
  readonly env: Record<string, string | undefined>;
  /** The step's log, in which the runner also looks for commands. */
  readonly out: (text: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What the runner was told to mask, and what no line of ours may show either. */
  readonly masked: Set<string>;
}

/** This process's own. */
export function processStep(): Step {
  return { env: { ...process.env }, out: (text) => writeAll(Buffer.from(text)), now: Date.now, masked: new Set() };
}

/** Written at once: what `process.stdout` is given may still be under way when the process ends. */
function writeAll(bytes: Buffer): void {
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      // A full pipe that does not block; its reader needs a moment.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
