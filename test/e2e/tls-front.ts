import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { connect } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { tempDir } from "../support/temp-dir.ts";

/** AWS's own host names, played on this machine: a proxy that leads every TLS connection to the local cloud. */
export interface TlsFront {
  /** For HTTPS_PROXY. */
  readonly proxy: string;
  /** Certificate file, for AWS_CA_BUNDLE. */
  readonly ca: string;
}

/** Host names and paths arrive at `target` as the client sent them; nothing leaves the machine. */
export async function startTlsFront(target: string): Promise<TlsFront> {
  const folder = tempDir();
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  makeCertificate(key, cert);
  const inside = https.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    const { method, url, headers } = request;
    const outgoing = http.request(new URL(url ?? "/", target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on("error", () => response.destroy());
    request.pipe(outgoing);
  });
  const proxy = http.createServer((_, response) => response.writeHead(405).end());
  const insidePort = await listen(inside);
  proxy.on("connect", (_, client: Socket, head: Buffer) => {
    const server = connect(insidePort, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      server.write(head);
      server.pipe(client).pipe(server);
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on("error", () => other.destroy());
    }
  });
  const proxyPort = await listen(proxy);
  return { proxy: `http://127.0.0.1:${proxyPort}`, ca: cert };
}

async function listen(server: http.Server | https.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function makeCertificate(key: string, cert: string): void {
  const names = [
    "sts.amazonaws.com",
    "*.amazonaws.com",
    "sts.eu-central-1.amazonaws.com",
    "*.eu-central-1.amazonaws.com",
    "*.s3.eu-central-1.amazonaws.com",
    "s3.dualstack.eu-central-1.amazonaws.com",
    "api.ecr.eu-central-1.amazonaws.com",
  ];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=rolecall test"];
  const extension = ["-addext", `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`];
  execFileSync("openssl", [...request, ...extension, "-keyout", key, "-out", cert], { stdio: "ignore" });
}
