import { createHash } from "node:crypto";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";

import { describe, expect, it } from "vitest";

import { CONSOLE, policyOf } from "../../../src/local/console-page.ts";
import type { LocalCloud } from "../../../src/local/index.ts";
import { afterTest, exchange, mint, type Reply, ROLE, send, setUp, startCloud, trustPolicy } from "./support.ts";

const KEY = "x-rolecall-key";

function keyOf(cloud: LocalCloud): string {
  return new URL(cloud.console).hash.replace("#key=", "");
}

interface Call {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
}

const NEW_PROVIDER = { Url: "https://gitlab.com", ClientIDList: ["planted"] };
const ACCOUNT_CALL: Call = { method: "GET", path: "/_rolecall/console/account" };
const IAM_CALL: Call = {
  method: "POST",
  path: "/_rolecall/console/iam",
  body: { action: "CreateOpenIDConnectProvider", parameters: NEW_PROVIDER },
};
const JOB = { ci: "gitlab", project: "acme/shop", branch: "main", audience: "https://gitlab.com" };
const EXCHANGE_CALL: Call = {
  method: "POST",
  path: "/_rolecall/console/exchange",
  body: { job: JOB, roleArn: ROLE, sessionName: "console" },
};
const MINT_CALL: Call = { method: "POST", path: "/_rolecall/mint", body: JOB };

function call(cloud: LocalCloud, { method, path, body }: Call, headers: Record<string, string> = {}): Promise<Reply> {
  if (body === undefined) return send(cloud.endpoint, { method, path, headers });
  return send(cloud.endpoint, {
    method,
    path,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

/** What a browser sends along with the requests of the console's own page. */
function ownPage(cloud: LocalCloud): Record<string, string> {
  return { [KEY]: keyOf(cloud), origin: cloud.endpoint, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" };
}

/** Sends a head as it is written, which no client would write. */
function sendLines(cloud: LocalCloud, lines: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(cloud.endpoint).port), "127.0.0.1");
    afterTest(() => void socket.destroy());
    socket.once("data", (data) => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(data.toString())?.[1])));
    socket.once("error", reject);
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  });
}

describe("the console's page", () => {
  it("is one file that may run its own script and style, and nothing else", async () => {
    const { endpoint } = await startCloud();
    const page = await send(endpoint, { path: CONSOLE });
    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
    const policy = String(page.headers["content-security-policy"]);
    const directives = new Map(policy.split("; ").map((one) => [one.split(" ")[0], one.split(" ").slice(1)]));
    expect(directives.get("default-src")).toEqual(["'none'"]);
    expect(directives.get("connect-src")).toEqual(["'self'"]);
    expect(directives.get("frame-ancestors")).toEqual(["'none'"]);
    expect(directives.get("base-uri")).toEqual(["'none'"]);
    expect(directives.get("form-action")).toEqual(["'none'"]);
    expect(directives.get("require-trusted-types-for")).toEqual(["'script'"]);
    expect(policy).not.toContain("unsafe");
    for (const element of ["script", "style"]) {
      const [, text = ""] = new RegExp(`<${element}[^>]*>(.*)</${element}>`, "s").exec(page.body) ?? [];
      const hash = createHash("sha256").update(text).digest("base64");
      expect(text.length).toBeGreaterThan(1000);
      expect(directives.get(`${element}-src`)).toEqual([`'sha256-${hash}'`]);
    }
  });

  it("asks nobody else for anything, and has no key in it", async () => {
    const cloud = await startCloud();
    const { body } = await send(cloud.endpoint, { path: CONSOLE });
    const attributes = [...body.matchAll(/<[a-z]+[^>]*\s(?:src|href|action|data)=["']([^"']*)/g)].map(([, url]) => url);
    expect(attributes.filter((url) => !url?.startsWith("data:image/svg+xml,"))).toEqual([]);
    expect(body).not.toContain(keyOf(cloud));
    expect(body).not.toContain(cloud.admin.secretAccessKey);
  });

  it("is small enough to be opened at once", async () => {
    const { endpoint } = await startCloud();
    const { body } = await send(endpoint, { path: CONSOLE });
    expect(gzipSync(body).length).toBeLessThan(100 * 1024);
  });

  it("allows no script where there is none", () => {
    expect(policyOf("<p>nothing</p>")).toContain("script-src 'none'; style-src 'none'");
  });

  it("is reached by a link of another site, and by no name but this machine's", async () => {
    const { endpoint } = await startCloud();
    const navigation = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    expect(await send(endpoint, { path: CONSOLE, headers: navigation })).toMatchObject({ status: 200 });
    expect(await send(endpoint, { path: CONSOLE, headers: { host: "evil.example:80" } })).toMatchObject({
      status: 403,
    });
  });

  it.each<[string, Record<string, string>]>([
    ["a frame", { "sec-fetch-dest": "iframe", "sec-fetch-site": "cross-site" }],
    ["an object", { "sec-fetch-dest": "object", "sec-fetch-site": "same-origin" }],
    ["a script", { "sec-fetch-dest": "script", "sec-fetch-site": "cross-site" }],
    ["a fetch of another origin", { origin: "https://evil.example" }],
  ])("is not given to %s", async (_, headers) => {
    const { endpoint } = await startCloud();
    expect(await send(endpoint, { path: CONSOLE, headers })).toMatchObject({ status: 403 });
  });

  it("is only to be read", async () => {
    const { endpoint } = await startCloud();
    expect(await send(endpoint, { path: CONSOLE, method: "POST" })).toMatchObject({
      status: 405,
      headers: { allow: "GET" },
    });
  });
});

describe("the console's own page", () => {
  it.each<[string, Call]>([
    ["read the account", ACCOUNT_CALL],
    ["change it", IAM_CALL],
    ["exchange a pretended job's token", EXCHANGE_CALL],
    ["mint a token", MINT_CALL],
    ["read the exchanges", { method: "GET", path: "/_rolecall/exchanges" }],
  ])("may %s", async (_, wanted) => {
    const cloud = await startCloud();
    expect(await call(cloud, wanted, ownPage(cloud))).toMatchObject({ status: 200 });
  });

  it("is opened with a key that is another for each cloud, and that browsers send to nobody", async () => {
    const [one, other] = [await startCloud(), await startCloud()];
    expect(keyOf(one)).toMatch(/^[\w-]{32}$/);
    expect(keyOf(one)).not.toBe(keyOf(other));
    expect(one.console).toBe(`${one.endpoint}${CONSOLE}#key=${keyOf(one)}`);
    expect(await call(one, ACCOUNT_CALL, { [KEY]: keyOf(other) })).toMatchObject({ status: 403 });
  });
});

describe("everybody else", () => {
  const ATTACKS: readonly (readonly [string, (cloud: LocalCloud) => Record<string, string>])[] = [
    ["a page of another site", () => ({ origin: "https://evil.example", "sec-fetch-site": "cross-site" })],
    ["a page of another site that knows the key", (cloud) => ({ ...ownPage(cloud), origin: "https://evil.example" })],
    ["a page of another port", (cloud) => ({ ...ownPage(cloud), origin: "http://127.0.0.1:1" })],
    ["a page by https", (cloud) => ({ ...ownPage(cloud), origin: cloud.endpoint.replace("http:", "https:") })],
    [
      "a page of this machine's other name",
      (cloud) => ({ ...ownPage(cloud), origin: cloud.endpoint.replace("127.0.0.1", "localhost") }),
    ],
    ["a page whose origin is hidden", (cloud) => ({ ...ownPage(cloud), origin: "null" })],
    ["an origin with more behind it", (cloud) => ({ ...ownPage(cloud), origin: `${cloud.endpoint}.evil.example` })],
    [
      "a name that was bound anew to this machine",
      (cloud) => ({ ...ownPage(cloud), host: "evil.example", origin: "http://evil.example" }),
    ],
    [
      "such a name with this machine's in it",
      (cloud) => ({ ...ownPage(cloud), host: "127.0.0.1.evil.example", origin: "http://127.0.0.1.evil.example" }),
    ],
    [
      "a page of the own origin without the key",
      (cloud) => ({ origin: cloud.endpoint, "sec-fetch-site": "same-origin" }),
    ],
    ["a page of the own origin with another key", (cloud) => ({ ...ownPage(cloud), [KEY]: "A".repeat(32) })],
    ["a page of the own origin with an empty key", (cloud) => ({ ...ownPage(cloud), [KEY]: "" })],
    [
      "a page of the own origin with a part of the key",
      (cloud) => ({ ...ownPage(cloud), [KEY]: keyOf(cloud).slice(0, -1) }),
    ],
    [
      "a request that a browser marks as another site's",
      (cloud) => ({ [KEY]: keyOf(cloud), "sec-fetch-site": "cross-site" }),
    ],
    [
      "a request that a browser marks as another port's",
      (cloud) => ({ [KEY]: keyOf(cloud), "sec-fetch-site": "same-site" }),
    ],
  ];

  it.each(ATTACKS)("%s may do nothing", async (_, headersFor) => {
    const cloud = await startCloud();
    for (const wanted of [ACCOUNT_CALL, IAM_CALL, EXCHANGE_CALL, MINT_CALL]) {
      const reply = await call(cloud, wanted, headersFor(cloud));
      expect(reply.status, wanted.path).toBe(403);
      expect(reply.headers["access-control-allow-origin"]).toBeUndefined();
    }
    expect(cloud.exchanges()).toEqual([]);
    const account = JSON.parse((await call(cloud, ACCOUNT_CALL, ownPage(cloud))).body) as { providers: unknown[] };
    expect(account.providers).toEqual([]);
  });

  it.each<[string, (key: string) => Record<string, string>]>([
    ["no key", () => ({})],
    ["another key", () => ({ [KEY]: "no" })],
    ["the key as a bearer", (key) => ({ authorization: `Bearer ${key}` })],
    ["the key in a cookie", (key) => ({ cookie: `${KEY}=${key}` })],
  ])("a program of this machine with %s may not look at or change the account", async (_, headersFor) => {
    const cloud = await startCloud();
    for (const wanted of [ACCOUNT_CALL, IAM_CALL, EXCHANGE_CALL])
      expect(await call(cloud, wanted, headersFor(keyOf(cloud))), wanted.path).toMatchObject({ status: 403 });
  });

  it("is not told by a preflight that it might ask", async () => {
    const cloud = await startCloud();
    const reply = await send(cloud.endpoint, {
      method: "OPTIONS",
      path: IAM_CALL.path,
      headers: {
        origin: "https://evil.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": `content-type,${KEY}`,
      },
    });
    expect(reply.status).toBe(403);
    expect(Object.keys(reply.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  it("has no way in by a header that is there twice", async () => {
    const cloud = await startCloud();
    const { host } = new URL(cloud.endpoint);
    const key = `${KEY}: ${keyOf(cloud)}`;
    const get = `GET ${ACCOUNT_CALL.path} HTTP/1.1`;
    expect(await sendLines(cloud, [get, `host: ${host}`, key])).toBe(200);
    expect(await sendLines(cloud, [get, `host: ${host}`, "host: evil.example", key])).not.toBe(200);
    expect(await sendLines(cloud, [get, `host: ${host}`, `origin: http://${host}`, "origin: http://evil", key])).toBe(
      403,
    );
    expect(await sendLines(cloud, [get, `host: ${host}`, key, `${KEY}: no`])).toBe(403);
    expect(await sendLines(cloud, [get, "host: evil.example", `origin: http://evil.example`, key])).toBe(403);
  });
});

describe("what the console is told", () => {
  it("is whom the account trusts, and nothing that signs", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    const token = await mint(cloud);
    const { body: xml } = await exchange(cloud, token);
    const secrets = [/<SecretAccessKey>(.*?)</.exec(xml)?.[1], /<SessionToken>(.*?)</.exec(xml)?.[1], token];
    const { body } = await call(cloud, ACCOUNT_CALL, ownPage(cloud));
    expect(JSON.parse(body)).toMatchObject({
      account: "123456789012",
      stsTexts: "2026",
      providers: [{ url: "gitlab.com", audiences: ["https://gitlab.com"] }],
      roles: [{ arn: ROLE, name: "deploy", maxSessionDuration: 3600, trust: trustPolicy(), inline: {}, attached: [] }],
    });
    for (const secret of [cloud.admin.accessKeyId, cloud.admin.secretAccessKey, keyOf(cloud), ...secrets]) {
      expect(secret).toBeTruthy();
      expect(body).not.toContain(secret);
    }
  });

  it("of an exchange is which it was: token and credentials stay in the cloud", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    const reply = await call(cloud, EXCHANGE_CALL, ownPage(cloud));
    const [logged] = cloud.exchanges();
    expect(JSON.parse(reply.body)).toEqual({ requestId: logged?.requestId, status: 200 });
    expect(logged).toMatchObject({
      roleArn: ROLE,
      sessionName: "console",
      decision: { outcome: "allowed" },
      session: "arn:aws:sts::123456789012:assumed-role/deploy/console",
    });
  });
});

describe("what the console may change", () => {
  it.each(["DeleteRole", "CreateAccessKey", "AttachRolePolicy", "constructor", "__proto__"])(
    "is not %s",
    async (action) => {
      const cloud = await startCloud();
      const reply = await call(cloud, { ...IAM_CALL, body: { action, parameters: {} } }, ownPage(cloud));
      expect(reply.status).toBe(400);
      expect(reply.body).toContain("action: expected CreateOpenIDConnectProvider");
    },
  );

  it("is checked as IAM checks it, and refused in IAM's words", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    const body = {
      action: "UpdateAssumeRolePolicy",
      parameters: { RoleName: "deploy", PolicyDocument: trustPolicy({ Action: "s3:GetObject" }) },
    };
    const reply = await call(cloud, { ...IAM_CALL, body }, ownPage(cloud));
    expect(reply).toMatchObject({ status: 400 });
    expect(JSON.parse(reply.body)).toMatchObject({
      error: "MalformedPolicyDocument: AssumeRole policy may only specify STS AssumeRole actions.",
    });
    expect(await exchange(cloud, await mint(cloud))).toMatchObject({ status: 200 });
  });

  it("takes as long to be seen as the weather says", async () => {
    const cloud = await startCloud({ weather: { propagation: "10s" } });
    await call(cloud, IAM_CALL, ownPage(cloud));
    const role = { RoleName: "deploy", AssumeRolePolicyDocument: trustPolicy() };
    await call(cloud, { ...IAM_CALL, body: { action: "CreateRole", parameters: role } }, ownPage(cloud));
    expect(await exchange(cloud, await mint(cloud, { audience: "planted" }))).toMatchObject({ code: "AccessDenied" });
  });
});
