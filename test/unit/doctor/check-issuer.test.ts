import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { SignatureState } from "../../../src/core/decide.ts";
import { parseToken, type Json, type Token } from "../../../src/core/token.ts";
import { checkIssuer, type IssuerNetwork, isPrivate } from "../../../src/doctor/check-issuer.ts";
import type { Finding } from "../../../src/doctor/finding.ts";
import { claims } from "../core/example.ts";

const ISSUER = "https://gitlab.example.com";
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

function signed(kid = "k1", key: KeyObject = privateKey): Token {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = `${encode({ alg: "RS256", kid })}.${encode(claims({ iss: ISSUER }))}`;
  return parseToken(`${head}.${sign("sha256", Buffer.from(head), key).toString("base64url")}`, "the test");
}

const JWK = publicKey.export({ format: "jwk" }) as unknown as { readonly [name: string]: Json };
const KEYS: Json = { keys: [{ ...JWK, kid: "k1", use: "sig" }] };
const DOCUMENT: Json = { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` };

/** An issuer as the outside shows it, all well but for what is told. */
function outside({
  document = DOCUMENT,
  keys = KEYS,
  ...more
}: Partial<IssuerNetwork> & { document?: Json; keys?: Json } = {}): IssuerNetwork {
  return {
    getJson: (url) => Promise.resolve(url.pathname === "/jwks" ? keys : document),
    lookup: () => Promise.resolve(["203.0.113.7"]),
    certificateProblem: () => Promise.resolve(null),
    chainFindings: () => Promise.resolve([]),
    isProxied: () => false,
    ...more,
  };
}

const notGood = (findings: readonly Finding[]) =>
  findings.filter(({ state }) => state !== "good").map(({ state, failure }) => `${state} ${failure ?? ""}`);

describe("an issuer", () => {
  it("is good when its documents are its own and its key made the signature", async () => {
    const { findings, signature } = await checkIssuer(signed(), { network: outside() });
    expect(signature).toBe("valid");
    expect(notGood(findings)).toEqual([]);
    expect(findings.map(({ says }) => says)).toContain("the signature is good (key k1)");
  });

  const refused = { getJson: () => Promise.reject(new Error("connect ECONNREFUSED")) };
  const noKid: Json = {
    keys: [
      { ...JWK, use: "sig" },
      { ...JWK, kid: "k1", use: "sig" },
    ],
  };
  const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const untrusted = { code: "DEPTH_ZERO_SELF_SIGNED_CERT", message: "self-signed certificate" };
  it.each<[string, string, SignatureState, Token, IssuerNetwork]>([
    ["bad F46", "does not answer", "unchecked", signed(), outside(refused)],
    [
      "bad F46",
      "is at a private address",
      "unreachable",
      signed(),
      outside({ lookup: () => Promise.resolve(["10.1.2.3"]) }),
    ],
    [
      // Of a laptop without a network that is no wonder.
      "bad F46",
      "has no address",
      "unchecked",
      signed(),
      outside({
        getJson: () => expect.fail("nobody is to be asked"),
        lookup: () => Promise.reject(new Error("ENOTFOUND")),
      }),
    ],
    [
      "bad F47",
      "publishes another's document",
      "unreachable",
      signed(),
      outside({ document: { ...DOCUMENT, issuer: "https://gitlab.internal" } }),
    ],
    ["bad F47", "names no keys", "unreachable", signed(), outside({ document: { issuer: ISSUER } })],
    ["bad F48", "lacks the token's key", "unknown-key", signed("k2"), outside()],
    ["bad F48", "has another key of that name", "invalid", signed("k1", other), outside()],
    ["warning F49", "has a key without kid", "valid", signed(), outside({ keys: noKid })],
    ["warning F49, bad F49", "has the token's key without kid", "unknown-key", signed("k2"), outside({ keys: noKid })],
    [
      "bad F51",
      "has a certificate of nobody's",
      "unchecked",
      signed(),
      outside({ getJson: () => Promise.reject(Object.assign(new Error(untrusted.message), untrusted)) }),
    ],
    [
      "warning F51",
      "has a certificate that is not trusted",
      "valid",
      signed(),
      outside({ certificateProblem: () => Promise.resolve("UNABLE_TO_VERIFY_LEAF_SIGNATURE") }),
    ],
    [
      "unknown ",
      "is asked through a proxy, whose names are not ours",
      "valid",
      signed(),
      outside({ isProxied: () => true, lookup: () => expect.fail("nobody is to be looked up") }),
    ],
  ])("is %s when it %s, and the signature %s", async (found, _, state, token, network) => {
    const { findings, signature } = await checkIssuer(token, { network });
    expect(notGood(findings).join(", ")).toBe(found);
    expect(signature).toBe(state);
  });

  it("that a local AWS cannot have from this machine, nobody gives it", async () => {
    const discovery = new URL("http://127.0.0.1:4580/d");
    const { signature } = await checkIssuer(signed(), { network: outside(refused), discovery, isLocal: true });
    expect(signature).toBe("unreachable");
  });

  it("is asked where the local AWS plays it, whose address is none of the internet's", async () => {
    const asked: string[] = [];
    const network = outside({
      getJson: (url) => {
        asked.push(url.href);
        return Promise.resolve(
          url.pathname.endsWith("/jwks") ? KEYS : { issuer: ISSUER, jwks_uri: "http://127.0.0.1:4580/jwks" },
        );
      },
      lookup: () => expect.fail("nobody is to be looked up"),
    });
    const discovery = new URL("http://127.0.0.1:4580/d");
    expect(notGood((await checkIssuer(signed(), { network, discovery, isLocal: true })).findings)).toEqual([]);
    expect(asked).toEqual(["http://127.0.0.1:4580/d", "http://127.0.0.1:4580/jwks"]);
  });
});

describe("an address", () => {
  it.each([
    "10.0.0.1",
    "127.0.0.1",
    "172.16.0.1",
    "172.31.255.1",
    "192.168.1.1",
    "169.254.1.1",
    "100.64.0.1",
    "::1",
    "fd00::1",
    "fe80::1",
    "::ffff:10.0.0.1",
  ])("%s is private", (address) => expect(isPrivate(address)).toBe(true));
  it.each(["8.8.8.8", "172.32.0.1", "192.169.0.1", "100.128.0.1", "2606:4700::1", "11.0.0.1"])(
    "%s is public",
    (address) => expect(isPrivate(address)).toBe(false),
  );
});
