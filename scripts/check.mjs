// @ts-check
// `npm run check`: all that must hold before a change goes in. Every step runs, so that one run tells all.
// `-- --no-tests` leaves the last one out.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./run.mjs";
import { ROOT, ensureDebianPackages, ensurePackages, npmCommand, requireNode } from "./setup.mjs";
import { runTests } from "./test.mjs";

/** @typedef {{ readonly name: string, readonly command: string, readonly args: readonly string[], readonly cwd?: string }} Step */

/** @satisfies {readonly Step[]} */
const SOURCE_STEPS = [
  tool("types", "typescript/bin/tsc", "-p", "tsconfig.json"),
  tool("core and ci are pure", "typescript/bin/tsc", "-p", "tsconfig.pure.json"),
  tool("the console's types", "typescript/bin/tsc", "-p", "src/console/tsconfig.json"),
  tool("lint", "oxlint/bin/oxlint"),
  tool("format", "oxfmt/bin/oxfmt", "--check"),
  tool("unused code", "knip/bin/knip.js", "--no-progress"),
  node("build", join(ROOT, "scripts", "build.mjs"), "--types"),
];

/**
 * Checks the tarball that would be published, not the folder that it is made of. It is installed with no registry in
 * reach, since it must need nothing else.
 *
 * @param {string} tarball
 * @param {string} cwd an empty folder
 * @returns {readonly Step[]}
 */
function packageSteps(tarball, cwd) {
  const imports = 'import "rolecall"; import "rolecall/local";';
  return [
    tool("package: publint", "publint/src/cli.js", "run", tarball, "--strict"),
    tool("package: types resolve", "@arethetypeswrong/cli/dist/index.js", tarball, "--profile", "esm-only"),
    npm("package: installs", "install", "--offline", "--ignore-scripts", "--prefix", cwd, tarball),
    { ...node("package: the library loads", "--input-type=module", "--eval", imports), cwd },
    { name: "package: the command runs", command: join(cwd, "node_modules", ".bin", "rolecall"), args: ["help"] },
  ];
}

/**
 * @param {string} name
 * @param {readonly string[]} args
 * @returns {Step}
 */
function node(name, ...args) {
  return { name, command: process.execPath, args };
}

/**
 * @param {string} name
 * @param {string} script below node_modules
 * @param {readonly string[]} args
 */
function tool(name, script, ...args) {
  return node(name, join(ROOT, "node_modules", script), ...args);
}

/**
 * @param {string} name
 * @param {readonly string[]} args
 * @returns {Step}
 */
function npm(name, ...args) {
  const { command, args: prefix } = npmCommand();
  return { name, command, args: [...prefix, ...args] };
}

/**
 * Runs a step and says how it went; what it printed is shown only when it failed.
 *
 * @param {Step} step
 * @returns {Promise<boolean>}
 */
async function passes({ name, command, args, cwd = ROOT }) {
  const started = performance.now();
  const { status, output } = await run(command, args, { cwd });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${status === 0 ? "ok    " : "FAILED"}  ${name} (${seconds} s)\n`);
  if (status !== 0) process.stdout.write(`${output.trimEnd()}\n\n`);
  return status === 0;
}

/**
 * One after the other: each uses all processors.
 *
 * @param {readonly Step[]} steps
 * @returns {Promise<boolean>} whether all passed
 */
async function allPass(steps) {
  let passed = true;
  for (const step of steps) passed = (await passes(step)) && passed;
  return passed;
}

async function packagePasses() {
  const folder = await mkdtemp(join(tmpdir(), "rolecall-pack-"));
  const empty = await mkdtemp(join(tmpdir(), "rolecall-install-"));
  try {
    const packed = await passes(npm("package: pack", "pack", "--ignore-scripts", "--pack-destination", folder));
    const [tarball] = await readdir(folder);
    if (!packed || tarball === undefined) return false;
    return await allPass(packageSteps(join(folder, tarball), empty));
  } finally {
    await Promise.all([folder, empty].map((path) => rm(path, { recursive: true, force: true })));
  }
}

async function testsPass() {
  if (process.argv.includes("--no-tests")) return true;
  await ensureDebianPackages();
  return (await runTests([])) === 0;
}

requireNode();
await ensurePackages();
const passed = [await allPass(SOURCE_STEPS), await packagePasses(), await testsPass()];
process.stdout.write(`${passed.every(Boolean) ? "all checks passed" : "some checks failed; see above"}\n`);
process.exitCode = passed.every(Boolean) ? 0 : 1;
