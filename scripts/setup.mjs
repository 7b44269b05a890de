// @ts-check
// What a fresh clone lacks. This file and all that it imports run before anything is installed, so they use
// nothing but Node's own modules.
import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { run } from "./run.mjs";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** @typedef {{ readonly version?: string, readonly optional?: boolean }} LockEntry */

const OLDEST_NODE = [20, 19];

/** Real clients that tests use, and the Debian package that each is in. */
const DEBIAN_PACKAGES = [
  { command: "aws", name: "awscli" },
  // Small, and written with three libraries for Go: version 1 and 2 of the AWS SDK, and MinIO's.
  { command: "rclone", name: "rclone" },
  { command: "docker-credential-ecr-login", name: "amazon-ecr-credential-helper" },
  { command: "restic", name: "restic" },
];

/** How long to wait for another process that is installing Debian packages, in milliseconds. */
const APT_PATIENCE = 300_000;

/**
 * One short line for the person who started a script.
 *
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`rolecall: ${text}\n`);
}

/**
 * True when `url` (a module's `import.meta.url`) is the file that Node was started with.
 *
 * @param {string} url
 */
export function isMain(url) {
  const [, started] = process.argv;
  return started !== undefined && url === pathToFileURL(realpathSync(started)).href;
}

/** Ends the process with status 2 on a Node that is too old to run what follows. */
export function requireNode() {
  if (isSupported(process.versions.node)) return;
  say(`expected Node.js ${OLDEST_NODE.join(".")} or newer, got ${process.versions.node}`);
  process.exit(2);
}

/** @param {string} version such as `20.19.0` */
export function isSupported(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/**
 * Installs the npm packages that package-lock.json names, unless they are there already. Ends the process when npm
 * fails, since nothing that follows could work.
 */
export async function ensurePackages(root = ROOT) {
  if (packagesMatch(root)) return;
  say("installing npm packages");
  const npm = npmCommand();
  // `--include=dev`: NODE_ENV=production in the environment must not leave out what builds the project.
  // `--ignore-scripts`: no package here needs its install script, so none gets to run one.
  const args = [...npm.args, "ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status, output } = await run(npm.command, args, { cwd: root });
  if (status === 0) return;
  say(`npm ci failed with status ${status}: ${npmReason(output)}`);
  process.exit(1);
}

/**
 * True when node_modules holds what package-lock.json asks for. npm writes its own record of what it installed when it
 * is done, so an installation that was cut short does not match.
 *
 * @param {string} root
 */
export function packagesMatch(root) {
  const wanted = readPackages(join(root, "package-lock.json"));
  const installed = readPackages(join(root, "node_modules", ".package-lock.json"));
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") return true;
    const found = installed[path];
    // Optional packages are those of other platforms: most are absent, none may be of another version.
    return found === undefined ? entry.optional === true : found.version === entry.version;
  });
}

/**
 * @param {string} path of a package-lock.json
 * @returns {Record<string, LockEntry>} nothing when there is no such file
 */
function readPackages(path) {
  try {
    const lock = /** @type {{ packages: Record<string, LockEntry> }} */ (JSON.parse(readFileSync(path, "utf8")));
    return lock.packages;
  } catch {
    return {};
  }
}

/** npm as Node runs it: no shell, and the very npm that started us when one did. */
export function npmCommand() {
  const started = process.env["npm_execpath"];
  if (started?.endsWith("npm-cli.js")) return { command: process.execPath, args: [started] };
  return { command: "npm", args: [] };
}

/** @param {string} output of an npm that failed */
function npmReason(output) {
  const lines = output.split("\n").map((line) => line.replace(/^npm (error|ERR!) ?/, "").trim());
  const telling = lines.filter((line) => line !== "" && !/^(code|errno|syscall|path) /.test(line));
  return telling[0] ?? "no output";
}

/**
 * Installs the commands in {@link DEBIAN_PACKAGES} that are missing. Never fails: the tests that need one say why they
 * skip.
 */
export async function ensureDebianPackages() {
  const missing = DEBIAN_PACKAGES.filter(({ command }) => !onPath(command)).map((entry) => entry.name);
  if (missing.length === 0) return;
  const names = missing.join(" ");
  const apt = await aptCommand();
  if (!apt)
    return say(`some tests will be skipped without ${names}: install it (Debian, Ubuntu: apt-get install ${names})`);
  say(`installing Debian packages: ${names}`);
  const reason = await aptInstall(apt, missing);
  if (reason !== null) say(`some tests will be skipped without ${names}: apt-get failed: ${reason}`);
}

/** @param {string} name of a command */
export function onPath(name) {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => isExecutable(join(folder, name)));
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * How this user may run apt-get; null when there is none or it would ask for a password.
 *
 * @returns {Promise<readonly string[] | null>}
 */
async function aptCommand() {
  if (!onPath("apt-get")) return null;
  if (process.getuid?.() === 0) return ["apt-get"];
  const { status } = await run("sudo", ["-n", "true"]);
  return status === 0 ? ["sudo", "-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"] : null;
}

/**
 * @param {readonly string[]} apt
 * @param {readonly string[]} names of Debian packages
 * @returns {Promise<string | null>} why it did not work, in one line
 */
async function aptInstall(apt, names) {
  const updated = await aptRun(apt, ["update"]);
  const installed = await aptRun(apt, ["install", "-y", "--no-install-recommends", ...names]);
  // An update that failed matters only when the package then cannot be had.
  return installed === null ? null : (updated ?? installed);
}

/**
 * Runs apt-get and, where another process holds a lock, waits for its turn: DPkg::Lock::Timeout does not cover the
 * lock that `update` takes.
 *
 * @param {readonly string[]} apt
 * @param {readonly string[]} args
 * @returns {Promise<string | null>} why it did not work, in one line
 */
async function aptRun(apt, args) {
  const [command = "apt-get", ...prefix] = apt;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  for (const started = Date.now(); ; await sleep(1000)) {
    const { status, output } = await run(command, [...prefix, "-o", "DPkg::Lock::Timeout=300", ...args], { env });
    if (status === 0) return null;
    const locked = output.includes("Could not get lock");
    if (!locked || Date.now() - started > APT_PATIENCE) return aptReason(output, status);
  }
}

/**
 * @param {string} output of an apt-get that failed
 * @param {number} status
 */
function aptReason(output, status) {
  return /^E: (.*)$/m.exec(output)?.[1] ?? `status ${status}`;
}
