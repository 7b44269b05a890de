// @ts-check
// `npm run bench:local`: verified exchanges per second of the local cloud, 1,000 distinct RS256 tokens in turn, beside a
// node:http server that answers the same bytes and verifies nothing. Both are processes of one thread; they take turns
// in one run, so that a busy machine changes the ratio little. `-- --check` fails when the ratio is under the limit,
// `-- --seconds 10` measures longer, `-- --total 200000` goes on until so many exchanges and tells the memory.
import { fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildOrExit } from "./build.mjs";
import { ensurePackages, requireNode } from "./setup.mjs";

const LIMIT = 1 / 3;
const TOKENS = 1000;
const CONNECTIONS = 8;
const ROUNDS = 5;

/** @typedef {import("node:child_process").ChildProcess} ChildProcess */
/** @typedef {{ readonly name: string, readonly child: ChildProcess, readonly port: number, readonly requests: readonly Buffer[] }} Server */
/** @typedef {{ readonly count: number, readonly seconds: number, readonly cpu: number, readonly memory: number }} Sample */

/**
 * @param {string} name
 * @param {unknown} [start]
 * @returns {Promise<Server>}
 */
async function startServer(name, start = {}) {
  const child = fork(fileURLToPath(new URL("bench-local-server.mjs", import.meta.url)), [name]);
  child.send(/** @type {import("node:child_process").Serializable} */ (start));
  const [{ port, bodies }] = /** @type {[{ port: number, bodies: readonly string[] }]} */ (
    await once(child, "message")
  );
  const requests = bodies.map((body) =>
    Buffer.from(
      `POST / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/x-www-form-urlencoded\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  );
  return { name, child, port, requests };
}

/** @param {Server} server */
async function usage({ child }) {
  child.send("usage");
  const [used] = /** @type {[{ cpu: number, memory: number }]} */ (await once(child, "message"));
  return used;
}

/**
 * One connection that sends a request as soon as the last was answered. A plain socket: a client of node:http costs
 * more than the server that is measured.
 *
 * @param {Server} server
 * @param {() => boolean} goesOn
 * @param {() => Buffer} next
 * @returns {Promise<number>} how many answers of status 200 there were
 */
function drive({ name, port }, goesOn, next) {
  return new Promise((resolve, reject) => {
    let count = 0;
    let answer = Buffer.alloc(0);
    const socket = connect(port, "127.0.0.1", () => socket.write(next()));
    socket.setNoDelay(true);
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      answer = answer.length === 0 ? chunk : Buffer.concat([answer, chunk]);
      const end = answer.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = answer.toString("latin1", 0, end);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      if (answer.length < end + 4 + length) return;
      if (!head.startsWith("HTTP/1.1 200")) {
        socket.destroy();
        reject(new Error(`${name} did not do its work: ${answer.toString()}`));
        return;
      }
      answer = Buffer.alloc(0);
      count++;
      if (goesOn()) socket.write(next());
      else socket.end(() => resolve(count));
    });
  });
}

/**
 * @param {Server} server
 * @param {() => boolean} goesOn
 * @returns {Promise<Sample>}
 */
async function measure(server, goesOn) {
  let at = 0;
  const next = () => server.requests[at++ % server.requests.length] ?? Buffer.alloc(0);
  const before = await usage(server);
  const started = performance.now();
  const counts = await Promise.all(Array.from({ length: CONNECTIONS }, () => drive(server, goesOn, next)));
  const seconds = (performance.now() - started) / 1000;
  const after = await usage(server);
  const count = counts.reduce((sum, one) => sum + one, 0);
  return { count, seconds, cpu: after.cpu - before.cpu, memory: after.memory };
}

/** @param {number} seconds */
function during(seconds) {
  const end = performance.now() + seconds * 1000;
  return () => performance.now() < end;
}

/**
 * The middle one of the rounds, per second of the clock and per second of processor time.
 *
 * @param {readonly Sample[]} samples
 */
function rates(samples) {
  /** @param {(sample: Sample) => number} rate */
  const median = (rate) => samples.map(rate).toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? 0;
  return { clock: median(({ count, seconds }) => count / seconds), cpu: median(({ count, cpu }) => count / cpu) };
}

/** @param {number} seconds */
async function compare(seconds) {
  const cloud = await startServer("cloud", { tokens: TOKENS });
  const answer = await (await fetch(`http://127.0.0.1:${cloud.port}/`, requestOf(cloud))).text();
  const bare = await startServer("bare", { answer, bodies: cloud.requests.map(bodyOf) });
  try {
    const servers = [cloud, bare];
    const samples = new Map(servers.map((server) => [server, /** @type {Sample[]} */ ([])]));
    // The first round warms both up and is not counted.
    for (let round = -1; round < ROUNDS; round++) {
      for (const server of servers) {
        const sample = await measure(server, during(seconds / ROUNDS));
        if (round >= 0) samples.get(server)?.push(sample);
      }
    }
    return servers.map((server) => ({ name: server.name, ...rates(samples.get(server) ?? []) }));
  } finally {
    for (const { child } of [cloud, bare]) child.kill();
  }
}

/** @param {Buffer} request */
function bodyOf(request) {
  return request.toString("latin1").split("\r\n\r\n")[1] ?? "";
}

/** @param {Server} server */
function requestOf({ requests }) {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return { method: "POST", headers, body: bodyOf(requests[0] ?? Buffer.alloc(0)) };
}

/** @param {number} total */
async function soak(total) {
  const cloud = await startServer("cloud", { tokens: TOKENS });
  try {
    for (let done = 0; done < total;) {
      let left = Math.ceil(total / 10);
      const { count, seconds, memory } = await measure(cloud, () => --left > 0);
      done += count;
      process.stdout.write(
        `${String(done).padStart(9)} exchanges ${(count / seconds).toFixed(0).padStart(7)} /s ${(memory / 1e6).toFixed(0).padStart(5)} MB\n`,
      );
    }
  } finally {
    cloud.child.kill();
  }
}

/** @param {number} seconds */
async function report(seconds) {
  const rows = await compare(seconds);
  const [cloud, bare] = rows;
  process.stdout.write(`${TOKENS} tokens, ${CONNECTIONS} connections, Node.js ${process.versions.node}\n\n`);
  process.stdout.write(`${"".padEnd(10)}${"per second".padStart(14)}${"per CPU second".padStart(18)}\n`);
  for (const { name, clock, cpu } of rows) {
    process.stdout.write(`${name.padEnd(10)}${clock.toFixed(0).padStart(14)}${cpu.toFixed(0).padStart(18)}\n`);
  }
  const ratio = (cloud?.clock ?? 0) / (bare?.clock ?? 1);
  const ofCpu = (cloud?.cpu ?? 0) / (bare?.cpu ?? 1);
  process.stdout.write(
    `\n${ratio >= LIMIT ? "within" : "UNDER "}  ${ratio.toFixed(2)} of a server that verifies nothing `,
  );
  process.stdout.write(`(${ofCpu.toFixed(2)} by processor time), limit ${LIMIT.toFixed(2)}\n`);
  return ratio >= LIMIT;
}

requireNode();
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    total: { type: "string" },
    check: { type: "boolean" },
    "no-build": { type: "boolean" },
  },
});
await ensurePackages();
if (!values["no-build"]) await buildOrExit();
if (values.total !== undefined) await soak(Number(values.total));
else if (!(await report(Number(values.seconds))) && values.check) process.exitCode = 1;
