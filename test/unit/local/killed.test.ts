import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";

import { CreateRoleCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

import { afterTest, exchange, send, setUp, startCloud, tempFolder, trustPolicy } from "./support.ts";

const PROGRAM = `
import { createLocalCloud } from "./src/local/index.ts";
const adminKey = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "a secret of forty characters, or so" };
const cloud = await createLocalCloud({ state: process.argv[2], adminKey });
process.stdout.write(cloud.endpoint + "\\n");
`;
const ADMIN = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "a secret of forty characters, or so" };

/** The local cloud as a program, so that it can be killed. */
async function buildProgram(folder: string): Promise<string> {
  const outfile = join(folder, "cloud.mjs");
  const banner = { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' };
  const stdin = { contents: PROGRAM, resolveDir: process.cwd() };
  await build({ stdin, outfile, banner, bundle: true, platform: "node", format: "esm", logLevel: "error" });
  return outfile;
}

async function run(program: string, state: string): Promise<{ child: ChildProcess; endpoint: string }> {
  const child = spawn(process.execPath, [program, state], { stdio: ["ignore", "pipe", "inherit"] });
  afterTest(() => void child.kill("SIGKILL"));
  const [line] = (await Promise.race([
    once(child.stdout, "data"),
    once(child, "exit").then(([status]) => Promise.reject(new Error(`did not start: status ${String(status)}`))),
  ])) as [Buffer];
  return { child, endpoint: line.toString().trim() };
}

function clientOf(endpoint: string): IAMClient {
  const iam = new IAMClient({ endpoint, region: "us-east-1", credentials: { ...ADMIN }, maxAttempts: 1 });
  afterTest(() => iam.destroy());
  return iam;
}

describe("a cloud that is killed while it writes", () => {
  it("starts again with everything that it had answered", async () => {
    const folder = tempFolder();
    const state = join(folder, "state.json");
    const program = await buildProgram(folder);
    const answered: string[] = [];
    for (let round = 0; round < 6; round++) {
      const { child, endpoint } = await run(program, state);
      const iam = clientOf(endpoint);
      const { Roles: roles = [] } = await iam.send(new ListRolesCommand({ MaxItems: 1000 }));
      expect(roles.map(({ RoleName: name }) => name)).toEqual(expect.arrayContaining(answered));
      const exit = once(child, "exit");
      setTimeout(() => child.kill("SIGKILL"), 20 + 25 * round);
      for (let at = 0; child.exitCode === null && child.signalCode === null; at++) {
        const RoleName = `role-${round}-${at}`;
        const create = new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trustPolicy() });
        if (
          await iam.send(create).then(
            () => true,
            () => false,
          )
        )
          answered.push(RoleName);
      }
      await exit;
    }
    expect(answered.length).toBeGreaterThan(0);
  }, 60_000);
});

describe("a server that is badly treated", () => {
  it("answers others while many send their headers drop by drop", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    const port = Number(new URL(cloud.endpoint).port);
    for (let at = 0; at < 100; at++) {
      const socket = connect(port, "127.0.0.1", () => socket.write("POST / HTTP/1.1\r\nhost: x\r\nx-slow"));
      socket.on("error", () => undefined);
      afterTest(() => void socket.destroy());
    }
    expect(await exchange(cloud, "nonsense")).toMatchObject({ status: 400 });
  });

  it("answers several requests of one connection in their order", async () => {
    const cloud = await startCloud();
    const port = Number(new URL(cloud.endpoint).port);
    const request = (path: string): string => `GET /_rolecall/${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`;
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(request("health") + request("none") + request("weather")),
    );
    afterTest(() => void socket.destroy());
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    for (let tries = 0; tries < 100 && !text.includes("propagation"); tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect([...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status)).toEqual(["200", "404", "200"]);
  });

  it("forgets a client that hangs up in the middle of its body", async () => {
    const cloud = await startCloud();
    const port = Number(new URL(cloud.endpoint).port);
    await new Promise<void>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nab", () => socket.destroy());
      });
      socket.on("close", () => resolve());
    });
    expect(await send(cloud.endpoint, { path: "/_rolecall/health" })).toMatchObject({ status: 200 });
  });
});
