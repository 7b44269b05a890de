import { describe, expect, test } from "vitest";
import { type Command, GLOBAL_OPTIONS, parseInput } from "../../../src/cli/command.ts";
import { COMMANDS } from "../../../src/cli/main.ts";
import { type Block, inlineCode, markdownFiles, parsePage, readDoc } from "./markdown.ts";

const CALL = /(?:^|[\s"'(;&|])rolecall (?=[a-z-])/g;
const WORD = /\s*(?![<>]\s)('[^']*'|"[^"]*"|[^\s'"();&|]+)/y;

describe("a page", () => {
  test.each(markdownFiles())("%s shows command lines that rolecall takes", async (path) => {
    const { blocks, prose } = parsePage(readDoc(path));
    const typed = blocks.flatMap(typedLines).flatMap(callsIn);
    const mentioned = inlineCode(prose).flatMap(callsIn);
    const problems = [
      ...(await problemsOf(typed, (command, args) => void parseInput(command, args))),
      ...(await problemsOf(mentioned, checkOptionNames)),
    ];
    expect(problems).toEqual([]);
  });
});

test("the README's command lines are found", () => {
  const { blocks } = parsePage(readDoc("README.md"));
  const names = blocks.flatMap(typedLines).flatMap(callsIn);
  expect(names.map(([name]) => name)).toEqual(expect.arrayContaining(["exec", "creds", "login", "up", "job"]));
});

type Call = readonly string[];

async function problemsOf(calls: readonly Call[], check: (command: Command, args: Call) => void) {
  const results = await Promise.all(calls.map((call) => problemOf(call, check)));
  return results.filter((problem) => problem !== null);
}

async function problemOf(call: Call, check: (command: Command, args: Call) => void): Promise<string | null> {
  const { name, args } = chooseCommand(call);
  const load = COMMANDS[name];
  if (!load) return `rolecall ${call.join(" ")}: there is no such command`;
  try {
    check((await load()).default, args);
    return null;
  } catch (error) {
    return `rolecall ${call.join(" ")}: ${(error as Error).message}`;
  }
}

function chooseCommand([first = "", second = "", ...rest]: Call): { name: string; args: Call } {
  const two = `${first} ${second}`;
  if (Object.hasOwn(COMMANDS, two)) return { name: two, args: rest };
  return { name: first, args: second === "" ? [] : [second, ...rest] };
}

/** In a sentence a command line may leave out what it needs, but not name what there is not. */
function checkOptionNames({ options }: Command, args: Call): void {
  const end = args.indexOf("--");
  const own = end < 0 ? args : args.slice(0, end);
  const unknown = own.find(
    (arg) => arg.startsWith("--") && !Object.hasOwn({ ...GLOBAL_OPTIONS, ...options }, arg.slice(2)),
  );
  if (unknown !== undefined) throw new Error(`unknown option ${unknown}`);
}

/** What a reader would type: in a console the lines with a prompt, in scripts every line; never output or comments. */
function typedLines({ language, text }: Block): readonly string[] {
  if (!["sh", "console", "yaml"].includes(language)) return [];
  const lines = text
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .map((line) => line.replace(/(^|\s)#\s.*/, ""));
  return language === "console" ? lines.filter((line) => line.startsWith("$ ")) : lines;
}

/** The words behind each `rolecall` of a line, up to where a shell would end the command. */
function callsIn(line: string): readonly Call[] {
  return [...line.matchAll(CALL)].map((match) => wordsFrom(line, match.index + match[0].length));
}

function wordsFrom(line: string, start: number): Call {
  const words: string[] = [];
  WORD.lastIndex = start;
  for (let match = WORD.exec(line); match; match = WORD.exec(line)) {
    words.push((match[1] ?? "").replaceAll(/^['"]|['"]$/g, ""));
  }
  return words;
}
