import { randomBytes as draw } from "node:crypto";

// Drawing costs some microseconds however little is drawn.
const DRAWN = 16 * 1024;
let drawn = Buffer.alloc(0);
let given = 0;

/** Random bytes for keys and nonces; each is given once. */
export function randomBytes(size: number): Buffer {
  if (drawn.length - given < size) {
    drawn = draw(Math.max(DRAWN, size));
    given = 0;
  }
  const bytes = drawn.subarray(given, given + size);
  given += size;
  return bytes;
}

const uuid = Buffer.from("00000000-0000-4000-8000-000000000000");
const HEX = Buffer.from("0123456789abcdef");

/**
 * A UUID of version 4, as `crypto.randomUUID` makes them; that one is a rope of twenty strings, which the collector
 * carries about for as long as an id is kept.
 */
export function randomUuid(): string {
  const bytes = randomBytes(16);
  bytes[6] = (byteAt(bytes, 6) & 0x0f) | 0x40;
  bytes[8] = (byteAt(bytes, 8) & 0x3f) | 0x80;
  for (let from = 0, to = 0; from < 16; from++, to += 2) {
    if (to === 8 || to === 13 || to === 18 || to === 23) to++;
    uuid[to] = byteAt(HEX, byteAt(bytes, from) >> 4);
    uuid[to + 1] = byteAt(HEX, byteAt(bytes, from) & 15);
  }
  return uuid.toString("latin1");
}

function byteAt(bytes: Buffer, at: number): number {
  return bytes[at] ?? 0;
}
