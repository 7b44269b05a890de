import { createHmac, generateKeyPairSync, type JsonWebKey, sign as signBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, describe, expect, it } from "vitest";

import { isObject, type Json, parseToken, type Token } from "../../../src/core/token.ts";
import { createKeyFinder } from "../../../src/wire/discovery.ts";
import { type KeySet, readKeySet } from "../../../src/wire/jwks.ts";
import { checkSignature, checkTokenSignature } from "../../../src/wire/oidc.ts";

// Project Wycheproof (Apache-2.0); see ../shared/vectors/README.md. Never part of this repository.
const VECTORS = join(import.meta.dirname, "../../../../shared/vectors/jws");

interface Group {
  readonly public?: Json;
  readonly tests: readonly {
    readonly tcId: number;
    readonly comment: string;
    readonly jws: string;
    readonly result: string;
  }[];
}

function groupsOf(file: string): readonly Group[] {
  const path = join(VECTORS, file);
  if (!existsSync(path)) return [];
  return (JSON.parse(readFileSync(path, "utf8")) as { testGroups: readonly Group[] }).testGroups;
}

function keysOf(document: Json): KeySet {
  const reading = readKeySet(document);
  return reading.kind === "keys" ? reading.keys : { byId: new Map() };
}

function part(value: Json): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** Verifies a compact JWS as this project would; a header that is no JSON object is refused before, by core. */
function accepts(jws: string, keys: KeySet): boolean {
  try {
    const parts = jws.split(".");
    const header = JSON.parse(Buffer.from(parts[0] ?? "", "base64url").toString()) as Json;
    if (parts.length !== 3 || !isObject(header) || typeof header["alg"] !== "string") return false;
    return checkSignature(jws, header as Token["header"], keys) === null;
  } catch {
    return false;
  }
}

/**
 * Where AWS's rules decide otherwise than Wycheproof. Every other case of RS and ES is decided alike;
 * of other algorithms (HS, PS) STS takes none, so every case of them must be refused.
 */
const DECIDED_OTHERWISE: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  "json_web_signature_test.json": {
    // Valid there, refused by AWS.
    349: "AWS refuses a JWK that has key_ops, even [verify]",
    351: "AWS refuses a JWK that has key_ops, even [verify]",
    // Invalid there, accepted by AWS.
    332: "AWS does not compare the JWK's alg: PS256 there, RS256 in the token",
    334: "AWS does not compare the JWK's alg: PS384 there, RS384 in the token",
    336: "AWS does not compare the JWK's alg: PS512 there, RS512 in the token",
  },
  "json_web_key_test.json": {
    // Invalid there, accepted by AWS.
    7: "AWS is not known to look for the ROCA weakness; whether a key is weak is the issuer's to say",
    8: "AWS accepts RSA keys from 1024 bits on",
    9: "AWS is not known to look at the public exponent",
    19: "AWS does not compare the JWK's alg",
    20: "AWS does not compare the JWK's alg",
  },
};

describe.skipIf(!existsSync(VECTORS))("the Wycheproof vectors", () => {
  const inScope = /^(RS|ES)(256|384|512)$/;

  for (const file of Object.keys(DECIDED_OTHERWISE)) {
    const otherwise = DECIDED_OTHERWISE[file] ?? {};
    for (const group of groupsOf(file)) {
      const document = group.public;
      // Groups without a public key are of MACs, which STS never takes: nothing of them may be accepted.
      const keys =
        document === undefined
          ? { byId: new Map<string, never>() }
          : keysOf(isObject(document) && document["keys"] ? document : { keys: [document] });
      for (const { tcId, comment, jws, result } of group.tests) {
        if (typeof jws !== "string") continue;
        const alg = /"alg":"(\w+)"/.exec(Buffer.from(jws.split(".")[0] ?? "", "base64url").toString())?.[1] ?? "";
        const theirs = result === "valid" && inScope.test(alg);
        const why = otherwise[tcId];
        it(`${file} ${tcId}: ${comment}${why ? ` (otherwise: ${why})` : ""}`, () => {
          expect(accepts(jws, keys)).toBe(why === undefined ? theirs : !theirs);
        });
      }
    }
  }
});

if (!existsSync(VECTORS)) console.warn(`jws vectors skipped: ${VECTORS} is not here (it is not part of the project)`);

describe("the keys of an issuer", () => {
  const rsa = { ...generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "jwk" }) } as {
    [name: string]: Json;
  };
  const ec = { ...generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" }) } as {
    [name: string]: Json;
  };
  const ids = (...keys: Json[]): string[] => [...keysOf({ keys }).byId.keys()];

  it("are known by kid; one without is ignored", () => {
    expect(ids({ ...rsa, kid: "a" }, { ...ec, kid: "b" }, rsa, { ...rsa, kid: "" })).toEqual(["a", "b"]);
  });

  it("of one kid: the later replaces the earlier, also when it is not usable", () => {
    expect(
      keysOf({
        keys: [
          { ...rsa, kid: "a" },
          { ...ec, kid: "a" },
        ],
      }).byId.get("a")?.asymmetricKeyType,
    ).toBe("ec");
    expect(ids({ ...rsa, kid: "a" }, { ...rsa, kid: "a", use: "enc" })).toEqual([]);
  });

  it("are usable without use or with use sig, and never with key_ops", () => {
    expect(
      ids(
        { ...rsa, kid: "a", use: "sig" },
        { ...rsa, kid: "b", use: "enc" },
        { ...rsa, kid: "c", key_ops: ["verify"] },
      ),
    ).toEqual(["a"]);
  });

  it("are usable whatever alg they name", () => {
    expect(ids({ ...rsa, kid: "a", alg: "ES512" })).toEqual(["a"]);
  });

  it("are refused when a certificate beside them is of another key, or there is nothing but a certificate", () => {
    expect(
      ids({ ...rsa, kid: "a", x5c: ["MIIB"] }, { kty: "RSA", kid: "b", x5c: ["MIIB"] }, { ...rsa, kid: "c", x5c: [] }),
    ).toEqual([]);
  });

  it("are of RSA with 1024 bits or more", () => {
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" }) as {
      [name: string]: Json;
    };
    const weaker = generateKeyPairSync("rsa", { modulusLength: 768 }).publicKey.export({ format: "jwk" }) as {
      [name: string]: Json;
    };
    expect(ids({ ...weak, kid: "a" }, { ...weaker, kid: "b" })).toEqual(["a"]);
  });

  it("are never symmetric", () => {
    expect(ids({ kty: "oct", kid: "a", k: "c2VjcmV0" })).toEqual([]);
  });

  it("are refused altogether when there are more than a hundred of a type", () => {
    const keys = Array.from({ length: 101 }, (_, at) => ({ ...ec, kid: `k${at}` }));
    expect(readKeySet({ keys })).toMatchObject({ kind: "unreachable" });
    expect(readKeySet({ keys: keys.slice(1) })).toMatchObject({ kind: "keys" });
  });

  it("are not what a document without a list of keys has", () => {
    for (const document of [null, [], {}, { keys: {} }])
      expect(readKeySet(document)).toMatchObject({ kind: "unreachable" });
  });
});

interface Issuer {
  readonly url: string;
  readonly requests: string[];
  readonly keys: JsonWebKey[];
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

type Answer = (request: IncomingMessage, response: ServerResponse, issuer: Issuer) => void;

const documents: Answer = ({ url }, response, issuer) => {
  const discovery = { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` };
  response.end(JSON.stringify(url === "/keys" ? { keys: issuer.keys } : discovery));
};

/** An issuer on this machine; `answer` replaces what it serves. */
async function startIssuer(answer: Answer = documents): Promise<Issuer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    answer(request, response, issuer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const issuer: Issuer = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, keys: [] };
  return issuer;
}

async function addKey(
  issuer: Issuer,
  kid: string,
  alg = "RS256",
): Promise<(claims?: Record<string, Json>, header?: Record<string, Json>) => Promise<Token>> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  issuer.keys.push({ ...(await exportJWK(publicKey)), kid });
  return async (claims = {}, header = {}) => {
    const jwt = await new SignJWT({ iss: issuer.url, ...claims })
      .setProtectedHeader({ alg, kid, ...header })
      .sign(privateKey);
    return parseToken(jwt, "test");
  };
}

describe("a token's signature", () => {
  it.each(["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"])(
    "is good when made with %s by a published key",
    async (alg) => {
      const issuer = await startIssuer();
      const sign = await addKey(issuer, "k", alg);
      const check = await checkTokenSignature(await sign(), issuer.url, createKeyFinder({ now: Date.now }));
      expect(check).toMatchObject({ state: "valid" });
    },
  );

  it.each(["PS256", "EdDSA"])("is not taken when made with %s", async (alg) => {
    const issuer = await startIssuer();
    const sign = await addKey(issuer, "k", alg);
    const check = await checkTokenSignature(await sign(), issuer.url, createKeyFinder({ now: Date.now }));
    expect(check).toMatchObject({ state: "unsupported-algorithm" });
    expect(issuer.requests).toEqual([]);
  });

  it("is not taken when the public key was used as the secret of an HMAC", async () => {
    const issuer = await startIssuer();
    const sign = await addKey(issuer, "k");
    const [, claims] = (await sign()).raw.reveal().split(".");
    const signed = `${Buffer.from('{"alg":"HS256","kid":"k"}').toString("base64url")}.${claims}`;
    const mac = createHmac("sha256", JSON.stringify(issuer.keys[0])).update(signed).digest("base64url");
    const check = await checkTokenSignature(
      parseToken(`${signed}.${mac}`, "test"),
      issuer.url,
      createKeyFinder({ now: Date.now }),
    );
    expect(check).toMatchObject({ state: "unsupported-algorithm" });
  });

  it("is bad when any bit of it is flipped, also one that base64url does not use", async () => {
    const issuer = await startIssuer();
    const token = await (await addKey(issuer, "k"))();
    const keys = createKeyFinder({ now: Date.now });
    const jwt = token.raw.reveal();
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const last = alphabet.indexOf(jwt.at(-1) ?? "");
    for (const flipped of [1, 2, 4, 8, 16, 32].map((bit) => jwt.slice(0, -1) + (alphabet[last ^ bit] ?? ""))) {
      expect(await checkTokenSignature(parseToken(flipped, "test"), issuer.url, keys)).toMatchObject({
        state: "invalid",
      });
    }
  });

  it("is bad when another key of the same kid made it", async () => {
    const issuer = await startIssuer();
    await addKey(issuer, "k");
    const forger = { ...issuer, keys: [] };
    const check = await checkTokenSignature(
      await (
        await addKey(forger, "k")
      )(),
      issuer.url,
      createKeyFinder({ now: Date.now }),
    );
    expect(check).toMatchObject({ state: "invalid" });
  });

  it("is not looked at when the header has critical extensions or says that the payload is not encoded", async () => {
    const issuer = await startIssuer();
    const token = await (await addKey(issuer, "k"))();
    for (const header of [
      { ...token.header, crit: ["exp"] },
      { ...token.header, b64: true },
    ]) {
      expect(checkSignature(token.raw.reveal(), header, { byId: new Map() })).toMatchObject({ state: "invalid" });
    }
  });

  it("needs a key of the algorithm's kind and curve", async () => {
    const issuer = await startIssuer();
    await addKey(issuer, "k", "ES384");
    const sign = await addKey({ ...issuer, keys: [] }, "k", "ES256");
    const check = await checkTokenSignature(await sign(), issuer.url, createKeyFinder({ now: Date.now }));
    expect(check).toMatchObject({ state: "unknown-key", reason: "key k is not one for ES256" });
  });

  it("is refused when it is shorter, longer or not less than the modulus", () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const keys: KeySet = { byId: new Map([["k", publicKey]]) };
    const signed = `${part({ alg: "RS256", kid: "k" })}.${part({ sub: "a" })}`;
    const good = signBytes("sha256", Buffer.from(signed), privateKey);
    const check = (signature: Buffer): boolean =>
      checkSignature(`${signed}.${signature.toString("base64url")}`, { alg: "RS256", kid: "k" }, keys) === null;
    expect(check(good)).toBe(true);
    const modulus = BigInt(
      `0x${Buffer.from(publicKey.export({ format: "jwk" }).n ?? "", "base64url").toString("hex")}`,
    );
    const beyond = Buffer.from((BigInt(`0x${good.toString("hex")}`) + modulus).toString(16).padStart(514, "0"), "hex");
    const bad = [good.subarray(1), good.subarray(0, 255), Buffer.concat([Buffer.alloc(1), good])];
    for (const one of [...bad, Buffer.alloc(256), Buffer.alloc(256, 0xff), beyond, beyond.subarray(1)])
      expect(check(one)).toBe(false);
  });

  it("without kid is taken by a lone key only, with an empty kid by none", async () => {
    const issuer = await startIssuer();
    const sign = await addKey(issuer, "k");
    const token = await sign();
    const { kid: _, ...bare } = token.header;
    const nameless = await sign({}, { kid: undefined as unknown as Json });
    expect(nameless.header.kid).toBeUndefined();
    const lone = keysOf({ keys: issuer.keys as Json[] });
    expect(checkSignature(nameless.raw.reveal(), nameless.header, lone)).toBeNull();
    expect(checkSignature(token.raw.reveal(), { ...bare, kid: "" }, lone)).toMatchObject({ state: "unknown-key" });
    await addKey(issuer, "l");
    const two = keysOf({ keys: issuer.keys as Json[] });
    expect(checkSignature(nameless.raw.reveal(), nameless.header, two)).toMatchObject({ state: "unknown-key" });
  });
});

describe("the search for an issuer's keys", () => {
  const clock = { time: 1_000_000 };
  const now = (): number => clock.time;

  it("asks once and keeps what it got for five minutes", async () => {
    const issuer = await startIssuer();
    const token = await (await addKey(issuer, "k"))();
    const find = createKeyFinder({ now });
    for (let times = 0; times < 5; times += 1) await checkTokenSignature(token, issuer.url, find);
    expect(issuer.requests).toEqual(["/.well-known/openid-configuration", "/keys"]);
    clock.time += 5 * 60 * 1000;
    await checkTokenSignature(token, issuer.url, find);
    expect(issuer.requests).toHaveLength(4);
  });

  it("asks again for a kid that it does not know, so that a rotated key works at once", async () => {
    const issuer = await startIssuer();
    await addKey(issuer, "old");
    const find = createKeyFinder({ now });
    await find(issuer.url, false);
    const sign = await addKey(issuer, "new");
    expect(await checkTokenSignature(await sign(), issuer.url, find)).toMatchObject({ state: "valid" });
  });

  it("has one request under way, however many tokens wait for it", async () => {
    const issuer = await startIssuer();
    const token = await (await addKey(issuer, "k"))();
    const find = createKeyFinder({ now });
    const checks = await Promise.all(Array.from({ length: 20 }, () => checkTokenSignature(token, issuer.url, find)));
    expect(checks.every(({ state }) => state === "valid")).toBe(true);
    expect(issuer.requests).toHaveLength(2);
  });

  it("does not become a flood when tokens name random kids", async () => {
    const issuer = await startIssuer();
    const sign = await addKey(issuer, "k");
    const find = createKeyFinder({ now });
    const strangers = await Promise.all(Array.from({ length: 50 }, (_, at) => sign({}, { kid: `x${at}` })));
    for (const token of strangers) await checkTokenSignature(token, issuer.url, find);
    expect(issuer.requests.length).toBeLessThanOrEqual(2 * 12);
    clock.time += 60_000;
    const fresh = await addKey(issuer, "fresh");
    expect(await checkTokenSignature(await fresh(), issuer.url, find)).toMatchObject({ state: "valid" });
  });

  it.each<[string, string, Answer]>([
    ["a redirect", "answered 302", (_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end()],
    ["an error", "answered 500", (_, response) => response.writeHead(500).end("{}")],
    ["a page", "did not answer JSON", (_, response) => response.end("<html>")],
    ["another issuer's name", "names the issuer", (_, response) => response.end('{"issuer":"https://gitlab.com"}')],
    [
      "keys over http from elsewhere",
      "is not https",
      (_, response, { url }) => response.end(JSON.stringify({ issuer: url, jwks_uri: "http://192.0.2.1/keys" })),
    ],
    ["half a megabyte and more", "more than", (_, response) => response.end(" ".repeat(600_000))],
  ])("does not take %s", async (_, reason, answer) => {
    const issuer = await startIssuer(answer);
    const reading = await createKeyFinder({ now })(issuer.url, false);
    expect(reading).toMatchObject({ kind: "unreachable", reason: expect.stringContaining(reason) as string });
  });

  it("gives an issuer that does not answer a moment (five seconds by default), and forgets the failure", async () => {
    const held: ServerResponse[] = [];
    const issuer = await startIssuer((_, response) => held.push(response));
    const find = createKeyFinder({ now, budget: 300 });
    const started = performance.now();
    expect(await find(issuer.url, false)).toMatchObject({
      kind: "unreachable",
      reason: expect.stringContaining("no answer within 0.3 s") as string,
    });
    expect(performance.now() - started).toBeLessThan(3000);
    const second = find(issuer.url, false);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(held).toHaveLength(2);
    held[1]?.writeHead(500).end();
    expect(await second).toMatchObject({ kind: "unreachable" });
  });

  it("never asks over http but on this machine", async () => {
    const asked: string[] = [];
    const find = createKeyFinder({ now, getJson: (url) => (asked.push(url.href), Promise.resolve({})) });
    expect(await find("http://gitlab.example.com", false)).toMatchObject({ kind: "unreachable" });
    expect(asked).toEqual([]);
    await find("https://gitlab.example.com", false);
    expect(asked).toEqual(["https://gitlab.example.com/.well-known/openid-configuration"]);
  });
});
