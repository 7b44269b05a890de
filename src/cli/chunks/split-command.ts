import { RolecallError } from "../../core/errors.ts";

/** A word, or a part of one: in single or double quotes, or without. */
const PART = /'([^']*)'|"([^"]*)"|([^\s'"]+)/y;
const SPACE = /\s*/y;

// What only a shell does something with, when it stands alone or begins a word.
const FOR_A_SHELL = /^(?:[|&;<>]|\d?>|\$\(|`)/;

/**
 * Splits a command line at white space, without a shell: quotes of both kinds keep what is in them together, and
 * nothing else has a meaning, backslash and dollar sign included.
 *
 * @param from the option that has it, for messages
 * @throws RolecallError `usage` for no word, an open quote, and what only a shell understands
 */
export function splitCommand(text: string, from: string): readonly string[] {
  const words: string[] = [];
  for (let at = skipSpace(text, 0); at < text.length; at = skipSpace(text, at)) {
    const { word, end } = readWord(text, at, from);
    words.push(word);
    at = end;
  }
  if (!words[0]) throw new RolecallError("usage", `${from}: expected a command, got nothing`);
  return words;
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.exec(text);
  return SPACE.lastIndex;
}

function readWord(text: string, start: number, from: string): { readonly word: string; readonly end: number } {
  const [shell] = FOR_A_SHELL.exec(text.slice(start)) ?? [];
  if (shell !== undefined)
    throw new RolecallError(
      "usage",
      `${from}: no shell reads the command, so ${JSON.stringify(shell)} means nothing in it`,
      {
        hints: [`a shell does what it is told: ${from} "sh -c '...'"`],
      },
    );
  let word = "";
  let end = start;
  while (end < text.length && !/\s/.test(text.charAt(end))) {
    PART.lastIndex = end;
    const match = PART.exec(text);
    if (!match)
      throw new RolecallError(
        "usage",
        `${from}: a ${text.charAt(end) === "'" ? "single" : "double"} quote is not closed`,
      );
    word += match[1] ?? match[2] ?? match[3] ?? "";
    end = PART.lastIndex;
  }
  return { word, end };
}
