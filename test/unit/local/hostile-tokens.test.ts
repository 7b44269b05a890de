import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createLocalCloud, type LocalCloud } from "../../../src/local/index.ts";
import { exchange, mint, send, setUp } from "./support.ts";

let cloud: LocalCloud;
let token: string;

beforeAll(async () => {
  cloud = await createLocalCloud();
  await setUp(cloud);
  token = await mint(cloud, { expiresIn: 3600 });
});
afterAll(() => cloud.close());

/** The answers that STS has for a token that it does not take. */
const REFUSALS = new Set([
  "InvalidIdentityToken",
  "ExpiredTokenException",
  "AccessDenied",
  "ValidationError",
  "InternalFailure",
]);

async function isRefused(hostile: string): Promise<void> {
  const reply = await exchange(cloud, hostile);
  expect(reply.status).toBeGreaterThanOrEqual(400);
  expect(REFUSALS).toContain(reply.code);
}

const anyJson = fc.jsonValue({ maxDepth: 3 });
const alg = fc.constantFrom("none", "None", "HS256", "HS512", "PS256", "RS384", "RS512", "ES256", "EdDSA", "", "rs256");

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

describe("a token that was made to deceive", () => {
  it("is refused with any character of it changed", async () => {
    const change = fc.record({ at: fc.nat(), to: fc.constantFrom(...Array.from("ABCabc019-_.=+/ \n%")) });
    await fc.assert(
      fc.asyncProperty(change, async ({ at, to }) => {
        const place = at % token.length;
        fc.pre(token[place] !== to);
        await isRefused(token.slice(0, place) + to + token.slice(place + 1));
      }),
      { numRuns: 300 },
    );
  });

  it("is refused cut short, doubled, padded or taken apart", async () => {
    const [header = "", claims = "", signature = ""] = token.split(".");
    const shapes = fc.oneof(
      fc.nat({ max: token.length - 1 }).map((length) => token.slice(0, length)),
      fc.constantFrom(
        `${token}.`,
        `.${token}`,
        `${token}=`,
        `${token}.${signature}`,
        `${header}..${signature}`,
        `..`,
        `${claims}.${header}.${signature}`,
      ),
      fc.string({ maxLength: 50 }).map((rest) => `${token}${rest || "A"}`),
      fc.string({ maxLength: 50 }),
    );
    await fc.assert(fc.asyncProperty(shapes, isRefused), { numRuns: 300 });
  });

  it("is refused with other claims under the old signature", async () => {
    const [header = "", , signature = ""] = token.split(".");
    const claims = fc.dictionary(
      fc.constantFrom(
        "iss",
        "sub",
        "aud",
        "azp",
        "iat",
        "exp",
        "nbf",
        "__proto__",
        "https://aws.amazon.com/tags",
        "https://aws.amazon.com/roles",
      ),
      anyJson,
    );
    await fc.assert(
      fc.asyncProperty(claims, async (changed) => {
        const hostile = [header, encode({ ...claimsOf(), ...changed }), signature].join(".");
        fc.pre(hostile !== token);
        await isRefused(hostile);
      }),
      { numRuns: 300 },
    );
  });

  it("is refused with another header, whatever its algorithm and key", async () => {
    const [header = "", claims = "", signature = ""] = token.split(".");
    const { kid } = JSON.parse(Buffer.from(header, "base64url").toString()) as { kid: string };
    const headers = fc.record(
      { alg: fc.oneof(alg, anyJson), kid: fc.oneof(fc.constant(kid), anyJson), jwk: anyJson, x5c: anyJson },
      { requiredKeys: ["alg"] },
    );
    await fc.assert(
      fc.asyncProperty(headers, fc.constantFrom(signature, "", "AAAA"), (changed, signed) =>
        isRefused([encode(changed), claims, signed].join(".")),
      ),
      { numRuns: 300 },
    );
  });

  it("is refused when it is signed rightly and says absurd things", async () => {
    const claims = fc.dictionary(
      fc.constantFrom("sub", "aud", "azp", "iat", "exp", "nbf", "amr", "https://aws.amazon.com/source_identity"),
      anyJson,
      { minKeys: 1 },
    );
    await fc.assert(
      fc.asyncProperty(claims, async (changed) => {
        const reply = await exchange(
          cloud,
          await mint(cloud, { expiresIn: 3600, claims: changed as Record<string, never> }),
        );
        // Some of it is harmless; nothing of it may break the cloud, or be refused in words that STS does not have.
        if (reply.status === 200) expect(changed["sub"] ?? null).toBeNull();
        else expect(REFUSALS).toContain(reply.code);
      }),
      { numRuns: 200 },
    );
  });

  it("is refused nested deeply, or as large as it may be", async () => {
    await isRefused(`${encode({ alg: "RS256" })}.${Buffer.from("[".repeat(7000)).toString("base64url")}.AAAA`);
    await isRefused(`${encode({ alg: "RS256" })}.${encode({ a: "x".repeat(14_000) })}.AAAA`);
    await isRefused("x".repeat(20_001));
  });

  it("did the cloud no harm", async () => {
    expect(await exchange(cloud, token)).toMatchObject({ status: 200 });
    expect(await send(cloud.endpoint, { path: "/_rolecall/health" })).toMatchObject({ status: 200 });
  });
});

function claimsOf(): object {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as object;
}
