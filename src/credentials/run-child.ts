import { spawn } from "node:child_process";
import { constants } from "node:os";
import { RolecallError } from "../core/errors.ts";

export interface ChildIo {
  readonly env: Readonly<Record<string, string>>;
  /** True when the terminal itself sends Ctrl-C to the whole process group. */
  readonly interactive: boolean;
}

/** How a child ended: its status, or the signal that killed it. */
export type ChildEnd = { readonly status: number; readonly signal: NodeJS.Signals | null };

const FORWARDED: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];
/** A terminal gives these to the child by itself; passing them on would deliver them twice. */
const FROM_TERMINAL = new Set<NodeJS.Signals>(["SIGINT", "SIGQUIT"]);

/**
 * Runs a command in place of this process: same streams, signals passed on, no shell between.
 *
 * @throws RolecallError `not-found`, `not-executable`
 */
export function runChild(command: string, args: readonly string[], io: ChildIo): Promise<ChildEnd> {
  return new Promise((resolve, reject) => {
    const forward = (signal: NodeJS.Signals): void => {
      if (!(io.interactive && FROM_TERMINAL.has(signal))) child.kill(signal);
    };
    // Before the child is there: a signal in between would end this process and leave the child alone.
    for (const signal of FORWARDED) process.on(signal, forward);
    const settle = (): void => {
      for (const signal of FORWARDED) process.removeListener(signal, forward);
    };
    const child = spawn(command, args, { stdio: "inherit", env: io.env });
    child.on("error", (error) => {
      settle();
      reject(cannotRun(command, error));
    });
    child.on("exit", (code, signal) => {
      settle();
      resolve({ status: code ?? 128 + (signal ? constants.signals[signal] : 0), signal });
    });
  });
}

function cannotRun(command: string, error: NodeJS.ErrnoException): RolecallError {
  const missing = error.code === "ENOENT";
  return new RolecallError(
    missing ? "not-found" : "not-executable",
    missing ? `${command}: command not found` : `${command}: cannot be run: ${error.code ?? error.message}`,
    { cause: error },
  );
}
