import { inflateSync } from "node:zlib";

import { encode } from "uqr";
import { describe, expect, it } from "vitest";

import { renderPng } from "../../../src/local/png.ts";

const LINK = "otpauth://totp/phone@123456789012?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/** A matrix as text, a line for each row. */
function asText(rows: readonly (readonly boolean[])[]): string {
  return rows.map((row) => row.map((dark) => (dark ? "#" : ".")).join("")).join("\n");
}

/** Reads back the squares of a picture that {@link renderPng} made, margin included. */
function readPng(picture: Buffer, scale: number): readonly (readonly boolean[])[] {
  expect(picture.subarray(1, 4).toString()).toBe("PNG");
  const width = picture.readUInt32BE(16);
  expect([picture.readUInt32BE(20), picture[24], picture[25]]).toEqual([width, 8, 0]);
  const at = picture.indexOf("IDAT");
  const lines = inflateSync(picture.subarray(at + 4, at + 4 + picture.readUInt32BE(at - 4)));
  return Array.from({ length: width / scale }, (_, y) =>
    Array.from({ length: width / scale }, (__, x) => lines[y * scale * (width + 1) + 1 + x * scale] === 0),
  );
}

describe("a picture", () => {
  it("has every square, and four white ones around", () => {
    const rows = encode(LINK, { border: 0 }).data;
    const read = readPng(renderPng(rows, 3), 3);
    expect(read).toHaveLength(rows.length + 8);
    expect(asText(read.slice(4, -4).map((row) => row.slice(4, -4)))).toBe(asText(rows));
    expect(read.slice(0, 4).flat().some(Boolean) || read.some((row) => row.slice(-4).some(Boolean))).toBe(false);
  });
});
