// @ts-check
// How long the local cloud of dist/ takes to start, for bench-local.mjs: a Node process that starts so many clouds at
// once and closes them, beside one that does nothing. Each ends by itself, so a cloud that left anything behind (a
// socket, a timer) would keep it from ending.
import { spawn } from "node:child_process";
import { once } from "node:events";

const ROUNDS = 9;
const MANY = 50;
const PATIENCE = 20_000;

const LOCAL = new URL("../dist/lib/local.js", import.meta.url).href;

/** @param {number} count */
function program(count) {
  if (count === 0) return "";
  return `
    const { createLocalCloud } = await import(${JSON.stringify(LOCAL)});
    const clouds = await Promise.all(Array.from({ length: ${count} }, () => createLocalCloud()));
    await Promise.all(clouds.map((cloud) => cloud.close()));`;
}

/**
 * @param {number} count of clouds
 * @returns {Promise<number>} milliseconds from start to end of the process
 */
async function timeOf(count) {
  const started = performance.now();
  const child = spawn(process.execPath, ["--input-type=module", "-e", program(count)], {
    stdio: ["ignore", "ignore", "inherit"],
    timeout: PATIENCE,
  });
  const [status] = /** @type {[number | null]} */ (await once(child, "exit"));
  if (status !== 0) throw new Error(`${count} local clouds did not start and end within ${PATIENCE / 1000} s`);
  return performance.now() - started;
}

/**
 * The middle one of some rounds, in turns.
 *
 * @returns {Promise<{ readonly bare: number, readonly one: number, readonly many: number, readonly count: number }>}
 *   milliseconds: a Node that does nothing, and what one cloud and many of them take more
 */
export async function measureStart() {
  /** @type {[number, number, number][]} */
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push([await timeOf(0), await timeOf(1), await timeOf(MANY)]);
  /** @param {(round: [number, number, number]) => number} time */
  const middle = (time) => rounds.map(time).toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
  const bare = middle(([nothing]) => nothing);
  const one = middle(([nothing, single]) => single - nothing);
  const many = middle(([nothing, , all]) => all - nothing);
  return { bare, one, many, count: MANY };
}
