import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type Socket } from "node:net";
import { inspect } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { send } from "../../../src/wire/http.ts";
import { isLoopback, proxyFor } from "../../../src/wire/proxy.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { bodyOf, type Certificate, closedPort, makeCertificate, serveBytes, serveTls, serveWith } from "./servers.ts";

const STS = new URL("https://sts.eu-central-1.amazonaws.com/");
const PROXY = "http://proxy.test:3128";

describe("the proxy for a URL", () => {
  it.each([
    [STS, { HTTPS_PROXY: PROXY }, "http://proxy.test:3128/"],
    [STS, { https_proxy: PROXY }, "http://proxy.test:3128/"],
    [STS, { https_proxy: PROXY, HTTPS_PROXY: "http://other.test" }, "http://proxy.test:3128/"],
    [STS, { https_proxy: "", HTTPS_PROXY: PROXY }, "http://proxy.test:3128/"],
    [STS, { ALL_PROXY: PROXY }, "http://proxy.test:3128/"],
    [STS, { all_proxy: PROXY, HTTPS_PROXY: "http://own.test" }, "http://own.test/"],
    [STS, { HTTPS_PROXY: "proxy.test:3128" }, "http://proxy.test:3128/"],
    [STS, { HTTPS_PROXY: "https://user:p%40ss@proxy.test" }, "https://user:p%40ss@proxy.test/"],
    [new URL("http://sts.test"), { HTTP_PROXY: PROXY, HTTPS_PROXY: "http://other.test" }, "http://proxy.test:3128/"],
  ])("%s with %j is %s", (url, env, proxy) => {
    expect(proxyFor(url, env)?.href).toBe(proxy);
  });

  it.each([
    [STS, {}],
    [STS, { HTTPS_PROXY: "" }],
    [STS, { HTTP_PROXY: PROXY }],
    [new URL("http://sts.test"), { HTTPS_PROXY: PROXY }],
    [new URL("http://127.0.0.1:4580"), { HTTP_PROXY: PROXY }],
    [new URL("http://localhost:4580"), { ALL_PROXY: PROXY }],
    [new URL("http://[::1]:4580"), { HTTP_PROXY: PROXY }],
    [new URL("http://127.9.9.9"), { HTTP_PROXY: PROXY }],
  ])("%s with %j is none", (url, env) => {
    expect(proxyFor(url, env)).toBeNull();
  });

  it.each([
    "*",
    "sts.eu-central-1.amazonaws.com",
    "amazonaws.com",
    ".amazonaws.com",
    "*.amazonaws.com",
    "AMAZONAWS.COM",
    "localhost, 10.0.0.1 ,amazonaws.com",
    "localhost amazonaws.com",
    "amazonaws.com:443",
    ",,amazonaws.com,",
  ])("is none where NO_PROXY is %j", (list) => {
    expect(proxyFor(STS, { HTTPS_PROXY: PROXY, NO_PROXY: list })).toBeNull();
    expect(proxyFor(STS, { HTTPS_PROXY: PROXY, no_proxy: list, NO_PROXY: "other.test" })).toBeNull();
  });

  it.each(["", "aws.com", "naws.com", "amazonaws.com:8443", "sts", "eu-central-1.amazonaws.com.evil.test", ".", ","])(
    "is one where NO_PROXY is %j",
    (list) => {
      expect(proxyFor(STS, { HTTPS_PROXY: PROXY, NO_PROXY: list })).not.toBeNull();
    },
  );

  it("counts an entry's port against the URL's own", () => {
    const env = { HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY, NO_PROXY: "sts.test:8443,plain.test:80" };
    expect(proxyFor(new URL("https://sts.test:8443"), env)).toBeNull();
    expect(proxyFor(new URL("https://sts.test"), env)).not.toBeNull();
    expect(proxyFor(new URL("http://plain.test"), env)).toBeNull();
  });

  it.each([
    ["HTTPS_PROXY", "socks5://proxy.test:1080"],
    ["HTTPS_PROXY", "http://"],
    ["https_proxy", "http://proxy.test:99999"],
    ["ALL_PROXY", "socks5h://user:hunter2@proxy.test"],
  ])("is refused when %s is %s, and the variable is named, not its value", (name, value) => {
    const find = (): URL | null => proxyFor(STS, { [name]: value });
    expect(find).toThrowWithCode("config", `${name} is not the URL of an HTTP proxy: expected http://host:port`);
    expect(find).not.toThrowWithCode("config", "hunter2");
  });
});

describe("this machine's own addresses", () => {
  it.each([
    ["127.0.0.1", true],
    ["127.1.2.3", true],
    ["localhost", true],
    ["[::1]", true],
    ["127.0.0.1.evil.test", false],
    ["localhost.evil.test", false],
    ["128.0.0.1", false],
    ["0.0.0.0", false],
    ["sts.amazonaws.com", false],
  ])("%s: %s", (host, own) => {
    expect(isLoopback(host)).toBe(own);
  });

  it("are seen through other ways of writing them", () => {
    expect(isLoopback(new URL("http://2130706433/").hostname)).toBe(true);
    expect(isLoopback(new URL("http://LOCALHOST/").hostname)).toBe(true);
    expect(isLoopback(new URL("http://127.0.0.1@evil.test/").hostname)).toBe(false);
  });
});

/** What a proxy saw: what it was asked to connect to, with which authorization, and every byte that went through. */
interface Seen {
  readonly targets: string[];
  readonly authorizations: (string | undefined)[];
  bytes: string;
}

describe("a request through a proxy", () => {
  const TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2VjcmV0";
  let certificate: Certificate;

  beforeAll(() => {
    let remove = (): void => {};
    certificate = makeCertificate(
      tempDir((clean) => (remove = clean)),
      "DNS:sts.test,IP:127.0.0.1,IP:10.9.8.7",
    );
    return remove;
  });

  const post = (timeout = 10_000, url = "https://sts.test/") =>
    ({ method: "POST", url: new URL(url), body: `token=${TOKEN}`, timeout }) as const;

  /** An STS that says what it was sent. */
  const startSts = (): Promise<number> =>
    serveTls(certificate, (request, response) => {
      void bodyOf(request).then((body) => response.end(`${request.headers.host} got ${body}`));
    });

  /** A proxy that connects everybody to one port, whatever name they ask for. */
  function makeProxy(port: number, seen: Seen, password?: string): ReturnType<typeof createServer> {
    const server = createServer((request, response) => {
      seen.targets.push(`${request.method} ${request.url}`);
      seen.authorizations.push(request.headers["proxy-authorization"]);
      void bodyOf(request).then((body) => response.end(`${request.headers.host} got ${body}`));
    });
    return connecting(server, port, seen, password);
  }

  function connecting<S extends ReturnType<typeof createServer>>(
    server: S,
    port: number,
    seen: Seen,
    password?: string,
  ): S {
    server.on("connect", (request, client: Socket) => {
      seen.targets.push(request.url ?? "");
      seen.authorizations.push(request.headers["proxy-authorization"]);
      if (password !== undefined && request.headers["proxy-authorization"] !== password) {
        client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
        return;
      }
      const upstream = connect(port, "127.0.0.1", () => client.write("HTTP/1.1 200 Connection established\r\n\r\n"));
      client.on("data", (data: Buffer) => (seen.bytes += data.toString("latin1")));
      client.pipe(upstream).pipe(client);
      for (const socket of [client, upstream]) socket.on("error", () => {});
    });
    return server;
  }

  const nothing = (): Seen => ({ targets: [], authorizations: [], bytes: "" });

  it("to an https STS goes through a tunnel, encrypted from end to end", async () => {
    const seen = nothing();
    const port = await serveWith(makeProxy(await startSts(), seen));
    const env = { https_proxy: `http://127.0.0.1:${port}`, AWS_CA_BUNDLE: certificate.file };
    expect(await send(post(), env)).toMatchObject({ status: 200, body: `sts.test got token=${TOKEN}` });
    expect(seen.targets).toEqual(["sts.test:443"]);
    expect(seen.authorizations).toEqual([undefined]);
    expect(seen.bytes).not.toContain("token");
    expect(seen.bytes.length).toBeGreaterThan(100);
  });

  it("names the port of an STS that has another", async () => {
    const seen = nothing();
    const port = await serveWith(makeProxy(await startSts(), seen));
    const env = { HTTPS_PROXY: `127.0.0.1:${port}`, AWS_CA_BUNDLE: certificate.file };
    expect((await send(post(10_000, "https://sts.test:8443/"), env)).body).toMatch(/^sts\.test:8443 got /);
    expect(seen.targets).toEqual(["sts.test:8443"]);
  });

  it("checks the certificate of an STS that is known by its address", async () => {
    const seen = nothing();
    const port = await serveWith(makeProxy(await startSts(), seen));
    const env = { HTTPS_PROXY: `127.0.0.1:${port}`, AWS_CA_BUNDLE: certificate.file };
    expect((await send(post(10_000, "https://10.9.8.7/"), env)).status).toBe(200);
    expect(seen.targets).toEqual(["10.9.8.7:443"]);
    await expect(send(post(10_000, "https://10.9.8.8/"), env)).rejects.toThrowWithCode(
      "unavailable",
      "ALTNAME_INVALID",
    );
  });

  it("speaks TLS to a proxy that wants it", async () => {
    const seen = nothing();
    const { cert, key } = certificate;
    const proxy = connecting(createTlsServer({ cert, key }), await startSts(), seen);
    const env = { HTTPS_PROXY: `https://127.0.0.1:${await serveWith(proxy)}`, AWS_CA_BUNDLE: certificate.file };
    expect((await send(post(), env)).status).toBe(200);
    expect(seen.targets).toEqual(["sts.test:443"]);
  });

  it("to a plain http server asks the proxy for the whole URL", async () => {
    const seen = nothing();
    const port = await serveWith(makeProxy(1, seen));
    const answer = await send(post(10_000, "http://sts.test/path?x=1"), { HTTP_PROXY: `http://u:p@127.0.0.1:${port}` });
    expect(answer.body).toBe(`sts.test got token=${TOKEN}`);
    expect(seen.targets).toEqual(["POST http://sts.test/path?x=1"]);
    expect(seen.authorizations).toEqual([`Basic ${btoa("u:p")}`]);
  });

  it("gives user and password of the proxy's URL, decoded, and to the proxy alone", async () => {
    const seen = nothing();
    const wanted = `Basic ${btoa("ci:p@ss/w")}`;
    const port = await serveWith(makeProxy(await startSts(), seen, wanted));
    const env = { HTTPS_PROXY: `http://ci:p%40ss%2Fw@127.0.0.1:${port}`, AWS_CA_BUNDLE: certificate.file };
    expect((await send(post(), env)).status).toBe(200);
    expect(seen.authorizations).toEqual([wanted]);
  });

  /** The error that a request ends in; neither token nor password is in it. */
  async function failure(env: Readonly<Record<string, string>>, timeout?: number): Promise<Error> {
    const error: unknown = await send(post(timeout), env).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof Error)) throw new Error("expected a failure");
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/eyJ|hunter2|aHVudGVyMg/);
    return error;
  }

  it("that the proxy wants a password for ends, with a hint, and is not worth another try", async () => {
    const port = await serveWith(makeProxy(1, nothing(), "Basic other"));
    for (const user of ["", "ci:hunter2@"]) {
      expect(await failure({ HTTPS_PROXY: `http://${user}127.0.0.1:${port}` })).toMatchObject({
        code: "unavailable",
        message: `the proxy 127.0.0.1:${port} refused the tunnel: expected 200, got 407 Proxy Authentication Required`,
        permanent: true,
        hints: ["put user and password into the proxy's URL"],
      });
    }
  });

  it("that the proxy cannot pass on may be tried again", async () => {
    const port = await serveBytes((socket) => {
      socket.once("data", () => socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
    });
    expect(await failure({ HTTPS_PROXY: `http://127.0.0.1:${port}` })).toMatchObject({
      message: `the proxy 127.0.0.1:${port} refused the tunnel: expected 200, got 502 Bad Gateway`,
      permanent: false,
    });
  });

  it("whose tunnel ends at a certificate that nobody trusts ends there", async () => {
    const port = await serveWith(makeProxy(await startSts(), nothing()));
    expect(await failure({ HTTPS_PROXY: `http://127.0.0.1:${port}` })).toMatchObject({
      code: "unavailable",
      permanent: true,
    });
  });

  it.each([
    ["does not answer", (socket: Socket) => socket.resume()],
    ["lets the handshake hang", (socket: Socket) => socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\n\r\n"))],
  ])("ends in time with a proxy that %s", async (_, talk) => {
    const port = await serveBytes(talk);
    const error = await failure({ HTTPS_PROXY: `http://127.0.0.1:${port}` }, 150);
    expect(error.message).toBe("https://sts.test cannot be reached: no answer within 0.15 s");
  });

  it.each([
    ["hangs up", (socket: Socket) => socket.end()],
    ["speaks no HTTP", (socket: Socket) => socket.end("220 smtp.test ESMTP\r\n")],
    [
      "opens the tunnel and hangs up",
      (socket: Socket) => socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\n\r\n")),
    ],
  ])("ends with a proxy that %s", async (_, talk) => {
    const port = await serveBytes(talk);
    expect(await failure({ HTTPS_PROXY: `http://127.0.0.1:${port}` }, 5000)).toMatchObject({ code: "unavailable" });
  });

  it("ends where there is no proxy, which is named", async () => {
    const port = await closedPort();
    const error = await failure({ HTTPS_PROXY: `http://127.0.0.1:${port}` });
    expect(error).toMatchObject({ code: "unavailable", permanent: false });
    expect(error.message).toContain(`127.0.0.1:${port}`);
  });
});
