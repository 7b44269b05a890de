import { describe, expect, it } from "vitest";
import { fly } from "../../../src/ci/fly.ts";
import type { Claims } from "../../../src/core/token.ts";
import { ask, pretend, shape } from "./examples.ts";

// Fly.io's published example.
const EXAMPLE = JSON.parse(
  '{"app_id":"11111111","app_name":"example-app","aud":"sts.amazonaws.com","exp":1712099653,"iat":1712099053,"image":"docker-hub-mirror.fly.io/you/image:latest","image_digest":"sha256:2c1cdaded1b3820020c9dc9fdd1d6e798d6f6ca36861bb6ae64019fad6be9ee3","iss":"https://oidc.fly.io/example-org","jti":"93ca09e1-70e0-477b-a260-1d8fcd4ef4f4","machine_id":"148e21ea7e46e8","machine_name":"example-machine","machine_version":"01HTGGC1TZ2JHK83J4AC0R3VET","nbf":1712099053,"org_id":"11111111","org_name":"example-org","region":"sea","sub":"example-org:example-app:example-machine"}',
) as Claims;

describe("a pretended token of Fly.io", () => {
  it("has the claims of the published example in its order, each of its type, and its values", () => {
    const job = { project: "example-org/example-app", audience: "sts.amazonaws.com", issuedAt: 1_712_099_053 };
    const claims = fly.pretend(job);
    expect(shape(claims)).toEqual(shape(EXAMPLE));
    const { app_id: _, org_id: __, image_digest: ___, jti: ____, ...values } = EXAMPLE;
    expect(claims).toMatchObject(values);
    expect(claims["image_digest"]).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it("is of its app", () => {
    expect(fly.scopeOf(EXAMPLE)).toEqual({ project: "example-org/example-app" });
    expect(fly.scopeOf({ sub: "example-org" })).toBeNull();
  });
});

describe("a role that trusts an app", () => {
  it.each(["acme/shop2", "acme2/shop"])("does not trust %s", (project) => {
    expect(ask(fly, { project: "acme/shop" }, pretend(fly, { project }))).toBe("denied");
  });
});

describe("a Machine of Fly.io", () => {
  const machine = { FLY_APP_NAME: "shop", FLY_MACHINE_ID: "148e21ea7e46e8" };

  it("is told by its id, since people set the app's name for flyctl", () => {
    expect(fly.detect({ FLY_APP_NAME: "shop" })).toBeNull();
    expect(fly.detect(machine)?.because).toEqual(["FLY_MACHINE_ID=148e21ea7e46e8", "FLY_APP_NAME=shop"]);
  });

  it("asks at the Machine's socket, for the audience", () => {
    expect(fly.findTokens(machine, "a").ask).toMatchObject({
      kind: "request",
      method: "POST",
      url: "http://localhost/v1/tokens/oidc",
      socket: "/.fly/api",
      body: '{"aud":"a"}',
    });
  });

  it("asks at the socket beside the token that the Machine's init wrote, and takes no other file", () => {
    const of = (path: string): unknown => fly.findTokens({ ...machine, AWS_WEB_IDENTITY_TOKEN_FILE: path }).ask;
    expect(of("/tmp/job/.fly/oidc_token")).toMatchObject({ socket: "/tmp/job/.fly/api" });
    expect(of("/var/run/secrets/x/token")).toMatchObject({ socket: "/.fly/api" });
  });
});
