import http, { type IncomingMessage, type RequestOptions } from "node:http";
import https from "node:https";
import { isIP, type Socket } from "node:net";
import tls from "node:tls";
import { RolecallError } from "../core/errors.ts";
import { type Deadline, perform } from "./http.ts";

interface Tunnel {
  readonly deadline: Deadline;
  readonly url: URL;
  readonly options: RequestOptions;
  readonly body: string | undefined;
  readonly proxy: URL;
  readonly ca: string | null;
}

/**
 * Sends a request through an HTTP proxy: `CONNECT` for https, the absolute form for http.
 * Source: RFC 9110 section 9.3.6, RFC 9112 section 3.2.2.
 */
export async function openThroughProxy(tunnel: Tunnel): Promise<IncomingMessage> {
  const { deadline, url, options, body, ca } = tunnel;
  if (url.protocol === "http:") return absolute(tunnel);
  const socket = await connect(tunnel);
  const secure = tls.connect({ socket, ...nameOf(url), ...(ca ? { ca } : {}) });
  // With an agent, also with `agent: false`, Node would not call createConnection but connect by itself.
  const { agent: _, ...rest } = options;
  const inside = { ...rest, defaultPort: 443, createConnection: () => secure };
  return perform((callback) => deadline.guard(https.request(url, inside, callback)), body);
}

/** What the certificate must be for; an address is no server name of TLS. Source: RFC 6066 section 3. */
function nameOf({ hostname }: URL): { host: string } | { servername: string } {
  const address = hostname.replace(/^\[(.*)\]$/, "$1");
  return isIP(address) ? { host: address } : { servername: hostname };
}

function absolute({ deadline, url, options, body, proxy, ca }: Tunnel): Promise<IncomingMessage> {
  const own = options.headers as Readonly<Record<string, string | number>>;
  const headers = { ...own, host: url.host, ...authorization(proxy) };
  const start = client(proxy);
  const whole = { ...options, path: url.href, headers, ...(ca ? { ca } : {}) };
  return perform((callback) => deadline.guard(start(proxy, whole, callback)), body);
}

function client(proxy: URL): typeof http.request {
  return proxy.protocol === "https:" ? https.request : http.request;
}

function connect({ deadline, url, proxy, ca }: Tunnel): Promise<Socket> {
  const target = `${url.hostname}:${url.port || 443}`;
  const head: https.RequestOptions = {
    method: "CONNECT",
    path: target,
    headers: { host: target, ...authorization(proxy) },
    agent: false,
    ...(ca ? { ca } : {}),
  };
  return new Promise((resolve, reject) => {
    deadline
      .guard(client(proxy)(proxy, head))
      .on("connect", (answer, socket) => {
        if (answer.statusCode === 200) resolve(socket);
        else reject(refused(proxy, answer));
      })
      .on("error", reject)
      .end();
  });
}

function refused(proxy: URL, answer: IncomingMessage): RolecallError {
  return new RolecallError(
    "unavailable",
    `the proxy ${proxy.host} refused the tunnel: expected 200, got ${answer.statusCode} ${answer.statusMessage ?? ""}`.trimEnd(),
    {
      permanent: answer.statusCode === 407,
      hints: answer.statusCode === 407 ? ["put user and password into the proxy's URL"] : [],
    },
  );
}

function authorization({ username, password }: URL): Record<string, string> {
  if (!username) return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}
