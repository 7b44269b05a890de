import { shorten } from "../core/arn.ts";
import { RolecallError } from "../core/errors.ts";

/** A place in a text file; both count from 1, the column in UTF-16 units, as editors show it. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong with a configuration file. */
export interface Problem {
  readonly position: Position;
  /** What is wrong, both sides named: `roles.shop.audience: expected …, got …`. */
  readonly text: string;
  readonly hints: readonly string[];
}

/** More than this many lines help nobody; the rest is counted. */
const SHOWN = 20;

/** One error for all problems of a file: the first is the message, the others are its details. */
export function configError(file: string, problems: readonly Problem[]): RolecallError {
  const sorted = problems.toSorted(byPosition);
  const lines = sorted.map((problem) => render(file, problem));
  const [first = `${file} cannot be used`, ...others] = lines;
  const hidden = others.length - SHOWN;
  const more = hidden > 0 ? [`… and ${hidden} more`] : [];
  const hints = new Set(sorted.flatMap((problem) => hintsOf(problem, problems.length > 1)));
  return new RolecallError("config", first, {
    details: [...others.slice(0, SHOWN), ...more],
    hints: [...hints].slice(0, SHOWN),
  });
}

/** In the order of the file. */
export function byPosition(left: Problem, right: Problem): number {
  const { position: a } = left;
  const { position: b } = right;
  return a.line - b.line || a.column - b.column;
}

/** Notes as lines for a person, each with its place: `rolecall.yaml:7:9: … (add …)`. */
export function noteLines(file: string, notes: readonly Problem[]): readonly string[] {
  return notes.map((note) => `${render(file, note)}${note.hints.length > 0 ? ` (${note.hints.join("; ")})` : ""}`);
}

/** With several problems each hint says which line it is for. */
function hintsOf({ position, hints }: Problem, several: boolean): readonly string[] {
  return several ? hints.map((hint) => `line ${position.line}: ${hint}`) : hints;
}

function render(file: string, { position, text }: Problem): string {
  return `${file}:${position.line}:${position.column}: ${text}`;
}

/** A text of the file as messages quote it: on one line, and not long. */
export function quote(text: string): string {
  return shorten(text.replaceAll(/\s+/g, " ").trim(), 60);
}
