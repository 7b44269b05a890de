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
  readonly answer: (request: LocalRequest) => LocalResponse | Promise<LocalResponse>;
  /** Bytes. */
  readonly largestBody: number;
  /** Answers a request whose body is larger; it comes without the body. */
  readonly refuseBody: (request: LocalRequest) => LocalResponse;
  /** Milliseconds since 1970; clients read the clock of AWS off the Date header. */
  readonly now: () => number;
}

// A token of 20,000 characters may come in the URL.
const LARGEST_HEAD = 64 * 1024;

// Whoever sends head or body drop by drop is let go. An idle connection is not: a client that is about to use it again
// would find it cut off, and on this machine it costs nobody anything.
const PATIENCE = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5000,
  keepAliveTimeout: 0,
};

/**
 * Serves handlers over HTTP on 127.0.0.1.
 *
 * @throws RolecallError `config` when the port is taken
 */
export async function startServer(options: ServerOptions): Promise<LocalServer> {
  const server = createServer({ maxHeaderSize: LARGEST_HEAD, ...PATIENCE }, receive(options));
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

/** A request that has come in whole; its body is null when it was larger than is taken. */
interface Arrival {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer | null;
}

/** A reply that is ready to be sent. */
interface Ready {
  readonly response: ServerResponse;
  readonly reply: LocalResponse;
}

// So that of many who come at once the first need not wait for the last.
const MOST_TOGETHER = 16;

/**
 * Takes requests as they come in, and answers together what came together: when a turn of the event loop has brought
 * nothing more, all are answered, then all are sent. Reading, verifying and sending each find their code and data in the
 * processor's caches, and the client, when it sleeps, is woken once and not for each answer (measured with eight
 * connections: a third less processor time for an exchange). Who is alone waits for one turn, some microseconds.
 */
function receive(options: ServerOptions): (incoming: IncomingMessage, response: ServerResponse) => void {
  let arrivals: Arrival[] = [];
  let seen = 0;
  const answerAll = (): void => {
    if (arrivals.length > seen && arrivals.length < MOST_TOGETHER) {
      seen = arrivals.length;
      setImmediate(answerAll);
      return;
    }
    const waiting = arrivals;
    arrivals = [];
    seen = 0;
    for (let at = 0; at < waiting.length; at += MOST_TOGETHER) {
      const ready: Ready[] = [];
      for (const arrival of waiting.slice(at, at + MOST_TOGETHER)) answerOne(arrival, options, ready);
      for (const one of ready) sendOrFail(one, options.now());
    }
  };
  return (incoming, response) => {
    readBody(incoming, options.largestBody, (body) => {
      if (arrivals.push({ incoming, response, body }) === 1) setImmediate(answerAll);
    });
  };
}

function answerOne({ incoming, response, body }: Arrival, options: ServerOptions, ready: Ready[]): void {
  const failed = (error: unknown): void => fail(error, response, options.now());
  try {
    const { answer, refuseBody, now } = options;
    const reply = body ? answer(toRequest(incoming, body)) : refuseBody(toRequest(incoming, NOTHING));
    if (reply instanceof Promise) reply.then((late) => sendOrFail({ response, reply: late }, now()), failed);
    else ready.push({ response, reply });
  } catch (error) {
    failed(error);
  }
}

// A reply that cannot be sent (a header that HTTP cannot carry) must not keep the others from it.
function sendOrFail({ response, reply }: Ready, now: number): void {
  try {
    send(response, reply, now);
  } catch (error) {
    fail(error, response, now);
  }
}

// A client that hung up needs no answer; everything else is our own fault, and said where it can be found.
function fail(error: unknown, response: ServerResponse, now: number): void {
  if (response.headersSent || response.destroyed) return;
  process.emitWarning(error instanceof Error ? error : String(error));
  send(response, internalFailure(), now);
}

const NOTHING = Buffer.alloc(0);

// By events: an async iterator costs as much as all the rest of a request. What is too large is read to its end and
// dropped: a client that is cut off while it sends does not hear why. One that hangs up is not heard of again.
function readBody(incoming: IncomingMessage, largest: number, done: (body: Buffer | null) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= largest) chunks.push(chunk);
    else chunks.length = 0;
  });
  incoming.on("end", () => {
    if (size > largest) done(null);
    else done(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
  });
  incoming.on("error", () => undefined);
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
    onHangUp: (act) => {
      socket.once("close", act);
      return () => socket.off("close", act);
    },
  };
}

let lastDate = { second: Number.NaN, text: "" };

// Written once a second, as Node does with its own.
function httpDate(now: number): string {
  const second = Math.floor(now / 1000);
  if (lastDate.second !== second) lastDate = { second, text: new Date(now).toUTCString() };
  return lastDate.text;
}

/**
 * Head and body as one text in one write. `end` with a body writes an empty piece behind it, and so goes the way of many
 * pieces, which costs a tenth of all the HTTP of a small answer.
 */
function endWith(response: ServerResponse, body: string, encoding: BufferEncoding): void {
  const { socket } = response;
  if (!socket || body === "") {
    response.end(body, encoding);
    return;
  }
  socket.cork();
  response.write(body, encoding);
  socket.uncork();
  response.end();
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
    endWith(response, body, length === body.length ? "latin1" : "utf8");
    return;
  }
  response.writeHead(status, list);
  // Whichever side breaks off, the other is let go; nobody is left to be told.
  pipeline(body, response, () => undefined);
}
