import { RolecallError } from "../core/errors.ts";

const TIMEOUT = 30_000;
// STS takes no token of more than 20,000 characters.
const LARGEST = 64 * 1024;

/**
 * Runs a command, without a shell, that writes an ID token to standard output.
 *
 * @throws RolecallError `no-token` when it cannot be run or fails
 */
export function runTokenCommand(
  [file = "", ...args]: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  // Loaded here only: most jobs run no command for their token.
  const { execFile } = process.getBuiltinModule("node:child_process");
  return new Promise((resolve, reject) => {
    execFile(file, args, { env, timeout: TIMEOUT, maxBuffer: LARGEST, encoding: "utf8" }, (error, stdout, stderr) => {
      if (error) reject(failed(file, error, stderr));
      else resolve(stdout);
    }).stdin?.end();
  });
}

function failed(file: string, error: Error, stderr: string): RolecallError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") {
    return new RolecallError("no-token", `there is no command ${file} on this job's PATH, which asks for its ID token`);
  }
  const said = stderr.trim().split("\n").at(-1) ?? "";
  const details = said === "" || said.includes("eyJ") ? [] : [`${file}: ${said.slice(0, 200)}`];
  const how =
    "killed" in error && error.killed ? `no answer within ${TIMEOUT / 1000} s` : `it ended with ${String(code)}`;
  return new RolecallError("no-token", `${file} gave no ID token: ${how}`, { details, cause: withoutCommand(error) });
}

/** Node's error repeats the command line. */
function withoutCommand(error: Error): Error {
  return new Error(error.name);
}
