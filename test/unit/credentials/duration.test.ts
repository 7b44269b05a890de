import { describe, expect, it } from "vitest";
import { parseDuration } from "../../../src/credentials/duration.ts";

describe("a session's duration", () => {
  it.each([
    ["900", 900],
    ["900s", 900],
    ["15m", 900],
    ["1h", 3600],
    ["90m", 5400],
    ["12h", 43_200],
    ["43200", 43_200],
    ["0900", 900],
    ["1h30m", 5400],
  ])("%s is %i s", (text, seconds) => {
    expect(parseDuration(text, "--duration")).toBe(seconds);
  });

  it.each([
    "",
    "899",
    "14m",
    "43201",
    "13h",
    "1d",
    "1.5h",
    "1m30",
    "30m1h",
    "-900",
    "1e3",
    "15 m",
    "15M",
    "900\n",
    "9999999",
    "0x384",
  ])("is not %j, and the bounds are told", (text) => {
    expect(() => parseDuration(text, "--duration")).toThrowWithCode(
      "usage",
      `--duration is not a session duration: expected 15m to 12h (900 to 43200 seconds), got ${JSON.stringify(text)}`,
    );
  });
});
