// Loaded before rolecall (`node --import`): ends the process by SIGKILL at the moment KILL_AT_WRITE of those at which a
// new file is there and empty, and at which it has taken the name of the one that it replaces. KILL_AT_RENAME counts the
// latter alone.
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const { KILL_AT_WRITE: write, KILL_AT_RENAME: name } = process.env;
const at = Number(write ?? name);
// Not for the processes that it starts.
delete process.env["KILL_AT_WRITE"];
delete process.env["KILL_AT_RENAME"];
delete process.env["NODE_OPTIONS"];

let moments = 0;

function moment() {
  moments += 1;
  if (moments === at) process.kill(process.pid, "SIGKILL");
}

const { open, rename } = fs;

fs.open = async (path, flags, mode) => {
  const isNew = typeof flags === "number" && (flags & fs.constants.O_CREAT) !== 0;
  const file = await open(path, flags, mode);
  if (isNew && write !== undefined) moment();
  return file;
};

fs.rename = async (from, to) => {
  await rename(from, to);
  moment();
};

syncBuiltinESMExports();
