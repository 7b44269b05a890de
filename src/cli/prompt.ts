import { createInterface } from "node:readline";

import { RolecallError } from "../core/errors.ts";
import type { Io } from "./io.ts";

/** Asks a person, one question after the other. */
export interface Prompt {
  /**
   * @param otherwise what an empty line means
   * @throws RolecallError `usage` when the terminal is at its end (Ctrl-D)
   */
  ask(question: string, otherwise: string): Promise<string>;
  /** Lets the process end. */
  close(): void;
}

/**
 * Opens the terminal for questions, or gives null where nobody is there to answer. Questions go to
 * stderr; lines are the terminal's own, so that Ctrl-C ends the process as it does anywhere.
 */
export function openPrompt(io: Io): Prompt | null {
  if (!io.stdinIsTerminal || !io.stderrIsTerminal) return null;
  // One reader for all questions: what is typed ahead of the next would be lost with this one's.
  const reader = createInterface({ input: process.stdin, terminal: false });
  const lines = reader[Symbol.asyncIterator]();
  return {
    async ask(question, otherwise) {
      io.err(`${question}${otherwise === "" ? "" : ` [${otherwise}]`}: `);
      const next = (await lines.next()) as IteratorResult<string, undefined>;
      if (next.done) throw new RolecallError("usage", "expected an answer, got the end of the input");
      return next.value.trim() || otherwise;
    },
    close: () => reader.close(),
  };
}
