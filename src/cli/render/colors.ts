import type { Io } from "../io.ts";

/** Writes a text in a colour, or as it is. */
export type Paint = (text: string) => string;

export interface Colors {
  readonly good: Paint;
  readonly bad: Paint;
  readonly strong: Paint;
  readonly faint: Paint;
}

const plain: Paint = (text) => text;

function ansi(open: number, close: number): Paint {
  return (text) => `\u001b[${open}m${text}\u001b[${close}m`;
}

// Blue and orange-red keep apart for colour-blind readers too; signs say the same beside them.
const ON: Colors = { good: ansi(36, 39), bad: ansi(31, 39), strong: ansi(1, 22), faint: ansi(2, 22) };
const OFF: Colors = { good: plain, bad: plain, strong: plain, faint: plain };

/** Colours for stdout: a terminal, or a CI whose log shows them; never with NO_COLOR. */
export function colorsFor(io: Io, options: { readonly "no-color": boolean }): Colors {
  const { env } = io;
  if (options["no-color"] || env["NO_COLOR"]) return OFF;
  if (env["FORCE_COLOR"] && env["FORCE_COLOR"] !== "0") return ON;
  if (io.stdoutIsTerminal) return env["TERM"] === "dumb" ? OFF : ON;
  return env["GITLAB_CI"] === "true" || env["GITHUB_ACTIONS"] === "true" ? ON : OFF;
}
