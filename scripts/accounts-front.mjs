// @ts-check
// Many accounts behind one address, as AWS is: a call goes to the local cloud of the role that it takes, and then to
// that of the key that it is signed with.
import { createServer, request } from "node:http";

/**
 * @typedef {{ readonly account: string, readonly endpoint: string }} Cloud
 * @typedef {{ readonly endpoint: string, readonly counts: Map<string, number>, close(): Promise<void> }} AccountsFront
 */

/**
 * @param {readonly Cloud[]} clouds the first is that of long-term keys; all have the same one
 * @returns {Promise<AccountsFront>} `counts`: how often each operation was called
 */
export async function startAccountsFront(clouds) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  /** @type {Map<string, Cloud>} by access key id */
  const holders = new Map();
  const server = createServer((incoming, outgoing) => {
    /** @type {Buffer[]} */
    const parts = [];
    incoming.on("data", (/** @type {Buffer} */ part) => parts.push(part));
    incoming.on("end", () => {
      const body = Buffer.concat(parts);
      const form = new URLSearchParams(body.toString());
      const action = form.get("Action") ?? "";
      counts.set(action, (counts.get(action) ?? 0) + 1);
      const key = /Credential=([^/]+)/.exec(incoming.headers.authorization ?? "")?.[1] ?? "";
      const wanted = form.get("RoleArn")?.split(":")[4];
      const cloud = clouds.find(({ account }) => account === wanted) ?? holders.get(key) ?? clouds[0];
      if (!cloud) throw new Error("there is no cloud");
      const { method, headers } = incoming;
      const sent = request(new URL(incoming.url ?? "/", cloud.endpoint), { method, headers }, (answer) => {
        /** @type {Buffer[]} */
        const chunks = [];
        answer.on("data", (/** @type {Buffer} */ chunk) => chunks.push(chunk));
        answer.on("end", () => {
          const text = Buffer.concat(chunks);
          const issued = /<AccessKeyId>(ASIA\w+)<\/AccessKeyId>/.exec(text.toString())?.[1];
          if (issued !== undefined) holders.set(issued, cloud);
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers).end(text);
        });
      });
      sent.on("error", () => outgoing.destroy());
      sent.end(body);
    });
  });
  await /** @type {Promise<void>} */ (new Promise((resolve) => server.listen(0, "127.0.0.1", resolve)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    counts,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/**
 * A rolecall.yaml of so many roles, which share an audience, in these accounts.
 *
 * @param {number} roles
 * @param {readonly string[]} accounts
 */
export function manyRoles(roles, accounts) {
  return [
    "version: 1",
    "accounts:",
    ...accounts.map((id, index) => `  a${index}: { id: "${id}", role: rolecall }`),
    "roles:",
    ...Array.from({ length: roles }, (_, index) =>
      [
        `  deploy-${index}:`,
        "    ci: gitlab",
        "    audience: https://acme.test",
        `    allow: [{ project: acme/p${index}, branch: main }, { project: acme/p${index}, tag: "v*" }]`,
        "    permissions: [arn:aws:iam::aws:policy/ReadOnlyAccess]",
      ].join("\n"),
    ),
    "",
  ].join("\n");
}
