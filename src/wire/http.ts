import { readFileSync } from "node:fs";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { RolecallError } from "../core/errors.ts";
import { proxyFor, type ProxyEnv } from "./proxy.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds for the whole exchange, connection included. */
  readonly timeout: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** The server's own clock, where it told it. */
  readonly date: Date | null;
}

/** What of the environment counts: proxies, and `AWS_CA_BUNDLE`. Node reads `NODE_EXTRA_CA_CERTS` itself. */
export type HttpEnv = ProxyEnv;

// No answer that rolecall asks for is near this size; a larger one is not meant for us.
const LARGEST_ANSWER = 1024 * 1024;

/**
 * Sends one request over node:http or node:https; redirects are not followed.
 *
 * `fetch` is not used since it costs 21 ms at start, and Node's ignores proxies before version 24.
 *
 * @throws RolecallError `unavailable` when no answer came; its cause carries Node's error code
 */
export async function send(request: HttpRequest, env: HttpEnv): Promise<HttpAnswer> {
  const deadline = new Deadline(request.timeout);
  try {
    const answer = await open(request, env, deadline);
    return {
      status: answer.statusCode ?? 0,
      type: answer.headers["content-type"] ?? "",
      body: await readAll(answer),
      date: readDate(answer.headers.date),
    };
  } catch (error) {
    throw unavailable(request, error, deadline.passed);
  } finally {
    deadline.clear();
  }
}

/** Ends what is under way when the time is up. An AbortSignal would do the same, and cost 2 ms at start. */
export class Deadline {
  passed = false;
  readonly #timer: NodeJS.Timeout;
  #guarded: { destroy: (error: Error) => unknown } | null = null;

  /** @param milliseconds from now */
  constructor(milliseconds: number) {
    this.#timer = setTimeout(() => {
      this.passed = true;
      this.#guarded?.destroy(new Error("timed out"));
    }, milliseconds);
  }

  /** Replaces what was guarded before. */
  guard(request: ClientRequest): ClientRequest {
    this.#guarded = request;
    return request;
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

function readDate(text: string | undefined): Date | null {
  const date = new Date(text ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date;
}

async function open(request: HttpRequest, env: HttpEnv, deadline: Deadline): Promise<IncomingMessage> {
  const { url } = request;
  const proxy = proxyFor(url, env);
  const options: RequestOptions = {
    method: request.method,
    headers: {
      ...request.headers,
      ...(request.body === undefined ? {} : { "content-length": Buffer.byteLength(request.body) }),
    },
    // One request per process: a kept connection would only delay the exit.
    agent: false,
  };
  if (proxy) {
    const { openThroughProxy } = await import("./proxy-tunnel.ts");
    return openThroughProxy({ deadline, url, options, body: request.body, proxy, ca: readCaBundle(env) });
  }
  if (url.protocol === "http:") {
    // Without the module loader, which costs some milliseconds; https is loaded only where it is needed.
    const http = process.getBuiltinModule("node:http");
    return perform((callback) => deadline.guard(http.request(url, options, callback)), request.body);
  }
  const https = process.getBuiltinModule("node:https");
  const ca = readCaBundle(env);
  const secure = { ...options, ...(ca ? { ca } : {}) };
  return perform((callback) => deadline.guard(https.request(url, secure, callback)), request.body);
}

type Starter = (callback: (answer: IncomingMessage) => void) => ClientRequest;

/** Starts a request, writes its body and gives the head of the answer. */
export function perform(start: Starter, body: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    start(resolve).on("error", reject).end(body);
  });
}

function readAll(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    answer
      .on("data", (part: Buffer) => {
        size += part.length;
        if (size > LARGEST_ANSWER) answer.destroy(new Error("the answer is larger than 1 MiB"));
        else parts.push(part);
      })
      .on("error", reject)
      .on("end", () => resolve(Buffer.concat(parts).toString("utf8")));
  });
}

/** Like the AWS CLI and SDKs, the bundle replaces the built-in certificate authorities. */
function readCaBundle(env: HttpEnv): string | null {
  const path = env["AWS_CA_BUNDLE"];
  if (!path) return null;
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new RolecallError("config", `AWS_CA_BUNDLE cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

// Certificates do not mend themselves: these are not worth a second try.
const CERTIFICATE = /CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ERR_TLS/;

function unavailable(request: HttpRequest, error: unknown, timedOut: boolean): Error {
  if (error instanceof RolecallError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const certificate = CERTIFICATE.test(code ?? "");
  const why = timedOut
    ? `no answer within ${request.timeout / 1000} s`
    : `${code ?? ""}${code && message ? ": " : ""}${message || String(error)}`;
  return new RolecallError("unavailable", `${request.url.origin} cannot be reached: ${why}`, {
    cause: error,
    permanent: certificate,
    hints: certificate
      ? ["behind a proxy that opens TLS, set AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS to its certificate file"]
      : [],
  });
}
