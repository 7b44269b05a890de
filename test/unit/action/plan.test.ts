import { describe, expect, test } from "vitest";
import { type Plan, planAction, roleArnOf } from "../../../src/action/plan.ts";
import { proxyFor } from "../../../src/wire/proxy.ts";

const ROLE = "arn:aws:iam::123456789012:role/shop";

function plan(inputs: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}): Plan {
  const given = Object.entries({ "aws-region": "eu-central-1", ...inputs });
  return planAction(
    { ...env, ...Object.fromEntries(given.map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])) },
    Date.now,
  );
}

const KEYS = { "aws-access-key-id": "AKIA", "aws-secret-access-key": "s" };
const TOKEN = { ACTIONS_ID_TOKEN_REQUEST_TOKEN: "b" };

describe("who asks", () => {
  test.for([
    ["a role in a job with tokens", { "role-to-assume": ROLE }, TOKEN, "job-token"],
    ["a role in a job without", { "role-to-assume": ROLE }, {}, "ambient"],
    ["nothing", {}, TOKEN, "ambient"],
    ["keys", { ...KEYS, "role-to-assume": ROLE }, TOKEN, "keys"],
    ["a chain", { "role-to-assume": ROLE, "role-chaining": "true" }, TOKEN, "ambient"],
    ["keys and a chain", { ...KEYS, "role-to-assume": ROLE, "role-chaining": "true" }, TOKEN, "keys"],
    ["a file", { "role-to-assume": ROLE, "web-identity-token-file": "t" }, TOKEN, "token-file"],
    ["a file and keys", { ...KEYS, "role-to-assume": ROLE, "web-identity-token-file": "t" }, TOKEN, "token-file"],
    ["a file without a role", { "web-identity-token-file": "t" }, TOKEN, "ambient"],
    ["no token, on wish", { "force-skip-oidc": "true" }, TOKEN, "ambient"],
  ] as const)("%s", ([, inputs, env, proof]) => {
    expect(plan(inputs, env).proof).toBe(proof);
  });
});

describe("STS", () => {
  test.for([
    ["of the region", {}, {}, "https://sts.eu-central-1.amazonaws.com/"],
    ["with FIPS", {}, { AWS_USE_FIPS_ENDPOINT: "true" }, "https://sts-fips.eu-central-1.amazonaws.com/"],
    ["of China", { "aws-region": "cn-north-1" }, {}, "https://sts.cn-north-1.amazonaws.com.cn/"],
    [
      "of the input",
      { "sts-endpoint": "https://sts.test/x" },
      { AWS_ENDPOINT_URL: "https://other" },
      "https://sts.test/x",
    ],
    [
      "of the service's variable",
      {},
      { AWS_ENDPOINT_URL_STS: "https://a", AWS_ENDPOINT_URL: "https://b" },
      "https://a/",
    ],
    ["of the variable", {}, { AWS_ENDPOINT_URL: "http://127.0.0.1:9" }, "http://127.0.0.1:9/"],
    [
      "of AWS where variables are to be ignored",
      {},
      { AWS_ENDPOINT_URL: "https://b", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
      "https://sts.eu-central-1.amazonaws.com/",
    ],
  ] as const)("is that %s", ([, inputs, env, url]) => {
    expect(plan(inputs, env).sts.endpoint.href).toBe(url);
  });

  test.for(["http://sts.example.com", "ftp://127.0.0.1", "sts.example.com"])("is not %s", (url) => {
    expect(() => plan({ "sts-endpoint": url })).toThrowWithCode("config", "sts-endpoint: expected https://HOST");
  });

  test("is asked in the partition of the role", () => {
    expect(() => plan({ "role-to-assume": ROLE, "aws-region": "cn-north-1" })).toThrowWithCode(
      "config",
      "two partitions",
    );
  });
});

describe("the way to STS", () => {
  const STS = new URL("https://sts.eu-central-1.amazonaws.com");

  test.for([
    ["a proxy of the input", { "http-proxy": "http://a:1" }, { https_proxy: "http://b:2" }, "http://a:1/"],
    ["a proxy for http", {}, { HTTP_PROXY: "http://a:1" }, "http://a:1/"],
    ["a proxy in small letters", {}, { https_proxy: "http://b:2" }, "http://b:2/"],
    ["no proxy", {}, {}, undefined],
    ["no proxy for that host", { "http-proxy": "http://a:1", "no-proxy": ".amazonaws.com" }, {}, undefined],
    ["no proxy for that host, in small letters", { "http-proxy": "http://a:1" }, { no_proxy: "*" }, undefined],
  ] as const)("has %s", ([, inputs, env, proxy]) => {
    expect(proxyFor(STS, plan(inputs, env).sts.http)?.href).toBe(proxy);
  });
});

describe("tries", () => {
  test.for([
    [{}, 12],
    [{ "retry-max-attempts": "3" }, 3],
    [{ "retry-max-attempts": "0" }, 12],
    [{ "retry-max-attempts": "-5" }, 1],
    [{ "disable-retry": "true", "retry-max-attempts": "3" }, 1],
    [{ "disable-retry": "true", "special-characters-workaround": "true" }, 12],
  ] as const)("of %o are %d", ([inputs, tries]) => {
    expect(plan(inputs).tries).toBe(tries);
  });
});

describe("a duration", () => {
  test.for(["899", "43201"])("of %s is not AWS's", (seconds) => {
    expect(() => plan({ "role-duration-seconds": seconds })).toThrowWithCode("usage", "role-duration-seconds");
  });

  test("may be another at another STS", () => {
    expect(plan({ "role-duration-seconds": "604800", "sts-endpoint": "https://minio.test" }).duration).toBe(604_800);
  });
});

describe("a role", () => {
  test("by its name is of the account and the region's partition", () => {
    expect(roleArnOf("ci/shop", "123456789012", "cn-north-1")).toBe("arn:aws-cn:iam::123456789012:role/ci/shop");
  });

  test("by its name needs an account", () => {
    expect(() => roleArnOf("shop", null, "eu-central-1")).toThrowWithCode(
      "config",
      "role-to-assume is not the ARN of a role",
    );
  });
});

test.for(["a b", "a/b", "a\\b", "[a]", "a\nb"])("a profile is not called %j", (name) => {
  expect(() => plan({ "aws-profile": name })).toThrowWithCode("config", "aws-profile");
});
