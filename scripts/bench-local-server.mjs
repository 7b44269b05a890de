// @ts-check
// A server of bench-local.mjs, in a process of its own: `cloud` is the local cloud of dist/, `bare` answers the same
// bytes to everything. Told by its parent what to start with; says its port and the requests that it is made for.
import { once } from "node:events";
import { createServer } from "node:http";

const PROVIDER = "arn:aws:iam::123456789012:oidc-provider/gitlab.com";

/** @param {{ readonly tokens: number }} start */
async function startCloud({ tokens }) {
  const dist = new URL("../dist/lib/local.js", import.meta.url);
  const { createLocalCloud } = /** @type {typeof import("../src/local/index.ts")} */ (await import(dist.href));
  const cloud = await createLocalCloud();
  await setUp(cloud);
  const bodies = [];
  for (let at = 0; at < tokens; at++) {
    const job = { ci: "gitlab", project: "acme/shop", branch: "main", audience: "aws", claims: { jti: `job-${at}` } };
    const { token } = await cloud.mint(job);
    bodies.push(
      new URLSearchParams({
        Action: "AssumeRoleWithWebIdentity",
        Version: "2011-06-15",
        RoleArn: "arn:aws:iam::123456789012:role/deploy",
        RoleSessionName: `job-${at}`,
        WebIdentityToken: token,
      }).toString(),
    );
  }
  return { port: Number(new URL(cloud.endpoint).port), bodies };
}

/** @param {import("../src/local/index.ts").LocalCloud} cloud */
async function setUp(cloud) {
  const { CreateOpenIDConnectProviderCommand, CreateRoleCommand, IAMClient } = await import("@aws-sdk/client-iam");
  const iam = new IAMClient({ endpoint: cloud.endpoint, region: "us-east-1", credentials: { ...cloud.admin } });
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

/** @param {{ readonly answer: string, readonly bodies: readonly string[] }} start */
async function startBare({ answer, bodies }) {
  const bytes = Buffer.from(answer);
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(200, { "content-type": "text/xml", "content-length": bytes.length });
      response.end(bytes);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: /** @type {import("node:net").AddressInfo} */ (server.address()).port, bodies };
}

const [start] = /** @type {[{ tokens: number, answer: string, bodies: readonly string[] }]} */ (
  await once(process, "message")
);
const ready = await (process.argv[2] === "cloud" ? startCloud(start) : startBare(start));
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu: (user + system) / 1e6, memory: process.memoryUsage().rss });
});
process.on("disconnect", () => process.exit());
process.send?.(ready);
