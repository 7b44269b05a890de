import { readMakefile } from "./makefile.ts";
import type { Files } from "./migration.ts";
import { callsAws, commandsOf, ownScriptsOf } from "./shell-commands.ts";

/** Whether each of the project's own scripts and tasks calls AWS, by path: `ci/release.sh`, `web/package.json#deploy`. */
export type ProjectScripts = ReadonlyMap<string, boolean>;

interface Script {
  /** With a slash at its end, unless it is the project's own. */
  readonly folder: string;
  readonly text: string;
}

/** A line that is longer is no person's. */
const LONGEST = 4096;

/** How far a task is followed to another that it runs. */
const DEEPEST = 10;

/** What the project's shell scripts, package.json files and Makefiles run, without running any of them. */
export function readProjectScripts(files: Files): ProjectScripts {
  const scripts = new Map([...files].flatMap(([path, text]) => scriptsIn(path, text)));
  const calling = new Set<string>();
  /** The names that call AWS in some folder: what `npm --workspace` runs. */
  const somewhere = new Set<string>();
  const runs = new Map<string, readonly string[]>();
  const found = (path: string): void => {
    calling.add(path);
    somewhere.add(path.split("/").at(-1) ?? "");
  };
  for (const [path, { folder, text }] of scripts) {
    const commands = commandsOf(text).map((command) => command.text);
    if (commands.some((command) => callsAws(command))) found(path);
    else
      runs.set(
        path,
        commands.flatMap(ownScriptsOf).map((one) => (one.startsWith("*/") ? one : `${folder}${one}`)),
      );
  }
  for (let depth = 0, size = -1; depth < DEEPEST && size !== calling.size; depth++) {
    size = calling.size;
    for (const [path, others] of runs)
      if (others.some((one) => calling.has(one) || (one.startsWith("*/") && somewhere.has(one.slice(2))))) found(path);
  }
  return new Map([...scripts.keys()].map((path) => [path, calling.has(path)]));
}

function scriptsIn(path: string, text: string): readonly (readonly [string, Script])[] {
  const name = path.split("/").at(-1) ?? "";
  const folder = path.slice(0, path.length - name.length);
  // A shell script is run where its job stands.
  if (/\.(?:sh|bash)$/.test(name)) return [[path, { folder: "", text }]];
  if (name === "package.json") {
    const scripts = packageScripts(text);
    return [...scripts].map(([task, line]) => {
      // npm runs what has its name and pre or post before it, too.
      const around = ["pre", "post"].filter((one) => scripts.has(one + task)).map((one) => `npm run ${one}${task}`);
      return [`${path}#${task}`, { folder, text: [line, ...around].join("\n") }];
    });
  }
  const isMakefile = /^(?:GNUm|[Mm])akefile$/.test(name);
  if (!isMakefile && !name.endsWith(".mk")) return [];
  const file = isMakefile ? "Makefile" : name;
  return [...readMakefile(text, file)].map(([target, lines]) => [
    `${folder}${file}#${target}`,
    { folder, text: lines.join("\n") },
  ]);
}

function packageScripts(text: string): ReadonlyMap<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return new Map();
  }
  const scripts = typeof value === "object" && value !== null ? (value as { scripts?: unknown }).scripts : null;
  if (typeof scripts !== "object" || scripts === null) return new Map();
  return new Map(Object.entries(scripts).filter(isScript));
}

function isScript(one: readonly [string, unknown]): one is [string, string] {
  return typeof one[1] === "string" && one[1].length <= LONGEST;
}
