import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";

import { isRolecallError, type RolecallError } from "../../../src/core/errors.ts";
import { Secret } from "../../../src/core/secret.ts";
import { readTokenEndpoint, type TokenEndpointRequest } from "../../../src/wire/token-endpoint.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { jwt } from "../core/example.ts";
import { bodyOf, serve } from "./servers.ts";

const TOKEN = jwt({ sub: "x" });

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

type Answer = readonly [status: number, body: string];

/** Answers one after the other, the last one for ever; keeps what it was asked. */
function answering(answers: readonly Answer[], asked: Asked[]) {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const [status, text] = answers[Math.min(asked.length, answers.length - 1)] ?? [500, ""];
    asked.push({ method: request.method, url: request.url, headers: request.headers, body });
    response.writeHead(status).end(text);
  };
  return (request: IncomingMessage, response: ServerResponse): void => void answer(request, response);
}

/** As Azure Pipelines has it. */
async function endpoint(...answers: readonly Answer[]): Promise<{ request: TokenEndpointRequest; asked: Asked[] }> {
  const asked: Asked[] = [];
  const { origin } = await serve(answering(answers, asked));
  const request: TokenEndpointRequest = {
    from: "SYSTEM_OIDCREQUESTURI",
    method: "POST",
    url: `${origin}/oidctoken?a=b`,
    query: { "api-version": "7.1" },
    headers: { "content-type": "application/json" },
    authorization: new Secret("Bearer the-bearer"),
    field: "oidcToken",
  };
  return { request, asked };
}

/** As Fly.io has it. */
async function socket(...answers: readonly Answer[]): Promise<{ request: TokenEndpointRequest; asked: Asked[] }> {
  const asked: Asked[] = [];
  const path = join(tempDir(), "api");
  const server = createServer(answering(answers, asked));
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  onTestFinished(() => void server.close());
  return { request: atSocket(path), asked };
}

function atSocket(path: string): TokenEndpointRequest {
  const url = "http://localhost/v1/tokens/oidc";
  return { from: path, method: "POST", url, socket: path, body: '{"aud":"sts.amazonaws.com"}' };
}

async function read(request: TokenEndpointRequest): Promise<string> {
  return (await readTokenEndpoint(request, {})).raw.reveal();
}

async function refusal(request: TokenEndpointRequest): Promise<RolecallError> {
  const error: unknown = await read(request).catch((thrown: unknown) => thrown);
  if (!isRolecallError(error)) throw new Error("expected a RolecallError");
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("the-bearer");
  return error;
}

describe("a token that is asked for at an endpoint", () => {
  it("is the field of the answer; the query joins the URL's, and an empty POST has a length", async () => {
    const { request, asked } = await endpoint([200, JSON.stringify({ oidcToken: TOKEN })]);
    expect(await read(request)).toBe(TOKEN);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ method: "POST", url: "/oidctoken?a=b&api-version=7.1", body: "" });
    expect(asked[0]?.headers).toMatchObject({
      authorization: "Bearer the-bearer",
      "content-type": "application/json",
      "content-length": "0",
    });
  });

  it("is asked for by GET without a body, where that is the protocol", async () => {
    const { request, asked } = await endpoint([200, JSON.stringify({ oidcToken: TOKEN })]);
    await read({ ...request, method: "GET" });
    expect(asked[0]?.method).toBe("GET");
    expect(asked[0]?.headers).not.toHaveProperty("content-length");
  });

  it.each<[string, Answer]>([
    ["the CI is unwell", [503, ""]],
    ["there were too many requests", [429, ""]],
  ])("is asked for again when %s", async (_, first) => {
    const { request, asked } = await endpoint(first, [200, JSON.stringify({ oidcToken: TOKEN })]);
    expect(await read(request)).toBe(TOKEN);
    expect(asked).toHaveLength(2);
  });

  it.each([302, 401, 404, 405])(
    "is asked for once when the answer is %i, and nothing of it is told",
    async (status) => {
      const { request, asked } = await endpoint([status, "the-bearer is over"]);
      expect(await refusal(request)).toMatchObject({
        code: "no-token",
        message: `SYSTEM_OIDCREQUESTURI gave no ID token: it answered ${status}`,
      });
      expect(asked).toHaveLength(1);
    },
  );

  it.each<[string, string, string]>([
    ["another field", '{"value":"x"}', "the answer of SYSTEM_OIDCREQUESTURI has no oidcToken: expected an ID token"],
    ["no JSON", "<html>", "the answer of SYSTEM_OIDCREQUESTURI has no oidcToken: expected an ID token"],
    ["an empty field", '{"oidcToken":""}', "the answer of SYSTEM_OIDCREQUESTURI is empty: expected an ID token"],
  ])("is none when the answer has %s", async (_, body, message) => {
    expect(await refusal((await endpoint([200, body])).request)).toMatchObject({ code: "no-token", message });
  });

  it("must be a JWT", async () => {
    const { request } = await endpoint([200, '{"oidcToken":"x"}']);
    expect(await refusal(request)).toMatchObject({ code: "config" });
  });

  it.each(["http://evil.test/?a", "no URL", "ftp://127.0.0.1/"])("is not asked for at %s", async (url) => {
    const { request } = await endpoint([200, ""]);
    expect(await refusal({ ...request, url })).toMatchObject({ code: "config" });
  });
});

describe("a token that is asked for at a socket", () => {
  it("is the answer itself, for the audience in the body", async () => {
    const { request, asked } = await socket([200, `${TOKEN}\n`]);
    expect(await read(request)).toBe(TOKEN);
    expect(asked[0]).toMatchObject({
      method: "POST",
      url: "/v1/tokens/oidc",
      body: '{"aud":"sts.amazonaws.com"}',
      headers: { host: "localhost", "content-length": "27" },
    });
  });

  it("is asked for again when the API is unwell, and not when it refuses", async () => {
    const unwell = await socket([500, ""], [200, TOKEN]);
    expect(await read(unwell.request)).toBe(TOKEN);
    const refused = await socket([403, "no"]);
    expect((await refusal(refused.request)).code).toBe("no-token");
    expect(refused.asked).toHaveLength(1);
  });

  it("is none without the socket", async () => {
    const path = join(tempDir(), "api");
    expect(await refusal(atSocket(path))).toMatchObject({
      code: "no-token",
      message: `there is no socket ${path}, where ID tokens are asked for`,
    });
  });

  it("is none when the answer is too large for one", async () => {
    const { request } = await socket([200, "x".repeat(100_000)]);
    expect(await refusal(request)).toMatchObject({ code: "unavailable" });
  });
});
