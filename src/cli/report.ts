import { exitStatus, isRolecallError } from "../core/errors.ts";
import type { Io } from "./io.ts";

/** Says something to a person. */
export function note(io: Io, text: string): void {
  io.err(`rolecall: ${printable(text)}\n`);
}

/** Something the reader can paste or follow. */
export function hint(io: Io, text: string): void {
  note(io, `hint: ${text}`);
}

// Claims, server answers and file names are untrusted: no control character of theirs reaches a
// terminal, where it could move the cursor, or a CI log, where a line of its own could be a command.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

// Azure's agent obeys `##vso[` anywhere in a line, and GitHub's runner `##[`. Of the runner's other commands,
// `::`, a line must begin with it, and ours begin with our name.
const LOGGING_COMMAND = /#(?=#(vso)?\[)/gi;

/** Text that moves no cursor, starts no line, and is no command to a CI that reads the log. */
export function printable(text: string): string {
  const escape = (character: string): string =>
    character === "\t" ? " " : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  return text.replaceAll(CONTROL, escape).replaceAll(LOGGING_COMMAND, escape);
}

/** Reports what stopped a command; gives the exit status. */
export function reportError(error: unknown, io: Io, unexpectedStatus = exitStatus("unexpected")): number {
  if (!isRolecallError(error)) return reportUnexpected(error, io, unexpectedStatus);
  note(io, `error: ${error.message}`);
  for (const detail of error.details) note(io, `  ${detail}`);
  for (const line of error.hints) hint(io, line);
  return exitStatus(error.code);
}

function reportUnexpected(error: unknown, io: Io, status: number): number {
  const { message } = error instanceof Error ? error : new Error(String(error));
  note(io, `error: unexpected: ${message}`);
  if (io.env["ROLECALL_DEBUG"] && error instanceof Error) io.err(`${error.stack ?? ""}\n`);
  hint(io, "this is a defect of rolecall; ROLECALL_DEBUG=1 shows where it happened");
  return status;
}
