import { describe, expect, it } from "vitest";
import {
  childEnvironment,
  servedEnvironment,
  SHADOWS,
  withoutShadows,
} from "../../../src/credentials/child-environment.ts";
import { CREDENTIALS, SECRET_KEY, SESSION_TOKEN } from "./example.ts";

describe("the environment of a child", () => {
  it("has the session's keys, its end and both region variables, and all that was there before", () => {
    expect(childEnvironment({ PATH: "/bin", LANG: "C" }, CREDENTIALS, "eu-central-1")).toEqual({
      env: {
        PATH: "/bin",
        LANG: "C",
        AWS_ACCESS_KEY_ID: "ASIAIOSFODNN7EXAMPLE",
        AWS_SECRET_ACCESS_KEY: SECRET_KEY,
        AWS_SESSION_TOKEN: SESSION_TOKEN,
        AWS_CREDENTIAL_EXPIRATION: "2026-11-23T12:00:00+00:00",
        AWS_REGION: "eu-central-1",
        AWS_DEFAULT_REGION: "eu-central-1",
        AWS_SDK_UA_APP_ID: "rolecall",
      },
      removed: [],
      replaced: [],
    });
  });

  // The failure catalogue's section 2: with any of these, some tool would take another identity.
  it.each([
    ...["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_SESSION_NAME"],
    ...["AWS_SECURITY_TOKEN", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
  ])("has no %s, and it is told", (name) => {
    const { env, removed } = childEnvironment({ PATH: "/bin", [name]: "x" }, CREDENTIALS, undefined);
    expect(env).not.toHaveProperty(name);
    expect(removed).toEqual([name]);
  });

  it("loses a shadow that is empty without a word, since nobody would miss it", () => {
    const { env, removed } = childEnvironment({ AWS_PROFILE: "", AWS_ROLE_ARN: undefined }, CREDENTIALS, undefined);
    expect(removed).toEqual([]);
    expect(Object.keys(env)).not.toContain("AWS_PROFILE");
  });

  it("has the session's keys in place of somebody else's, and it is told whose were there", () => {
    const before = { AWS_ACCESS_KEY_ID: "AKIAOLD", AWS_SECRET_ACCESS_KEY: "old", AWS_CREDENTIAL_EXPIRATION: "1999" };
    const { env, replaced } = childEnvironment(before, CREDENTIALS, undefined);
    expect(env["AWS_ACCESS_KEY_ID"]).toBe("ASIAIOSFODNN7EXAMPLE");
    expect(env["AWS_SESSION_TOKEN"]).toBe(SESSION_TOKEN);
    expect(replaced).toEqual(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
  });

  it("says nothing of keys that are empty or the same", () => {
    const before = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: SECRET_KEY };
    expect(childEnvironment(before, CREDENTIALS, undefined).replaced).toEqual([]);
  });

  it("keeps its region when none is known", () => {
    const { env } = childEnvironment({ AWS_REGION: "eu-west-1" }, CREDENTIALS, undefined);
    expect(env["AWS_REGION"]).toBe("eu-west-1");
    expect(env).not.toHaveProperty("AWS_DEFAULT_REGION");
  });

  it("keeps the endpoint, the CA bundle and the trace, which shadow nothing", () => {
    const kept = { AWS_ENDPOINT_URL: "http://127.0.0.1:1", AWS_CA_BUNDLE: "/ca.pem", TRACEPARENT: "00-1-2-01" };
    expect(childEnvironment(kept, CREDENTIALS, undefined).env).toMatchObject(kept);
  });
});

describe("a copy without shadows", () => {
  it("leaves the original alone and takes out all of the table, each of which has a reason", () => {
    const env = Object.freeze({ HOME: "/root", ...Object.fromEntries(SHADOWS.map(({ name }) => [name, "x"])) });
    const { env: copy, removed } = withoutShadows(env);
    expect(copy).toEqual({ HOME: "/root" });
    expect(removed).toEqual(SHADOWS.map(({ name }) => name));
    expect(SHADOWS.filter(({ why }) => why === "")).toEqual([]);
  });
});

describe("the environment of a child that asks an endpoint", () => {
  const ENDPOINT = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/x",
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "token",
  };

  it("has the endpoint and no keys, which tools would take before, and it is told what went", () => {
    const before = {
      PATH: "/bin",
      AWS_ACCESS_KEY_ID: "AKIAOLD",
      AWS_SECRET_ACCESS_KEY: "old",
      AWS_SESSION_TOKEN: "",
      AWS_CREDENTIAL_EXPIRATION: "1999",
      AWS_PROFILE: "mine",
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/other",
    };
    const { env, removed } = servedEnvironment(before, ENDPOINT, "eu-central-1");
    expect(env).toEqual({
      PATH: "/bin",
      ...ENDPOINT,
      AWS_REGION: "eu-central-1",
      AWS_DEFAULT_REGION: "eu-central-1",
      AWS_SDK_UA_APP_ID: "rolecall",
    });
    expect(removed).toEqual([
      "AWS_PROFILE",
      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
      "AWS_ACCESS_KEY_ID",
      "AWS_SECRET_ACCESS_KEY",
    ]);
  });

  it("keeps the name that the job gives itself in the User-Agent", () => {
    expect(servedEnvironment({ AWS_SDK_UA_APP_ID: "shop" }, ENDPOINT, undefined).env["AWS_SDK_UA_APP_ID"]).toBe("shop");
    expect(childEnvironment({ AWS_SDK_UA_APP_ID: "shop" }, CREDENTIALS, undefined).env["AWS_SDK_UA_APP_ID"]).toBe(
      "shop",
    );
  });
});
