// @ts-check
// The clients of bench-local.mjs, and what they measure.
import { connect } from "node:net";
import { usageOf } from "./bench-local-servers.mjs";

export const CONNECTIONS = 8;

/** @typedef {import("./bench-local-servers.mjs").Server} Server */
/** @typedef {{ readonly count: number, readonly seconds: number, readonly cpu: number, readonly rss: number, readonly held: number }} Sample */

/**
 * The requests that a server is sent, one for each token.
 *
 * @param {Server} server
 * @param {{ readonly last: boolean }} how whether each is the last of its connection, as of a job that makes one exchange
 */
export function requestsTo({ port, bodies }, { last }) {
  const head = `POST / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${last ? "connection: close\r\n" : ""}`;
  return bodies.map((body) =>
    Buffer.from(
      `${head}content-type: application/x-www-form-urlencoded\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  );
}

/**
 * One connection that sends a request as soon as the last was answered, until it is enough or the server ends it. A
 * plain socket: a client of node:http costs more than the server that is measured.
 *
 * @param {Server} server
 * @param {() => boolean} goesOn
 * @param {() => Buffer} next
 * @returns {Promise<{ readonly count: number, readonly enough: boolean }>} how many answers there were, each of status
 *   200 and with credentials
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
      if (!head.startsWith("HTTP/1.1 200") || !answer.includes("<SessionToken>")) {
        socket.destroy();
        reject(new Error(`${name} did not do its work: ${answer.toString()}`));
        return;
      }
      answer = Buffer.alloc(0);
      count++;
      const enough = !goesOn();
      if (enough) socket.end(() => resolve({ count, enough }));
      else if (!/^connection: close\r?$/im.test(head)) socket.write(next());
      else {
        socket.destroy();
        resolve({ count, enough });
      }
    });
  });
}

/**
 * @param {Server} server
 * @param {readonly Buffer[]} requests sent in turn
 * @param {() => boolean} goesOn
 * @returns {Promise<Sample>}
 */
export async function measure(server, requests, goesOn) {
  let at = 0;
  const next = () => requests[at++ % requests.length] ?? Buffer.alloc(0);
  const client = async () => {
    for (let sum = 0; ;) {
      const { count, enough } = await drive(server, goesOn, next);
      sum += count;
      if (enough) return sum;
    }
  };
  const before = await usageOf(server);
  const started = performance.now();
  const counts = await Promise.all(Array.from({ length: CONNECTIONS }, client));
  const seconds = (performance.now() - started) / 1000;
  const after = await usageOf(server);
  const count = counts.reduce((sum, one) => sum + one, 0);
  return { count, seconds, cpu: after.cpu - before.cpu, rss: after.rss, held: after.held };
}

/**
 * Until so many have been sent; each connection sends its first without asking.
 *
 * @param {number} total
 */
export function counting(total) {
  let left = total - CONNECTIONS;
  return () => --left >= 0;
}

/** @param {number} seconds */
export function during(seconds) {
  const end = performance.now() + seconds * 1000;
  return () => performance.now() < end;
}

/**
 * The middle one of the rounds, per second of the clock and per second of processor time.
 *
 * @param {readonly Sample[]} samples
 */
export function rates(samples) {
  /** @param {(sample: Sample) => number} rate */
  const median = (rate) => middle(samples.map(rate));
  const cpu = median(({ count, cpu: used }) => count / used);
  return { clock: median(({ count, seconds }) => count / seconds), cpu: Number.isNaN(cpu) ? null : cpu };
}

/** @param {readonly number[]} values */
export function middle(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
