import { describe, expect, it } from "vitest";

import { isRolecallError, RolecallError } from "../../../src/core/errors.ts";

class Closed extends RolecallError {}

/** What the same class of another bundle makes. */
async function ofAnotherCopy(): Promise<Error> {
  const copy = "../../../src/core/errors.ts?copy";
  const { RolecallError: Other } = (await import(copy)) as { RolecallError: typeof RolecallError };
  return new Other("config", "of another copy");
}

describe("an error of rolecall", () => {
  it("is known as one, also when another copy of the module made it", async () => {
    const other = await ofAnotherCopy();
    expect(Object.getPrototypeOf(other)).not.toBe(RolecallError.prototype);
    for (const error of [new RolecallError("usage", "x"), new Closed("usage", "x"), other]) {
      expect(isRolecallError(error)).toBe(true);
      expect(error instanceof RolecallError).toBe(true);
    }
    for (const value of [new Error("x"), null, "x", { code: "usage" }])
      expect(value instanceof RolecallError).toBe(false);
  });

  it("is of a class made from it only when that class made it", async () => {
    expect(new Closed("usage", "x") instanceof Closed).toBe(true);
    expect(new RolecallError("usage", "x") instanceof Closed).toBe(false);
    expect((await ofAnotherCopy()) instanceof Closed).toBe(false);
  });
});
