import type { ProjectScripts } from "./project-scripts.ts";
import { tasksOf } from "./task-runners.ts";

/** One simple command of a shell text, with its place. */
export interface ShellCommand {
  /** On one line: runs of blanks and line ends are one blank. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** What stands behind it: a line end or the text's end is a plain end, all else ties it to the next. */
  readonly tie: "" | "&&" | "||" | ";" | "|" | "&";
}

/**
 * Cuts a text for sh into its commands, outside of quotes, `$(…)` and backquotes. Here-documents are not read: what
 * stands in them looks like commands, which nothing here recognises.
 */
export function commandsOf(script: string): readonly ShellCommand[] {
  const commands: ShellCommand[] = [];
  let begin = 0;
  let at = 0;
  const push = (end: number, tie: ShellCommand["tie"]): void => {
    const raw = script.slice(begin, end);
    const text = raw
      .replaceAll(/\\\r?\n/g, " ")
      .replaceAll(/\s+/g, " ")
      .trim();
    const start = begin + (/^\s*/.exec(raw)?.[0].length ?? 0);
    if (text !== "") commands.push({ text, start, end: begin + raw.trimEnd().length, tie });
    begin = end + tie.length;
    at = begin;
  };
  while (at < script.length) {
    const next = skipQuoted(script, at);
    if (next > at) {
      at = next;
      continue;
    }
    const two = script.slice(at, at + 2);
    const one = script[at] ?? "";
    if (one === "#" && (at === 0 || /\s/.test(script[at - 1] ?? ""))) at = endOfLine(script, at);
    else if (two === "&&" || two === "||") push(at, two);
    else if (one === ";" || one === "|") push(at, one);
    else if (one === "&" && script[at - 1] !== ">" && script[at + 1] !== ">") push(at, "&");
    else if (one === "\n") {
      push(at, "");
      begin = at + 1;
      at++;
    } else at++;
  }
  push(script.length, "");
  return commands;
}

function endOfLine(script: string, at: number): number {
  const end = script.indexOf("\n", at);
  return end < 0 ? script.length : end;
}

const DEEPEST = 50;

/** The offset behind what begins here and is one word to the shell; the same offset when nothing does. */
function skipQuoted(script: string, at: number, depth = 0): number {
  // What is nested deeper than people write is one word, to the end.
  if (depth > DEEPEST) return script.length;
  const one = script[at];
  if (one === "\\") return at + 2;
  if (one === "'") return behind(script, "'", at + 1);
  if (one === "`") return behind(script, "`", at + 1);
  if (one === '"') return skipDouble(script, at + 1, depth + 1);
  if (script.startsWith("$(", at)) return skipParens(script, at + 2, depth + 1);
  if (script.startsWith("${", at)) return behind(script, "}", at + 2);
  if (one === "(") return skipParens(script, at + 1, depth + 1);
  return at;
}

function behind(script: string, mark: string, from: number): number {
  const end = script.indexOf(mark, from);
  return end < 0 ? script.length : end + 1;
}

function skipDouble(script: string, from: number, depth: number): number {
  let at = from;
  while (at < script.length && script[at] !== '"') {
    if (script[at] === "\\") at += 2;
    else if (script.startsWith("$(", at)) at = skipParens(script, at + 2, depth + 1);
    else at++;
  }
  return at + 1;
}

function skipParens(script: string, from: number, depth: number): number {
  if (depth > DEEPEST) return script.length;
  let at = from;
  while (at < script.length && script[at] !== ")") {
    const next = skipQuoted(script, at, depth);
    at = next > at ? next : at + 1;
  }
  return at + 1;
}

// What calls AWS by its own credentials chain.
const TOOLS =
  "aws|cdk|cdklocal|cdktf|terraform|gitlab-terraform|tofu|gitlab-tofu|terragrunt|sam|serverless|sls|pulumi|packer|eksctl|copilot|eb|ecs-cli|ecs-deploy|chamber|s3cmd";
const BEFORE = String.raw`(?:[A-Za-z_]\w*=\S*\s+)*(?:(?:sudo|time|exec|nice|env|cross-env|if|then|do|else|while|!|npx(?:\s+-{1,2}[\w=-]+)*|pnpm(?:\s+(?:exec|dlx))?|yarn(?:\s+(?:run|dlx))?|bunx|poetry run|pipenv run|uv run|bundle exec)\s+)*(?:[A-Za-z_]\w*=\S*\s+)*`;
const HARMLESS = String.raw`(?!\s+(?:--?version\b|--?help\b|init\b.* -backend=false|-v\b|-V\b|version\b|help\b|fmt\b|validate\b|configure\b|synth\b|offline\b|ls\b\s*$|\|\||&&)|\s*$)`;
const CALL = new RegExp(String.raw`(?:^|[|(;&\`"]\s*)${BEFORE}(?:\S*/)?(${TOOLS})(?=\s)${HARMLESS}`);

/**
 * Whether a command calls AWS with the job's credentials.
 *
 * @param scripts whether the project's own scripts and tasks do
 */
export function callsAws(command: string, scripts: ProjectScripts = NONE): boolean {
  // With an endpoint it is another AWS, which takes other keys.
  if (/^\s*#/.test(command) || /--endpoint-url/.test(command)) return false;
  return CALL.test(command) || (scripts.size > 0 && ownScriptsOf(command).some((path) => isCalling(scripts, path)));
}

const NONE: ProjectScripts = new Map();

/** The project's own scripts and tasks that a command runs, by their paths below the folder that it stands in. */
export function ownScriptsOf(command: string): readonly string[] {
  const script = SCRIPT.exec(command)?.[1];
  return [...(script === undefined ? [] : [script]), ...tasksOf(command)];
}

/** By the path that a command has, which a `cd` before it may have made shorter. */
function isCalling(scripts: ProjectScripts, path: string): boolean {
  const own = scripts.get(path);
  if (own !== undefined) return own;
  const tail = path.startsWith("*/") ? path.slice(1) : `/${path}`;
  return [...scripts].some(([one, calls]) => calls && (one.endsWith(tail) || isOfPattern(one, path)));
}

/** A target of make may stand for many: `deploy-%`. */
function isOfPattern(one: string, path: string): boolean {
  const [head, tail] = one.split("%");
  return head !== undefined && tail !== undefined && path.startsWith(head) && path.endsWith(tail);
}

// Somebody's own scripts: what they call is not to be seen here. Installing and testing call no AWS.
const OPAQUE = new RegExp(
  String.raw`(?:^|[|(;&]\s*)${BEFORE}(?:(?:npm|pnpm|yarn|bun)\s+run\s+(?!test|lint|build)|(?:make|task|just|mage|rake|invoke)\s+\S|(?:bash|sh|zsh|python3?|node|ruby)\s+(?!-[cem]\b)\S+\.\w+|\./(?!\S*\binstall(?:\.sh)?(?:\s|$))\S+|(?:\./)?gradlew?\s|docker[ -]compose\s+(?:run|up)|docker\s+run\b)`,
);

/** The shell script that a command runs. */
const SCRIPT = new RegExp(
  String.raw`(?:^|[|(;&]\s*)${BEFORE}(?:(?:bash|sh|zsh|source|\.)\s+(?:-[a-z]+\s+)*)?["']?(?:\$(?:CI_PROJECT_DIR|\{CI_PROJECT_DIR\}|BITBUCKET_CLONE_DIR|GITHUB_WORKSPACE|\{GITHUB_WORKSPACE\})/)?(?:\./)*([\w./-]+\.(?:sh|bash))["']?(?=\s|$)`,
);

/** Whether a command may call AWS where nobody sees it: credentials should be there before. */
export function mayCallAws(command: string, scripts: ProjectScripts = NONE): boolean {
  return callsAws(command, scripts) || OPAQUE.test(command);
}

/** Whether a command leaves the folder that the job starts in. */
export function changesFolder(command: string): boolean {
  return /^(?:cd|pushd)(?:\s|$)/.test(command);
}
