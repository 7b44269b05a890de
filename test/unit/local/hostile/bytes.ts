import { base64url, type Forgery, goodClaims, signed, signParts, type Workshop } from "./forge.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BLANKS = [" ", "\t", "\n", "\r\n", "\0", "\u00a0", "\u2028", "%20", "+", "/", "="];

/** A good token whose text was changed. */
export function* mangledTexts(workshop: Workshop): Generator<Forgery> {
  const token = signed(workshop, goodClaims(workshop));
  const [header = "", payload = "", signature = ""] = token.split(".");
  for (let at = 0; at < token.length; at += 2) {
    const place = ALPHABET.indexOf(token[at] ?? "");
    const other = place < 0 ? "A" : (ALPHABET[(place + 1 + (at % 62)) % 64] ?? "A");
    yield { what: `character ${at} changed`, token: token.slice(0, at) + other + token.slice(at + 1) };
  }
  for (let length = 0; length < signature.length; length += 2) {
    yield { what: `signature of ${length} characters`, token: `${header}.${payload}.${signature.slice(0, length)}` };
  }
  for (let length = 4; length < header.length + payload.length; length += 5) {
    yield { what: `cut to ${length} characters`, token: token.slice(0, length) };
  }
  for (const blank of BLANKS) {
    for (const at of [0, 5, header.length, header.length + 1, header.length + 9, token.length - 9, token.length]) {
      yield { what: `${JSON.stringify(blank)} at ${at}`, token: token.slice(0, at) + blank + token.slice(at) };
    }
  }
  yield* reencoded(header, payload, signature);
  const shapes = ["..", "...", "a.b.c", ".".repeat(5000), `.${payload}.${signature}`, `${header}..${signature}`];
  for (const shape of shapes) yield { what: `the shape ${shape.slice(0, 20)}`, token: `${shape}    `.slice(0, 20_000) };
  for (const shape of [`${token}.`, `.${token}`, `${token}.${signature}`, `${token}${token}`, `Bearer ${token}`]) {
    yield { what: "too many parts", token: shape };
  }
  yield { what: "parts in another order", token: `${payload}.${header}.${signature}` };
  yield { what: "encoded once more", token: base64url(token) };
  yield { what: "JSON serialisation", token: JSON.stringify({ protected: header, payload, signature }) };
  yield { what: "more than 20000 characters", token: `${token}${"A".repeat(20_000)}` };
}

function* reencoded(header: string, payload: string, signature: string): Generator<Forgery> {
  const standard = (part: string): string => part.replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Buffer.from(signature, "base64url");
  const parts: readonly (readonly [string, readonly [string, string, string]])[] = [
    ["base64 with padding", [pad(standard(header)), pad(standard(payload)), pad(standard(signature))]],
    ["base64 in the signature", [header, payload, pad(standard(signature))]],
    ["padding behind the header", [`${header}==`, payload, signature]],
    ["padding behind the payload", [header, `${payload}=`, signature]],
    ["padding behind the signature", [header, payload, `${signature}==`]],
    ["a signature in hexadecimal", [header, payload, bytes.toString("hex")]],
    ["a signature encoded twice", [header, payload, base64url(signature)]],
    ["a signature with a zero before", [header, payload, base64url(Buffer.concat([Buffer.from([0]), bytes]))]],
    ["a signature with a zero behind", [header, payload, base64url(Buffer.concat([bytes, Buffer.from([0])]))]],
    ["a signature of zeros", [header, payload, base64url(Buffer.alloc(256))]],
    ["a signature of ones", [header, payload, base64url(Buffer.alloc(256, 255))]],
    ["a signature of one", [header, payload, base64url(Buffer.concat([Buffer.alloc(255), Buffer.from([1])]))]],
    ["a signature backwards", [header, payload, base64url(Uint8Array.from(bytes).toReversed())]],
  ];
  for (const [what, three] of parts) yield { what, token: three.join(".") };
  // The last character of 256 bytes carries four bits that mean nothing.
  const last = ALPHABET.indexOf(signature.at(-1) ?? "");
  for (let bits = 1; bits < 16; bits++) {
    const twin = ALPHABET[(last & ~15) | ((last + bits) & 15)] ?? "";
    yield { what: `trailing bits ${bits}`, token: `${header}.${payload}.${signature.slice(0, -1)}${twin}` };
  }
}

function pad(text: string): string {
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}

/** Payloads that are not JSON, or not UTF-8, under a good signature. */
export function* brokenDocuments(workshop: Workshop): Generator<Forgery> {
  const good = JSON.stringify(goodClaims(workshop));
  const { issuer } = workshop;
  const header = base64url(JSON.stringify({ alg: "RS256", kid: issuer.rsa.kid }));
  const sign = (payload: string | Uint8Array): string => signParts(header, base64url(payload), issuer.rsa.privateKey);
  const texts = [
    ["", " ", "null", "[]", "1", '"text"', "{", "}", "{}", "[{}]", `[${good}]`, `${good}${good}`, `${good},`],
    [`${good}x`, `\ufeff${good}`, `/* */${good}`, good.replaceAll('"', "'"), good.replace("}", ",}")],
    [good.replace("{", '{"n":NaN,'), good.replace("{", '{"n":0x10,'), good.replace("{", '{"n":01,')],
    [good.replace("{", '{"n":+1,'), good.replace("{", '{"n":Infinity,'), good.replace("{", '{"n":"\t",')],
    [good.replace("{", '{"n":"\0",'), good.replace("{", '{"n":"\\x41",'), good.replace("{", "{n:1,")],
    ["[".repeat(14_000)],
    [`{"a":${"[".repeat(10_000)}`],
  ].flat();
  for (const text of texts) yield { what: `the document ${JSON.stringify(text.slice(0, 30))}`, token: sign(text) };
  yield { what: "UTF-16", token: sign(Buffer.from(good, "utf16le")) };
  for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xc3]]) {
    const cut = good.indexOf(":") + 2;
    const bad = Buffer.concat([Buffer.from(good.slice(0, cut)), Buffer.from(bytes), Buffer.from(good.slice(cut))]);
    yield { what: `bytes ${Buffer.from(bytes).toString("hex")}`, token: sign(bad) };
  }
}
