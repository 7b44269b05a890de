// @ts-check
// `npm run bench`: what `rolecall creds` costs a job, as a whole process from start to exit, against an STS on
// loopback. All rows take turns in one run and are given as ratios to a bare Node, so that a busy machine changes them
// little. ROLECALL_BENCH_ACTION=FILE adds the bundle of another GitHub action with the inputs of
// configure-aws-credentials, its dist/index.js for one. `-- --rounds 61` for calmer numbers, `-- --check` to fail when a limit is broken.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildOrExit } from "./build.mjs";
import { ROOT, ensurePackages, onPath, requireNode } from "./setup.mjs";

const LIMITS = { ratio: 1.35, bytes: 60 * 1024, memory: 15 };
const ROLE = "arn:aws:iam::123456789012:role/deploy";
const KEY = "ASIAIOSFODNN7EXAMPLE";
const MAIN = join(ROOT, "dist", "cli", "main.cjs");
const ACTION = join(ROOT, "dist", "action", "main.cjs");

/** @typedef {{ readonly name: string, readonly command: string, readonly args: readonly string[], readonly prints: string }} Row */
/** @typedef {{ readonly name: string, readonly median: number, readonly min: number }} Timing */

/** A token that looks like GitLab's; nobody here checks its signature. */
function makeToken() {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: "https://gitlab.com",
    sub: "project_path:acme/shop:ref_type:branch:ref:main",
    aud: "sts.amazonaws.com",
    iat: now,
    nbf: now - 5,
    exp: now + 3600,
    job_id: "302",
    project_id: "1",
    pipeline_id: "574",
  };
  const parts = [{ alg: "RS256", kid: "bench", typ: "JWT" }, claims].map((part) => encode(JSON.stringify(part)));
  return [...parts, encode("no signature".repeat(20))].join(".");
}

/** @param {string} text */
function encode(text) {
  return Buffer.from(text).toString("base64url");
}

// What a shell may have that would change what is measured, or be taken for the job's own.
const OWN = /^(AWS_|CI$|CI_|GITLAB_|ROLECALL_|ROLE_ARN$|HTTPS?_PROXY$|ALL_PROXY$)/i;

/**
 * The environment of this shell, as a GitLab job on this machine would have it. Some settings cost Node itself much
 * time at every start, NODE_EXTRA_CA_CERTS above all, so the ratio is given without them as well.
 *
 * @param {NodeJS.ProcessEnv} job
 * @returns {NodeJS.ProcessEnv}
 */
function shellEnvironment(job) {
  const kept = Object.entries(process.env).filter(([name]) => !OWN.test(name));
  return { ...Object.fromEntries(kept), ...job };
}

/**
 * The environment of a GitLab job, and nothing of ours.
 *
 * @param {{ readonly token: string, readonly endpoint: string, readonly home: string }} job
 * @returns {NodeJS.ProcessEnv}
 */
function jobEnvironment({ token, endpoint, home }) {
  return {
    PATH: process.env["PATH"],
    HOME: home,
    GITLAB_CI: "true",
    CI_SERVER_URL: "https://gitlab.com",
    CI_PROJECT_ID: "1",
    CI_PIPELINE_ID: "574",
    CI_JOB_ID: "302",
    OIDC_TOKEN: token,
    AWS_REGION: "us-east-1",
    AWS_ROLE_ARN: ROLE,
    AWS_ENDPOINT_URL_STS: endpoint,
    ...actionEnvironment(token, home),
    // The SDK's advice about Node versions is no part of the work.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  };
}

/**
 * What the runner gives to an action with these inputs; a command looks at none of it.
 *
 * @param {string} token
 * @param {string} home
 */
function actionEnvironment(token, home) {
  const [file, env, output] = ["token", "github-env", "github-output"].map((name) => join(home, name));
  writeFileSync(file ?? "", token, { mode: 0o600 });
  writeFileSync(env ?? "", "");
  writeFileSync(output ?? "", "");
  return {
    "INPUT_ROLE-TO-ASSUME": ROLE,
    "INPUT_AWS-REGION": "us-east-1",
    "INPUT_WEB-IDENTITY-TOKEN-FILE": file,
    GITHUB_ENV: env,
    GITHUB_OUTPUT: output,
    GITHUB_WORKSPACE: home,
    GITHUB_REPOSITORY: "acme/shop",
    GITHUB_WORKFLOW: "bench",
    GITHUB_ACTION: "bench",
    GITHUB_ACTOR: "acme",
    GITHUB_SHA: "0".repeat(40),
    GITHUB_RUN_ID: "1",
  };
}

/**
 * @param {{ readonly token: string, readonly endpoint: string, readonly home: string }} job
 * @returns {Promise<readonly Row[]>}
 */
async function rowsOf({ token, endpoint, home }) {
  const sdk = join(home, "sdk.cjs");
  await buildSdkClient(sdk);
  const otherAction = process.env["ROLECALL_BENCH_ACTION"];
  const request = ["--role-arn", ROLE, "--role-session-name", "bench", "--web-identity-token", token];
  const aws = ["sts", "assume-role-with-web-identity", ...request, "--endpoint-url", endpoint, "--output", "json"];
  return [
    { name: "node -e 0", command: process.execPath, args: ["-e", "0"], prints: "" },
    { name: "node, one node:http POST", command: process.execPath, args: [writeLoneRequest(home)], prints: KEY },
    { name: "rolecall creds", command: process.execPath, args: [MAIN, "creds", "--format", "json"], prints: KEY },
    { name: "bundled @aws-sdk/client-sts", command: process.execPath, args: [sdk], prints: KEY },
    { name: "SDK fromWebToken, unbundled", command: process.execPath, args: [writeSdkProvider(home)], prints: KEY },
    { name: "rolecall's GitHub action", command: process.execPath, args: [ACTION], prints: KEY },
    ...(otherAction ? [{ name: "the other action", command: process.execPath, args: [otherAction], prints: KEY }] : []),
    ...(onPath("aws") ? [{ name: "aws sts (AWS CLI)", command: "aws", args: aws, prints: KEY }] : []),
  ];
}

/**
 * The least that a program can do which asks STS over node:http: the request and nothing around it.
 *
 * @param {string} home
 */
function writeLoneRequest(home) {
  const path = join(home, "lone.cjs");
  const program = `
    const options = { method: "POST", agent: false };
    require("node:http").request(process.env.AWS_ENDPOINT_URL_STS, options, (answer) => {
      let text = "";
      answer.on("data", (part) => (text += part)).on("end", () => process.stdout.write(text, () => process.exit()));
    }).end("Action=AssumeRoleWithWebIdentity");
  `;
  writeFileSync(path, program);
  return path;
}

/**
 * The same call as a program of the AWS SDK, bundled as well as it can be.
 *
 * @param {string} outfile
 */
async function buildSdkClient(outfile) {
  const esbuild = await import("esbuild");
  const contents = `
    import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
    const { AWS_ENDPOINT_URL_STS: endpoint, AWS_REGION: region, AWS_ROLE_ARN: RoleArn, OIDC_TOKEN: WebIdentityToken } = process.env;
    const command = new AssumeRoleWithWebIdentityCommand({ RoleArn, WebIdentityToken, RoleSessionName: "bench" });
    new STSClient({ endpoint, region }).send(command).then(({ Credentials }) => console.log(JSON.stringify(Credentials)));
  `;
  const stdin = { contents, resolveDir: ROOT };
  await esbuild.build({
    stdin,
    outfile,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    mainFields: ["module", "main"],
  });
}

/**
 * The same as a job would write it with the AWS SDK's own provider, from node_modules as it is installed.
 *
 * @param {string} home
 */
function writeSdkProvider(home) {
  const path = join(home, "provider.cjs");
  const modules = ["@aws-sdk/credential-provider-web-identity", "@aws-sdk/client-sts"].map((name) =>
    JSON.stringify(join(ROOT, "node_modules", name)),
  );
  const program = `
    const { fromWebToken } = require(${modules[0]});
    const { STSClient, AssumeRoleWithWebIdentityCommand } = require(${modules[1]});
    const { AWS_ENDPOINT_URL_STS: endpoint, AWS_REGION: region, AWS_ROLE_ARN: roleArn, OIDC_TOKEN: webIdentityToken } = process.env;
    const roleAssumerWithWebIdentity = async (request) => {
      const { Credentials } = await new STSClient({ endpoint, region }).send(new AssumeRoleWithWebIdentityCommand(request));
      return { accessKeyId: Credentials.AccessKeyId };
    };
    fromWebToken({ roleArn, webIdentityToken, roleSessionName: "bench", roleAssumerWithWebIdentity })()
      .then((credentials) => console.log(JSON.stringify(credentials)));
  `;
  writeFileSync(path, program);
  return path;
}

/**
 * The most memory that a row's process had at once, in MB: the median of a few runs. Asked of the process itself when
 * it ends, in the same way for each row.
 *
 * @param {Row | undefined} row
 * @param {NodeJS.ProcessEnv} env
 * @param {string} home
 */
function peakMemory(row, env, home) {
  if (!row) throw new Error("there is no such row");
  const [probe, result] = [join(home, "peak.cjs"), join(home, "peak.txt")];
  const write = `require("node:fs").writeFileSync(${JSON.stringify(result)}, String(process.resourceUsage().maxRSS))`;
  writeFileSync(probe, `process.on("exit", () => ${write});`);
  const peaks = Array.from({ length: 7 }, () => {
    time({ ...row, args: ["--require", probe, ...row.args] }, env);
    return Number(readFileSync(result, "utf8")) / 1024;
  });
  return peaks.toSorted((a, b) => a - b)[3] ?? 0;
}

/**
 * Milliseconds from start to exit.
 *
 * @param {Row} row
 * @param {NodeJS.ProcessEnv} env
 */
function time({ name, command, args, prints }, env) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, { env, encoding: "utf8" });
  const elapsed = performance.now() - started;
  if (status === 0 && stdout.includes(prints)) return elapsed;
  throw new Error(`${name} did not do its work: status ${status}\n${stdout}${stderr}`);
}

/**
 * @param {readonly Row[]} rows
 * @param {NodeJS.ProcessEnv} env
 * @param {number} rounds
 * @returns {readonly Timing[]}
 */
function measure(rows, env, rounds) {
  const samples = rows.map((row) => ({ row, times: /** @type {number[]} */ ([]) }));
  // The first round warms the disk cache and is not counted.
  for (let round = -1; round < rounds; round++) {
    for (const { row, times } of samples) {
      const elapsed = time(row, env);
      if (round >= 0) times.push(elapsed);
    }
  }
  return samples.map(({ row, times }) => {
    const sorted = times.toSorted((a, b) => a - b);
    return { name: row.name, median: sorted[Math.floor(sorted.length / 2)] ?? 0, min: sorted[0] ?? 0 };
  });
}

/**
 * @param {readonly Timing[]} timings the first is what the others are compared to
 */
function renderTable(timings) {
  const base = timings[0]?.median ?? 1;
  const lines = timings.map(({ name, median, min }) =>
    [
      name.padEnd(28),
      ...[median, min].map((ms) => `${ms.toFixed(1)} ms`.padStart(10)),
      `${(median / base).toFixed(2)} x`.padStart(10),
    ].join(""),
  );
  return [`${"".padEnd(28)}${"median".padStart(10)}${"min".padStart(10)}${"ratio".padStart(10)}`, ...lines].join("\n");
}

/**
 * @param {string} what
 * @param {boolean} within
 */
function verdict(what, within) {
  process.stdout.write(`${within ? "within" : "OVER  "}  ${what}\n`);
  return within;
}

/**
 * @param {Timing | undefined} rolecall
 * @param {Timing | undefined} base what it is compared to
 * @param {string} where
 */
function judgeSpeed(rolecall, base, where) {
  const ratio = (rolecall?.median ?? 0) / (base?.median ?? 1);
  const what = `rolecall creds, ${where}: ${ratio.toFixed(2)} x ${base?.name}, limit ${LIMITS.ratio} x`;
  return verdict(what, ratio <= LIMITS.ratio);
}

/**
 * @param {readonly Row[]} rows
 * @param {NodeJS.ProcessEnv} env
 * @param {string} home
 */
function judgeMemory(rows, env, home) {
  const [bare, ours] = [peakMemory(rows[0], env, home), peakMemory(rows[2], env, home)];
  const what = `peak memory: ${ours.toFixed(1)} MB, bare node ${bare.toFixed(1)} MB, limit ${LIMITS.memory} MB more`;
  return verdict(what, ours - bare <= LIMITS.memory);
}

function judgeSize() {
  const bytes = statSync(MAIN).size;
  const what = `job bundle: ${(bytes / 1024).toFixed(1)} KB, limit ${LIMITS.bytes / 1024} KB`;
  return verdict(what, bytes <= LIMITS.bytes);
}

/** @param {number} rounds */
async function bench(rounds) {
  const home = mkdtempSync(join(tmpdir(), "rolecall-bench-"));
  const sts = spawn(process.execPath, [join(ROOT, "scripts", "bench-sts.mjs")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [port] = /** @type {[Buffer]} */ (await once(sts.stdout, "data"));
    const job = { token: makeToken(), endpoint: `http://127.0.0.1:${port.toString().trim()}`, home };
    const rows = await rowsOf(job);
    const bare = jobEnvironment(job);
    const timings = measure(rows, shellEnvironment(bare), rounds);
    process.stdout.write(`${rounds} rounds, Node.js ${process.versions.node}\n\n`);
    process.stdout.write(`in this shell's environment\n${renderTable(timings)}\n\n`);
    const fewer = measure(rows.slice(0, 3), bare, rounds);
    process.stdout.write(`in an environment of nothing but the job's variables\n${renderTable(fewer)}\n\n`);
    // Where a bare Node starts fastest, node:http alone is over the limit, whoever calls it (docs/decisions/0009).
    const verdicts = [
      judgeSpeed(timings[2], timings[0], "in this shell's environment"),
      judgeSpeed(fewer[2], fewer[1], "with the job's variables alone"),
      judgeMemory(rows, bare, home),
      judgeSize(),
    ];
    return verdicts.every(Boolean);
  } finally {
    sts.kill();
    rmSync(home, { recursive: true, force: true });
  }
}

requireNode();
const { values } = parseArgs({ options: { rounds: { type: "string", default: "31" }, check: { type: "boolean" } } });
await ensurePackages();
await buildOrExit();
const within = await bench(Number(values.rounds));
if (values.check && !within) process.exitCode = 1;
