import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer, type Socket } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Listens on a free loopback port until the test is over, whatever connections are open then. */
async function listen(server: TcpServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** An HTTP server with this answer to everything. */
export async function serve(answer: RequestListener): Promise<URL> {
  return new URL(`http://127.0.0.1:${await listen(createServer(answer))}/`);
}

/** An HTTP server that only its caller's listeners make anything of. */
export async function serveWith(server: Server): Promise<number> {
  return listen(server);
}

/** Something that is connected to and may say anything. */
export async function serveBytes(talk: (socket: Socket) => void): Promise<number> {
  const server = createTcpServer((socket) => {
    socket.on("error", () => {});
    talk(socket);
  });
  return listen(server);
}

/** A port where nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export interface Certificate {
  /** PEM; the certificate is its own authority. */
  readonly file: string;
  readonly cert: string;
  readonly key: string;
}

/** A certificate that signs itself, for these names. */
export function makeCertificate(folder: string, names: string): Certificate {
  const [file, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const subject = ["-subj", "/CN=rolecall test", "-addext", `subjectAltName=${names}`];
  execFileSync("openssl", [...request, ...subject, "-keyout", keyFile, "-out", file], { stdio: "pipe" });
  return { file, cert: readFileSync(file, "utf8"), key: readFileSync(keyFile, "utf8") };
}

/** An HTTPS server on this machine, whatever its certificate says. */
export async function serveTls({ cert, key }: Certificate, answer: RequestListener): Promise<number> {
  return listen(createTlsServer({ cert, key }, answer));
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}
