import type { Io } from "../io.ts";
import { note, printable } from "../report.ts";

/** How far something long has come: on a terminal one line that is written over, elsewhere a line for each step. */
export class Progress {
  readonly #io: Io;
  readonly #quiet: boolean;
  #shown = false;

  constructor(io: Io, quiet: boolean) {
    this.#io = io;
    this.#quiet = quiet;
  }

  step(text: string): void {
    if (this.#quiet) return;
    if (!this.#io.stderrIsTerminal) {
      note(this.#io, text);
      return;
    }
    this.#io.err(`\r\u001b[Krolecall: ${printable(text)}`);
    this.#shown = true;
  }

  /** Takes the line away, so that what follows stands by itself. */
  end(): void {
    if (this.#shown) this.#io.err("\r\u001b[K");
    this.#shown = false;
  }
}
