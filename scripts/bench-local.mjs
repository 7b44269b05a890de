// @ts-check
// `npm run bench:local`: verified exchanges per second of the local cloud, 1,000 distinct RS256 tokens in turn, beside a
// node:http server that answers the same bytes and verifies nothing. Both are processes of one thread; they take turns
// in one run, so that a busy machine changes the ratio little. Every answer of the cloud must be one with credentials. A
// third server verifies two signatures and does nothing else.
// Twice: on connections that are kept, and on one for each exchange, as of jobs, which make one exchange each. Where a
// Python has moto, its server is measured as well. Then how long the cloud takes to start. `-- --check` fails when a
// limit is missed, `-- --seconds 10` measures longer, `-- --soak 200000` goes on until so many exchanges and says whether
// the memory stayed flat.
import { generateKeyPairSync, sign, verify } from "node:crypto";
import { parseArgs } from "node:util";
import { CONNECTIONS, counting, during, measure, middle, rates, requestsTo } from "./bench-local-load.mjs";
import { startBare, startCloud, startPeer, TOKENS } from "./bench-local-servers.mjs";
import { soak } from "./bench-local-soak.mjs";
import { measureStart } from "./bench-local-start.mjs";
import { buildOrExit } from "./build.mjs";
import { ensurePackages, requireNode } from "./setup.mjs";

const LIMIT = 1 / 3;
const MOTO_LIMIT = 15;
// Milliseconds that a cloud may take to start beyond a Node that does nothing.
const START_LIMIT = 150;
// Short ones, so that what else the machine does falls upon all alike.
const ROUNDS = 15;
// Exchanges before the first that count, so that both are compiled.
const WARM_UP = 10_000;
const MOTO_WARM_UP = 200;

/** @typedef {import("./bench-local-load.mjs").Sample} Sample */
/** @typedef {import("./bench-local-servers.mjs").Server} Server */
/** @typedef {{ readonly name: string, readonly clock: number, readonly cpu: number | null }} Row */
/** @typedef {{ readonly title: string, readonly last: boolean, readonly rows: readonly Row[] }} Table */

// As jobs come, each with a connection of its own, and, for comparison alone, as one client would that keeps them: there
// HTTP is so cheap that two RSA verifications would miss the limit. docs/decisions/0011.
const WAYS = [
  { title: "a connection for each exchange", last: true },
  { title: "connections kept", last: false },
];

/**
 * @param {number} seconds for each way and server
 * @returns {Promise<readonly Table[]>}
 */
async function compare(seconds) {
  const cloud = await startCloud();
  const { port, bodies } = cloud;
  const body = bodies[0] ?? "";
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const answer = await (await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body })).text();
  const bare = await startBare("bare", answer, bodies);
  const rsa = await startBare("rsa", answer, bodies);
  const moto = await startPeer(bodies);
  const servers = moto ? [cloud, bare, rsa, moto] : [cloud, bare, rsa];
  try {
    const tables = [];
    for (const { title, last } of WAYS) {
      // moto ends the connection after each answer anyway.
      const runs = servers
        .filter((server) => server !== moto || !last)
        .map((server) => {
          const warmUp = server === moto ? MOTO_WARM_UP : WARM_UP;
          return { server, warmUp, requests: requestsTo(server, { last }), samples: /** @type {Sample[]} */ ([]) };
        });
      for (const { server, requests, warmUp } of runs) await measure(server, requests, counting(warmUp));
      for (let round = 0; round < ROUNDS; round++) {
        for (const { server, requests, samples } of runs) {
          samples.push(await measure(server, requests, during(seconds / ROUNDS)));
        }
      }
      tables.push({ title, last, rows: runs.map(({ server, samples }) => ({ name: server.name, ...rates(samples) })) });
    }
    return tables;
  } finally {
    for (const { child } of servers) child.kill();
  }
}

/** @param {number} seconds */
async function report(seconds) {
  process.stdout.write(`${TOKENS} tokens, ${CONNECTIONS} at once, Node.js ${process.versions.node}\n`);
  const verdicts = (await compare(seconds)).map(judge);
  return judgeStart(await measureStart()) && verdicts.every(Boolean);
}

/** @param {Table} table */
function judge({ title, last, rows }) {
  const [cloud, bare, rsa, moto] = rows;
  process.stdout.write(`\n${title.padEnd(32)}${"per second".padStart(12)}${"per CPU second".padStart(16)}\n`);
  for (const { name, clock, cpu } of rows) {
    const perCpu = cpu === null ? "" : cpu.toFixed(0);
    process.stdout.write(`${name.padEnd(32)}${clock.toFixed(0).padStart(12)}${perCpu.padStart(16)}\n`);
  }
  const ratio = (cloud?.clock ?? 0) / (bare?.clock ?? 1);
  const ofCpu = (cloud?.cpu ?? 0) / (bare?.cpu ?? 1);
  const verdict = last ? (ratio >= LIMIT ? "within" : "UNDER ") : "      ";
  const limit = last ? `limit ${LIMIT.toFixed(2)}` : "not judged";
  process.stdout.write(`${verdict}  ${ratio.toFixed(2)} of a server that verifies nothing `);
  process.stdout.write(`(${ofCpu.toFixed(2)} by processor time), ${limit}; `);
  process.stdout.write(`${((rsa?.clock ?? 0) / (bare?.clock ?? 1)).toFixed(2)} is one that verifies two signatures\n`);
  process.stdout.write(`        ${split(cloud?.cpu ?? 0, bare?.cpu ?? 0)}\n`);
  const beatsMoto = !moto || judgePeer((cloud?.clock ?? 0) / moto.clock);
  return (!last || ratio >= LIMIT) && beatsMoto;
}

/**
 * Where the time of an exchange goes: HTTP as the bare server has it, one RSA verification, and the rest.
 *
 * @param {number} cloud exchanges in a second of processor time
 * @param {number} bare the same of the other server
 */
function split(cloud, bare) {
  const [whole, http, rsa] = [1e6 / cloud, 1e6 / bare, microsecondsOfVerification()];
  const [all, first, second, rest] = [whole, http, rsa, whole - http - rsa].map((part) => part.toFixed(1));
  return `processor time of an exchange: ${all} µs = ${first} HTTP + ${second} RSA + ${rest} the rest`;
}

/** One RS256 verification by node:crypto and nothing else, the middle one of some rounds. */
function microsecondsOfVerification() {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const texts = Array.from({ length: 200 }, (_, at) => Buffer.from(String(at).padEnd(1200, ".")));
  const signed = texts.map((text) => /** @type {const} */ ([text, sign("sha256", text, privateKey)]));
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    for (const [text, signature] of signed) {
      if (!verify("sha256", text, publicKey, signature)) throw new Error("a good signature was not taken");
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / signed.length;
  });
  return middle(rounds);
}

/** @param {{ readonly bare: number, readonly one: number, readonly many: number, readonly count: number }} start */
function judgeStart({ bare, one, many, count }) {
  const good = one <= START_LIMIT;
  process.stdout.write(
    `${good ? "within" : "OVER  "}  ${one.toFixed(0)} ms to start and close a cloud, beyond the ${bare.toFixed(0)} ms of a Node ` +
      `that does nothing, limit ${START_LIMIT} (${many.toFixed(0)} ms for ${count} at once; nothing is left behind)\n`,
  );
  return good;
}

/** @param {number} ratio */
function judgePeer(ratio) {
  const good = ratio >= MOTO_LIMIT;
  process.stdout.write(`${good ? "within" : "UNDER "}  ${ratio.toFixed(1)} times moto, limit ${MOTO_LIMIT}\n`);
  return good;
}

requireNode();
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    soak: { type: "string" },
    check: { type: "boolean" },
    "no-build": { type: "boolean" },
  },
});
await ensurePackages();
if (!values["no-build"]) await buildOrExit();
const good = await (values.soak === undefined ? report(Number(values.seconds)) : soak(Number(values.soak)));
if (!good && values.check) process.exitCode = 1;
