// @ts-check
// `npm run bench:account -- ROLES ACCOUNTS...`: how long `rolecall plan` takes for many roles in many accounts, and the
// memory that it needs, by the built rolecall and local clouds of this very process (which work on the same processors).
// Three measures of memory: the most that the process had resident, much of which V8 has not bothered to give back; the
// most that was still in use on the heap after a collection, of many that are made while it runs, in a run apart; and
// the most that was resident in a third run, whose heap may not grow beyond 40 MB.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manyRoles, startAccountsFront } from "./accounts-front.mjs";
import { ROOT, isMain } from "./setup.mjs";

const KEY = { accessKeyId: "AKIABENCHBENCEXAMPLE", secretAccessKey: "bench-secret-bench-secret-bench-secret-0" };

/** Collects garbage many times while the process runs, and writes at its end how much was in use at most after it. */
const PROBE = `let most = 0;
const look = () => { gc(); most = Math.max(most, process.memoryUsage().heapUsed); };
setInterval(look, 40).unref();
process.on("exit", () => require("node:fs").writeFileSync(process.env.PROBE_FILE, String(most)));
`;

const SMALL = ["--max-old-space-size=40", "--max-semi-space-size=4"];

/** @param {string} folder where the probe is */
const PROBED = (folder) => ["--expose-gc", "--require", join(folder, "probe.cjs")];

/**
 * @param {number} roles
 * @param {number} accounts
 */
async function measure(roles, accounts) {
  const library = /** @type {typeof import("../src/local/index.ts")} */ (
    await import(join(ROOT, "dist", "lib", "local.js"))
  );
  const ids = Array.from({ length: accounts }, (_, index) => String(200_000_000_000 + index));
  const clouds = await Promise.all(ids.map((account) => library.createLocalCloud({ account, adminKey: KEY })));
  const front = await startAccountsFront(clouds);
  const folder = await mkdtemp(join(tmpdir(), "rolecall-bench-"));
  try {
    await writeFile(join(folder, "rolecall.yaml"), manyRoles(roles, ids));
    for (const { endpoint } of clouds) await createDoor(endpoint);
    await writeFile(join(folder, "probe.cjs"), PROBE);
    /** @type {(args: readonly string[], name: string, held?: boolean) => Promise<void>} */
    const row = async (args, name, held = false) => {
      const { seconds, megabytes, status } = await timed(folder, front.endpoint, args);
      const used = held ? (await timed(folder, front.endpoint, args, PROBED(folder))).held : null;
      const small = held ? await timed(folder, front.endpoint, args, SMALL) : null;
      const inUse = used === null ? "" : `, ${used.toFixed(1)} MB of heap in use at most`;
      const within = small === null ? "" : `, ${small.megabytes} MB resident in a small heap (status ${small.status})`;
      process.stdout.write(
        `${roles} roles x ${accounts} accounts, ${name}: ${seconds.toFixed(1)} s, ${megabytes} MB resident at most${inUse}${within}, status ${status}\n`,
      );
    };
    await row(["plan"], "empty accounts", true);
    await row(["apply", "--yes"], "apply");
    front.counts.clear();
    await row(["plan", "--detailed-exitcode"], "nothing to do");
    const calls = [...front.counts.values()].reduce((sum, count) => sum + count, 0);
    process.stdout.write(`  calls of that plan: ${calls}, ${(calls / accounts).toFixed(1)} for each account\n`);
    await row(["plan", "--detailed-exitcode"], "nothing to do, again", true);
  } finally {
    await front.close();
    await Promise.all(clouds.map((cloud) => cloud.close()));
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The role by which the account is entered.
 *
 * @param {string} endpoint
 */
async function createDoor(endpoint) {
  const { IAMClient, CreateRoleCommand, AttachRolePolicyCommand } = await import("@aws-sdk/client-iam");
  const client = new IAMClient({ endpoint, region: "us-east-1", credentials: KEY });
  const trust = {
    Version: "2012-10-17",
    Statement: { Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" },
  };
  await client.send(new CreateRoleCommand({ RoleName: "rolecall", AssumeRolePolicyDocument: JSON.stringify(trust) }));
  const PolicyArn = "arn:aws:iam::aws:policy/AdministratorAccess";
  await client.send(new AttachRolePolicyCommand({ RoleName: "rolecall", PolicyArn }));
}

/**
 * @param {string} cwd
 * @param {string} endpoint
 * @param {readonly string[]} args
 * @param {readonly string[]} [flags] of Node
 */
async function timed(cwd, endpoint, args, flags = []) {
  const probe = join(cwd, "held");
  const started = performance.now();
  const env = {
    PATH: process.env["PATH"],
    HOME: cwd,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ACCESS_KEY_ID: KEY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
    PROBE_FILE: probe,
  };
  const child = spawn(process.execPath, [...flags, join(ROOT, "dist", "cli", "main.cjs"), ...args, "--quiet"], {
    cwd,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  let megabytes = 0;
  const watch = setInterval(() => {
    const peak = /VmHWM:\s+(\d+)/.exec(readStatus(child.pid ?? 0))?.[1] ?? 0;
    megabytes = Math.max(megabytes, Math.round(Number(peak) / 1024));
  }, 50);
  const status = await /** @type {Promise<number | null>} */ (new Promise((resolve) => child.on("exit", resolve)));
  clearInterval(watch);
  const held = existsSync(probe) ? Number(readFileSync(probe, "utf8")) / 2 ** 20 : null;
  return { seconds: (performance.now() - started) / 1000, megabytes, held, status };
}

/** @param {number} pid */
function readStatus(pid) {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}

if (isMain(import.meta.url)) {
  const [roles = 300, ...accounts] = process.argv.slice(2).map(Number);
  for (const count of accounts.length === 0 ? [8, 20, 40] : accounts) await measure(roles, count);
}
