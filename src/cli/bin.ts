import { keepStderrBlocking, processIo } from "./io.ts";
import { main } from "./main.ts";
import { nodeProblem } from "./node-version.ts";

// Debian 12 has Node.js 18, which npm only warns of, and which ends in errors that look like ours.
const problem = nodeProblem(process.versions.node);
if (problem !== null) {
  process.stderr.write(problem);
  // As `misuse` of that command: `eval "$(…)"` hides the status, so the text has to fail.
  if (process.argv[2] === "creds" && !process.stdout.isTTY) process.stdout.write("false\n");
  process.exitCode = 2;
} else {
  keepStderrBlocking();
  // All output is written by then, so nothing is worth waiting for: closing sockets takes milliseconds.
  void main(process.argv.slice(2), processIo()).then((status) => process.exit(status));
}
