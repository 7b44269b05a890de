import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { diffTexts, nearestText, type Piece } from "../../../src/console/model/text-diff.ts";

const whole = (pieces: readonly Piece[]): string => pieces.map(({ text }) => text).join("");
const common = (pieces: readonly Piece[]): string[] => pieces.filter(({ same }) => same).map(({ text }) => text);

describe("the difference of two texts", () => {
  it("is what stands between a common beginning and a common end", () => {
    const { wanted, got } = diffTexts("repo:acme/shop:ref:refs/heads/main", "repo:acme/shop:ref:refs/heads/dev");
    expect(wanted).toEqual([
      { text: "repo:acme/shop:ref:refs/heads/", same: true },
      { text: "main", same: false },
    ]);
    expect(got.at(-1)).toEqual({ text: "dev", same: false });
  });

  it("shows one more slash, and nothing else", () => {
    const { got } = diffTexts("https://gitlab.com", "https://gitlab.com/");
    expect(got).toEqual([
      { text: "https://gitlab.com", same: true },
      { text: "/", same: false },
    ]);
  });

  it("loses nothing of either text, and calls the same only what both have", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (left, right) => {
        const { wanted, got } = diffTexts(left, right);
        expect([whole(wanted), whole(got)]).toEqual([left, right]);
        expect(common(wanted).join("\n")).toBe(common(got).join("\n"));
        expect([...wanted, ...got].every(({ same }) => same)).toBe(left === right);
      }),
    );
  });

  it("is taken to the value that is nearest", () => {
    expect(nearestText("acme/shop:dev", ["other/x", "acme/shop:main", "acme/s"])).toBe("acme/shop:main");
    expect(nearestText("x", [])).toBeNull();
  });
});
