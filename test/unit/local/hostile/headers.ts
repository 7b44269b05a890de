import { generateKeyPairSync, sign } from "node:crypto";

import {
  base64url,
  type Forgery,
  goodClaims,
  signed,
  signHmac,
  SIGNERS,
  type SignerName,
  signParts,
  type Workshop,
} from "./forge.ts";
import { DISGUISES, ODD_VALUES } from "./values.ts";

const ALGORITHMS = [
  "none",
  "None",
  "NONE",
  "nOnE",
  "",
  " ",
  "RS256",
  "rs256",
  "RS256 ",
  "RS256\0",
  "RS1",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES256K",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
  "Ed448",
  "HS256",
  "HS384",
  "HS512",
  "HS1",
  "A128KW",
  "dir",
  "RSA-OAEP",
  "__proto__",
  "constructor",
  "toString",
];

const encode = (value: unknown): string => base64url(JSON.stringify(value));

/** The wrong algorithm, the wrong key, or both. */
export function* confusedAlgorithms(workshop: Workshop): Generator<Forgery> {
  const payload = encode(goodClaims(workshop));
  const { issuer } = workshop;
  const [, , signature = ""] = signed(workshop, goodClaims(workshop)).split(".");
  for (const alg of ALGORITHMS) {
    for (const kid of [issuer.rsa.kid, issuer.ec.kid, undefined]) {
      const header = encode({ alg, kid });
      for (const end of ["", "AAAA", signature]) {
        yield { what: `alg ${alg}, kid ${kid}, a signature of ${end.length}`, token: `${header}.${payload}.${end}` };
      }
      for (const signer of Object.keys(SIGNERS) as SignerName[]) {
        const key = signer.startsWith("ES") ? issuer.ec.privateKey : issuer.rsa.privateKey;
        if (signer === "RS256" || alg.startsWith(signer.slice(0, 2)) || /^[RPE]S\d{3}$/.test(alg)) {
          yield { what: `alg ${alg}, kid ${kid}, made as ${signer}`, token: signParts(header, payload, key, signer) };
        }
      }
    }
  }
  yield* publicSecrets(workshop, payload);
  const { privateKey } = generateKeyPairSync("ed25519");
  const text = `${encode({ alg: "EdDSA", kid: "rsa-1" })}.${payload}`;
  yield { what: "EdDSA", token: `${text}.${base64url(sign(null, Buffer.from(text), privateKey))}` };
}

function* publicSecrets({ issuer }: Workshop, payload: string): Generator<Forgery> {
  for (const { kid, publicKey } of [issuer.rsa, issuer.ec]) {
    const secrets: readonly (readonly [string, string | Buffer])[] = [
      ["PEM", publicKey.export({ type: "spki", format: "pem" })],
      ["PEM without its last line feed", publicKey.export({ type: "spki", format: "pem" }).toString().trimEnd()],
      ["DER", publicKey.export({ type: "spki", format: "der" })],
      ["JWK", JSON.stringify(publicKey.export({ format: "jwk" }))],
      ["kid", kid],
      ["nothing", ""],
    ];
    for (const [name, secret] of secrets) {
      for (const [alg, hash] of [
        ["HS256", "sha256"],
        ["HS384", "sha384"],
        ["HS512", "sha512"],
        ["RS256", "sha256"],
      ] as const) {
        const token = signHmac(encode({ alg, kid }), payload, hash, secret);
        yield { what: `${alg} with the public ${name} of ${kid} as its secret`, token };
      }
    }
  }
}

/** A header that brings its own key, or names another. */
export function* confusedKeys(workshop: Workshop): Generator<Forgery> {
  const { issuer, other, thief } = workshop;
  const payload = encode(goodClaims(workshop));
  const thiefs = { ...thief.rsa.publicKey.export({ format: "jwk" }), kid: "thief" };
  const injected: readonly Readonly<Record<string, unknown>>[] = [
    {},
    { jwk: thiefs },
    { jku: `${thief.url}/jwks` },
    { x5u: `${thief.url}/cert` },
    { x5c: [thief.rsa.publicKey.export({ type: "spki", format: "der" }).toString("base64")] },
    { x5t: "AAAA", "x5t#S256": "AAAA" },
    { jwk: thiefs, jku: `${thief.url}/jwks`, iss: thief.url },
  ];
  for (const more of injected) {
    for (const kid of [issuer.rsa.kid, issuer.ec.kid, "thief", "", undefined]) {
      const header = encode({ alg: "RS256", kid, ...more });
      const names = Object.keys(more).join();
      for (const [whose, key] of [
        ["a thief's", thief.rsa.privateKey],
        ["another issuer's", other.rsa.privateKey],
        ["the issuer's", issuer.rsa.privateKey],
      ] as const) {
        yield { what: `${whose} key, kid ${kid}, ${names}`, token: signParts(header, payload, key) };
      }
      const es = encode({ alg: "ES256", kid, ...more });
      const token = signParts(es, payload, thief.ec.privateKey, "ES256");
      yield { what: `a thief's EC key, kid ${kid}, ${names}`, token };
    }
  }
  for (const iss of [issuer.url, other.url, thief.url, `${issuer.url}/`, issuer.url.replace("http", "HTTP")]) {
    for (const { rsa } of [issuer, other, thief]) {
      const header = encode({ alg: "RS256", kid: rsa.kid });
      const claims = encode({ ...goodClaims(workshop), iss });
      yield { what: `iss ${iss} signed by another`, token: signParts(header, claims, rsa.privateKey) };
    }
  }
}

const PARAMETERS = ["alg", "kid", "typ", "cty", "crit", "b64", "zip", "enc", "jwk", "jku", "x5c", "x5u"];

/** Every parameter with a value of every kind, under the issuer's own signature. */
export function* oddHeaders(workshop: Workshop): Generator<Forgery> {
  const claims = goodClaims(workshop);
  const { kid } = workshop.issuer.rsa;
  for (const name of PARAMETERS) {
    for (const value of ODD_VALUES) {
      const rest = JSON.stringify({ alg: "RS256", kid, [name]: undefined });
      const header = rest.replace("{", `{"${name}":${value}${rest === "{}" ? "" : ","}`);
      yield { what: `${name}: ${value.slice(0, 30)}`, token: signed(workshop, claims, header) };
    }
  }
  for (const [how, change] of DISGUISES) {
    const token = signed(workshop, claims, { alg: "RS256", kid: change(kid) });
    yield { what: `kid with ${how}`, token };
  }
  for (const odd of [
    "../rsa-1",
    "./rsa-1",
    "/dev/null",
    "file:///dev/null",
    "rsa-1,ec-1",
    "__proto__",
    "constructor",
  ]) {
    yield { what: `kid ${odd}`, token: signed(workshop, claims, { alg: "RS256", kid: odd }) };
  }
  const twice = (first: string, last: string): string => `{"alg":"RS256",${first},${last}}`;
  yield { what: "kid twice, the last good", token: signed(workshop, claims, twice('"kid":"x"', `"kid":"${kid}"`)) };
  yield { what: "kid twice, the last bad", token: signed(workshop, claims, twice(`"kid":"${kid}"`, '"kid":"x"')) };
  for (const alg of ["none", "HS256"]) {
    const header = `{"alg":"RS256","kid":"${kid}","alg":"${alg}"}`;
    yield { what: `alg twice, ${alg} last`, token: signed(workshop, claims, header) };
    const [text = ""] = [header].map((one) => `${base64url(one)}.${encode(claims)}`);
    yield { what: `alg twice, ${alg} last, unsigned`, token: `${text}.` };
  }
}
