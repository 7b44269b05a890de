import { isRolecallError, RolecallError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { type Command, parseInput, shown } from "./command.ts";
import type { Io } from "./io.ts";
import { reportError } from "./report.ts";

type Loader = () => Promise<{ readonly default: Command }>;

/**
 * Every command and the file that it is in, which is read only when it is called. The build puts the
 * job's commands into this file's own bundle and leaves the others where they are.
 */
export const COMMANDS: Readonly<Record<string, Loader>> = {
  exec: () => import("./commands/exec.ts"),
  creds: () => import("./commands/creds.ts"),
  serve: () => import("./commands/serve.ts"),
  login: () => import("./commands/login.ts"),
  logout: () => import("./commands/logout.ts"),
  whoami: () => import("./commands/whoami.ts"),
  "token show": () => import("./commands/token-show.ts"),
  "token get": () => import("./commands/token-get.ts"),
  "token mint": () => import("./commands/token-mint.ts"),
  init: () => import("./commands/init.ts"),
  subject: () => import("./commands/subject.ts"),
  plan: () => import("./commands/plan.ts"),
  apply: () => import("./commands/apply.ts"),
  destroy: () => import("./commands/destroy.ts"),
  export: () => import("./commands/export.ts"),
  explain: () => import("./commands/explain.ts"),
  lint: () => import("./commands/lint.ts"),
  audit: () => import("./commands/audit.ts"),
  doctor: () => import("./commands/doctor.ts"),
  ci: () => import("./commands/ci.ts"),
  migrate: () => import("./commands/migrate.ts"),
  keys: () => import("./commands/keys.ts"),
  "keys policy": () => import("./commands/keys-policy.ts"),
  "keys retire": () => import("./commands/keys-retire.ts"),
  "keys status": () => import("./commands/keys-status.ts"),
  up: () => import("./commands/up.ts"),
  job: () => import("./commands/job.ts"),
  try: () => import("./commands/try.ts"),
  help: () => loadHelp(),
  completion: () => import("./commands/completion.ts"),
};

/** Runs one command line; gives the exit status. Nothing is thrown. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  let command: Command | undefined;
  try {
    const { name, rest } = chooseCommand(args);
    const load = COMMANDS[name];
    if (!load) throw unknownCommand(args);
    command = (await load()).default;
    if (name !== "help" && asksForHelp(rest)) return await showHelp(name, io);
    return await command.run(readInput(command, rest, io), io);
  } catch (error) {
    // A command started from the file beside it is another copy of these modules, so no `instanceof`.
    return reportError(error, io, isRolecallError(error) ? undefined : command?.unexpectedStatus);
  }
}

function readInput(command: Command, args: readonly string[], io: Io): ReturnType<typeof parseInput> {
  try {
    return parseInput(command, args);
  } catch (error) {
    if (command.misuse !== undefined && !io.stdoutIsTerminal) io.out(command.misuse);
    throw error;
  }
}

/** One word, or two where the first is a family (`token show`). */
function chooseCommand(args: readonly string[]): { name: string; rest: readonly string[] } {
  const [first = "help", second = ""] = args;
  if (first === "-h" || first === "--help") return { name: "help", rest: args.slice(1) };
  if (first === "--version" || first === "-V") return { name: "help", rest: ["version"] };
  const two = `${first} ${second}`;
  if (Object.hasOwn(COMMANDS, two)) return { name: two, rest: args.slice(2) };
  return { name: Object.hasOwn(COMMANDS, first) ? first : "", rest: args.slice(1) };
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? args.length : end).some((arg) => arg === "--help" || arg === "-h");
}

const loadHelp: Loader = () => import("./commands/help.ts");

async function showHelp(name: string, io: Io): Promise<number> {
  const { default: help } = await loadHelp();
  return help.run(parseInput(help, name.split(" ")), io);
}

function unknownCommand([first = "", second = ""]: readonly string[]): RolecallError {
  const family = Object.keys(COMMANDS).filter((name) => name.startsWith(`${first} `));
  if (family.length > 0) {
    const got = second ? `, got ${shown(second)}` : "";
    return new RolecallError(
      "usage",
      `${first}: expected ${family.map((name) => name.split(" ")[1]).join(", ")}${got}`,
      {
        hints: [`rolecall help ${first}`],
      },
    );
  }
  const guess = nearest(first, Object.keys(COMMANDS));
  return new RolecallError("usage", `unknown command ${shown(first)}`, {
    hints: [guess ? `did you mean ${guess}?` : "rolecall help lists the commands"],
  });
}
