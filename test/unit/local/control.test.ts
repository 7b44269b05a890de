import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from "jose";
import { describe, expect, it } from "vitest";

import { exchange, mint, type Reply, ROLE, send, setUp, startCloud } from "./support.ts";

const JSON_TYPE = { "content-type": "application/json" };
const job = { ci: "gitlab", project: "acme/shop", branch: "main", audience: "https://gitlab.com" };

function postJson(endpoint: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  return send(endpoint, { method: "POST", path, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) });
}

describe("the cloud's own calls", () => {
  it("say that it is well, and whose account it is", async () => {
    const { endpoint } = await startCloud({ account: "210987654321" });
    const reply = await send(endpoint, { path: "/_rolecall/health" });
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.body)).toMatchObject({ status: "ok", account: "210987654321" });
  });

  it("mint a token that any verifier takes, by the keys that are published", async () => {
    const { endpoint, issuers } = await startCloud();
    const { token, claims } = JSON.parse(
      (
        await postJson(endpoint, "/_rolecall/mint", {
          ...job,
          expires_in: 60,
          claims: { extra: [1], ref_protected: null },
        })
      ).body,
    ) as { token: string; claims: object };
    const gitlab = issuers["gitlab"];
    const discovery = JSON.parse((await send(gitlab?.discovery ?? "", { path: "" })).body) as {
      issuer: string;
      jwks_uri: string;
    };
    expect(discovery).toMatchObject({ issuer: "https://gitlab.com", jwks_uri: gitlab?.jwks });
    const jwks = JSON.parse((await send(discovery.jwks_uri, { path: "" })).body) as JSONWebKeySet;
    const verified = await jwtVerify(token, createLocalJWKSet(jwks), {
      issuer: "https://gitlab.com",
      audience: "https://gitlab.com",
    });
    expect(verified.payload).toEqual(claims);
    expect(verified.protectedHeader).toMatchObject({ alg: "RS256", typ: "JWT", kid: jwks.keys[0]?.kid });
    expect(verified.payload).toMatchObject({ sub: "project_path:acme/shop:ref_type:branch:ref:main", extra: [1] });
    expect(verified.payload).not.toHaveProperty("ref_protected");
    expect((verified.payload.exp ?? 0) - (verified.payload.iat ?? 0)).toBe(60);
  });

  it("publish the keys of a self-managed instance under its own name", async () => {
    const cloud = await startCloud();
    await mint(cloud, { issuer: "https://git.example.com/x" });
    const path = "/_rolecall/issuers/git.example.com%2Fx/.well-known/openid-configuration";
    expect(JSON.parse((await send(cloud.endpoint, { path })).body)).toMatchObject({
      issuer: "https://git.example.com/x",
    });
    expect(await send(cloud.endpoint, { path: "/_rolecall/issuers/nobody/jwks" })).toMatchObject({ status: 404 });
  });

  it("list the exchanges and empty the account", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    const token = await mint(cloud);
    await exchange(cloud, token);
    const list = JSON.parse((await send(cloud.endpoint, { path: "/_rolecall/exchanges" })).body) as object[];
    expect(list).toEqual(JSON.parse(JSON.stringify(cloud.exchanges())));
    expect(list).toMatchObject([{ roleArn: ROLE, decision: { outcome: "allowed" } }]);
    expect(await send(cloud.endpoint, { method: "POST", path: "/_rolecall/reset" })).toMatchObject({ status: 200 });
    expect(cloud.exchanges()).toEqual([]);
    expect(await exchange(cloud, token)).toMatchObject({ code: "InvalidIdentityToken" });
  });

  it.each<[string, unknown, string]>([
    ["no object", [], "the body: expected a JSON object"],
    ["a CI that is not known", { ...job, ci: "gitlub" }, 'there is no CI "gitlub"'],
    ["no project", { ...job, project: undefined }, "project: expected a project, got nothing"],
    ["no audience", { ...job, audience: undefined }, "audience: expected text"],
    ["an audience of numbers", { ...job, audience: [1] }, "audience: expected text"],
    ["a life of words", { ...job, expires_in: "60" }, "expires_in: expected a number of seconds"],
    ["claims in a list", { ...job, claims: [] }, "claims: expected an object"],
    ["a field that there is not", { ...job, expiresIn: 60 }, "there is no field expiresIn; expected ci, project"],
    ["an issuer that is no URL", { ...job, issuer: "git.example.com" }, "issuer: expected a URL"],
  ])("do not mint for %s", async (_, body, error) => {
    const { endpoint } = await startCloud();
    const reply = await postJson(endpoint, "/_rolecall/mint", body);
    expect(reply.status).toBe(400);
    expect((JSON.parse(reply.body) as { error: string }).error).toContain(error);
  });

  it.each<[string, Record<string, string>, number]>([
    ["a page of another site", { origin: "https://evil.example" }, 403],
    ["a page whose origin is hidden", { origin: "null" }, 403],
    ["a name that was bound anew to this machine", { host: "evil.example:80" }, 403],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }, 415],
    ["text", { "content-type": "text/plain" }, 415],
  ])("refuse %s", async (_, headers, status) => {
    const { endpoint } = await startCloud();
    expect(await postJson(endpoint, "/_rolecall/mint", job, headers)).toMatchObject({ status });
  });

  it.each(["localhost", "127.0.0.1", "[::1]"])("answer to the name %s", async (host) => {
    const { endpoint } = await startCloud();
    expect(await send(endpoint, { path: "/_rolecall/health", headers: { host: `${host}:1` } })).toMatchObject({
      status: 200,
    });
  });

  it("name what there is, and how it is called", async () => {
    const { endpoint } = await startCloud();
    expect(await send(endpoint, { path: "/_rolecall/helth" })).toMatchObject({
      status: 404,
      body: expect.stringContaining("GET /_rolecall/health") as string,
    });
    expect(await send(endpoint, { path: "/_rolecall/mint" })).toMatchObject({
      status: 405,
      headers: { allow: "POST" },
    });
  });
});
