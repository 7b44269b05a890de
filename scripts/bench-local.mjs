// @ts-check
// `npm run bench:local`: verified exchanges per second of the local cloud, 1,000 distinct RS256 tokens in turn, beside a
// node:http server that answers the same bytes and verifies nothing. Both are processes of one thread; they take turns
// in one run, so that a busy machine changes the ratio little. Every answer of the cloud must be one with credentials.
// Where a Python has moto, its server is measured as well. Then how long the cloud takes to start. `-- --check` fails when
// a limit is missed, `-- --seconds 10` measures longer, `-- --soak 200000` goes on until so many exchanges and says
// whether the memory stayed flat.
import { fork } from "node:child_process";
import { generateKeyPairSync, sign, verify } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startMoto } from "./bench-local-moto.mjs";
import { measureStart } from "./bench-local-start.mjs";
import { buildOrExit } from "./build.mjs";
import { ensurePackages, requireNode } from "./setup.mjs";

const LIMIT = 1 / 3;
const MOTO_LIMIT = 15;
// Milliseconds that a cloud may take to start beyond a Node that does nothing.
const START_LIMIT = 150;
const TOKENS = 1000;
const CONNECTIONS = 8;
// Short ones, so that what else the machine does falls upon all alike.
const ROUNDS = 15;
// Exchanges before the first that count, so that both are compiled.
const WARM_UP = 10_000;
const MOTO_WARM_UP = 200;
const SOAK_STEPS = 20;
// From the second quarter of a soak to the last: what is held after a collection, and resident memory. A leak of ten
// bytes an exchange shows in 100,000; resident memory also holds what the allocator has not given back.
const FLAT = { held: 1e6, rss: 1.1 };
const PROVIDER = "arn:aws:iam::123456789012:oidc-provider/gitlab.com";
const ROLE = "arn:aws:iam::123456789012:role/deploy";

/** @typedef {import("node:child_process").ChildProcess} ChildProcess */
/** @typedef {import("../src/local/index.ts").AdminKey} AdminKey */
/** @typedef {{ readonly name: string, readonly child: ChildProcess, readonly port: number, readonly requests: readonly Buffer[] }} Server */
/** @typedef {{ readonly name: string, readonly clock: number, readonly cpu: number | null }} Row */
/** @typedef {{ readonly cpu: number, readonly rss: number, readonly held: number }} Usage */
/** @typedef {{ readonly count: number, readonly seconds: number, readonly cpu: number, readonly rss: number, readonly held: number }} Sample */

/**
 * @param {string} name
 * @param {{ readonly answer?: string }} start
 * @param {readonly string[]} flags of Node
 */
async function startChild(name, start, flags = []) {
  const child = fork(fileURLToPath(new URL("bench-local-server.mjs", import.meta.url)), [name], {
    execArgv: [...flags],
  });
  child.send(start);
  const [ready] = /** @type {[{ port: number, admin: AdminKey }]} */ (await once(child, "message"));
  return { child, ...ready };
}

/**
 * @param {readonly string[]} [flags]
 * @returns {Promise<Server>}
 */
async function startCloud(flags) {
  const { child, port, admin } = await startChild("cloud", {}, flags);
  await setUp(`http://127.0.0.1:${port}`, admin);
  const bodies = [];
  for (let at = 0; at < TOKENS; at++) bodies.push(await bodyOfJob(port, at));
  return { name: "cloud", child, port, requests: requestsOf(bodies, port) };
}

/**
 * @param {string} answer
 * @param {readonly string[]} bodies
 * @returns {Promise<Server>}
 */
async function startBare(answer, bodies) {
  const { child, port } = await startChild("bare", { answer });
  return { name: "bare", child, port, requests: requestsOf(bodies, port) };
}

/**
 * @param {readonly string[]} bodies
 * @param {number} port
 */
function requestsOf(bodies, port) {
  return bodies.map((body) =>
    Buffer.from(
      `POST / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/x-www-form-urlencoded\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  );
}

/**
 * @param {number} port
 * @param {number} at
 */
async function bodyOfJob(port, at) {
  const job = { ci: "gitlab", project: "acme/shop", branch: "main", audience: "aws", claims: { jti: `job-${at}` } };
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`http://127.0.0.1:${port}/_rolecall/mint`, {
    method: "POST",
    headers,
    body: JSON.stringify(job),
  });
  const { token } = /** @type {{ token: string }} */ (await answer.json());
  return new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: ROLE,
    RoleSessionName: `job-${at}`,
    WebIdentityToken: token,
  }).toString();
}

/**
 * @param {string} endpoint
 * @param {AdminKey} admin
 */
async function setUp(endpoint, admin) {
  const { CreateOpenIDConnectProviderCommand, CreateRoleCommand, IAMClient } = await import("@aws-sdk/client-iam");
  const iam = new IAMClient({ endpoint, region: "us-east-1", credentials: { ...admin } });
  const trust = {
    Version: "2012-10-17",
    Statement: {
      Effect: "Allow",
      Principal: { Federated: PROVIDER },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: {
        StringEquals: { "gitlab.com:aud": "aws" },
        StringLike: { "gitlab.com:sub": "project_path:acme/shop:ref_type:branch:ref:*" },
      },
    },
  };
  await iam.send(new CreateOpenIDConnectProviderCommand({ Url: "https://gitlab.com", ClientIDList: ["aws"] }));
  await iam.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: JSON.stringify(trust) }));
  iam.destroy();
}

/** @param {Server} server */
async function usage({ child }) {
  if (!child.connected) return UNKNOWN;
  child.send("usage");
  const [used] = /** @type {[Usage]} */ (await once(child, "message"));
  return used;
}

// Of a server that is not of Node.
const UNKNOWN = { cpu: Number.NaN, rss: Number.NaN, held: Number.NaN };

/**
 * One connection that sends a request as soon as the last was answered, and another when the server ends it. A plain
 * socket: a client of node:http costs more than the server that is measured.
 *
 * @param {Server} server
 * @param {() => boolean} goesOn
 * @param {() => Buffer} next
 * @returns {Promise<number>} how many answers there were, each of status 200 and with credentials
 */
function drive(server, goesOn, next) {
  return new Promise((resolve, reject) => {
    const { name, port } = server;
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
      if (!head.startsWith("HTTP/1.1 200") || !answer.includes("<SessionToken>")) {
        socket.destroy();
        reject(new Error(`${name} did not do its work: ${answer.toString()}`));
        return;
      }
      answer = Buffer.alloc(0);
      count++;
      if (!goesOn()) socket.end(() => resolve(count));
      else if (!/^connection: close\r?$/im.test(head)) socket.write(next());
      else {
        socket.destroy();
        drive(server, goesOn, next).then((rest) => resolve(count + rest), reject);
      }
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
  return { count, seconds, cpu: after.cpu - before.cpu, rss: after.rss, held: after.held };
}

/**
 * Until so many have been sent; each connection sends its first without asking.
 *
 * @param {number} total
 */
function counting(total) {
  let left = total - CONNECTIONS;
  return () => --left >= 0;
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
  const median = (rate) => middle(samples.map(rate));
  const cpu = median(({ count, cpu: used }) => count / used);
  return { clock: median(({ count, seconds }) => count / seconds), cpu: Number.isNaN(cpu) ? null : cpu };
}

/**
 * @param {readonly string[]} bodies
 * @returns {Promise<Server | null>}
 */
async function startPeer(bodies) {
  const moto = await startMoto();
  return moto && { name: "moto", ...moto, requests: requestsOf(bodies, moto.port) };
}

/**
 * @param {number} seconds
 * @returns {Promise<readonly Row[]>}
 */
async function compare(seconds) {
  const cloud = await startCloud();
  const answer = await (await fetch(`http://127.0.0.1:${cloud.port}/`, requestOf(cloud))).text();
  const bodies = cloud.requests.map(bodyOf);
  const bare = await startBare(answer, bodies);
  const moto = await startPeer(bodies);
  const servers = moto ? [cloud, bare, moto] : [cloud, bare];
  try {
    const samples = new Map(servers.map((server) => [server, /** @type {Sample[]} */ ([])]));
    for (const server of servers) await measure(server, counting(server === moto ? MOTO_WARM_UP : WARM_UP));
    for (let round = 0; round < ROUNDS; round++) {
      for (const server of servers) samples.get(server)?.push(await measure(server, during(seconds / ROUNDS)));
    }
    return servers.map((server) => ({ name: server.name, ...rates(samples.get(server) ?? []) }));
  } finally {
    for (const { child } of servers) child.kill();
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

/**
 * Whether memory stays flat: see FLAT for the rule.
 *
 * @param {number} total
 */
async function soak(total) {
  const cloud = await startCloud(["--expose-gc"]);
  /** @type {Sample[]} */
  const samples = [];
  try {
    process.stdout.write(`exchanges  per second    held MB     rss MB\n`);
    for (let step = 1, done = 0; step <= SOAK_STEPS; step++) {
      const sample = await measure(cloud, counting(Math.ceil(total / SOAK_STEPS)));
      samples.push(sample);
      done += sample.count;
      const { count, seconds, held, rss } = sample;
      const columns = [done.toFixed(0).padStart(9), (count / seconds).toFixed(0).padStart(11)];
      process.stdout.write(`${[...columns, megabytes(held), megabytes(rss)].join(" ")}\n`);
    }
  } finally {
    cloud.child.kill();
  }
  return judgeMemory(samples);
}

/** @param {number} bytes */
function megabytes(bytes) {
  return (bytes / 1e6).toFixed(2).padStart(10);
}

/** @param {readonly Sample[]} samples */
function judgeMemory(samples) {
  const quarter = samples.length / 4;
  const early = samples.slice(quarter, 2 * quarter);
  const late = samples.slice(3 * quarter);
  const grown = middle(late.map(({ held }) => held)) - middle(early.map(({ held }) => held));
  const resident = middle(late.map(({ rss }) => rss)) / middle(early.map(({ rss }) => rss));
  const flat = grown <= FLAT.held && resident <= FLAT.rss;
  process.stdout.write(
    `\n${flat ? "flat" : "GROWS"}  from the second quarter to the last ${(grown / 1e6).toFixed(2)} MB held ` +
      `(limit ${(FLAT.held / 1e6).toFixed(2)}), resident ${resident.toFixed(2)} times (limit ${FLAT.rss.toFixed(2)})\n`,
  );
  return flat;
}

/** @param {readonly number[]} values */
function middle(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** @param {number} seconds */
async function report(seconds) {
  const rows = await compare(seconds);
  const [cloud, bare, moto] = rows;
  process.stdout.write(`${TOKENS} tokens, ${CONNECTIONS} connections, Node.js ${process.versions.node}\n\n`);
  process.stdout.write(`${"".padEnd(10)}${"per second".padStart(14)}${"per CPU second".padStart(18)}\n`);
  for (const { name, clock, cpu } of rows) {
    const perCpu = cpu === null ? "" : cpu.toFixed(0);
    process.stdout.write(`${name.padEnd(10)}${clock.toFixed(0).padStart(14)}${perCpu.padStart(18)}\n`);
  }
  const ratio = (cloud?.clock ?? 0) / (bare?.clock ?? 1);
  const ofCpu = (cloud?.cpu ?? 0) / (bare?.cpu ?? 1);
  process.stdout.write(
    `\n${ratio >= LIMIT ? "within" : "UNDER "}  ${ratio.toFixed(2)} of a server that verifies nothing `,
  );
  process.stdout.write(`(${ofCpu.toFixed(2)} by processor time), limit ${LIMIT.toFixed(2)}\n`);
  process.stdout.write(`        ${split(cloud?.cpu ?? 0, bare?.cpu ?? 0)}\n`);
  const beatsMoto = !moto || judgePeer((cloud?.clock ?? 0) / moto.clock);
  return judgeStart(await measureStart()) && ratio >= LIMIT && beatsMoto;
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
