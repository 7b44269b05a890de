import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.ts";

/** A real shell at a terminal, with a key that puts all that it offers onto the command line. */
export interface CompletingShell {
  readonly name: "bash" | "zsh";
  readonly command: string;
  /** Lines that make such a key of Ctrl-T. */
  readonly setUp: readonly string[];
}

export const BASH: CompletingShell = {
  name: "bash",
  command: "bash --noprofile --norc -i",
  setUp: ["PS1='' PS2=''", "bind 'set match-hidden-files off'", String.raw`bind '"\C-t": insert-completions'`],
};

export const ZSH: CompletingShell = {
  name: "zsh",
  command: "zsh -f -i",
  setUp: [
    "PS1='' PS2=''",
    "autoload -Uz compinit",
    "compinit -D -u",
    "zle -C all-matches complete-word _generic",
    "bindkey '^T' all-matches",
    "zstyle ':completion:all-matches::::' completer _all_matches _complete",
    "zstyle ':completion:all-matches:*' insert true",
  ],
};

const CTRL_T = "\u0014";

// The command itself is a function that tells its arguments, and so what the shell had put onto the line.
const TELLING = "rolecall() { printf '<%s>' \"$@\"; echo; }";

/** Why such a shell cannot be tried here; null where it can. */
export function cannotTry({ name }: CompletingShell): string | null {
  if (!isThere(name)) return `${name} is not installed (Debian: apt-get install ${name})`;
  const { stdout } = spawnSync("script", ["--version"], { encoding: "utf8" });
  return (stdout ?? "").includes("util-linux")
    ? null
    : "script of util-linux, which gives a terminal, is not installed";
}

export function isThere(command: string): boolean {
  return spawnSync(command, ["--version"]).status === 0;
}

/**
 * Types each line, has it completed where the cursor is then, and presses Enter.
 *
 * @param sourced shell text that installs the completion
 * @returns of each line, the arguments that rolecall got
 */
export async function completeLines(
  shell: CompletingShell,
  sourced: readonly string[],
  lines: readonly string[],
  cwd: string,
): Promise<readonly (readonly string[])[]> {
  // In a file, since a terminal without a line editor takes no line beyond 4095 bytes.
  const rc = join(cwd, ".setup");
  writeFileSync(rc, [...shell.setUp, ...sourced, TELLING, ""].join("\n"));
  const typed = [`. ${rc}`, ...lines.map((line) => `rolecall ${line}${CTRL_T}`), "exit", ""].join("\n");
  const env = { PATH: process.env["PATH"], HOME: cwd, TERM: "dumb", LC_ALL: "C", COLUMNS: "1000" };
  const { stdout } = await run("script", ["-qfec", shell.command, "/dev/null"], { input: typed, cwd, env });
  const told = stdout.split(/[\r\n]+/).flatMap((line) => {
    const [whole] = /<[^<>]*>(?:<[^<>]*>)*$/.exec(line) ?? [];
    return whole === undefined ? [] : [[...whole.matchAll(/<([^<>]*)>/g)].map(([, word = ""]) => word)];
  });
  if (told.length !== lines.length)
    throw new Error(`expected ${lines.length} answers of ${shell.name}, got:\n${stdout}`);
  return told;
}
