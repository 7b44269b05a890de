// @ts-check
// `npm run bench:local -- --soak N`: whether the memory of the local cloud stays flat over so many exchanges.
import { counting, measure, middle, requestsTo } from "./bench-local-load.mjs";
import { startCloud } from "./bench-local-servers.mjs";

const STEPS = 20;
// From the second quarter of a soak to the last: what is held after a collection, and resident memory. A leak of ten
// bytes an exchange shows in 100,000; resident memory also holds what the allocator has not given back.
const FLAT = { held: 1e6, rss: 1.1 };

/** @typedef {import("./bench-local-load.mjs").Sample} Sample */

/**
 * Whether memory stays flat: see FLAT for the rule.
 *
 * @param {number} total
 */
export async function soak(total) {
  const cloud = await startCloud(["--expose-gc"]);
  const requests = requestsTo(cloud, { last: false });
  /** @type {Sample[]} */
  const samples = [];
  try {
    process.stdout.write(`exchanges  per second    held MB     rss MB\n`);
    for (let step = 1, done = 0; step <= STEPS; step++) {
      const sample = await measure(cloud, requests, counting(Math.ceil(total / STEPS)));
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
