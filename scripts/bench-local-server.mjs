// @ts-check
// A server of bench-local.mjs, in a process of its own: `cloud` is the local cloud of dist/, `bare` answers the same
// bytes to everything, `rsa` does so after two verifications of one RS256 signature. Told by its parent what to start with; says its port. Loads what `rolecall up` loads, no more: the
// account is set up, and the tokens are signed, from outside.
import { generateKeyPairSync, sign, verify } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

async function startCloud() {
  const dist = new URL("../dist/lib/local.js", import.meta.url);
  const { createLocalCloud } = /** @type {typeof import("../src/local/index.ts")} */ (await import(dist.href));
  const { endpoint, admin } = await createLocalCloud();
  return { port: Number(new URL(endpoint).port), admin };
}

/**
 * @param {{ readonly answer: string }} start
 * @param {() => void} [work] before each answer
 */
async function startBare({ answer }, work = () => undefined) {
  const bytes = Buffer.from(answer);
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      work();
      response.writeHead(200, { "content-type": "text/xml", "content-length": bytes.length });
      response.end(bytes);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: /** @type {import("node:net").AddressInfo} */ (server.address()).port };
}

/** @returns {() => void} */
function twoVerifications() {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const text = Buffer.alloc(1200, ".");
  const signature = sign("sha256", text, privateKey);
  return () => {
    for (let times = 0; times < 2; times++) {
      if (!verify("sha256", text, publicKey, signature)) throw new Error("a good signature was not taken");
    }
  };
}

/** @param {{ readonly answer: string }} start */
function startServer(start) {
  if (process.argv[2] === "cloud") return startCloud();
  return process.argv[2] === "rsa" ? startBare(start, twoVerifications()) : startBare(start);
}

const [start] = /** @type {[{ answer: string }]} */ (await once(process, "message"));
const ready = await startServer(start);
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  // There with --expose-gc only: then memory is what is held, not what waits to be collected.
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ cpu: (user + system) / 1e6, rss, held: heapUsed + external });
});
process.on("disconnect", () => process.exit());
process.send?.(ready);
