import { randomBytes as draw } from "node:crypto";

// Drawing costs some microseconds however little is drawn.
const DRAWN = 4096;
let drawn = Buffer.alloc(0);

/** Random bytes for keys and nonces; each is given once. */
export function randomBytes(size: number): Buffer {
  if (drawn.length < size) drawn = draw(Math.max(DRAWN, size));
  const bytes = drawn.subarray(0, size);
  drawn = drawn.subarray(size);
  return bytes;
}
