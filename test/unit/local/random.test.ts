import { describe, expect, it } from "vitest";

import { randomBytes, randomUuid } from "../../../src/local/random.ts";

describe("what is drawn at random", () => {
  it("is given once, in the size that was asked for", () => {
    const sizes = [1, 12, 30, 40_000, 16 * 1024, 7, 3];
    expect(sizes.map((size) => randomBytes(size).length)).toEqual(sizes);
    const drawn = Array.from({ length: 3000 }, () => randomBytes(12).toString("hex"));
    expect(new Set(drawn).size).toBe(drawn.length);
  });

  it("makes UUIDs of version 4, all of them different", () => {
    const ids = Array.from({ length: 3000 }, randomUuid);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(ids).size).toBe(ids.length);
    // Every place takes every digit that it may.
    const digits = (at: number): number => new Set(ids.map((id) => id[at])).size;
    expect(Array.from({ length: 36 }, (_, at) => digits(at))).toEqual(
      Array.from({ length: 36 }, (_, at) => ([8, 13, 14, 18, 23].includes(at) ? 1 : at === 19 ? 4 : 16)),
    );
  });
});
