import type { YAMLMap } from "yaml";
import { type ItemReading, readItem } from "./credential-commands.ts";
import { withoutLines } from "./literal-block.ts";
import { pairOf, type Path, type Rewrite, scalarText, setValue } from "./rewrite.ts";
import { CannotSplice, plain } from "./splice.ts";
import { rangeOf } from "./yaml-file.ts";

// Keys that a step's own commands set: `aws configure set aws_access_key_id ${{ secrets.KEY }}`.

/** What a step's commands do with keys; an expression is one word to them, of the same length. */
export function readRun(step: YAMLMap): ItemReading {
  return readItem(wordsOf(step));
}

function wordsOf(step: YAMLMap): string {
  const run = scalarText(pairOf(step, "run")?.value) ?? "";
  return run.replaceAll(/\$\{\{.*?\}\}/g, (expression) => `$${expression.slice(1).replaceAll(/[^\w.-]/g, "_")}`);
}

/** The secret that a step's commands take the key id from; null where they set none. */
export function keySetBy(step: YAMLMap): string | null {
  const run = scalarText(pairOf(step, "run")?.value) ?? "";
  return /(?:AWS_ACCESS_KEY_ID=|aws_access_key_id )["']?(\$\{\{.*?\}\}|\$\{?\w+\}?)/.exec(run)?.[1] ?? null;
}

/** Puts the line in the place of commands that do nothing else. */
export function replaceRun(rewrite: Rewrite, step: YAMLMap, path: Path, line: string): void {
  const run = pairOf(step, "run")?.value;
  const [start, end] = rangeOf(run);
  const source = rewrite.file.text.slice(start, end);
  rewrite.edits.push({ start, end, text: plain(line) + (source.endsWith("\n") ? rewrite.file.eol : "") });
  setValue(rewrite, [...path, "run"], line);
}

/** Takes the commands that set keys out of a step. @throws CannotSplice where they share their lines with others */
export function dropCommands(rewrite: Rewrite, step: YAMLMap, path: Path): void {
  const run = pairOf(step, "run")?.value;
  const value = scalarText(run) ?? "";
  const [start, end] = rangeOf(run);
  const { commands, isCredentials } = readRun(step);
  if (isCredentials) throw new CannotSplice("several steps set keys", start);
  const gone = commands.filter(({ role }) => role === "sets");
  const result = withoutLines(rewrite.file.text.slice(start, end), value, commands, gone, null);
  if (!result) throw new CannotSplice("the keys are set on a line that does something else too", start);
  rewrite.edits.push(...result.edits.map((edit) => ({ ...edit, start: edit.start + start, end: edit.end + start })));
  setValue(rewrite, [...path, "run"], result.value + (value.endsWith("\n") ? "\n" : ""));
}
