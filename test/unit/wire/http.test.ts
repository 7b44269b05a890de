import type { IncomingMessage, ServerResponse } from "node:http";
import { inspect } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { type HttpRequest, send } from "../../../src/wire/http.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { bodyOf, type Certificate, closedPort, makeCertificate, serve, serveBytes, serveTls } from "./servers.ts";

const TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2VjcmV0";
const MIB = 1024 * 1024;

function post(url: URL | string, timeout = 10_000): HttpRequest {
  return { method: "POST", url: new URL(url), headers: { accept: "text/xml" }, body: `token=${TOKEN}`, timeout };
}

/** The error that a request ends in; the token is nowhere in it. */
async function failure(request: HttpRequest, env: Readonly<Record<string, string>> = {}): Promise<Error> {
  const error: unknown = await send(request, env).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error("expected a failure");
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(TOKEN);
  return error;
}

describe("a request", () => {
  it("sends its body with its length, and reads status, type, text and the server's clock", async () => {
    const echo = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const { method, headers } = request;
      const type = { "content-type": "application/json; charset=utf-8", date: "Mon, 23 Nov 2026 12:00:00 GMT" };
      const seen = [method, headers["content-length"], headers.accept, await bodyOf(request)];
      response.writeHead(201, type).end(JSON.stringify(seen));
    };
    const url = await serve((request, response) => void echo(request, response));
    const request = { ...post(url), body: "größe=✓" };
    expect(await send(request, {})).toEqual({
      status: 201,
      type: "application/json; charset=utf-8",
      body: JSON.stringify(["POST", "11", "text/xml", "größe=✓"]),
      date: new Date("2026-11-23T12:00:00Z"),
    });
  });

  it("without a body is a GET as it should be", async () => {
    const url = await serve(({ method, headers }, response) => response.end(`${method} ${headers["content-length"]}`));
    expect((await send({ method: "GET", url, timeout: 10_000 }, {})).body).toBe("GET undefined");
  });

  it.each([400, 403, 404, 500, 503])("that is answered with %i has an answer", async (status) => {
    const url = await serve((_, response) => response.writeHead(status).end("<Error/>"));
    expect(await send(post(url), {})).toMatchObject({ status, body: "<Error/>", type: "" });
  });

  it("is not sent on to where a redirect points", async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked++;
      response.writeHead(307, { location: "/elsewhere" }).end();
    });
    expect((await send(post(url), {})).status).toBe(307);
    expect(asked).toBe(1);
  });

  it("knows no clock where the server tells none, or nonsense", async () => {
    const silent = await serve((_, response) => {
      response.sendDate = false;
      response.end();
    });
    const odd = await serve((_, response) => response.setHeader("date", "soon").end());
    expect((await send(post(silent), {})).date).toBeNull();
    expect((await send(post(odd), {})).date).toBeNull();
  });

  it("reads a letter that comes in two pieces", async () => {
    const [first, second] = [Buffer.from("✓").subarray(0, 1), Buffer.from("✓").subarray(1)];
    const url = await serve((_, response) => {
      response.write(first);
      setTimeout(() => response.end(second), 20);
    });
    expect((await send(post(url), {})).body).toBe("✓");
  });
});

describe("the time for a request", () => {
  const TOO_LATE = "no answer within 0.15 s";

  it.each([
    ["accepts and says nothing", () => serve(() => {})],
    ["sends its head and no more", () => serve((_, response) => response.writeHead(200).flushHeaders())],
    [
      "sends a little now and then, for ever",
      () =>
        serve((_, response) => {
          const timer = setInterval(() => response.write("x"), 20);
          response.on("close", () => clearInterval(timer));
        }),
    ],
  ])("ends with a server that %s", async (_, start) => {
    const url = await start();
    const began = performance.now();
    const error = await failure(post(url, 150));
    expect(error).toMatchObject({ code: "unavailable", permanent: false });
    expect(error.message).toBe(`${url.origin} cannot be reached: ${TOO_LATE}`);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it("ends with a TLS server that never shakes hands", async () => {
    const port = await serveBytes(() => {});
    const error = await failure(post(`https://127.0.0.1:${port}/`, 150));
    expect(error.message).toBe(`https://127.0.0.1:${port} cannot be reached: ${TOO_LATE}`);
  });
});

describe("no answer", () => {
  it("comes from a port where nobody listens", async () => {
    const port = await closedPort();
    expect(await failure(post(`http://127.0.0.1:${port}/`))).toMatchObject({
      code: "unavailable",
      message: `http://127.0.0.1:${port} cannot be reached: ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:${port}`,
      permanent: false,
    });
  });

  const answers: readonly (readonly [string, string])[] = [
    ["breaks off before its length", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n<Credentials>"],
    ["breaks off in a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\n<Credentials>"],
    ["breaks off in its head", "HTTP/1.1 200 OK\r\ncontent-"],
    ["is nothing", ""],
    ["is no HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
  ];

  it.each(answers)("is what %s", async (_, bytes) => {
    const port = await serveBytes((socket) => socket.once("data", () => socket.end(bytes)));
    expect(await failure(post(`http://127.0.0.1:${port}/`, 5000))).toMatchObject({ code: "unavailable" });
  });

  it("is one of more than 1 MiB, which is not read to its end", async () => {
    const big = await serve((_, response) => response.end("x".repeat(MIB + 1)));
    expect((await failure(post(big))).message).toContain("the answer is larger than 1 MiB");
    const endless = await serve((_, response) => {
      const more = (): void => {
        while (response.write("x".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    });
    expect((await failure(post(endless))).message).toContain("the answer is larger than 1 MiB");
  });

  it("is not one of 1 MiB", async () => {
    const url = await serve((_, response) => response.end("x".repeat(MIB)));
    expect((await send(post(url), {})).body).toHaveLength(MIB);
  });
});

describe("a server's certificate", () => {
  let certificate: Certificate;
  let other: Certificate;
  beforeAll(() => {
    const remove: (() => void)[] = [];
    certificate = makeCertificate(
      tempDir((clean) => remove.push(clean)),
      "IP:127.0.0.1",
    );
    other = makeCertificate(
      tempDir((clean) => remove.push(clean)),
      "DNS:elsewhere.test",
    );
    return () => {
      for (const clean of remove) clean();
    };
  });

  const start = async (own: Certificate): Promise<string> =>
    `https://127.0.0.1:${await serveTls(own, (_, response) => response.end("hello"))}/`;

  it("is trusted when AWS_CA_BUNDLE holds its authority", async () => {
    const url = await start(certificate);
    expect(await send(post(url), { AWS_CA_BUNDLE: certificate.file })).toMatchObject({ status: 200, body: "hello" });
  });

  it("is not trusted otherwise, and another try would not help", async () => {
    const url = await start(certificate);
    for (const env of [{}, { AWS_CA_BUNDLE: "" }, { AWS_CA_BUNDLE: other.file }]) {
      const error = await failure(post(url), env);
      expect(error).toMatchObject({ code: "unavailable", permanent: true });
      expect(error.message).toMatch(/SELF_SIGNED_CERT|DEPTH_ZERO|UNABLE_TO/);
      expect(inspect(error)).toContain("AWS_CA_BUNDLE");
    }
  });

  it("of another host is not trusted", async () => {
    const error = await failure(post(await start(other)), { AWS_CA_BUNDLE: other.file });
    expect(error).toMatchObject({ code: "unavailable", permanent: true });
    expect(error.message).toContain("ERR_TLS_CERT_ALTNAME_INVALID");
  });

  it("cannot be checked with a bundle that is not there", async () => {
    const error = await failure(post("https://127.0.0.1:1/"), { AWS_CA_BUNDLE: "/no/such/bundle.pem" });
    expect(error).toMatchObject({ code: "config" });
    expect(error.message).toContain("AWS_CA_BUNDLE cannot be read: ENOENT");
  });
});
