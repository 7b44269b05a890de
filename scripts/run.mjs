// @ts-check
import { spawn } from "node:child_process";
import { constants } from "node:os";

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {boolean} [inherit] let the child write to our own stdout and stderr
 */

/**
 * @typedef {object} RunResult
 * @property {number} status as a shell would give it: 128+n after signal n, 127 when there is no such command
 * @property {string} output stdout and stderr in the order in which they came; empty with `inherit`
 */

/**
 * Runs a command without a shell and waits for it; a command that fails is a result, not an exception.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 */
export function run(command, args, { cwd, env = process.env, inherit = false } = {}) {
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(command, args, { cwd, env, stdio: inherit ? "inherit" : ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (/** @type {string} */ text) => (output += text));
    }
    child.on("error", (error) => resolve({ status: 127, output: error.message }));
    child.on("close", (code, signal) => resolve({ status: code ?? signalStatus(signal), output }));
  });
}

/** @param {NodeJS.Signals | null} signal */
function signalStatus(signal) {
  return 128 + (signal === null ? 0 : constants.signals[signal]);
}
