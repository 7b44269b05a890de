// @ts-check
// Moto beside the local cloud in bench-local.mjs, where a Python on this machine has it: its own server, started as its
// documentation says. It never reads the token, so it needs neither a provider nor a role.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout } from "node:timers/promises";

const PYTHONS = ["python3", "/usr/bin/python3"];
// Its first answer loads a good part of it.
const PATIENCE = 60_000;

/** @returns {string | null} a Python that has moto */
function findPython() {
  const has = (/** @type {string} */ python) =>
    spawnSync(python, ["-c", "import moto.server"], { stdio: "ignore", timeout: PATIENCE }).status === 0;
  return PYTHONS.find(has) ?? null;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

/**
 * @returns {Promise<{ child: import("node:child_process").ChildProcess, port: number } | null>} null where there is no
 *   moto
 */
export async function startMoto() {
  const python = findPython();
  if (python === null) return null;
  const port = await freePort();
  const child = spawn(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  const end = Date.now() + PATIENCE;
  while (Date.now() < end && child.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/moto-api/`).catch(() => null);
    if (answer?.ok) return { child, port };
    await setTimeout(200);
  }
  child.kill();
  throw new Error("moto was found, and did not start");
}
