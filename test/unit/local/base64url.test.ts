import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readToken } from "../../../src/core/token.ts";
import { decodeBase64Url } from "../../../src/local/base64url.ts";

// Nearly base64url: the old alphabet, padding, white space, and letters whose low byte is one of base64url's.
const NEARLY = [..."AZaz09-_".split(""), "+", "/", "=", ".", " ", "\n", "\0", "é", "Ł", "ŭ", "😀"];
const unit = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(..."ABCDwxyz0189-_".split("")) },
  fc.constantFrom(...NEARLY),
);

/** The text that core reads out of a part, with what every platform has; null when it reads none. */
function inCore(part: string): unknown {
  const reading = readToken(`eyJhbGciOiJub25lIn0.${part}.`);
  return reading.kind === "token" ? reading.token.claims : null;
}

function here(part: string): unknown {
  const reading = readToken(`eyJhbGciOiJub25lIn0.${part}.`, decodeBase64Url);
  return reading.kind === "token" ? reading.token.claims : null;
}

describe("a part of a token", () => {
  it("is base64url when nothing else is in it", () => {
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 40 }), (part) => {
        const isBase64Url = /^[A-Za-z0-9_-]*$/.test(part) && part.length % 4 !== 1;
        const bytes = Buffer.from(part, "base64url");
        if (!isBase64Url) expect(decodeBase64Url(part)).toBeNull();
        else if (bytes.every((byte) => byte < 0x80)) expect(decodeBase64Url(part)).toBe(bytes.toString("latin1"));
      }),
      { numRuns: 5000 },
    );
  });

  it("is read as core reads it, whatever it says", () => {
    const json = fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue({ maxDepth: 2 }));
    fc.assert(
      fc.property(json, fc.nat(), (claims, at) => {
        const part = Buffer.from(JSON.stringify(claims)).toString("base64url");
        expect(here(part)).toEqual(inCore(part));
        expect(here(part)).toEqual(JSON.parse(JSON.stringify(claims)));
        const cut = part.slice(0, at % (part.length + 1));
        expect(here(cut)).toEqual(inCore(cut));
      }),
    );
  });

  it("is refused when it is not UTF-8, and keeps a byte order mark", () => {
    const part = (...bytes: number[]): string =>
      Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')]).toString("base64url");
    for (const bytes of [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]]) {
      expect(here(part(...bytes)), bytes.join()).toBeNull();
    }
    expect(here(part(0xc3, 0xa9))).toEqual({ a: "é" });
    expect(here(part(0xef, 0xbb, 0xbf))).toEqual({ a: "\ufeff" });
  });

  it("may be longer than the room that is kept for it, and leaves nothing to the next", () => {
    const long = { text: "x".repeat(20_000) };
    const short = { a: 1 };
    const encode = (claims: object): string => Buffer.from(JSON.stringify(claims)).toString("base64url");
    expect([here(encode(long)), here(encode(short)), here(encode(long))]).toEqual([long, short, long]);
  });
});
