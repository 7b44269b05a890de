import { chmodSync, existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { onPath } from "../../scripts/setup.mjs";
import { mintToken, startCloud } from "./script-cloud.ts";
import { run } from "./run.ts";
import type { Script } from "./script.ts";

interface Line {
  readonly script: Script;
  readonly args: readonly string[];
  readonly negated: boolean;
}

type Directive = (line: Line) => void | Promise<void>;

/** Thrown to leave a script that cannot run here; the message says why. */
export class SkipScript extends Error {}

/** What a line of a script may start with. */
export const DIRECTIVES: Readonly<Record<string, Directive>> = {
  cloud: ({ script, args }) => startCloud(script, args),
  chmod: ({ script, args: [mode = "", file = ""] }) => chmodSync(pathOf(script, file), Number.parseInt(mode, 8)),
  cmp: compare,
  env: setVariable,
  exec: execute,
  exists: ({ script, args, negated }) => {
    for (const file of args)
      expectTo(existsSync(pathOf(script, file)) !== negated, `${file} is ${negated ? "" : "not "}there`);
  },
  grep: ({ script, args: [pattern = "", file = ""], negated }) => match(textOf(script, file), pattern, negated),
  mode: checkMode,
  needs: ({ args: [command = ""] }) => {
    if (!onPath(command)) throw new SkipScript(`${command} is not installed`);
  },
  status: ({ script, args: [wanted = ""] }) => expectTo(script.status === Number(wanted), `expected status ${wanted}`),
  stderr: ({ script, args: [pattern = ""], negated }) => match(script.stderr, pattern, negated),
  stdin: ({ script, args: [file = ""] }) => {
    script.stdin = textOf(script, file);
  },
  stdout: ({ script, args: [pattern = ""], negated }) => match(script.stdout, pattern, negated),
  token: ({ script, args }) => mintToken(script, args),
};

async function execute({ script, args: [command = "", ...args], negated }: Line): Promise<void> {
  const env = Object.fromEntries(script.env);
  const input = script.stdin;
  script.stdin = "";
  const result = await run(command, args, { cwd: script.folder, env, input });
  Object.assign(script, result);
  if (result.signal !== null) throw new Error(`the command was ended by ${result.signal}`);
  expectTo((result.status === 0) !== negated, `expected ${negated ? "a failure" : "success"}`);
}

function setVariable({ script, args }: Line): void {
  for (const setting of args) {
    const at = setting.indexOf("=");
    // `env NAME` takes the variable away.
    if (at < 0) script.env.delete(setting);
    else script.env.set(setting.slice(0, at), setting.slice(at + 1));
  }
}

function compare({ script, args: [got = "", wanted = ""], negated }: Line): void {
  const [gotText, wantedText] = [textOf(script, got), textOf(script, wanted)];
  expectTo(
    (gotText === wantedText) !== negated,
    negated ? `${got} equals ${wanted}` : `expected ${got} to be\n${wantedText}`,
  );
}

function checkMode({ script, args: [file = "", wanted = ""] }: Line): void {
  const mode = (statSync(pathOf(script, file)).mode & 0o7777).toString(8).padStart(4, "0");
  expectTo(mode === wanted, `expected mode ${wanted}, got ${mode}`);
}

/** `^` and `$` are those of a line, as in grep. */
function match(text: string, pattern: string, negated: boolean): void {
  const found = new RegExp(pattern, "mu").test(text);
  expectTo(found !== negated, `${negated ? "unexpected match" : "no match"} for ${pattern}`);
}

/** The text of a file, or of the last command's `stdout` or `stderr`. */
function textOf(script: Script, file: string): string {
  if (file === "stdout" || file === "stderr") return script[file];
  return readFileSync(pathOf(script, file), "utf8");
}

function pathOf({ folder }: Script, file: string): string {
  return file.startsWith("/") ? file : join(folder, file);
}

function expectTo(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
