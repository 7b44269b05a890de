// @ts-check
// `node scripts/bench-audit.mjs [ROLES]`: what `rolecall audit --file` takes for a saved account, in seconds and memory.
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT, isMain } from "./setup.mjs";

const ACCOUNT = "123456789012";
const GITHUB = "token.actions.githubusercontent.com";
const LIMITS = { seconds: 5, megabytes: 300 };

/** @param {string} url */
function provider(url) {
  return `arn:aws:iam::${ACCOUNT}:oidc-provider/${url}`;
}

/**
 * Trust policies as accounts have them: of services, of GitHub, GitLab and clusters, good and bad.
 *
 * @param {number} index
 */
function trustOf(index) {
  const name = `team-${index % 97}/service-${index}`;
  const of = (/** @type {string} */ url, /** @type {object} */ condition) => ({
    Effect: "Allow",
    Principal: { Federated: provider(url) },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: condition,
  });
  const github = (/** @type {object} */ like) =>
    of(GITHUB, { StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com" }, StringLike: like });
  const cluster = `oidc.eks.eu-west-1.amazonaws.com/id/${"0".repeat(31)}${index % 8}`;
  /** @type {(() => object)[]} */
  const kinds = [
    () => ({ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }),
    () => github({ [`${GITHUB}:sub`]: `repo:${name}:ref:refs/heads/main` }),
    () => github({ [`${GITHUB}:sub`]: [`repo:${name}:environment:prod`, `repo:${name}:ref:refs/tags/v*`] }),
    () => github({ [`${GITHUB}:sub`]: `repo:${name}:*` }),
    () =>
      of("gitlab.com", {
        StringLike: { "gitlab.com:sub": `project_path:${name}:ref_type:branch:ref:main` },
        StringEquals: { "gitlab.com:aud": "https://gitlab.com" },
      }),
    () =>
      of(cluster, {
        StringEquals: {
          [`${cluster}:sub`]: `system:serviceaccount:team-${index % 97}:service-${index}`,
          [`${cluster}:aud`]: "sts.amazonaws.com",
        },
      }),
    () => github({ [`${GITHUB}:sub`]: `repo:team-${index % 97}*` }),
    () => of("gitlab.com", { "ForAllValues:StringLike": { "gitlab.com:sub": `project_path:${name}:*` } }),
  ];
  const kind = kinds[index % kinds.length];
  return { Version: "2012-10-17", Statement: [kind?.()] };
}

/** @param {number} index */
function roleOf(index) {
  return {
    RoleName: `service-${index}`,
    Path: "/",
    Arn: `arn:aws:iam::${ACCOUNT}:role/service-${index}`,
    CreateDate: "2025-01-01T00:00:00+00:00",
    AssumeRolePolicyDocument: trustOf(index),
    RolePolicyList: [
      {
        PolicyName: "own",
        PolicyDocument: {
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject"], Resource: `arn:aws:s3:::service-${index}/*` },
          ],
        },
      },
    ],
    AttachedManagedPolicies: [
      { PolicyName: "ReadOnlyAccess", PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" },
      ...(index % 50 === 0
        ? [{ PolicyName: "AdministratorAccess", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" }]
        : []),
    ],
    RoleLastUsed: index % 3 === 0 ? {} : { LastUsedDate: "2026-11-01T00:00:00+00:00", Region: "eu-west-1" },
    Tags: [{ Key: "team", Value: `team-${index % 97}` }],
  };
}

/** @param {number} roles */
export function accountOf(roles) {
  const clusters = Array.from(
    { length: 8 },
    (_, index) => `oidc.eks.eu-west-1.amazonaws.com/id/${"0".repeat(31)}${index}`,
  );
  return {
    RoleDetailList: Array.from({ length: roles }, (_, index) => roleOf(index)),
    Policies: [],
    OpenIDConnectProviders: [GITHUB, "gitlab.com", ...clusters].map((url) => ({
      Arn: provider(url),
      Url: url,
      ClientIDList: [url === "gitlab.com" ? "https://gitlab.com" : "sts.amazonaws.com"],
      ThumbprintList: [],
    })),
  };
}

/** @param {number} roles */
async function measure(roles) {
  const folder = await mkdtemp(join(tmpdir(), "rolecall-bench-audit-"));
  try {
    const file = join(folder, "account.json");
    await writeFile(file, JSON.stringify(accountOf(roles), null, 4));
    const hook = join(folder, "memory.cjs");
    const memory = join(folder, "memory.txt");
    await writeFile(
      hook,
      `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(memory)}, String(process.resourceUsage().maxRSS)));`,
    );
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--require", hook, join(ROOT, "dist", "cli", "main.cjs"), "audit", "--file", file, "--json"],
      { encoding: "utf8", maxBuffer: 1024 ** 3 },
    );
    const seconds = (performance.now() - started) / 1000;
    if (status !== 3) throw new Error(`audit ended with ${status}: ${stderr}`);
    const { accounts, findings } =
      /** @type {{ accounts: { counts: { forTokens: number } }[], findings: unknown[] }} */ (JSON.parse(stdout));
    const megabytes = Number(await readFile(memory, "utf8")) / 1024;
    return { seconds, megabytes, forTokens: accounts[0]?.counts.forTokens ?? 0, findings: findings.length };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (isMain(import.meta.url)) {
  const roles = Number(process.argv[2] ?? 5000);
  const { seconds, megabytes, forTokens, findings } = await measure(roles);
  process.stdout.write(
    `${roles} roles, ${forTokens} for OIDC tokens, ${findings} findings: ${seconds.toFixed(2)} s, ${megabytes.toFixed(0)} MB\n`,
  );
  const good = seconds < LIMITS.seconds && megabytes < LIMITS.megabytes;
  process.stdout.write(`${good ? "within" : "OVER"} ${LIMITS.seconds} s and ${LIMITS.megabytes} MB\n`);
  process.exitCode = good ? 0 : 1;
}
