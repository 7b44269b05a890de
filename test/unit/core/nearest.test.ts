import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearest } from "../../../src/core/nearest.ts";

const COMMANDS = ["exec", "creds", "login", "logout", "whoami", "token show", "token get", "try", "up"];

describe("what was probably meant", () => {
  it.each([
    ["exce", "exec"],
    ["cred", "creds"],
    ["loginn", "login"],
    ["LOGIN", "login"],
    ["whomai", "whoami"],
    ["token shwo", "token show"],
    ["tyr", "try"],
    ["ip", "up"],
  ])("by %s is %s", (typed, meant) => {
    expect(nearest(typed, COMMANDS)).toBe(meant);
  });

  it.each(["", "deploy", "terraform", "x".repeat(65)])("by %j is nothing here", (typed) => {
    expect(nearest(typed, COMMANDS)).toBeNull();
  });

  it("is nothing among no candidates", () => {
    expect(nearest("exec", [])).toBeNull();
  });

  it("is a candidate itself, when it is typed right", () => {
    fc.assert(
      fc.property(fc.constantFrom(...COMMANDS), (command) => {
        expect(nearest(command, COMMANDS)).toBe(command);
      }),
    );
  });

  it("survives one letter dropped, doubled, changed or swapped", () => {
    const words = fc.stringMatching(/^[a-z]{4,12}$/);
    const slip = fc.constantFrom("drop", "double", "change", "swap");
    fc.assert(
      fc.property(words, slip, fc.nat(), (word, how, where) => {
        const at = where % (word.length - 1);
        const [head, letter, rest] = [word.slice(0, at), word[at] ?? "", word.slice(at + 1)];
        const typed = {
          drop: head + rest,
          double: head + letter + letter + rest,
          change: `${head}-${rest}`,
          swap: head + (rest[0] ?? "") + letter + rest.slice(1),
        }[how];
        expect(nearest(typed, [word, "0123456789012345678901234567890"])).toBe(word);
      }),
    );
  });

  it("takes no time worth mentioning for a text that is no typing mistake", () => {
    const began = performance.now();
    expect(nearest("x".repeat(1_000_000), COMMANDS)).toBeNull();
    expect(performance.now() - began).toBeLessThan(500);
  });
});
