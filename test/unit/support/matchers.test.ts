import { describe, expect, test } from "vitest";
import { RolecallError } from "../../../src/core/errors.ts";

function fail(): never {
  throw new RolecallError("config", "expected an ARN, got x");
}

describe("toThrowWithCode", () => {
  test("takes the code, and a part of the message or a pattern for it", () => {
    expect(fail).toThrowWithCode("config");
    expect(fail).toThrowWithCode("config", "expected an ARN");
    expect(fail).toThrowWithCode("config", /got x$/);
  });

  test("takes a rejected promise", async () => {
    await expect(Promise.resolve().then(fail)).rejects.toThrowWithCode("config", "got x");
  });

  test("fails on another code or message, on no error and on an error of another kind", () => {
    expect(() => expect(fail).toThrowWithCode("usage")).toThrow("expected usage: \ngot      config: expected an ARN");
    expect(() => expect(fail).toThrowWithCode("config", "got y")).toThrow("expected config: got y");
    expect(() => expect(() => {}).toThrowWithCode("config")).toThrow("got      no error");
    expect(() => expect((): unknown => JSON.parse("{")).toThrowWithCode("config")).toThrow(
      "SyntaxError, not a RolecallError",
    );
  });

  test("can be negated", () => {
    expect(fail).not.toThrowWithCode("usage");
  });
});
