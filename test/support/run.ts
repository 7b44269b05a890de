import { spawn } from "node:child_process";

export interface RunOptions {
  /** The whole environment of the child; by default ours. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  readonly cwd?: string;
  /** Milliseconds after which the child is killed. */
  readonly timeout?: number;
}

export interface RunResult {
  /** Null when a signal ended the child. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command without a shell and waits for it.
 *
 * @throws when there is no such command; any exit status is a result
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { env = process.env, input = "", cwd, timeout = 25_000 } = options;
  return new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    const child = spawn(command, args, { env, cwd, timeout, killSignal: "SIGKILL", stdio: "pipe" });
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    // A child that ends without reading its input is no failure of ours.
    child.stdin.on("error", () => {}).end(input);
    child.on("error", reject);
    child.on("close", (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
}
