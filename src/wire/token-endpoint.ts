import type { IncomingMessage } from "node:http";
import { RolecallError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { parseToken, type Token } from "../core/token.ts";
import { Deadline, type HttpAnswer, type HttpEnv, perform, send } from "./http.ts";
import { askUntilAnswered, parseTokenUrl, readTokenAnswer, TOKEN_TIMEOUT } from "./token-request.ts";

/** One request whose answer has an ID token: what a CI's `TokenEndpoint` describes. */
export interface TokenEndpointRequest {
  /** How messages name it. */
  readonly from: string;
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Path of a Unix socket, instead of the URL's host. */
  readonly socket?: string;
  readonly authorization?: Secret;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Of the JSON answer; without it the answer is the token. */
  readonly field?: string;
}

/**
 * Asks an endpoint of the CI for an ID token; what passes by itself is tried again.
 *
 * @throws RolecallError `no-token` when it is not there, refuses or says nothing, `config` for no JWT,
 *   `unavailable` when it does not answer
 */
export async function readTokenEndpoint(request: TokenEndpointRequest, env: HttpEnv): Promise<Token> {
  const answer = await askUntilAnswered(() => ask(request, env));
  const text = readTokenAnswer(answer, request.from, request.field).trim();
  if (text === "") throw new RolecallError("no-token", `the answer of ${request.from} is empty: expected an ID token`);
  return parseToken(text, `the answer of ${request.from}`);
}

function ask(request: TokenEndpointRequest, env: HttpEnv): Promise<HttpAnswer> {
  const { method, body, socket, from, query } = request;
  const headers = {
    accept: "application/json",
    ...request.headers,
    ...(request.authorization ? { authorization: request.authorization.reveal() } : {}),
  };
  if (socket !== undefined) return askSocket(socket, request, headers);
  const url = parseTokenUrl(request.url, from, query);
  return send({ method, url, headers, timeout: TOKEN_TIMEOUT, ...(body === undefined ? {} : { body }) }, env);
}

const LARGEST_ANSWER = 64 * 1024;

/** The machine's own API: no proxy, no TLS, and whoever may open the socket may ask. */
async function askSocket(
  socketPath: string,
  { method, url, body = "" }: TokenEndpointRequest,
  headers: Readonly<Record<string, string>>,
): Promise<HttpAnswer> {
  const http = process.getBuiltinModule("node:http");
  const deadline = new Deadline(TOKEN_TIMEOUT);
  const { host, pathname: path } = new URL(url);
  const length = { host, "content-length": Buffer.byteLength(body) };
  const options = { socketPath, path, method, headers: { ...headers, ...length }, agent: false };
  try {
    const answer = await perform((callback) => deadline.guard(http.request(options, callback)), body);
    const text = await readText(answer);
    return { status: answer.statusCode ?? 0, type: answer.headers["content-type"] ?? "", body: text, date: null };
  } catch (error) {
    throw unanswered(socketPath, error as NodeJS.ErrnoException, deadline.passed);
  } finally {
    deadline.clear();
  }
}

async function readText(answer: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of answer.setEncoding("utf8")) {
    text += String(part);
    if (text.length > LARGEST_ANSWER) throw new Error("the answer is too large for a token");
  }
  return text;
}

function unanswered(path: string, error: NodeJS.ErrnoException, timedOut: boolean): RolecallError {
  const { code } = error;
  if (code === "ENOENT")
    return new RolecallError("no-token", `there is no socket ${path}, where ID tokens are asked for`);
  if (code === "EACCES")
    return new RolecallError("no-token", `the socket ${path} may not be opened: permission denied`);
  const why = timedOut ? `no answer within ${TOKEN_TIMEOUT / 1000} s` : (code ?? error.message);
  return new RolecallError("unavailable", `the socket ${path} does not answer: ${why}`, { cause: error });
}
