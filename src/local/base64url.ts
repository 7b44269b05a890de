import { isAscii } from "node:buffer";

import type { Base64UrlDecoder } from "../core/token.ts";

// Longer than what any claims take: a token has 20,000 characters at most.
const room = Buffer.alloc(16 * 1024);

/**
 * Decodes a part of a token, always into the same room, since to make a Buffer costs more than to decode. Node skips
 * what is not base64url, and what it skips makes the result shorter; the old alphabet and, of a character beyond ASCII,
 * the low byte it takes for letters, so these are looked for.
 */
export const decodeBase64Url: Base64UrlDecoder = (text) => {
  const isForeign = text.includes("+") || text.includes("/") || Buffer.byteLength(text) !== text.length;
  if (isForeign || text.length % 4 === 1) return null;
  const expected = Math.floor((text.length * 3) / 4);
  const bytes = expected <= room.length ? room : Buffer.alloc(expected);
  const length = bytes.write(text, "base64url");
  if (length !== expected) return null;
  const part = bytes.subarray(0, length);
  return isAscii(part) ? part.toString("latin1") : UTF8.decode(part);
};

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
