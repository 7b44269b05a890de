import { request } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Credentials } from "../../../src/core/credentials.ts";
import { RolecallError } from "../../../src/core/errors.ts";
import { type CredentialsEndpoint, startEndpoint } from "../../../src/credentials/endpoint.ts";
import { CREDENTIALS, SECRET_KEY, SESSION_TOKEN } from "./example.ts";

async function start(
  get: () => Promise<Credentials> = () => Promise.resolve(CREDENTIALS),
): Promise<CredentialsEndpoint> {
  const endpoint = await startEndpoint(get);
  onTestFinished(() => endpoint.close());
  return endpoint;
}

interface Asked {
  readonly url: string;
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** As node:http sends it, which can name another host than it calls. */
function ask({ url, method = "GET", headers }: Asked): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => (text += part));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
    })
      .on("error", reject)
      .end();
  });
}

describe("a credentials endpoint", () => {
  it("gives the fields of the container protocol to who has path and token", async () => {
    const { url, authorization } = await start();
    const { status, text } = await ask({ url, headers: { authorization: authorization.reveal() } });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({
      RoleArn: CREDENTIALS.role,
      AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
      SecretAccessKey: SECRET_KEY,
      Token: SESSION_TOKEN,
      Expiration: "2026-11-23T12:00:00.000Z",
    });
  });

  it("listens on loopback alone, at a path and with a token that nobody guesses and that are never printed", async () => {
    const [one, other] = [await start(), await start()];
    expect(one.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}$/);
    expect(new URL(one.url).pathname).not.toBe(new URL(other.url).pathname);
    expect(one.authorization.reveal()).toMatch(/^[\w-]{43}$/);
    expect(one.authorization.reveal()).not.toBe(other.authorization.reveal());
    expect(JSON.stringify(one)).not.toContain(one.authorization.reveal());
  });

  it.each<readonly [string, (good: Asked & { token: string }) => Asked]>([
    ["without a token", ({ url }) => ({ url, headers: {} })],
    ["with another token", ({ url, token }) => ({ url, headers: { authorization: token.slice(0, -1) } })],
    ["with a token that begins alike", ({ url, token }) => ({ url, headers: { authorization: `${token}x` } })],
    ["with the token as a bearer", ({ url, token }) => ({ url, headers: { authorization: `Bearer ${token}` } })],
    ["at another path", ({ url, headers }) => ({ url: new URL("/", url).href, headers })],
    ["with a query", ({ url, headers }) => ({ url: `${url}?x=1`, headers })],
    ["by another method", ({ url, headers }) => ({ url, method: "POST", headers })],
    [
      "by another name, as a page would that was sent here by DNS",
      ({ url, headers }) => ({ url, headers: { ...headers, host: "evil.test" } }),
    ],
    [
      "by a name for this machine",
      ({ url, headers }) => ({ url, headers: { ...headers, host: `localhost:${new URL(url).port}` } }),
    ],
  ])("refuses who asks %s", async (_, change) => {
    let asked = 0;
    const { url, authorization } = await start(() => {
      asked++;
      return Promise.resolve(CREDENTIALS);
    });
    const token = authorization.reveal();
    const { status, text } = await ask(change({ url, token, headers: { authorization: token } }));
    expect([status, asked]).toEqual([403, 0]);
    expect(JSON.parse(text)).toMatchObject({
      code: "AccessDenied",
      message: expect.stringContaining("token") as string,
    });
    expect(text).not.toContain(token);
  });

  it.each([
    [
      "the token is over",
      new RolecallError("no-token", "the ID token ended", { hints: ["raise timeout:"] }),
      400,
      "ExpiredToken",
    ],
    ["STS refuses", new RolecallError("refused", "STS refused it"), 400, "AccessDenied"],
    ["AWS does not answer", new RolecallError("unavailable", "no answer"), 503, "ServiceUnavailable"],
  ])("says why when %s, in code and message", async (_, error, wanted, code) => {
    const { url, authorization } = await start(() => Promise.reject(error));
    const { status, text } = await ask({ url, headers: { authorization: authorization.reveal() } });
    const message = [error.message, ...error.hints].join("; ");
    expect([status, JSON.parse(text)]).toEqual([wanted, { code, message, Code: code, Message: message }]);
  });

  it("tells nothing of a defect", async () => {
    const { url, authorization } = await start(() => Promise.reject(new Error(`with ${SECRET_KEY}`)));
    const { status, text } = await ask({ url, headers: { authorization: authorization.reveal() } });
    expect(status).toBe(500);
    expect(text).not.toContain(SECRET_KEY);
  });

  it("is gone when it is closed", async () => {
    const endpoint = await startEndpoint(() => Promise.resolve(CREDENTIALS));
    await endpoint.close();
    await expect(ask({ url: endpoint.url, headers: {} })).rejects.toThrow("ECONNREFUSED");
  });
});
