// Which of the project's own tasks a command runs: scripts of package.json, targets of a Makefile. Sources: npm docs,
// npm-run-script; Yarn and pnpm docs, run; GNU make manual, 9.8 Summary of Options.

const ASSIGNED = String.raw`(?:[A-Za-z_]\w*=\S*\s+)*`;
const RUNNER = new RegExp(
  String.raw`(?:^|[|(;&]\s*)${ASSIGNED}(?:(?:sudo|time|exec|nice|if|then|do|else|while|!|env|cross-env|corepack)\s+)*${ASSIGNED}(npm|yarn|pnpm|bun|g?make)(?=\s|$)([^|;&()]*)`,
  "g",
);

/** Options whose value is the folder to run in. */
const FOLDER = new Set(["-C", "--prefix", "--cwd", "--dir", "--directory"]);
/** Options whose value is some package of a workspace, by a name that may be no folder. */
const PACKAGE = new Set(["-w", "--workspace", "--filter", "-F"]);
const EVERY_PACKAGE = new Set(["-r", "--recursive", "-ws", "--workspaces"]);
/** Options of make with a value that names no task. */
const OTHER = new Set(["-I", "-o", "-W", "-l", "-O"]);
const MAKEFILE = new Set(["-f", "--file", "--makefile"]);

/** A command that is longer is no person's. */
const LONGEST = 4096;

interface CommandLine {
  /** Below the current folder, with a slash at its end; a `*` where it is not known. */
  readonly folder: string;
  readonly makefile: string;
  readonly words: readonly string[];
}

/**
 * The tasks that a command runs, as `web/package.json#deploy` or `Makefile#deploy`, below the folder that it is run in.
 * A bare `make` runs `Makefile#`; a folder that is not known is `*`.
 */
export function tasksOf(command: string): readonly string[] {
  if (command.length > LONGEST) return [];
  return [...command.matchAll(RUNNER)].flatMap(([, runner = "", rest = ""]) => {
    const line = readLine(rest.trim().split(/\s+/).filter(Boolean), runner);
    if (runner.endsWith("make")) {
      const targets = line.words.filter((word) => !word.includes("="));
      const file = `${line.folder}${line.makefile}`;
      return targets.length === 0 ? [`${file}#`] : targets.map((target) => `${file}#${target}`);
    }
    const script = runner === "npm" ? npmScript(line.words) : otherScript(line.words);
    if (script === undefined) return [];
    const folder = line.words[0] === "workspace" ? "*/" : line.folder;
    return [`${folder}package.json#${script}`];
  });
}

function readLine(given: readonly string[], runner: string): CommandLine {
  const words: string[] = [];
  let folder = "";
  let makefile = "Makefile";
  for (let at = 0; at < given.length; at++) {
    const word = bare(given[at] ?? "");
    // What stands behind it is for the script.
    if (word === "--") break;
    const [, flag = word, joined] = /^(-[^=]+)=(.*)$/.exec(word) ?? [];
    const value = (): string => joined ?? bare(given[++at] ?? "");
    if (FOLDER.has(flag)) folder = folderOf(value());
    else if (runner.endsWith("make") && MAKEFILE.has(flag)) makefile = withoutDot(value());
    else if (runner.endsWith("make") && OTHER.has(flag)) value();
    else if (!runner.endsWith("make") && PACKAGE.has(flag)) {
      value();
      folder = "*/";
    } else if (!runner.endsWith("make") && EVERY_PACKAGE.has(flag)) folder = "*/";
    else if (!word.startsWith("-")) words.push(word);
  }
  return { folder, makefile, words };
}

function npmScript([verb, name]: readonly string[]): string | undefined {
  if (verb === undefined) return undefined;
  if (/^(?:run|run-script|rum|urn)$/.test(verb)) return name;
  if (/^(?:t|tst|test)$/.test(verb)) return "test";
  return /^(?:start|stop|restart)$/.test(verb) ? verb : undefined;
}

/** Yarn, pnpm and Bun run a script by its name alone, too. */
function otherScript(words: readonly string[]): string | undefined {
  const rest = words[0] === "workspace" ? words.slice(2) : words;
  return rest[0] === "run" ? rest[1] : rest[0];
}

function bare(word: string): string {
  return word.replaceAll(/["']/g, "");
}

function withoutDot(path: string): string {
  return path.replace(/^(?:\.\/)+/, "");
}

function folderOf(given: string): string {
  const path = withoutDot(given.replace(CHECKOUT, "")).replace(/\/+$/, "");
  if (/[$*]/.test(path)) return "*/";
  return path === "" || path === "." ? "" : `${path}/`;
}

/** The checkout's folder, as the CIs call it. */
const CHECKOUT = /^\$\{?(?:CI_PROJECT_DIR|BITBUCKET_CLONE_DIR|GITHUB_WORKSPACE|PWD|CURDIR)\}?\/?/;
