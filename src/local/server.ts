import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { pipeline } from "node:stream";

import { RolecallError } from "../core/errors.ts";
import { internalFailure } from "./aws.ts";
import type { LocalRequest, LocalResponse } from "./http.ts";

/** A server on this machine only. */
export interface LocalServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

export interface ServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly answer: (request: LocalRequest) => Promise<LocalResponse>;
  /** Bytes. */
  readonly largestBody: number;
  /** Answers a request whose body is larger; it comes without the body. */
  readonly refuseBody: (request: LocalRequest) => LocalResponse;
  /** Milliseconds since 1970; clients read the clock of AWS off the Date header. */
  readonly now: () => number;
}

// A token of 20,000 characters may come in the URL.
const LARGEST_HEAD = 64 * 1024;

// Whoever sends head or body drop by drop is let go.
const PATIENCE = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 5000 };

/**
 * Serves handlers over HTTP on 127.0.0.1.
 *
 * @throws RolecallError `config` when the port is taken
 */
export async function startServer(options: ServerOptions): Promise<LocalServer> {
  const server = createServer({ maxHeaderSize: LARGEST_HEAD, ...PATIENCE }, (request, response) => {
    void serve(request, response, options);
  });
  server.on("clientError", (_, socket) => refuseBytes(socket as Socket));
  await listen(server, options.port);
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : options.port;
  return { port, close: () => close(server) };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      reject(new RolecallError("config", `cannot listen on 127.0.0.1:${port}: ${error.message}`, { cause: error }));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

// What came was not HTTP: there is no request to answer.
function refuseBytes(socket: Socket): void {
  if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
  else socket.destroy();
}

async function serve(
  incoming: IncomingMessage,
  response: ServerResponse,
  { answer, largestBody, refuseBody, now }: ServerOptions,
): Promise<void> {
  try {
    const body = await readBody(incoming, largestBody);
    await turn();
    const reply = body ? await answer(toRequest(incoming, body)) : refuseBody(toRequest(incoming, NOTHING));
    await turn();
    send(response, reply, now());
  } catch (error) {
    // A client that hung up needs no answer; everything else is our own fault, and said where it can be found.
    if (response.headersSent || incoming.socket.destroyed) return;
    process.emitWarning(error instanceof Error ? error : String(error));
    send(response, internalFailure(), now());
  }
}

let nextTurn: Promise<void> | null = null;

/**
 * Resolves when the event loop has read what there was to read, for all who wait at once. So what came together is read,
 * answered and sent together: reading, verifying and sending each find their code and data in the processor's caches,
 * and the client, when it sleeps, is woken once and not for each answer (measured with eight connections: 190 instead
 * of 270 microseconds of processor time for an exchange).
 */
function turn(): Promise<void> {
  nextTurn ??= new Promise((resolve) => {
    setImmediate(() => {
      nextTurn = null;
      resolve();
    });
  });
  return nextTurn;
}

const NOTHING = Buffer.alloc(0);

// By events: an async iterator costs as much as all the rest of a request. What is too large is read to its end and
// dropped: a client that is cut off while it sends does not hear why.
function readBody(incoming: IncomingMessage, largest: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= largest) chunks.push(chunk);
      else chunks.length = 0;
    });
    incoming.on("end", () => {
      if (size > largest) resolve(null);
      else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    });
    incoming.on("error", reject);
  });
}

function toRequest({ method = "GET", url = "/", rawHeaders, socket }: IncomingMessage, body: Buffer): LocalRequest {
  const question = url.indexOf("?");
  const headers: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.push([rawHeaders[at] ?? "", rawHeaders[at + 1] ?? ""]);
  return {
    method,
    path: question < 0 ? url : url.slice(0, question),
    query: question < 0 ? "" : url.slice(question + 1),
    headers,
    body,
    remoteAddress: socket.remoteAddress ?? "127.0.0.1",
  };
}

let lastDate = { second: Number.NaN, text: "" };

// Written once a second, as Node does with its own.
function httpDate(now: number): string {
  const second = Math.floor(now / 1000);
  if (lastDate.second !== second) lastDate = { second, text: new Date(now).toUTCString() };
  return lastDate.text;
}

function send(response: ServerResponse, { status, headers, body }: LocalResponse, now: number): void {
  // As a flat list, which Node writes as it is; an object it takes apart, and to copy one costs more than all of this.
  const list: (string | string[])[] = ["date", httpDate(now)];
  for (const [name, value] of Object.entries(headers)) list.push(name, value as string | string[]);
  if (typeof body === "string") {
    const length = Buffer.byteLength(body);
    list.push("content-length", String(length));
    response.writeHead(status, list);
    // A text of as many bytes as characters is ASCII, which need not be encoded.
    response.end(body, length === body.length ? "latin1" : "utf8");
    return;
  }
  response.writeHead(status, list);
  // Whichever side breaks off, the other is let go; nobody is left to be told.
  pipeline(body, response, () => undefined);
}
