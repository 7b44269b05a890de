// @ts-check
// `npm run bench:account`: how long `rolecall plan` takes for many roles in many accounts, and the most memory that
// it needs, by the built rolecall and local clouds of this very process (which work on the same processors).
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manyRoles, startAccountsFront } from "./accounts-front.mjs";
import { ROOT, isMain } from "./setup.mjs";

const KEY = { accessKeyId: "AKIABENCHBENCEXAMPLE", secretAccessKey: "bench-secret-bench-secret-bench-secret-0" };

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
    const plan = await timed(folder, front.endpoint, ["plan"], "empty accounts");
    const apply = await timed(folder, front.endpoint, ["apply", "--yes"], "apply");
    front.counts.clear();
    const again = await timed(folder, front.endpoint, ["plan", "--detailed-exitcode"], "nothing to do");
    const calls = [...front.counts.values()].reduce((sum, count) => sum + count, 0);
    for (const { name, seconds, megabytes, status } of [plan, apply, again])
      process.stdout.write(
        `${roles} roles x ${accounts} accounts, ${name}: ${seconds.toFixed(1)} s, ${megabytes} MB at most, status ${status}\n`,
      );
    process.stdout.write(`  calls of the last plan: ${calls}, ${(calls / accounts).toFixed(1)} for each account\n`);
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
 * @param {string} name
 */
async function timed(cwd, endpoint, args, name) {
  const started = performance.now();
  const env = {
    PATH: process.env["PATH"],
    HOME: cwd,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ACCESS_KEY_ID: KEY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
  };
  const child = spawn(process.execPath, [join(ROOT, "dist", "cli", "main.cjs"), ...args, "--quiet"], {
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
  return { name, seconds: (performance.now() - started) / 1000, megabytes, status };
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
  const [roles = 300, accounts = 20] = process.argv.slice(2).map(Number);
  await measure(roles, accounts);
}
