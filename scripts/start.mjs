// @ts-check
// `npm start`: from a fresh clone to the whole story, `rolecall try`.
import { join } from "node:path";
import { buildOrExit } from "./build.mjs";
import { run } from "./run.mjs";
import { ROOT, ensurePackages, requireNode, say } from "./setup.mjs";

requireNode();
await ensurePackages();
say("building");
await buildOrExit();
const main = join(ROOT, "dist", "cli", "main.cjs");
const { status } = await run(process.execPath, [main, "try", ...process.argv.slice(2)], { inherit: true });
process.exitCode = status;
