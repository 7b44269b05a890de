import { once } from "node:events";
import { connect } from "node:net";

import { afterEach, describe, expect, it, vi } from "vitest";

import type { LocalRequest, LocalResponse } from "../../../src/local/http.ts";
import { startServer } from "../../../src/local/server.ts";
import { afterTest, type Reply, send } from "./support.ts";

type Answer = (request: LocalRequest) => LocalResponse | Promise<LocalResponse>;

const text = (body: string, headers: Record<string, string> = {}): LocalResponse => ({ status: 200, headers, body });

/** A server for one test; gives its address. */
async function start(answer: Answer): Promise<string> {
  const refuseBody = (): LocalResponse => ({ status: 413, headers: {}, body: "too large" });
  const server = await startServer({ port: 0, answer, largestBody: 1000, refuseBody, now: Date.now });
  afterTest(() => server.close());
  return `http://127.0.0.1:${server.port}`;
}

function post(endpoint: string, body: string, path = "/"): Promise<Reply> {
  return send(endpoint, { method: "POST", path, headers: {}, body });
}

/** What a connection gives back for these bytes, until the server ends it. */
async function raw(endpoint: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(endpoint).port), "127.0.0.1", () => socket.write(bytes));
  let got = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (got += chunk));
  await once(socket, "end");
  return got;
}

const bodyOf = ({ body }: LocalRequest): string => Buffer.from(body).toString();

describe("requests that come together", () => {
  afterEach(() => vi.restoreAllMocks());

  it("are each given their own answer, those that wait and those that need not", async () => {
    const endpoint = await start((request) => {
      const reply = text(`<${bodyOf(request)}>`);
      return Number(bodyOf(request)) % 3 === 0 ? Promise.resolve(reply) : reply;
    });
    const numbers = Array.from({ length: 60 }, (_, at) => String(at));
    const replies = await Promise.all(numbers.map((number) => post(endpoint, number)));
    expect(replies.map(({ status, body }) => [status, body])).toEqual(numbers.map((number) => [200, `<${number}>`]));
  });

  it("do not suffer from one that fails, whichever way it fails", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    const ways: Record<string, Answer> = {
      "/throws": () => {
        throw new Error("broken");
      },
      "/rejects": () => Promise.reject(new Error("broken")),
      "/unsendable": () => text("x", { "x-bad": "two\r\nlines" }),
      "/unsendable-later": () => Promise.resolve(text("x", { "x-bad": "two\r\nlines" })),
    };
    const endpoint = await start((request) => ways[request.path]?.(request) ?? text("fine"));
    const paths = ["/", "/throws", "/rejects", "/unsendable", "/unsendable-later", "/"];
    const replies = await Promise.all(paths.map((path) => post(endpoint, "", path)));
    expect(replies.map(({ status }) => status)).toEqual([200, 500, 500, 500, 500, 200]);
    expect(warn).toHaveBeenCalledTimes(4);
  });

  it("are answered in their order on one connection", async () => {
    const endpoint = await start((request) => {
      const reply = text(`[${request.path}]`);
      return request.path === "/1" ? new Promise((resolve) => setTimeout(() => resolve(reply), 20)) : reply;
    });
    const requests = ["/1", "/2", "/3"].map((path) => `GET ${path} HTTP/1.1\r\nhost: x\r\n`);
    const got = await raw(endpoint, `${requests.join("\r\n")}connection: close\r\n\r\n`);
    expect(got.match(/\[[^\]]*\]/g)).toEqual(["[/1]", "[/2]", "[/3]"]);
  });
});

describe("an answer", () => {
  it.each(["", "plain", "é and 😀", "x".repeat(100_000)])("arrives whole: %.10s", async (body) => {
    const endpoint = await start(() => text(body, { "content-type": "text/xml" }));
    const reply = await post(endpoint, "a");
    expect(reply.body).toBe(body);
    expect(await raw(endpoint, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).toContain(
      `content-length: ${Buffer.byteLength(body)}\r\n`,
    );
  });

  it("to HEAD has the head alone", async () => {
    const endpoint = await start(() => text("body"));
    const got = await raw(endpoint, "HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    expect(got).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*content-length: 4\r\n[^]*\r\n\r\n$/);
  });

  it("is that of a body too large when it is, in one piece or in many", async () => {
    const endpoint = await start((request) => text(String(bodyOf(request).length)));
    expect(await post(endpoint, "x".repeat(1000))).toMatchObject({ status: 200, body: "1000" });
    expect(await post(endpoint, "x".repeat(1001))).toMatchObject({ status: 413, body: "too large" });
    expect(await post(endpoint, "x".repeat(300_000))).toMatchObject({ status: 413 });
  });
});
