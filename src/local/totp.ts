import { createHmac, timingSafeEqual } from "node:crypto";

/** Time-based one-time codes as AWS's virtual MFA devices have them: SHA-1, six digits, 30 s. Source: RFC 6238. */

const STEP = 30_000;

/** The step of a moment. `now`: milliseconds since 1970. */
export function stepOf(now: number): number {
  return Math.floor(now / STEP);
}

/** The code of a step. `seed`: base32. */
export function codeOf(seed: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac("sha1", decodeBase32(seed)).update(counter).digest();
  const at = (digest[19] ?? 0) & 0xf;
  return String((digest.readUInt32BE(at) & 0x7fff_ffff) % 1_000_000).padStart(6, "0");
}

/** The step, of those from `from` to `to`, that a code is of; null when there is none. */
export function findStep(seed: string, code: string, from: number, to: number): number | null {
  for (let step = from; step <= to; step += 1) if (isSame(codeOf(seed, step), code)) return step;
  return null;
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function decodeBase32(text: string): Buffer {
  const bits = Array.from(text, (one) => BASE32.indexOf(one).toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
