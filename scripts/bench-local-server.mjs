// @ts-check
// A server of bench-local.mjs, in a process of its own: `cloud` is the local cloud of dist/, `bare` answers the same
// bytes to everything. Told by its parent what to start with; says its port. Loads what `rolecall up` loads, no more: the
// account is set up, and the tokens are signed, from outside.
import { once } from "node:events";
import { createServer } from "node:http";

async function startCloud() {
  const dist = new URL("../dist/lib/local.js", import.meta.url);
  const { createLocalCloud } = /** @type {typeof import("../src/local/index.ts")} */ (await import(dist.href));
  const { endpoint, admin } = await createLocalCloud();
  return { port: Number(new URL(endpoint).port), admin };
}

/** @param {{ readonly answer: string }} start */
async function startBare({ answer }) {
  const bytes = Buffer.from(answer);
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(200, { "content-type": "text/xml", "content-length": bytes.length });
      response.end(bytes);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: /** @type {import("node:net").AddressInfo} */ (server.address()).port };
}

const [start] = /** @type {[{ answer: string }]} */ (await once(process, "message"));
const ready = await (process.argv[2] === "cloud" ? startCloud() : startBare(start));
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  // There with --expose-gc only: then memory is what is held, not what waits to be collected.
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ cpu: (user + system) / 1e6, rss, held: heapUsed + external });
});
process.on("disconnect", () => process.exit());
process.send?.(ready);
