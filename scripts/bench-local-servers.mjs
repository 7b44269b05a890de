// @ts-check
// The servers that bench-local.mjs compares, each a process of one thread, and the requests that they are sent.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startMoto } from "./bench-local-moto.mjs";

export const TOKENS = 1000;
const PROVIDER = "arn:aws:iam::123456789012:oidc-provider/gitlab.com";
const ROLE = "arn:aws:iam::123456789012:role/deploy";

/** @typedef {import("node:child_process").ChildProcess} ChildProcess */
/** @typedef {import("../src/local/index.ts").AdminKey} AdminKey */
/** @typedef {{ readonly name: string, readonly child: ChildProcess, readonly port: number, readonly bodies: readonly string[] }} Server */
/** @typedef {{ readonly cpu: number, readonly rss: number, readonly held: number }} Usage */

/**
 * @param {string} name
 * @param {{ readonly answer?: string }} start
 * @param {readonly string[]} flags of Node
 */
async function startChild(name, start, flags = []) {
  const child = fork(fileURLToPath(new URL("bench-local-server.mjs", import.meta.url)), [name], {
    execArgv: [...flags],
  });
  child.send(start);
  const [ready] = /** @type {[{ port: number, admin: AdminKey }]} */ (await once(child, "message"));
  return { child, ...ready };
}

/**
 * @param {readonly string[]} [flags]
 * @returns {Promise<Server>}
 */
export async function startCloud(flags) {
  const { child, port, admin } = await startChild("cloud", {}, flags);
  await setUp(`http://127.0.0.1:${port}`, admin);
  const bodies = [];
  for (let at = 0; at < TOKENS; at++) bodies.push(await bodyOfJob(port, at));
  return { name: "cloud", child, port, bodies };
}

/**
 * A server that answers the same to everything.
 *
 * @param {"bare" | "rsa"} name `bare` verifies nothing, `rsa` two signatures for each answer
 * @param {string} answer
 * @param {readonly string[]} bodies
 * @returns {Promise<Server>}
 */
export async function startBare(name, answer, bodies) {
  const { child, port } = await startChild(name, { answer });
  return { name, child, port, bodies };
}

/**
 * @param {number} port
 * @param {number} at
 */
async function bodyOfJob(port, at) {
  const job = { ci: "gitlab", project: "acme/shop", branch: "main", audience: "aws", claims: { jti: `job-${at}` } };
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`http://127.0.0.1:${port}/_rolecall/mint`, {
    method: "POST",
    headers,
    body: JSON.stringify(job),
  });
  const { token } = /** @type {{ token: string }} */ (await answer.json());
  return new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: ROLE,
    RoleSessionName: `job-${at}`,
    WebIdentityToken: token,
  }).toString();
}

/**
 * @param {string} endpoint
 * @param {AdminKey} admin
 */
async function setUp(endpoint, admin) {
  const { CreateOpenIDConnectProviderCommand, CreateRoleCommand, IAMClient } = await import("@aws-sdk/client-iam");
  const iam = new IAMClient({ endpoint, region: "us-east-1", credentials: { ...admin } });
  const trust = {
    Version: "2012-10-17",
    Statement: {
      Effect: "Allow",
      Principal: { Federated: PROVIDER },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: {
        StringEquals: { "gitlab.com:aud": "aws" },
        StringLike: { "gitlab.com:sub": "project_path:acme/shop:ref_type:branch:ref:*" },
      },
    },
  };
  await iam.send(new CreateOpenIDConnectProviderCommand({ Url: "https://gitlab.com", ClientIDList: ["aws"] }));
  await iam.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: JSON.stringify(trust) }));
  iam.destroy();
}

/**
 * @param {readonly string[]} bodies
 * @returns {Promise<Server | null>} null where no Python has moto
 */
export async function startPeer(bodies) {
  const moto = await startMoto();
  return moto && { name: "moto", ...moto, bodies };
}

/** @param {Server} server */
export async function usageOf({ child }) {
  if (!child.connected) return UNKNOWN;
  child.send("usage");
  const [used] = /** @type {[Usage]} */ (await once(child, "message"));
  return used;
}

// Of a server that is not of Node.
const UNKNOWN = { cpu: Number.NaN, rss: Number.NaN, held: Number.NaN };
